"""Tables of title cases: constraints only, no rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

KINDS = ("first", "transfer")
STANDINGS = ("open", "done", "refused", "withdrawn", "revoked")
RESTRICTIONS = ("seizure", "objection", "advance-notice", "correction")
SAYS = ("paid", "exempt")
STATES = ("unchecked", "drawn", "true", "false")


class TitleCaseRecord(models.Model):
    """A registration of title; its steps and clocks are casework's, under the same id."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    """The community's scope."""
    id = models.UUIDField()
    """The case."""
    kind = models.CharField(max_length=8)
    procedure = models.TextField()
    home_id = models.UUIDField(null=True)
    """The home that is transferred; a first registration concerns the whole community."""
    household_id = models.UUIDField(null=True)
    """Its owners."""
    facts = models.JSONField(default=dict)
    """What its fees are reckoned on: fact to whole number, yes or no, or an area as text."""
    standing = models.CharField(max_length=9, default="open")
    owner_signed_at = models.DateTimeField(null=True)
    seller_signed_at = models.DateTimeField(null=True)
    """When each side applied: a transfer is applied for by both."""
    alone_why = models.TextField(blank=True)
    """Why the owners apply alone: the seller is gone, or a judgment says so."""
    held_by = models.UUIDField(null=True)
    """The restriction or the dispute for which its clocks stand still."""
    covers = models.JSONField(null=True)
    """The homes that a first registration is about, as filed; empty for a transfer."""
    due_on = models.DateField(null=True)
    """Its last day as it stood after the last act; empty while it stands still."""
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    was_overdue = models.BooleanField(null=True)
    """Whether it had run over its limit when it ended."""
    owed_until = models.DateField(null=True)
    """The day by which what is owed must have come; of several, the first."""
    warned_for = models.DateField(null=True)
    """The limit of which its owners were warned."""
    lapsed_at = models.DateTimeField(null=True)
    """When what was owed had not come in its time."""

    class Meta:
        db_table = "titlecases_case"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "home_id"], name="titlecases_case_home"),
            models.Index(fields=["project_id", "household_id"], name="titlecases_case_household"),
            models.Index(fields=["project_id", "standing"], name="titlecases_case_standing"),
            # The few that owe, among all communities: the desk's list and the hourly look ask.
            models.Index(
                fields=["owed_until", "id"],
                condition=Q(standing="open", owed_until__isnull=False),
                name="titlecases_case_owing",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="titlecases_case_kind_known"),
            models.CheckConstraint(
                condition=Q(standing__in=STANDINGS), name="titlecases_case_standing_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="first", home_id__isnull=True)
                | Q(kind="transfer", home_id__isnull=False, household_id__isnull=False),
                name="titlecases_case_concerns",
            ),
            models.UniqueConstraint(
                fields=["project_id", "home_id"],
                condition=Q(standing="open", kind="transfer"),
                name="titlecases_case_home_once",
            ),
            models.UniqueConstraint(
                fields=["project_id"],
                condition=Q(standing="open", kind="first"),
                name="titlecases_case_first_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class RestrictionRecord(models.Model):
    """What keeps a unit from being registered on; it names nobody."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    home_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    paper = models.TextField()
    """The number of the paper it rests on."""
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    """The last day on which it stands by itself; empty: until it is lifted."""
    for_household = models.UUIDField(null=True)
    """Whom an advance notice protects: it does not stand in their own way."""
    sued_on = models.DateField(null=True)
    """When whoever objects went to court."""
    laid_by = models.UUIDField()
    laid_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.UUIDField(null=True)
    lift_why = models.TextField(blank=True)

    class Meta:
        db_table = "titlecases_restriction"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "home_id"], name="titlecases_restriction_home")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=RESTRICTIONS), name="titlecases_restriction_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.paper}"


class ReceiptRecord(models.Model):
    """What was paid or forgiven for a case, as an office says; written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    case_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    kind = models.TextField()
    """Which fee: ``deed-tax``, ``registration-fee``, …"""
    says = models.CharField(max_length=6)
    number = models.TextField()
    unit_code = models.CharField(max_length=28, blank=True)
    amount_fen = models.BigIntegerField()
    paid_on = models.DateField()
    question_id = models.UUIDField(null=True)
    """The question whose signed answer says it; empty where a person entered it."""
    document_id = models.UUIDField(null=True)
    """The paper that a person entered it from, where it lies with the case."""
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "titlecases_receipt"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "case_id"], name="titlecases_receipt_case")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(says__in=SAYS), name="titlecases_receipt_says"),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=0), name="titlecases_receipt_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class CommitmentRecord(models.Model):
    """A signed commitment that took the place of a proof, and what a check found of it."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    case_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    material = models.TextField()
    document_id = models.UUIDField()
    """The signed statement."""
    signed_at = models.DateTimeField()
    sample_id = models.UUIDField(null=True)
    """The draw that picked it for a check."""
    state = models.CharField(max_length=9, default="unchecked")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.UUIDField(null=True)
    finding = models.TextField(blank=True)

    class Meta:
        db_table = "titlecases_commitment"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "case_id"], name="titlecases_commitment_case"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=STATES), name="titlecases_commitment_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("true", "false")) | Q(checked_at__isnull=False),
                name="titlecases_commitment_checked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material} {self.case_id}"


class FalsePromiseRecord(models.Model):
    """That a commitment was false, under a blind index: its maker's next one is refused."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    commitment_id = models.UUIDField()
    maker_index = models.BinaryField()
    """HMAC-SM3 of one who signed it; every owner who signed has a row."""
    found_at = models.DateTimeField()

    class Meta:
        db_table = "titlecases_false_promise"
        indexes: ClassVar = [
            models.Index(fields=["maker_index"], name="titlecases_false_promise_maker")
        ]

    def __str__(self) -> str:
        return str(self.id)


class SampleRecord(models.Model):
    """A draw of the commitments to be checked: list and secret bound before chance speaks."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    count = models.IntegerField()
    """How many are drawn."""
    lines = models.JSONField()
    """Ticket and digest of each commitment, as frozen."""
    terms = models.JSONField()
    """What was announced before chance spoke."""
    announcement = models.CharField(max_length=64)
    secret_digest = models.CharField(max_length=64)
    """What binds the platform to its secret until it is opened."""
    secret_sealed = models.BinaryField()
    frozen_by = models.UUIDField()
    frozen_at = models.DateTimeField()
    beacon = models.JSONField(null=True)
    """The public numbers, once they are known."""
    secret = models.TextField(blank=True)
    """Opened with the beacon, for everybody to recompute."""
    drawn = models.JSONField(default=list)
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "titlecases_sample"

    def __str__(self) -> str:
        return str(self.id)
