"""A case laid out for the desk: its question, its clocks, its materials and the forms it allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.types import (
    ActionLine,
    CaseFile,
    ClockBar,
    MaterialLine,
    StepLine,
    StepState,
)
from anju.foundation.core.clock import CHINA
from anju.foundation.documents.types import DocumentRow
from anju.resettlement.households.queries import masked_names
from anju.resettlement.projects.queries import list_projects
from anju.resettlement.projects.types import ProjectRow
from anju.web.case_clocks import CaseClock, PauseLine, draw_clock, say_pauses
from anju.web.case_words import DONE, REASONS, STATUSES, say_budget
from anju.web.officer.case_decision import CaseForms, lay_out_forms
from anju.web.officer.case_words import SIGNS, SOURCES, STEPS, FlagWord, say_flags, say_role
from anju.web.public.saying import say_day
from anju_rules.clocks import Budget
from anju_rules.prereview.forms import MATERIAL_KINDS
from anju_rules.procedures.queues import QueueKind
from anju_rules.procedures.states import ActionKind
from anju_rules.procedures.types import Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnClock:
    """One clock of a case: of the whole case, or of a step."""

    about: str
    clock: CaseClock
    limit: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step, with what came of it and what it still lacks."""

    line: StepLine
    sign: str
    words: str
    who: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialRow:
    """A material beside the steps that rest on it."""

    line: MaterialLine
    sign: str
    words: str
    source: str
    paper: DocumentRow | None
    is_machine_read: bool
    """Whether a machine can look at it first."""
    needed_by: tuple[str, ...]
    is_needed_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A line of the log in words."""

    line: ActionLine
    words: str
    who: str
    points: tuple[str, ...]
    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """What the page of a case shows."""

    file: CaseFile
    procedure: Procedure
    project: ProjectRow | None
    family: str
    headline: str
    detail: str
    flags: tuple[FlagWord, ...]
    clocks: tuple[DrawnClock, ...]
    pauses: tuple[PauseLine, ...]
    steps: tuple[StepRow, ...]
    materials: tuple[MaterialRow, ...]
    forms: CaseForms
    log: tuple[LogRow, ...]


def lay_out_case(
    file: CaseFile,
    *,
    procedure: Procedure,
    papers: Sequence[DocumentRow],
    asked_step: str,
    by: Actor,
    at: datetime,
) -> CasePage:
    """Lay a case out as it stands at ``at``; call it while reading."""
    case, on = file.case, at.astimezone(CHINA).date()
    forms = lay_out_forms(file, procedure=procedure, asked_step=asked_step, by=by)
    open_steps = frozenset(case.open_steps)
    headline, detail = _say_question(file, procedure, forms)
    return CasePage(
        file=file,
        procedure=procedure,
        project=next((one for one in list_projects() if one.id == case.project_id), None),
        family=_say_family(file),
        headline=headline,
        detail=detail,
        flags=say_flags(case.flags),
        clocks=_draw_clocks(file, on=on),
        pauses=say_pauses(file.pauses),
        steps=tuple(_step_row(line, procedure) for line in file.steps),
        materials=tuple(
            _material_row(line, procedure, {paper.id: paper for paper in papers}, open_steps)
            for line in file.materials
        ),
        forms=forms,
        log=tuple(_log_row(line, procedure, by=by) for line in reversed(file.actions)),
    )


def _say_family(file: CaseFile) -> str:
    household_id = file.case.household_id
    if household_id is None:
        return ""
    names = masked_names(project_id=file.case.project_id, household_ids=[household_id])
    return names.get(household_id, "")


def _say_question(file: CaseFile, procedure: Procedure, forms: CaseForms) -> tuple[str, str]:
    """Say what waits, and for whom: the first words of the page."""
    case = file.case
    if not case.status.is_open:
        ended = f"，{say_day(case.ended_on)}" if case.ended_on else ""
        return f"{STATUSES[case.status]}{ended}", _say_last(file, procedure)
    if file.kind is QueueKind.WITHDRAWAL:
        return "当事人申请撤回，等回话", "撤回要有人确认；也可能又不撤了。"
    if file.kind is QueueKind.APPLICANT:
        wanted = "、".join(point.text or _title_of(procedure, point.code) for point in file.asked)
        return "等当事人" + ("补正" if file.asked else ""), wanted
    if file.kind is QueueKind.STOPPED:
        reason = file.pauses[-1].reason if file.pauses else None
        return f"计时停着：{REASONS[reason]}" if reason else "计时停着", "事情完了就恢复计时。"
    if forms.decision is not None:
        step = procedure.steps[forms.decision.step]
        return f"{step.title.zh}：等您给结论", _say_lack(forms)
    if file.kind is QueueKind.INTAKE:
        is_asked = any(one.kind == ActionKind.ACCEPT.value for one in forms.plain)
        question = "受理还是不受理" if is_asked else "等窗口受理"
        return question, "受理了，时间才开始算。"
    waiting = "、".join(procedure.steps[code].title.zh for code in case.open_steps)
    return f"等{say_role(file.waits_for)}办：{waiting}", ""


def _say_lack(forms: CaseForms) -> str:
    lacks = forms.decision.lacks if forms.decision else ()
    if not lacks:
        return "材料已齐。"
    return "还缺：" + "、".join(one.title for one in lacks)


def _say_last(file: CaseFile, procedure: Procedure) -> str:
    decided = [line for line in file.actions if line.kind is ActionKind.DECIDE]
    return _say_decision(decided[-1], procedure) if decided else ""


def _title_of(procedure: Procedure, code: str) -> str:
    material = procedure.materials.get(code)
    return material.title.zh if material else "其他"


def _draw_clocks(file: CaseFile, *, on: date) -> tuple[DrawnClock, ...]:
    drawn = [_draw(line.title.zh, line.clock, on=on) for line in file.steps if line.clock]
    return tuple(([_draw("全程", file.clock, on=on)] if file.clock else []) + drawn)


def _draw(about: str, bar: ClockBar, *, on: date) -> DrawnClock:
    return DrawnClock(
        about=about,
        clock=draw_clock(bar, on=on),
        limit=f"限 {say_budget(Budget(bar.length, bar.unit))}",
        clause=bar.clause,
    )


def _step_row(line: StepLine, procedure: Procedure) -> StepRow:
    outcome = line.outcome_title.zh if line.outcome_title else ""
    return StepRow(
        line=line,
        sign=SIGNS[line.state],
        words=outcome or STEPS[line.state],
        who=say_role(line.role),
        lacks=tuple(_title_of(procedure, code) for code in line.missing)
        if line.state in (StepState.OPEN, StepState.IN_HAND)
        else (),
    )


def _material_row(
    line: MaterialLine,
    procedure: Procedure,
    papers: Mapping[UUID, DocumentRow],
    open_steps: frozenset[str],
) -> MaterialRow:
    sign, words = {
        "held": ("✓", "有"),
        "owed": ("◐", "容缺，欠着"),
        "missing": ("○", "没有"),
    }[line.state]
    return MaterialRow(
        line=line,
        sign=sign,
        words=words,
        source=f"{line.supplied_by}共享" if line.supplied_by else SOURCES[line.source],
        paper=papers.get(line.document_id) if line.document_id else None,
        is_machine_read=line.document_id is not None and line.code in MATERIAL_KINDS,
        needed_by=tuple(procedure.steps[code].title.zh for code in line.needed_by),
        is_needed_now=bool(open_steps.intersection(line.needed_by)),
    )


def _log_row(line: ActionLine, procedure: Procedure, *, by: Actor) -> LogRow:
    is_decision = line.kind is ActionKind.DECIDE
    words = _say_decision(line, procedure) if is_decision else DONE[line.kind]
    if line.reason is not None:
        words = f"{words}：{REASONS[line.reason]}"
    signed = "，两人会签" if line.second is not None else ""
    return LogRow(
        line=line,
        words=words,
        who=("我" if line.by == by.id else say_role(line.role)) + signed,
        points=tuple(
            f"{_title_of(procedure, point.code)}{'：' + point.text if point.text else ''}"
            for point in line.points
        ),
        materials=tuple(_title_of(procedure, one.code) for one in line.materials),
    )


def _say_decision(line: ActionLine, procedure: Procedure) -> str:
    step = procedure.steps[line.step]
    outcome = step.outcome(line.outcome)
    return f"{step.title.zh}：{outcome.title.zh if outcome else line.outcome}"
