"""Of which limit owners were warned, and which homes a first registration is about."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("titlecases", "0002_tax_answers")]

    operations = [
        migrations.AddField(
            model_name="titlecaserecord",
            name="warned_for",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="titlecaserecord",
            name="covers",
            field=models.JSONField(null=True),
        ),
    ]
