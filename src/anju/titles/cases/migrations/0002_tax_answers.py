"""A receipt says where it comes from: a department's signed answer, or a paper with the case."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("titlecases", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="receiptrecord",
            name="question_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="receiptrecord",
            name="document_id",
            field=models.UUIDField(null=True),
        ),
    ]
