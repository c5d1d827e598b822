"""Tables of batches: constraints only, no rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

BATCH_STATES = ("received", "checked", "running", "done", "failed")
ROW_STATES = ("waiting", "done", "refused")


class BatchRecord(models.Model):
    """A batch that came in for a community, and how far it is."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    """Follows from the pack: the same bytes come in once."""
    file_name = models.TextField()
    arrived_digest = models.CharField(max_length=64)
    """SM3 of the pack as it came."""
    size = models.BigIntegerField()
    is_dry_run = models.BooleanField()
    """Whether it is only to be checked; what was checked may be taken in afterwards."""
    state = models.CharField(max_length=8, default="received")
    procedure = models.TextField(blank=True)
    shared = models.JSONField(default=dict)
    """The papers that count for every home: material to document, kept once."""
    rows_total = models.IntegerField(default=0)
    faults_sealed = models.BinaryField(null=True)
    """What is wrong with the pack as a whole, and what nobody named, as JSON."""
    received_by = models.UUIDField()
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "titlecases_batch"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=BATCH_STATES), name="titlecases_batch_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.id}"


class BatchRowRecord(models.Model):
    """One row of a batch: one home, and what became of it."""

    pk = models.CompositePrimaryKey("project_id", "batch_id", "place")
    project_id = models.UUIDField()
    batch_id = models.UUIDField()
    place = models.IntegerField()
    """The row's number as a person sees it in the spreadsheet."""
    number = models.TextField(blank=True)
    """The home's number; empty where the cell could not be read."""
    digest = models.CharField(max_length=64, blank=True)
    """SM3 over the row, its files and what is shared; empty until they were judged."""
    state = models.CharField(max_length=8, default="waiting")
    is_new = models.BooleanField(default=False)
    """Whether this row opened its case; not, where the same stood there already."""
    rule = models.CharField(max_length=64, blank=True)
    """The first rule it breaks."""
    told_sealed = models.BinaryField(null=True)
    """Faults, notes and what is predicted, as JSON: a faulty value may be an identity number."""
    home_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "titlecases_batch_row"
        indexes: ClassVar = [
            models.Index(
                fields=["project_id", "digest"],
                condition=Q(state="done"),
                name="titlecases_batch_row_digest",
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=ROW_STATES), name="titlecases_batch_row_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(case_id__isnull=False),
                name="titlecases_batch_row_has_case",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(rule=""),
                name="titlecases_batch_row_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.state}"
