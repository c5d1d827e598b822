"""The table of identity checks: how somebody asked to be met, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

WAYS = ("remote", "video", "window", "visit")
STATES = ("asked", "same", "other", "unclear")


class IdentityCheckRecord(models.Model):
    """One check of the owners who file; no picture and no measure of anybody is kept."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    case_id = models.UUIDField()
    household_id = models.UUIDField()
    way = models.CharField(max_length=8)
    state = models.CharField(max_length=8, default="asked")
    consented_at = models.DateTimeField(null=True)
    """When the owners agreed to be checked from afar: a consent of its own (PIPL 29)."""
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.UUIDField(null=True)
    method = models.TextField(blank=True)
    """How they were met, in the words of who met them."""

    class Meta:
        db_table = "titlecases_identity_check"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(way__in=WAYS), name="titlecases_identity_way"),
            models.CheckConstraint(
                condition=Q(state__in=STATES) & (Q(state="asked") ^ Q(settled_at__isnull=False)),
                name="titlecases_identity_state",
            ),
            models.CheckConstraint(
                condition=~Q(way="remote") | Q(consented_at__isnull=False),
                name="titlecases_identity_consent",
            ),
            models.UniqueConstraint(
                fields=["project_id", "case_id"],
                condition=Q(state="asked"),
                name="titlecases_identity_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.state}"
