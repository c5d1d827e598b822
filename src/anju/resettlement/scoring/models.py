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
