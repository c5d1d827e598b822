"""What others see of casework, and what they hand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from anju_rules.alerts import AlertRung
from anju_rules.clocks import PauseReason, Unit
from anju_rules.procedures.acting import Possible
from anju_rules.procedures.queues import QueueKind
from anju_rules.procedures.states import ActionKind, Flag, Status
from anju_rules.procedures.types import Procedure, Source, Words


class Scope(StrEnum):
    """Whose work a queue shows."""

    MINE = "mine"
    """What I took up."""
    OFFICE = "office"
    """What waits for my role in my office."""
    TIER = "tier"
    """What waits anywhere in my tier, as far as I see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A material that comes in, and the document that shows it."""

    code: str
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPoint:
    """One point of a correction notice."""

    code: str
    text: str = field(default="", repr=False)
    """What is to be corrected, in the words the family reads."""
    arose_from: str = ""
    """The later step or material from which it arose; empty: it existed at the first review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """What somebody wants to do to a case."""

    kind: ActionKind
    step: str = ""
    outcome: str = ""
    materials: tuple[HandedIn, ...] = ()
    points: tuple[AskedPoint, ...] = ()
    reason: PauseReason | None = None
    clauses: tuple[str, ...] = ()
    """What it rests on; without any, the clause of the definition."""
    why: str = field(default="", repr=False)
    """The reasons, which the family reads."""
    note: str = field(default="", repr=False)
    """For colleagues only."""
    facts: Mapping[str, int] = field(default_factory=dict)
    """Counts that a share is judged by."""
    id: UUID | None = None
    """Made by whoever sends it: the same one sent again is done once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One case to open: of what, for whom, and with which materials."""

    subject_id: UUID
    household_id: UUID | None = None
    materials: tuple[HandedIn, ...] = ()
    why: str = field(default="", repr=False)
    case_id: UUID | None = None
    """Makes a repetition harmless: the same again gives the case as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingAs:
    """In whose stead a higher context acts: a department has no account of its own."""

    role: str
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case as it stands."""

    id: UUID
    project_id: UUID
    number: str
    procedure: str
    version: str
    title: Words
    subject_kind: str
    subject_id: UUID
    household_id: UUID | None
    division: str
    status: Status
    flags: frozenset[Flag]
    exchange_code: int
    length: int
    """How many actions its log has; an action may say which length it expects."""
    open_steps: tuple[str, ...]
    defects: int
    came_on: date
    started_on: date | None
    ended_on: date | None
    due_on: date | None
    """The last day of the whole case; ``None`` without a limit, or while it stands still."""
    is_provisional: bool
    opened_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """After which line the next page begins."""

    sort_on: date
    case_id: UUID
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One line of a queue: one step of a case that waits for somebody."""

    case_id: UUID
    project_id: UUID
    number: str
    household_id: UUID | None
    procedure: str
    definition: Procedure
    """What the case was opened under."""
    title: Words
    step: str
    step_title: Words
    """Of the procedure where the line is for no step."""
    kind: QueueKind
    role: str
    tier: str
    office: str
    taken_by: UUID | None
    waits_since: datetime
    due_on: date | None
    due_at: datetime | None
    """For a limit in hours."""
    is_provisional: bool
    unit: Unit | None
    length: int
    used: int
    left: int
    """Units left of the limit; below nought where it has run over."""
    is_overdue: bool
    is_stopped: bool
    rung: AlertRung | None
    """The highest rung climbed."""
    status: Status
    flags: frozenset[Flag]
    log_length: int
    cursor: Cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One page of a queue, the most pressing first."""

    rows: tuple[CaseLine, ...]
    total: int
    is_total_capped: bool
    """Whether there are more than ``total``: nobody counts a hundred thousand for one page."""
    after: Cursor | None
    """Where the next page begins; ``None`` on the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseBar:
    """One stop, as it is drawn."""

    began_on: date
    ended_on: date | None
    reason: PauseReason
    clause: str
    days: int
    """Calendar days, to today while it lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBar:
    """A clock as it is drawn: used, paused, left."""

    step: str
    """Empty: the whole case."""
    unit: Unit
    length: int
    clause: str
    started_on: date
    used: int
    left: int
    due_on: date | None
    due_at: datetime | None
    is_provisional: bool
    is_stopped: bool
    is_overdue: bool
    net_working_days: int
    gross_days: int
    pauses: tuple[PauseBar, ...]
    rung: AlertRung | None


class StepState(StrEnum):
    """Where a step of a case stands."""

    AHEAD = "ahead"
    OPEN = "open"
    IN_HAND = "in-hand"
    DECIDED = "decided"
    ON_CALL = "on-call"
    """It is only done where something sends the case to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step in the file of a case."""

    code: str
    title: Words
    role: str
    tier: str
    state: StepState
    outcome: str
    outcome_title: Words | None
    opened_on: date | None
    decided_at: datetime | None
    missing: tuple[str, ...]
    """Materials it needs and the case has not."""
    clause: str
    clock: ClockBar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialLine:
    """A material in the file of a case."""

    code: str
    title: Words
    source: Source
    supplied_by: str
    is_core: bool
    is_published: bool
    state: str
    """``held``, ``owed`` or ``missing``."""
    document_id: UUID | None
    received_at: datetime | None
    owed_until: date | None
    needed_by: tuple[str, ...]
    """The steps that need it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLine:
    """A line of the log, as whoever reads it may see it."""

    place: int
    kind: ActionKind
    at: datetime
    role: str
    tier: str
    by: UUID | None
    """Who; ``None`` to a family."""
    second: UUID | None
    step: str
    outcome: str
    reason: PauseReason | None
    clauses: tuple[str, ...]
    why: str = field(repr=False)
    note: str = field(repr=False)
    """Empty to a family."""
    points: tuple[AskedPoint, ...]
    materials: tuple[HandedIn, ...]
    facts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case with everything in it."""

    case: CaseRow
    definition: Procedure
    """What it was opened under."""
    kind: QueueKind
    """What it waits for."""
    waits_for: str
    """The role whose turn it is; empty once closed."""
    clock: ClockBar | None
    steps: tuple[StepLine, ...]
    materials: tuple[MaterialLine, ...]
    actions: tuple[ActionLine, ...]
    what_is_lawful: tuple[Possible, ...]
    """What the reader may try now: a page shows no other button."""
    first_came_on: date
    net_working_days: int
    gross_days: int
    pauses: tuple[PauseBar, ...]
    asked: tuple[AskedPoint, ...]
    """The points of the correction that is awaited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeLine:
    """What one office has before it."""

    office: str
    tier: str
    waiting: int
    stopped: int
    with_applicant: int
    overdue: int
    due_today: int
    provisional: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """An alert that was raised."""

    project_id: UUID
    case_id: UUID
    number: str
    step: str
    rung: AlertRung
    raised_at: datetime
    household_id: UUID | None
    tells_supervisor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The supervisor's board."""

    offices: tuple[OfficeLine, ...]
    open_cases: int
    defects: int
    """Open cases with a quality defect."""
    rungs: Mapping[AlertRung, int]
    """Alerts raised for what is still open."""
    latest: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyLine:
    """One case of a bulk act."""

    project_id: UUID
    case_id: UUID
    expects: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyResult:
    """What came of one case of a bulk act: a row, or why not."""

    case_id: UUID
    row: CaseRow | None
    code: str
    """The refusal's code; empty where it was done."""
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A case whose tables are not what its log amounts to."""

    project_id: UUID
    case_id: UUID
    parts: tuple[str, ...]
    """What differs: ``status``, ``tasks``, ``clocks``, ``pauses``, ``materials``, ``log``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A deadline that a new holiday notice moved."""

    step: str
    was: date
    now: date
    is_settled: bool
