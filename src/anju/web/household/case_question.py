"""What a family is to do about its case now, in one sentence; a table from its state to words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from anju.foundation.casework.types import CaseFile, CaseRow, MaterialLine, StepLine, StepState
from anju.resettlement.eligibility.types import OBJECTION
from anju.titles.cases.types import PROCEDURES, TRANSFERS
from anju.web.case_words import STATUSES, say_office
from anju.web.public.saying import say_day
from anju_rules.procedures.queues import QueueKind
from anju_rules.procedures.states import ActionKind, Flag, Status
from anju_rules.procedures.types import Procedure, Source

PAPERS, ALL_IN, REPLY, KEEP, OBJECT, NONE = "papers", "all-in", "reply", "keep", "object", ""
_OWN = frozenset({Source.ASKED, Source.COMMITTED})
_IN_HAND = frozenset({StepState.OPEN, StepState.IN_HAND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a case's page opens with."""

    words: str
    detail: str
    action: str = NONE
    """``papers``: hand papers in; ``all-in``: say that all is there; ``reply``: answer the office;
    ``keep``: take a withdrawal back; ``object``: object; empty: nothing to press."""
    next: str = ""
    """What comes after it."""

    @property
    def is_for_family(self) -> bool:
        """Whether it is the family's turn."""
        return self.action in {PAPERS, ALL_IN, REPLY}


def tell_question(*, file: CaseFile, procedure: Procedure) -> Question:
    """Say what a family is to do now: the first line of the table that fits."""
    for tell in _TABLE:
        told = tell(file, procedure)
        if told is not None:
            return told
    return _say_waiting(file, procedure)


def _closed(file: CaseFile, _: Procedure) -> Question | None:
    status = file.case.status
    if status.is_open:
        return None
    if file.case.procedure == OBJECTION:
        words = {Status.DONE: "异议成立，原来的结果要改", Status.REFUSED: "异议办完了，没有成立"}
        return Question(
            words=words.get(status, f"异议{STATUSES[status]}"),
            detail="答复的理由和依据都在下面。",
        )
    if status is Status.DONE:
        return Question(
            words=f"{short_title(file.case)}通过了",
            detail="这件事办完了，现在不用做什么。",
            action=NONE,
        )
    if status is Status.WITHDRAWN:
        window = f"{_office_of(file).removesuffix('窗口')}窗口"
        again = (
            "可以在“房子和证”里再申请一次，或者到" if file.case.procedure in TRANSFERS else "请到"
        )
        return Question(words="这件事您撤回了", detail=f"要重新办，{again}{window}。")
    return Question(
        words=f"{short_title(file.case)}{_NOT[status]}",
        detail=_REMEDY if file.case.procedure in PROCEDURES else _OBJECTS,
        action=NONE if file.case.procedure in PROCEDURES else OBJECT,
    )


_OBJECTS = "为什么、按哪一条，都写在下面。觉得不对，可以提异议。"
_REMEDY = "为什么、按哪一条，都写在下面。不服的，可以申请行政复议，或者直接到法院起诉。"
"""Refused in writing, with grounds and remedy (licensing law 38)."""
_NOT = {
    Status.REFUSED: "没有通过",
    Status.NOT_ACCEPTED: "没有受理",
    Status.REVOKED: "的结果撤销了",
}


def _asked(file: CaseFile, _: Procedure) -> Question | None:
    if not file.asked:
        return None
    if _came_since_asked(file):
        return Question(
            words="要补的都交齐了吗？",
            detail="交齐了按一下，时间接着走。还有没交的，在下面“材料”里接着交。",
            action=ALL_IN,
        )
    return Question(
        words=f"请补 {len(file.asked)} 样材料",
        detail="要补什么，下面一次写清了。补齐以前时间停着，不算在期限里。",
        action=PAPERS,
    )


def _came_since_asked(file: CaseFile) -> bool:
    """Whether anything came in after the correction was asked for."""
    for line in reversed(file.actions):
        if line.kind is ActionKind.ASK_CORRECTION:
            return False
        if line.kind is ActionKind.SUPPLY:
            return True
    return False


def _withdrawal(file: CaseFile, _: Procedure) -> Question | None:
    if Flag.WITHDRAWAL_ASKED not in file.case.flags:
        return None
    return Question(
        words=f"您申请了撤回，等{_office_of(file)}确认",
        detail="不想撤了，按一下，接着办。",
        action=KEEP,
    )


def _reply(file: CaseFile, procedure: Procedure) -> Question | None:
    waits = [line for line in file.steps if line.role == "household" and line.state in _IN_HAND]
    if not waits:
        return None
    office = _office_before(waits[0], procedure)
    return Question(
        words=f"{office}答复了，您接受吗？",
        detail="答复的理由和依据在下面。不接受，可以请上一级再看一遍。",
        action=REPLY,
    )


def _office_before(step: StepLine, procedure: Procedure) -> str:
    after = procedure.steps[step.code].after
    return say_office(procedure.steps[after[0]].role) if after else "经办人"


def _missing(file: CaseFile, procedure: Procedure) -> Question | None:
    missing = [line for line in file.materials if _is_wanted(line)]
    if not missing:
        return None
    names = "、".join(line.title.zh for line in missing)
    return Question(
        words=f"还差 {len(missing)} 样材料",
        detail=f"{names}。拍张照片就能交。",
        action=PAPERS,
        next=_next_of(file, procedure),
    )


def _is_wanted(line: MaterialLine) -> bool:
    return line.source in _OWN and line.is_core and line.state == "missing"


def _owed(file: CaseFile, procedure: Procedure) -> Question | None:
    owed = [line for line in file.materials if line.state == "owed" and line.source in _OWN]
    if not owed:
        return None
    first = min(owed, key=lambda line: (line.owed_until is None, line.owed_until))
    until = f"请在 {say_day(first.owed_until)}前交。" if first.owed_until else ""
    return Question(
        words=f"记得补交{first.title.zh}",
        detail=f"{until}别的先办着，不耽误。",
        action=PAPERS,
        next=_next_of(file, procedure),
    )


_TABLE: tuple[Callable[[CaseFile, Procedure], Question | None], ...] = (
    _closed,
    _asked,
    _withdrawal,
    _reply,
    _missing,
    _owed,
)
"""The most pressing first; where none fits, it is the office's turn."""


def _say_waiting(file: CaseFile, procedure: Procedure) -> Question:
    following = _next_of(file, procedure)
    if file.case.status is Status.INTAKE:
        is_objection = file.case.procedure == OBJECTION
        return Question(
            words="异议收到了，街道就要登记"
            if is_objection
            else f"材料收到了，{_office_of(file)}正在看齐不齐",
            detail="齐了就受理，开始算时间。现在不用做什么。",
            next=following,
        )
    steps = [line for line in file.steps if line.state in _IN_HAND]
    if file.kind is QueueKind.STOPPED:
        return Question(
            words="时间停着，现在不用做什么",
            detail="为什么停、按哪一条，写在下面。停的日子不算在期限里。",
            next=following,
        )
    office = say_office(file.waits_for)
    now = "、".join(line.title.zh for line in steps)
    return Question(
        words=f"{office}在办：{now}",
        detail=f"{_say_until(steps)}现在不用做什么。",
        next=following,
    )


def _say_until(steps: list[StepLine]) -> str:
    clocks = [line.clock for line in steps if line.clock is not None and line.clock.due_on]
    if any(clock.is_overdue for clock in clocks):
        return "已经超过期限，超期记在案上，监督员看得到。"
    last = max((clock.due_on for clock in clocks if clock.due_on), default=None)
    if last is None:
        return ""
    moves = any(clock.is_provisional for clock in clocks)
    return f"最晚 {say_day(last)}有结果{'（放假安排没公布，可能变）' if moves else ''}。"


def _next_of(file: CaseFile, procedure: Procedure) -> str:
    """Name what comes after the open steps."""
    states = {line.code: line.state for line in file.steps}
    for code, state in states.items():
        if state in _IN_HAND:
            for step in procedure.dependents(code):
                if states[step.code] is StepState.AHEAD:
                    return f"{step.title.zh}（{say_office(step.role)}）"
    return ""


def _office_of(file: CaseFile) -> str:
    """Name who takes the case in."""
    return "登记窗口" if file.case.procedure in PROCEDURES else "街道"


def short_title(case: CaseRow) -> str:
    """Give a case's name without what stands in brackets."""
    return case.title.zh.partition("（")[0]
