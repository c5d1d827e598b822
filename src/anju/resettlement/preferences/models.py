"""Tables of wishes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class WishRecord(models.Model):
    """One wish of a household: one home, or several together."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    rank = models.IntegerField()
    """1 is the first wish; a household's ranks have no gap."""
    unit_ids = ArrayField(models.UUIDField())

    class Meta:
        db_table = "preferences_wish"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "household_id", "rank"], name="preferences_wish_rank_once"
            ),
            models.CheckConstraint(
                condition=models.Q(rank__gte=1), name="preferences_wish_rank_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.rank}"
