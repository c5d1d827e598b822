"""Tables of re-matches: constraints only, no rules."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

STATES = ("open", "frozen", "carried-out", "cancelled")


class RoundRecord(models.Model):
    """A quarter's re-match. ``listed`` and ``result`` are what is published: tickets and homes."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    quarter = models.CharField(max_length=7)
    state = models.CharField(max_length=16, default="open")
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    frozen_event_id = models.UUIDField(null=True)
    listed = models.JSONField(null=True)
    list_digest = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_event_id = models.UUIDField(null=True)
    result = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    """Why it was cancelled."""

    class Meta:
        db_table = "rematch_round"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="rematch_round_state_known"),
            models.UniqueConstraint(
                fields=["project_id"],
                condition=Q(state__in=("open", "frozen")),
                name="rematch_round_one_running",
            ),
            models.UniqueConstraint(
                fields=["project_id", "quarter"],
                condition=~Q(state="cancelled"),
                name="rematch_round_quarter_once",
            ),
        ]


class WishesRecord(models.Model):
    """What one household handed in for a round; the last list handed in holds."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    round_id = models.UUIDField()
    household_id = models.UUIDField()
    unit_ids = ArrayField(models.UUIDField())
    """The first wish first."""
    offered_id = models.UUIDField(null=True)
    """The home it holds and puts in."""
    handed_in_at = models.DateTimeField()

    class Meta:
        db_table = "rematch_wishes"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "round_id", "household_id"], name="rematch_wishes_once"
            )
        ]
