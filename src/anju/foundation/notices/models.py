"""Tables of notices. All of it is public and masked; nothing here names a person."""

from __future__ import annotations

from django.db import models


class NoticeRecord(models.Model):
    """One notice; what it says never changes, only what became of it is added."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    number = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    document = models.TextField()
    """What it says: the canonical JSON that its static copy holds."""
    digest = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.UUIDField(null=True)
    predecessor_id = models.UUIDField(null=True)
    published_at = models.DateTimeField()
    event_id = models.UUIDField(null=True)
    opens_entry = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=400)
    withdrawn_event_id = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_event_id = models.UUIDField(null=True)

    class Meta:
        db_table = "notices_notice"
        indexes = [
            models.Index(fields=["id"], name="notices_notice_by_id"),
            models.Index(
                fields=["project_id", "subject_kind", "subject_id"], name="notices_notice_subject"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "number"], name="notices_notice_number_once"
            ),
            models.UniqueConstraint(
                fields=["project_id", "predecessor_id"], name="notices_notice_one_successor"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=("plan", "eligibility", "scores", "result", "other")),
                name="notices_notice_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True)
                | (models.Q(closed_at__isnull=True) & ~models.Q(withdrawn_reason="")),
                name="notices_notice_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SightingRecord(models.Model):
    """One look at a notice as everybody gets it: once a day and finding."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    notice_id = models.UUIDField()
    at = models.DateTimeField()
    seen_on = models.DateField()
    fault = models.CharField(max_length=16)
    address = models.CharField(max_length=400)
    event_id = models.UUIDField()

    class Meta:
        db_table = "notices_sighting"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "notice_id", "seen_on", "fault"],
                name="notices_sighting_once_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(fault__in=("", "away", "missing", "differs", "unsigned")),
                name="notices_sighting_fault_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.seen_on} {self.fault}"


class MissedDayRecord(models.Model):
    """A day that made a notice longer, with the end it had before and after."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    notice_id = models.UUIDField()
    missed_on = models.DateField()
    due_on = models.DateField()
    """The last day that the notice has because of it and those before it."""
    noted_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "notices_missed_day"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "notice_id", "missed_on"], name="notices_missed_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.missed_on}"


class ObjectionRecord(models.Model):
    """That an objection came in time; what it says lies in its case."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    """The objection's case."""
    notice_id = models.UUIDField()
    lodged_at = models.DateTimeField()

    class Meta:
        db_table = "notices_objection"
        indexes = [
            models.Index(fields=["project_id", "notice_id"], name="notices_objection_notice")
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.id}"
