"""Tables of casework.

Of a case only its opening and its log are told; everything else here (status, tasks, clocks,
pauses, materials) is folded from them, stored to be found quickly, and folded again every night.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anju_rules.clocks import PauseReason, Unit
from anju_rules.procedures.queues import QueueKind
from anju_rules.procedures.states import ActionKind, Status

OPEN_STATUSES = tuple(status.value for status in Status if status.is_open)
WAITING_KINDS = tuple(kind.value for kind in QueueKind if kind is not QueueKind.CLOSED)


class ProcedureRecord(models.Model):
    """One version of a procedure, as canonical table; it never changes."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    """SM3 of the canonical text (RFC 8785), hexadecimal."""
    definition = models.JSONField()
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "casework_procedure"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "version"], name="casework_procedure_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class HolidayNoticeRecord(models.Model):
    """A holiday notice loaded before the calendar's library has it."""

    year = models.IntegerField(primary_key=True)
    off_days = models.JSONField()
    worked_weekends = models.JSONField()
    loaded_at = models.DateTimeField()
    loaded_by = models.UUIDField()

    class Meta:
        db_table = "casework_holiday_notice"

    def __str__(self) -> str:
        return str(self.year)


class SeriesRecord(models.Model):
    """The last number given out in a project and year."""

    pk = models.CompositePrimaryKey("project_id", "year")
    project_id = models.UUIDField()
    year = models.IntegerField()
    last = models.IntegerField()

    class Meta:
        db_table = "casework_series"

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class CaseRecord(models.Model):
    """A case: what was told at its opening, and how it stands."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    year = models.IntegerField()
    serial = models.IntegerField()
    number = models.CharField(max_length=40)
    procedure_id = models.UUIDField()
    subject_kind = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    division = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    # Folded from the log:
    status = models.CharField(max_length=16)
    flags = models.JSONField()
    exchange_code = models.SmallIntegerField()
    length = models.IntegerField()
    open_steps = models.JSONField()
    defects = models.IntegerField()
    first_task = models.SmallIntegerField(null=True)
    """The queue the open case is in: the place of one of its tasks; none once closed."""
    came_on = models.DateField()
    started_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    is_provisional = models.BooleanField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "casework_case"
        indexes: ClassVar = [
            models.Index(
                fields=["project_id", "subject_kind", "subject_id"], name="casework_case_subject"
            ),
            models.Index(fields=["project_id", "household_id"], name="casework_case_household"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "year", "serial"], name="casework_case_number_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[status.value for status in Status]),
                name="casework_case_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=OPEN_STATUSES, first_task__isnull=False, ended_on__isnull=True
                )
                | (
                    ~models.Q(status__in=OPEN_STATUSES)
                    & models.Q(first_task__isnull=True, ended_on__isnull=False)
                ),
                name="casework_case_in_one_queue",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ActionRecord(models.Model):
    """One line of a case's log; written once."""

    pk = models.CompositePrimaryKey("project_id", "case_id", "place")
    project_id = models.UUIDField()
    case_id = models.UUIDField()
    place = models.IntegerField()
    """From 1, without a gap."""
    id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=24)
    at = models.DateTimeField()
    role = models.CharField(max_length=32)
    tier = models.CharField(max_length=16)
    by = models.UUIDField()
    second = models.UUIDField(null=True)
    second_role = models.CharField(max_length=32)
    step = models.CharField(max_length=64)
    outcome = models.CharField(max_length=64)
    materials = models.JSONField()
    """``[[code, document id or null], …]``."""
    points = models.JSONField()
    """``[[code, arose from], …]``; the words lie sealed."""
    reason = models.CharField(max_length=24)
    clauses = models.JSONField()
    facts = models.JSONField()
    has_reasons = models.BooleanField()
    told_sealed = models.BinaryField(null=True)
    """Reasons, note and the words of the points: people write names into them."""

    class Meta:
        db_table = "casework_action"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project_id", "id"], name="casework_action_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in ActionKind]),
                name="casework_action_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.kind} {self.step}"


class TaskRecord(models.Model):
    """Something an open case waits for: one line an open step, or one for the whole case."""

    pk = models.CompositePrimaryKey("project_id", "case_id", "place")
    project_id = models.UUIDField()
    case_id = models.UUIDField()
    place = models.SmallIntegerField()
    """The step's place in its procedure from 1; 0: the whole case."""
    household_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=16)
    role = models.CharField(max_length=32)
    tier = models.CharField(max_length=16)
    office = models.CharField(max_length=12)
    """The division code of who acts; for families, of the window that watches."""
    taken_by = models.UUIDField(null=True)
    waits_since = models.DateTimeField()
    due_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    is_provisional = models.BooleanField()
    sort_on = models.DateField()
    """``due_on``, or the last day there is."""

    class Meta:
        db_table = "casework_task"
        indexes: ClassVar = [
            models.Index(
                fields=["office", "tier", "kind", "role", "sort_on", "case_id", "place"],
                name="casework_task_office",
            ),
            models.Index(
                fields=["tier", "kind", "sort_on", "case_id", "place"], name="casework_task_tier"
            ),
            models.Index(
                fields=["project_id", "tier", "kind", "sort_on", "case_id", "place"],
                name="casework_task_project",
            ),
            # Without it an office's queue in one project is read off either of two indexes that
            # look alike to the planner, and one of them passes the whole project by.
            models.Index(
                fields=[
                    *("project_id", "office", "tier", "kind", "role"),
                    *("sort_on", "case_id", "place"),
                ],
                name="casework_task_posted",
            ),
            models.Index(
                fields=["taken_by", "sort_on", "case_id", "place"],
                condition=models.Q(taken_by__isnull=False),
                name="casework_task_taken",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=WAITING_KINDS)
                & ~models.Q(role="")
                & ~models.Q(tier=""),
                name="casework_task_waits_for_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.role} {self.office}"


class ClockRecord(models.Model):
    """A clock that runs or stands: of an open step, or of the whole case (place 0)."""

    pk = models.CompositePrimaryKey("project_id", "case_id", "place")
    project_id = models.UUIDField()
    case_id = models.UUIDField()
    place = models.SmallIntegerField()
    household_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    started_on = models.DateField()
    unit = models.CharField(max_length=16)
    length = models.IntegerField()
    clause = models.TextField()
    due_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    is_provisional = models.BooleanField()
    rings_on = models.DateField(null=True)
    """The day of the next alert that has not been raised; none while it stands, or after all."""

    class Meta:
        db_table = "casework_clock"
        indexes: ClassVar = [
            models.Index(
                fields=["rings_on"],
                condition=models.Q(rings_on__isnull=False),
                name="casework_clock_rings",
            ),
            models.Index(
                fields=["project_id", "case_id"],
                condition=models.Q(is_provisional=True),
                name="casework_clock_provisional",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(unit__in=[unit.value for unit in Unit])
                & models.Q(length__gte=1),
                name="casework_clock_budget",
            )
        ]

    def __str__(self) -> str:
        return f"{self.length} {self.unit}"


class PauseRecord(models.Model):
    """One stop of a case: all its clocks stand; no two stops share a day."""

    pk = models.CompositePrimaryKey("project_id", "case_id", "place")
    project_id = models.UUIDField()
    case_id = models.UUIDField()
    place = models.SmallIntegerField()
    household_id = models.UUIDField(null=True)
    began_on = models.DateField()
    ended_on = models.DateField(null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=24)
    clause = models.TextField()

    class Meta:
        db_table = "casework_pause"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(reason__in=[reason.value for reason in PauseReason])
                & ~models.Q(clause=""),
                name="casework_pause_reason_listed",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True)
                | models.Q(ended_on__gte=models.F("began_on")),
                name="casework_pause_not_turned_round",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began_on}..{self.ended_on or ''} {self.reason}"


class MaterialRecord(models.Model):
    """A material the case has, or owes."""

    pk = models.CompositePrimaryKey("project_id", "case_id", "place")
    project_id = models.UUIDField()
    case_id = models.UUIDField()
    place = models.SmallIntegerField()
    """Its place in the procedure, from 1."""
    household_id = models.UUIDField(null=True)
    code = models.CharField(max_length=64)
    state = models.CharField(max_length=8)
    document_id = models.UUIDField(null=True)
    received_at = models.DateTimeField(null=True)
    owed_until = models.DateField(null=True)

    class Meta:
        db_table = "casework_material"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=("held", "owed")), name="casework_material_state"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"


class AlertRecord(models.Model):
    """An alert that was raised: one row a clock and rung, so nobody is told twice."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    case_id = models.UUIDField()
    place = models.SmallIntegerField()
    started_at = models.DateTimeField()
    """Which run of the clock: a step that opens again has a clock of its own."""
    rung = models.SmallIntegerField()
    """1 half, 2 two left, 3 due, 4 one late, 5 three late."""
    household_id = models.UUIDField(null=True)
    raised_at = models.DateTimeField()

    class Meta:
        db_table = "casework_alert"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "case_id", "place", "started_at", "rung"],
                name="casework_alert_once",
            ),
            models.CheckConstraint(
                condition=models.Q(rung__gte=1) & models.Q(rung__lte=5), name="casework_alert_rung"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["raised_at"], name="casework_alert_latest"),
        ]

    def __str__(self) -> str:
        return f"rung {self.rung} of {self.case_id}"
