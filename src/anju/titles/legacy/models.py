"""Tables of legacy problems: constraints only, no rules."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

STATES = ("absent", "open", "working", "blocked", "solved")
STANDING = ("open", "working", "blocked")
DISPUTE = "ownership-dispute"
OWED_BY = ("", "developer", "owner")
SPENT_ON = ("archive", "survey", "appraisal", "legal", "other")
EXPENSE_STATES = ("recorded", "claimed", "recovered")


class BlockerRecord(models.Model):
    """What was answered to one kind's question for one building: a problem, or that there is none.

    A building without a row for a kind has not been asked: silence is no consent.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    building = models.TextField()
    kind = models.CharField(max_length=32)
    state = models.CharField(max_length=8)
    home_ids = ArrayField(models.UUIDField())
    """The homes it touches; none where there is no such problem."""
    owed_by = models.CharField(max_length=12, blank=True)
    facts = models.TextField(blank=True)
    """What was found; names nobody."""
    found_by = models.UUIDField()
    found_at = models.DateTimeField()
    case_id = models.UUIDField(null=True)
    """The case that works on it; none after a case that ended without solving it."""
    solved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "legacy_blocker"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "case_id"], name="legacy_blocker_case")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=STATES), name="legacy_blocker_state_known"
            ),
            models.CheckConstraint(
                condition=Q(owed_by__in=OWED_BY), name="legacy_blocker_owed_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=DISPUTE, state__in=("absent", "blocked", "solved"))
                | (~Q(kind=DISPUTE) & ~Q(state="blocked")),
                name="legacy_blocker_dispute_is_blocked",
            ),
            models.UniqueConstraint(
                fields=["project_id", "building", "kind"],
                condition=Q(state__in=STANDING),
                name="legacy_blocker_stands_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.building}/{self.kind}"


class PlanRecord(models.Model):
    """A frozen plan of a community (一小区一方案); written once, the newest holds."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    version = models.IntegerField()
    is_separated = models.BooleanField()
    staff_days = models.IntegerField(null=True)
    money_fen = models.BigIntegerField(null=True)
    content = models.JSONField()
    """As :func:`anju_rules.triage.plan_records.show_plan` gives it: names homes, no person."""
    digest = models.CharField(max_length=64)
    public_digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.UUIDField()
    second_id = models.UUIDField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "legacy_plan"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project_id", "version"], name="legacy_plan_version"),
            models.CheckConstraint(
                condition=~Q(frozen_by=models.F("second_id")), name="legacy_plan_two_people"
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)


class ExpenseRecord(models.Model):
    """What was spent in a developer's place; claimed from it, and recovered in part or whole."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    blocker_id = models.UUIDField()
    spent_on = models.CharField(max_length=12)
    words = models.TextField()
    amount_fen = models.BigIntegerField()
    paid_on = models.DateField()
    document_id = models.UUIDField(null=True)
    state = models.CharField(max_length=12, default="recorded")
    claim = models.TextField(blank=True)
    """Number of the letter by which it was claimed."""
    claimed_at = models.DateTimeField(null=True)
    recovered_fen = models.BigIntegerField(default=0)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "legacy_expense"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=EXPENSE_STATES), name="legacy_expense_state_known"
            ),
            models.CheckConstraint(
                condition=Q(spent_on__in=SPENT_ON), name="legacy_expense_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_fen__gt=0,
                    recovered_fen__gte=0,
                    recovered_fen__lte=models.F("amount_fen"),
                ),
                name="legacy_expense_amounts",
            ),
            models.CheckConstraint(
                condition=Q(state="recorded", recovered_fen=0, claimed_at__isnull=True)
                | (~Q(state="recorded") & Q(claimed_at__isnull=False)),
                name="legacy_expense_claimed_first",
            ),
        ]

    def __str__(self) -> str:
        return self.words


class ArchiveRecord(models.Model):
    """A paper of a rebuilt archive: which, and from whom; written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    blocker_id = models.UUIDField()
    paper = models.TextField()
    source = models.TextField()
    document_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    entered_by = models.UUIDField()
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "legacy_archive"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "blocker_id", "digest"], name="legacy_archive_paper_once"
            )
        ]

    def __str__(self) -> str:
        return self.paper
