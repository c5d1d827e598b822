"""Tables of homes given by agreement: constraints only, no rules. What stands here is public."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

STATES = ("proposed", "signed", "given", "declined")


class GiftRecord(models.Model):
    """An agreement with one household; its id is its case's."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    masked_name = models.TextField()
    reason = models.TextField()
    state = models.CharField(max_length=16, default="proposed")
    proposed_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    event_id = models.UUIDField(null=True)
    """The entry that gave the homes."""

    class Meta:
        db_table = "negotiation_gift"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=STATES), name="negotiation_gift_state_known"
            ),
            models.UniqueConstraint(
                fields=["project_id", "household_id"],
                condition=~Q(state="declined"),
                name="negotiation_gift_household_once",
            ),
        ]


class GiftHomeRecord(models.Model):
    """A home of an agreement: in one at a time, whatever fails or races."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    gift_id = models.UUIDField()
    unit_id = models.UUIDField()
    freed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "negotiation_home"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "unit_id"],
                condition=Q(freed_at__isnull=True),
                name="negotiation_home_once",
            )
        ]
