"""Identity checks: the table and what guards it."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE titlecases_identity_check ADD CONSTRAINT titlecases_identity_of_case
  FOREIGN KEY (project_id, case_id) REFERENCES titlecases_case (project_id, id);
REVOKE DELETE ON titlecases_identity_check FROM anju_app;
"""
NO_REFERENCES = """
GRANT DELETE ON titlecases_identity_check TO anju_app;
ALTER TABLE titlecases_identity_check DROP CONSTRAINT titlecases_identity_of_case;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("titlecases", "0001_initial"), ("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="IdentityCheckRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("case_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("way", models.CharField(max_length=8)),
                ("state", models.CharField(default="asked", max_length=8)),
                ("consented_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.UUIDField(null=True)),
                ("method", models.TextField(blank=True)),
            ],
            options={
                "db_table": "titlecases_identity_check",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("way__in", ("remote", "video", "window", "visit"))),
                        name="titlecases_identity_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("asked", "same", "other", "unclear")),
                            models.Q(
                                ("state", "asked"), ("settled_at__isnull", False), _connector="XOR"
                            ),
                        ),
                        name="titlecases_identity_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("way", "remote"), _negated=True),
                            ("consented_at__isnull", False),
                            _connector="OR",
                        ),
                        name="titlecases_identity_consent",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("project_id", "case_id"),
                        name="titlecases_identity_one_open",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        keep_complete("titlecases_identity_check"),
        force_row_security("titlecases_identity_check", using=SEES_HOUSEHOLD),
    ]
