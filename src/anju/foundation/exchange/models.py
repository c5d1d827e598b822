"""Tables of what came in: import records, and how far a reading is."""

from __future__ import annotations

from django.db import models


class ImportRecord(models.Model):
    """One file that a clerk sent, and what became of it."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    kind = models.CharField(max_length=16)
    """``units``, ``households`` or ``wishes``."""
    file_name = models.TextField()
    digest = models.CharField(max_length=64)
    """SM3 of the file as it came, hexadecimal."""
    size = models.BigIntegerField()
    is_dry_run = models.BooleanField()
    state = models.CharField(max_length=16)
    """``received``, then ``done``, ``faulty`` or ``failed``."""
    rows_total = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    staying = models.IntegerField(default=0)
    """Rows of the register that the file does not name: they stay."""
    faults_count = models.IntegerField(default=0)
    faults_sealed = models.BinaryField(null=True)
    """The faults as JSON, sealed: a faulty value may be an identity number."""
    received_by = models.UUIDField()
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_import"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=("units", "households", "wishes")),
                name="exchange_import_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("received", "done", "faulty", "failed")),
                name="exchange_import_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class ImportProgress(models.Model):
    """How far a reading is: written beside the import's own transaction, no fact of its own."""

    import_id = models.UUIDField(primary_key=True)
    project_id = models.UUIDField()
    stage = models.CharField(max_length=16)
    """``reading``, ``checking`` or ``writing``."""
    rows_total = models.IntegerField(default=0)
    rows_done = models.IntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "exchange_progress"

    def __str__(self) -> str:
        return f"{self.stage} {self.import_id}"
