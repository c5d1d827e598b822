"""What witnesses signed: one row a head and witness, never changed (decision record 0019)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

COSIGN = """
CREATE TABLE ledger_cosign (
    witness text NOT NULL,
    size bigint NOT NULL,
    at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    signature text NOT NULL CHECK (length(signature) <= 2000),
    CONSTRAINT ledger_cosign_once PRIMARY KEY (witness, size)
);
CREATE INDEX ledger_cosign_size ON ledger_cosign (size);
REVOKE ALL ON ledger_cosign FROM PUBLIC, anju_app, anju_ledger;
GRANT SELECT, INSERT ON ledger_cosign TO anju_app;
"""


class Migration(migrations.Migration):
    """Add the table; a cosignature is no act, so it owes no entry of its own."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("ledger", "0001_tables")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(sql=COSIGN, reverse_sql="DROP TABLE ledger_cosign")
    ]
