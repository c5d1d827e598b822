"""The tables of access, who sees which account, and what owes the ledger an entry."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from anju.foundation.core.schema import force_row_security, sees_project
from anju.foundation.ledger.schema import keep_complete

# One's own account; the one somebody is signing in to; those of the projects in sight; and those of
# organisations in one's own division or under it, never over it.
SEES_ACCOUNT = f"""
    id = (SELECT nullif(current_setting('anju.actor', true), '')::uuid)
    OR login = (SELECT nullif(current_setting('anju.login', true), ''))
    OR {sees_project()}
    OR starts_with(
        nullif(division, ''), (SELECT nullif(current_setting('anju.division', true), ''))
    )
"""

REFERENCES = """
ALTER TABLE access_account ADD CONSTRAINT access_account_of_organisation
    FOREIGN KEY (organisation_id) REFERENCES access_organisation (id);
ALTER TABLE access_token ADD CONSTRAINT access_token_of_account
    FOREIGN KEY (account_id) REFERENCES access_account (id);
CREATE INDEX access_project_scope_division_under
    ON access_project_scope (division_code text_pattern_ops);
"""
NO_REFERENCES = """
DROP INDEX access_project_scope_division_under;
ALTER TABLE access_token DROP CONSTRAINT access_token_of_account;
ALTER TABLE access_account DROP CONSTRAINT access_account_of_organisation;
"""

# What was opened is closed, not deleted. A data key is emptied, never taken away or put back.
GRANTS = """
REVOKE DELETE ON access_organisation, access_account, access_token, access_project_scope
    FROM anju_app;
"""
NO_GRANTS = """
GRANT DELETE ON access_organisation, access_account, access_token, access_project_scope
    TO anju_app;
"""
KEPT = (
    "access_organisation",
    "access_account",
    "access_token",
    "access_project_scope",
    "core_data_key",
)


class Migration(migrations.Migration):
    """Tables, rights, row security and completeness at once."""

    initial = True

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("core", "0001_tables"),
        ("ledger", "__first__"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="Throttle",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("tries", models.IntegerField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "access_throttle",
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("login", models.TextField()),
                ("kind", models.CharField(max_length=9)),
                ("role", models.TextField()),
                ("name_sealed", models.BinaryField(null=True)),
                ("organisation_id", models.UUIDField(null=True)),
                ("division", models.CharField(default="", max_length=9)),
                ("project_id", models.UUIDField(null=True)),
                ("household_id", models.UUIDField(null=True)),
                ("totp_sealed", models.BinaryField(null=True)),
                ("totp_step", models.BigIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "db_table": "access_account",
                "constraints": [
                    models.UniqueConstraint(fields=("login",), name="access_account_login_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("household_id__isnull", False)),
                        fields=("project_id", "household_id"),
                        name="access_account_household_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("division", ""),
                                ("household_id__isnull", False),
                                ("kind", "household"),
                                ("project_id__isnull", False),
                                ("role", "household"),
                            ),
                            models.Q(
                                ("household_id__isnull", True),
                                ("kind", "officer"),
                                models.Q(("division", ""), _negated=True),
                                models.Q(("role__in", ["household", "system"]), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="access_account_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("division", models.CharField(max_length=9)),
                ("name", models.TextField()),
                ("tier", models.CharField(max_length=8)),
            ],
            options={
                "db_table": "access_organisation",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("division", "name"), name="access_organisation_name_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("division__regex", "^[0-9]{4}$"), ("tier", "city")),
                            models.Q(("division__regex", "^[0-9]{6}$"), ("tier", "district")),
                            models.Q(("division__regex", "^[0-9]{9}$"), ("tier", "street")),
                            _connector="OR",
                        ),
                        name="access_organisation_division",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectScope",
            fields=[
                ("project_id", models.UUIDField(primary_key=True, serialize=False)),
                ("division_code", models.CharField(max_length=12)),
            ],
            options={
                "db_table": "access_project_scope",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("division_code__regex", "^[0-9]{4,12}$")),
                        name="access_project_scope_division",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account_id", models.UUIDField()),
                ("digest", models.BinaryField()),
                ("label", models.TextField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "access_token",
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="access_token_digest_once")
                ],
            },
        ),
        migrations.RunSQL(sql=REFERENCES, reverse_sql=NO_REFERENCES),
        migrations.RunSQL(sql=GRANTS, reverse_sql=NO_GRANTS),
        force_row_security("access_account", using=SEES_ACCOUNT),
        *(keep_complete(table) for table in KEPT),
    ]
