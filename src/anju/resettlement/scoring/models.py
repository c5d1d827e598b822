"""Tables of scores."""

from __future__ import annotations

from django.db import models


class ScoringRecord(models.Model):
    """One scoring of a whole register under one frozen rule set."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    rule_set_id = models.UUIDField()
    version = models.TextField()
    rules_digest = models.CharField(max_length=64)
    clause = models.TextField(blank=True)
    households = models.IntegerField()
    totals_digest = models.CharField(max_length=64)
    """SM3 of the canonical list of household numbers and totals."""
    scored_at = models.DateTimeField()

    class Meta:
        db_table = "scoring_run"

    def __str__(self) -> str:
        return f"{self.version} {self.id}"


class SheetRecord(models.Model):
    """A household's score sheet as it now stands; the lines add up to the total."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    run_id = models.UUIDField()
    total_tenths = models.IntegerField()
    lines = models.JSONField()
    rules_version = models.TextField()

    class Meta:
        db_table = "scoring_sheet"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "household_id"], name="scoring_sheet_household_once"
            )
        ]
        indexes = [models.Index(fields=["project_id", "-total_tenths"], name="scoring_sheet_total")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.total_tenths}"


class CorrectionRecord(models.Model):
    """A corrected fact of one household: proposed by one person, signed by another, or not."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    state = models.TextField()
    facts_before = models.JSONField()
    """The facts it corrects as they stood, as in the register."""
    facts_after = models.JSONField()
    total_before = models.IntegerField()
    total_after = models.IntegerField()
    reason_sealed = models.BinaryField()
    document_ids = models.JSONField(default=list)
    case_id = models.UUIDField(null=True)
    """The upheld objection it rests on."""
    proposed_by = models.UUIDField()
    proposed_role = models.TextField()
    proposed_at = models.DateTimeField()
    closed_by = models.UUIDField(null=True)
    closed_role = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closing_sealed = models.BinaryField(null=True)
    """Why it was not signed."""
    run_id = models.UUIDField(null=True)
    """The scoring that its signature made."""
    own_move = models.JSONField(null=True)
    """The household's own standing before and after: total, best and worst place of each."""
    moved = models.JSONField(null=True)
    """How many households moved which way."""
    event_id = models.UUIDField(null=True)
    """The entry of its signature."""

    class Meta:
        db_table = "scoring_correction"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "household_id"],
                condition=models.Q(state="proposed"),
                name="scoring_correction_one_open",
            ),
            models.UniqueConstraint(
                fields=["project_id", "case_id"],
                condition=models.Q(state="signed"),
                name="scoring_correction_objection_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state="proposed", closed_by__isnull=True)
                | models.Q(state__in=["declined", "withdrawn"], closed_by__isnull=False)
                | models.Q(
                    state="signed",
                    closed_by__isnull=False,
                    run_id__isnull=False,
                    event_id__isnull=False,
                ),
                name="scoring_correction_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="signed") | ~models.Q(closed_by=models.F("proposed_by")),
                name="scoring_correction_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["project_id", "-proposed_at"], name="scoring_correction_newest")
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.state}"
