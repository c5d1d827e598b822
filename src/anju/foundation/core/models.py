"""Tables of the core: the wrapped data keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class DataKey(models.Model):
    """The data key of one subject (a household, a project, an account), wrapped.

    Wrapped by the master key, which is outside the database: a row tells nothing without it. A
    destroyed key leaves its row, empty, so that nobody makes the subject a second key.
    """

    subject_id = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField(null=True)

    class Meta:
        db_table = "core_data_key"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=True) | ~models.Q(wrapped=b""),
                name="core_data_key_wrapped",
            )
        ]

    def __str__(self) -> str:
        return f"data key of {self.subject_id}"
