"""Tables of what came in: import records, how far a reading is, and what departments answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anju_rules.departments.kinds import OPEN_STATES, QuestionState


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


class QuestionRecord(models.Model):
    """One question to a department; only how it stands ever changes."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    """The request's id, by which a repetition is known on both sides."""
    subject_kind = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=32)
    topic = models.UUIDField()
    """Stands for the subject and the kind: of each only one question is open."""
    department = models.CharField(max_length=32)
    is_urgent = models.BooleanField()
    commitment = models.BinaryField()
    """32 bytes that stand for the subject (``commit_subject``)."""
    request_sealed = models.BinaryField()
    """The signed request, as JSON."""
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    state = models.CharField(max_length=16, default=QuestionState.ASKED.value)
    received_at = models.DateTimeField(null=True)
    """When the department had it, by its receipt."""
    receipt_sealed = models.BinaryField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_question"
        indexes: ClassVar = [
            models.Index(
                fields=["project_id", "subject_kind", "subject_id"],
                name="exchange_question_subject",
            ),
            models.Index(fields=["department", "state"], name="exchange_question_department"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in QuestionState]),
                name="exchange_question_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN_STATES, finished_at__isnull=True)
                | (~models.Q(state__in=OPEN_STATES) & models.Q(finished_at__isnull=False)),
                name="exchange_question_finished_once",
            ),
            models.UniqueConstraint(
                fields=["project_id", "topic"],
                condition=models.Q(state__in=OPEN_STATES),
                name="exchange_question_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class AnswerRecord(models.Model):
    """One signed answer, as it came; what contradicts another is kept beside it."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    question_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    place = models.SmallIntegerField()
    """From 1, in the order in which they came."""
    said = models.CharField(max_length=16)
    """``answered`` or ``cannot``."""
    answer_sealed = models.BinaryField()
    """The signed answer, as JSON."""
    answered_at = models.DateTimeField()
    """By the department's clock."""
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_answer"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "question_id", "place"], name="exchange_answer_place_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} of {self.question_id}"


class BreachRecord(models.Model):
    """A question that was not answered within its limit; noted once, never taken back."""

    pk = models.CompositePrimaryKey("project_id", "question_id")
    project_id = models.UUIDField()
    question_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    department = models.CharField(max_length=32)
    is_urgent = models.BooleanField()
    clause = models.CharField(max_length=64)
    fault = models.CharField(max_length=64, blank=True)
    """Why the last attempt brought nothing; empty: the department had it and did not answer."""
    due_at = models.DateTimeField()
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "exchange_breach"

    def __str__(self) -> str:
        return f"{self.department} {self.question_id}"


class AttemptRecord(models.Model):
    """How asking goes: when next. Written beside the question, no fact of its own."""

    question_id = models.UUIDField(primary_key=True)
    project_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    """None: nothing more is to be asked."""
    fault = models.CharField(max_length=64, blank=True)
    """What went wrong the last time, as a code."""

    class Meta:
        db_table = "exchange_attempt"
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(next_at__isnull=False),
                name="exchange_attempt_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempts} of {self.question_id}"
