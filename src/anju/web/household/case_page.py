"""A family's case as its page shows it: the question first, then the clock, the way, the papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from anju.foundation.casework.types import (
    ActionLine,
    CaseFile,
    ClockBar,
    MaterialLine,
    StepLine,
    StepState,
)
from anju.foundation.core.clock import city_time
from anju.foundation.documents.types import DocumentRow
from anju.resettlement.eligibility.types import REVIEW
from anju.titles.cases.identity.operations import PROOF
from anju.titles.cases.types import PROCEDURES
from anju.web.case_clocks import CaseClock, PauseLine, draw_clock, say_pauses
from anju.web.case_words import DONE, say_budget, say_office
from anju.web.clauses import say_clause
from anju.web.household.case_question import Question, short_title, tell_question
from anju.web.public.saying import say_date, say_day
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.procedures.types import Effect, Ending, Material, Procedure, Source

_BRINGS = frozenset({Source.ASKED, Source.COMMITTED})
_SELF = ("当事人", "您家")
_SHOWN = frozenset({StepState.OPEN, StepState.IN_HAND, StepState.DECIDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of the way."""

    state: str
    """``done``, ``no``, ``now`` or ``next``, as the list is painted."""
    title: str
    detail: str
    why: str
    """The reasons of what was decided, in the words of who decided."""
    clauses: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """One material: whether it is there, and who brings it."""

    code: str
    title: str
    told: str
    is_there: bool
    document_id: UUID | None
    may_bring: bool
    """Whether the family may hand it in, or one page more of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One line of what happened."""

    when: str
    who: str
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A case as its family reads it."""

    id: UUID
    number: str
    title: str
    is_review: bool
    """Whether it is a review of eligibility."""
    is_title: bool
    """Whether it is the registration of a title."""
    is_open: bool
    costs: bool
    """Whether it is a title that is or was paid for: what ended without one costs nothing."""
    question: Question
    clock: CaseClock | None
    clock_of: str
    """Of which step; empty: of the whole case."""
    whole: CaseClock | None
    """The clock of the whole case, where the step has another."""
    net_working_days: int
    gross_days: int
    came: str
    pauses: tuple[PauseLine, ...]
    steps: tuple[StepRow, ...]
    asked: frozenset[str]
    """Codes of what is asked to be corrected, materials among them."""
    points: tuple[str, ...]
    """What is asked to be corrected, in the words of who asked."""
    answer: StepRow | None
    """What was decided last."""
    papers: tuple[PaperRow, ...]
    others: tuple[DocumentRow, ...]
    """Documents that are no material of the procedure: whatever else shows that one is right."""
    log: tuple[LogRow, ...]
    may: frozenset[ActionKind]
    """What the family may do now."""

    @property
    def window(self) -> str:
        """Where somebody helps who cannot do it here."""
        return "登记窗口" if self.is_title else "街道窗口"

    @property
    def asks_identity(self) -> bool:
        """Whether the case waits for a proof that who filed is who they say."""
        return self.is_open and any(
            paper.code == PROOF and not paper.is_there for paper in self.papers
        )

    @property
    def may_bring(self) -> bool:
        """Whether papers may be handed in."""
        return ActionKind.SUPPLY in self.may


def lay_out_case(
    *, file: CaseFile, procedure: Procedure, documents: Sequence[DocumentRow], on: date
) -> CasePage:
    """Lay a case out for its family as it stands on ``on``."""
    case = file.case
    papers = tuple(
        row
        for line in file.materials
        if (row := _paper(line, is_open=case.status.is_open)) is not None
    )
    steps = tuple(
        _step(line, procedure, file.actions)
        for line in file.steps
        if line.state in _SHOWN or (line.state is StepState.AHEAD and case.status.is_open)
    )
    clock = _pressing_clock(file)
    at_hand = {one.document_id for line in file.actions for one in line.materials}
    return CasePage(
        id=case.id,
        number=case.number,
        title=short_title(case),
        is_review=case.procedure == REVIEW,
        is_title=case.procedure in PROCEDURES,
        is_open=case.status.is_open,
        costs=case.procedure in PROCEDURES and (case.status.is_open or case.status is Status.DONE),
        question=tell_question(file=file, procedure=procedure),
        clock=draw_clock(clock, on=on) if clock is not None else None,
        clock_of=procedure.steps[clock.step].title.zh if clock and clock.step else "",
        whole=draw_clock(file.clock, on=on)
        if file.clock is not None and file.clock != clock
        else None,
        net_working_days=file.net_working_days,
        gross_days=file.gross_days,
        came=say_date(file.first_came_on),
        pauses=say_pauses(file.pauses),
        steps=steps,
        asked=frozenset(point.code for point in file.asked),
        points=tuple(_say_point(point.text, point.code, procedure) for point in file.asked),
        answer=_last_answer(file, procedure),
        papers=papers,
        others=tuple(one for one in documents if one.id not in at_hand),
        log=tuple(_log(line, procedure) for line in file.actions),
        may=frozenset(one.kind for one in file.what_is_lawful),
    )


def _pressing_clock(file: CaseFile) -> ClockBar | None:
    """Give the clock of the open step that is due first, else that of the whole case."""
    clocks = [line.clock for line in file.steps if line.clock is not None]
    return min(clocks, key=lambda one: one.left, default=file.clock)


def _paper(line: MaterialLine, *, is_open: bool) -> PaperRow | None:
    brings = line.source in _BRINGS
    if line.state != "held" and (line.source is Source.PRODUCED or not is_open):
        return None
    return PaperRow(
        code=line.code,
        title=line.title.zh,
        told=_say_paper(line, brings=brings),
        is_there=line.state == "held",
        document_id=line.document_id,
        may_bring=brings,
    )


def _say_paper(line: MaterialLine, *, brings: bool) -> str:
    if line.state == "held":
        day = (
            f"{say_date(city_time(line.received_at).date())} "
            if line.received_at is not None
            else ""
        )
        return f"{day}{'出具' if line.source is Source.PRODUCED else '收到了'}"
    if line.state == "owed":
        until = f"，最晚 {say_day(line.owed_until)}" if line.owed_until is not None else ""
        return f"可以晚点交{until}"
    if not brings:
        return f"由{line.supplied_by}提供，不用您交"
    return "还没有交" if line.is_core else "没有也能先往下办"


def _step(line: StepLine, procedure: Procedure, actions: Sequence[ActionLine]) -> StepRow:
    office, title = say_office(line.role), line.title.zh.replace(*_SELF)
    decision = _decision_of(line.code, actions)
    if line.state is StepState.DECIDED and decision is not None:
        outcome = line.outcome_title.zh if line.outcome_title else ""
        return StepRow(
            state="no" if _refuses(line, procedure) else "done",
            title=title,
            detail=f"{say_date(city_time(decision.at).date())} {office}：{outcome}",
            why=decision.why,
            clauses=_say_clauses(decision.clauses),
        )
    if line.state is StepState.AHEAD:
        limit = procedure.steps[line.code].limit.binding
        within = f"，{say_budget(limit)}以内" if limit is not None else ""
        detail = f"{office}办{within}" if line.role != "household" else "到时请您家答一句"
        return StepRow(state="next", title=title, detail=detail, why="", clauses="")
    return StepRow(state="now", title=title, detail=_say_open(line, office), why="", clauses="")


def _refuses(line: StepLine, procedure: Procedure) -> bool:
    outcome = procedure.steps[line.code].outcome(line.outcome)
    return outcome is not None and (
        outcome.effect is Effect.REFUSE or outcome.ends_as is Ending.REFUSED
    )


def _say_open(line: StepLine, office: str) -> str:
    clock = line.clock
    if clock is None:
        return f"{office}在办" if line.role != "household" else "等您家答复"
    if clock.is_stopped:
        return f"{office}在办，时间停着"
    if clock.is_overdue:
        return f"{office}在办，已经超期"
    return f"{office}在办" + (f"，最晚 {say_day(clock.due_on)}" if clock.due_on else "")


def _decision_of(step: str, actions: Sequence[ActionLine]) -> ActionLine | None:
    made = [one for one in actions if one.kind is ActionKind.DECIDE and one.step == step]
    return made[-1] if made else None


def _last_answer(file: CaseFile, procedure: Procedure) -> StepRow | None:
    """Give what an office decided last, with its reasons: what one may object to."""
    made = [
        one for one in file.actions if one.kind is ActionKind.DECIDE and one.role != "household"
    ]
    if not made:
        return None
    last = made[-1]
    step = procedure.steps[last.step]
    outcome = step.outcome(last.outcome)
    return StepRow(
        state="done",
        title=f"{step.title.zh}：{outcome.title.zh if outcome else ''}",
        detail=f"{say_day(city_time(last.at).date())} {say_office(last.role)}",
        why=last.why,
        clauses=_say_clauses(last.clauses),
    )


def _say_clauses(clauses: Sequence[str]) -> str:
    return "；".join(say_clause(one) for one in clauses)


def _say_point(text: str, code: str, procedure: Procedure) -> str:
    material = procedure.materials.get(code)
    name = material.title.zh if material is not None else ""
    return "：".join(part for part in (name, text) if part) or code


def _log(line: ActionLine, procedure: Procedure) -> LogRow:
    return LogRow(
        when=say_day(city_time(line.at).date()),
        who=say_office(line.role),
        what=_say_act(line, procedure),
        why=line.why,
    )


def _say_act(line: ActionLine, procedure: Procedure) -> str:
    step = procedure.steps.get(line.step)
    if line.kind is ActionKind.DECIDE and step is not None:
        outcome = step.outcome(line.outcome)
        return f"{step.title.zh}：{outcome.title.zh if outcome else ''}"
    names = _name_materials(line, procedure.materials)
    return f"{DONE[line.kind]}：{names}" if names else DONE[line.kind]


def _name_materials(line: ActionLine, materials: Mapping[str, Material]) -> str:
    titles = [
        material.title.zh
        for one in line.materials
        if (material := materials.get(one.code)) is not None
    ]
    return "、".join(titles)
