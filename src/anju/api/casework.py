"""Endpoints of casework: what waits, a case with everything in it, opened and acted on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.schemas import Line, Number, ProjectCode, Refused, Strict, Text, Word
from anju.foundation.access.context import reading
from anju.foundation.casework.operations import open_case, take_action
from anju.foundation.casework.queries import case_file, queue_of
from anju.foundation.casework.types import (
    AskedPoint,
    CaseLine,
    Cursor,
    HandedIn,
    NewAction,
    Scope,
    StepState,
)
from anju.foundation.core.clock import read_clock
from anju.resettlement.households.queries import household_by_number
from anju.resettlement.projects.queries import list_projects
from anju_rules.alerts import AlertRung
from anju_rules.clocks import PauseReason, Unit
from anju_rules.procedures.queues import QueueKind
from anju_rules.procedures.states import ActionKind, Flag, Status
from anju_rules.procedures.types import Source
from anju_rules.values import Refusal

router = Router(tags=["casework"])
cases = Router(tags=["casework"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}
_MOST_A_PAGE = 100
CaseId = Annotated[UUID, Path(description="案件的 id")]


class WordsOut(Schema):
    """A name in both languages."""

    zh: str
    en: str


class QueueLineOut(Schema):
    """One step of a case that waits for somebody."""

    case_id: UUID
    project: str
    number: str
    procedure: str
    title: WordsOut
    step: str
    step_title: WordsOut
    kind: QueueKind
    role: str
    tier: str
    office: str
    taken_by: UUID | None
    waits_since: datetime
    due_on: date | None
    due_at: datetime | None
    is_provisional: bool
    unit: Unit | None
    length: int
    used: int
    left: int
    is_overdue: bool
    is_stopped: bool
    rung: AlertRung | None
    status: Status
    flags: list[Flag]
    log_length: int


class QueueOut(Schema):
    """One page of a queue, the most pressing first."""

    total: int
    is_total_capped: bool
    lines: list[QueueLineOut]
    after: str
    """Where the next page begins; empty on the last."""


class CaseOut(Schema):
    """A case as it stands."""

    id: UUID
    number: str
    procedure: str
    version: str
    title: WordsOut
    subject_kind: str
    subject_id: UUID
    household_id: UUID | None
    division: str
    status: Status
    flags: list[Flag]
    exchange_code: int
    length: int
    open_steps: list[str]
    defects: int
    came_on: date
    started_on: date | None
    ended_on: date | None
    due_on: date | None
    is_provisional: bool


class PauseOut(Schema):
    """One stop of the clocks."""

    began_on: date
    ended_on: date | None
    reason: PauseReason
    clause: str
    days: int


class ClockOut(Schema):
    """A clock: used, paused, left."""

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


class StepOut(Schema):
    """A step of a case."""

    code: str
    title: WordsOut
    role: str
    tier: str
    state: StepState
    outcome: str
    opened_on: date | None
    decided_at: datetime | None
    missing: list[str]
    clause: str
    clock: ClockOut | None


class MaterialOut(Schema):
    """A material of a case."""

    code: str
    title: WordsOut
    source: Source
    supplied_by: str
    is_core: bool
    is_published: bool
    state: str
    document_id: UUID | None
    received_at: datetime | None
    owed_until: date | None
    needed_by: list[str]


class PointOut(Schema):
    """One point of a correction notice."""

    code: str
    text: str
    arose_from: str


class ActionOut(Schema):
    """A line of the log."""

    place: int
    kind: ActionKind
    at: datetime
    role: str
    tier: str
    by: UUID | None
    second: UUID | None
    step: str
    outcome: str
    reason: PauseReason | None
    clauses: list[str]
    why: str
    note: str
    points: list[PointOut]
    facts: dict[str, int]


class PossibleOut(Schema):
    """Something that whoever asks may try now."""

    kind: ActionKind
    step: str
    outcome: str
    reason: PauseReason | None


class CaseFileOut(Schema):
    """A case with everything in it."""

    case: CaseOut
    kind: QueueKind
    waits_for: str
    clock: ClockOut | None
    steps: list[StepOut]
    materials: list[MaterialOut]
    actions: list[ActionOut]
    what_is_lawful: list[PossibleOut]
    first_came_on: date
    net_working_days: int
    gross_days: int
    pauses: list[PauseOut]
    asked: list[PointOut]


class MaterialIn(Strict):
    """A material that comes in, and the document that shows it."""

    code: Word
    document_id: UUID | None = None


class PointIn(Strict):
    """One point that is asked for."""

    code: Word
    text: Text = ""
    arose_from: Word | None = None


Materials = Annotated[list[MaterialIn], Field(default_factory=list, max_length=50)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class CaseIn(Strict):
    """A case to open for a household of the register."""

    procedure: Word
    household: Number
    division: Annotated[str, Field(pattern=r"^[0-9]{4,12}$")]
    series: Annotated[str, Field(pattern=r"^[A-Z0-9-]{0,24}$")] = ""
    materials: Materials
    id: UUID | None = None
    """Made by whoever sends it: the same one sent again opens nothing more."""


class ActIn(Strict):
    """One thing to be done to a case."""

    kind: ActionKind
    step: Word | None = None
    outcome: Word | None = None
    why: Text = ""
    note: Text = ""
    clauses: Annotated[list[Line], Field(default_factory=list, max_length=20)]
    materials: Materials
    points: Annotated[list[PointIn], Field(default_factory=list, max_length=50)]
    reason: PauseReason | None = None
    facts: Annotated[dict[Word, Count], Field(default_factory=dict, max_length=10)]
    expects: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    """The length of the log that was looked at: refused where somebody acted since."""
    id: UUID | None = None
    """Made by whoever sends it: the same one sent again is done once."""


class QueueAsk(Strict):
    """Which page of which queue."""

    scope: Scope = Scope.OFFICE
    kind: QueueKind | None = None
    with_families: bool = False
    project: ProjectCode | None = None
    after: Annotated[
        str | None, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9a-f-]{36}\.[0-9]{1,5}$")
    ] = None
    """The ``after`` of the page before."""
    size: Annotated[int, Field(ge=1, le=_MOST_A_PAGE)] = 50


@router.get("/queue", response={200: QueueOut, **_REFUSED})
@asks("casework.see")
def show_queue(request: HttpRequest, asked: Query[QueueAsk]) -> QueueOut:
    """Give a page of what waits for whoever asks; ``after`` of the page before leads on."""
    by = actor_of(request)
    page = queue_of(
        by=by,
        at=read_clock(),
        scope=asked.scope,
        kind=asked.kind,
        with_families=asked.with_families,
        project_id=project_in_sight(asked.project, by=by).id if asked.project else None,
        after=_read_mark(asked.after) if asked.after else None,
        size=asked.size,
    )
    codes = {row.id: row.code for row in list_projects()}
    return QueueOut(
        total=page.total,
        is_total_capped=page.is_total_capped,
        lines=[_line(row, project=codes.get(row.project_id, "")) for row in page.rows],
        after=_mark(page.after) if page.after else "",
    )


@cases.get("/{code}/cases/{case_id}", response={200: CaseFileOut, **_REFUSED})
@asks("casework.see")
def show_case(request: HttpRequest, code: ProjectCode, case_id: CaseId) -> CaseFileOut:
    """Give everything in a case, and what whoever asks may do to it now."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    told = case_file(project_id=project.id, case_id=case_id, by=by, at=read_clock())
    return CaseFileOut.from_orm(told)


@cases.post("/{code}/cases", response={200: CaseOut, **_REFUSED})
@asks("casework.open")
def open_one(request: HttpRequest, code: ProjectCode, case: CaseIn) -> CaseOut:
    """Open a case for a household."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    with reading(by=by):
        household = household_by_number(project_id=project.id, number=case.household)
    row = open_case(
        project_id=project.id,
        procedure=case.procedure,
        subject_kind="household",
        subject_id=household.id,
        household_id=household.id,
        division=case.division,
        series=case.series,
        materials=_handed_in(case.materials),
        case_id=case.id,
        by=by,
        at=read_clock(),
    )
    return CaseOut.from_orm(row)


@cases.post("/{code}/cases/{case_id}/act", response={200: CaseOut, **_REFUSED})
@asks("casework.act")
def act(request: HttpRequest, code: ProjectCode, case_id: CaseId, told: ActIn) -> CaseOut:
    """Do one thing to a case; what needs two people is signed at the desk alone."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    row = take_action(
        project_id=project.id,
        case_id=case_id,
        act=NewAction(
            kind=told.kind,
            step=told.step or "",
            outcome=told.outcome or "",
            materials=_handed_in(told.materials),
            points=tuple(
                AskedPoint(code=one.code, text=one.text, arose_from=one.arose_from or "")
                for one in told.points
            ),
            reason=told.reason,
            clauses=tuple(told.clauses),
            why=told.why,
            note=told.note,
            facts=told.facts,
            id=told.id,
        ),
        expects=told.expects,
        by=by,
        at=read_clock(),
    )
    return CaseOut.from_orm(row)


def _handed_in(materials: list[MaterialIn]) -> tuple[HandedIn, ...]:
    return tuple(HandedIn(code=one.code, document_id=one.document_id) for one in materials)


def _line(row: CaseLine, *, project: str) -> QueueLineOut:
    told = {name: getattr(row, name) for name in QueueLineOut.model_fields if name != "project"}
    return QueueLineOut.model_validate({**told, "project": project}, from_attributes=True)


def _mark(cursor: Cursor) -> str:
    return f"{cursor.sort_on.isoformat()}.{cursor.case_id}.{cursor.place}"


def _read_mark(told: str) -> Cursor:
    sort_on, case_id, place = told.split(".")
    try:
        return Cursor(sort_on=date.fromisoformat(sort_on), case_id=UUID(case_id), place=int(place))
    except ValueError as error:
        raise Refusal("api.malformed", places="after") from error
