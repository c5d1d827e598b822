"""The wrapped data keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

# A key is emptied, never taken away: a subject whose key is destroyed gets no second one. And it is
# never exchanged: what is sealed with it would be lost.
RIGHTS = """
REVOKE ALL ON core_data_key FROM PUBLIC, anju_app, anju_ledger;
GRANT SELECT, INSERT, UPDATE (wrapped) ON core_data_key TO anju_app;
CREATE FUNCTION core_keep_data_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.wrapped IS NOT NULL THEN
        RAISE EXCEPTION 'sealing.key-exchanged' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER core_data_key_kept BEFORE UPDATE ON core_data_key
    FOR EACH ROW EXECUTE FUNCTION core_keep_data_key();
"""
NO_RIGHTS = """
DROP TRIGGER core_data_key_kept ON core_data_key;
DROP FUNCTION core_keep_data_key();
GRANT SELECT, INSERT, UPDATE, DELETE ON core_data_key TO anju_app;
"""


class Migration(migrations.Migration):
    """Make the table, and let nobody take a row away."""

    initial = True

    dependencies: ClassVar[list[tuple[str, str]]] = []

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("subject_id", models.UUIDField(primary_key=True, serialize=False)),
                ("wrapped", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "core_data_key",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("wrapped__isnull", True),
                            models.Q(("wrapped", b""), _negated=True),
                            _connector="OR",
                        ),
                        name="core_data_key_wrapped",
                    )
                ],
            },
        ),
        migrations.RunSQL(sql=RIGHTS, reverse_sql=NO_RIGHTS),
    ]
