"""A certificate in force that something stands against: limited, and free again."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

STATUSES = ("in-force", "limited", "suspended", "revoked", "replaced")
LIVING = ("in-force", "limited", "suspended")
KINDS = ("issue", "suspend", "resume", "limit", "release", "revoke", "replace")


class Migration(migrations.Migration):
    """Constraints alone; no row changes."""

    dependencies = [("certificates", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("certificaterecord", "certificates_certificate_status_known"),
        migrations.AddConstraint(
            "certificaterecord",
            models.CheckConstraint(
                condition=Q(status__in=STATUSES), name="certificates_certificate_status_known"
            ),
        ),
        migrations.RemoveConstraint("certificaterecord", "certificates_certificate_unit_once"),
        migrations.AddConstraint(
            "certificaterecord",
            models.UniqueConstraint(
                fields=["project_id", "unit_index"],
                condition=Q(status__in=LIVING),
                name="certificates_certificate_unit_once",
            ),
        ),
        migrations.RemoveConstraint("entryrecord", "certificates_entry_known"),
        migrations.AddConstraint(
            "entryrecord",
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="certificates_entry_known"),
        ),
    ]
