"""Tables of delivery: constraints only, no rules. Who a household is stands elsewhere."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

STATES = ("prepared", "handed-over", "withdrawn")


class HandOverRecord(models.Model):
    """A home's hand-over to the household that holds it."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    unit_id = models.UUIDField()
    household_id = models.UUIDField()
    state = models.CharField(max_length=16, default="prepared")
    accepted_on = models.DateField()
    """When the building's completion was accepted (竣工验收)."""
    promised_on = models.DateField(null=True)
    keys = models.IntegerField()
    water = models.TextField()
    power = models.TextField()
    gas = models.TextField(blank=True)
    """Meter readings as decimals with their digits; a home without gas has none."""
    prepared_at = models.DateTimeField()
    office_signed_by = models.UUIDField(null=True)
    office_signed_at = models.DateTimeField(null=True)
    household_signed_by = models.UUIDField(null=True)
    household_signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When the last side signed, or it was withdrawn."""

    class Meta:
        db_table = "delivery_hand_over"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="delivery_state_known"),
            models.CheckConstraint(
                condition=~Q(state="handed-over")
                | Q(
                    office_signed_at__isnull=False,
                    household_signed_at__isnull=False,
                    ended_at__isnull=False,
                ),
                name="delivery_both_signed",
            ),
            models.UniqueConstraint(
                fields=["project_id", "unit_id"],
                condition=~Q(state="withdrawn"),
                name="delivery_unit_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"
