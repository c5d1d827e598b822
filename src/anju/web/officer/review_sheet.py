"""The panel of a review: what was stated, what departments answered, and what to make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.types import CaseFile
from anju.foundation.core.words import say
from anju.foundation.notices.queries import find_notice
from anju.foundation.notices.types import NoticeRow
from anju.resettlement.eligibility.queries import objections_of, review_file
from anju.resettlement.eligibility.types import AnswerRow, ObjectionRow, ReviewFile
from anju.resettlement.projects.queries import list_projects
from anju.web.case_words import say_plain
from anju.web.household.facts_form import QUESTIONS, FactQuestion
from anju_rules.applications import Repeat, Standing
from anju_rules.departments.kinds import DEPARTMENTS, QuestionKind
from anju_rules.departments.kinds import QUESTIONS as ASKED
from anju_rules.eligibility.sheet import Check, Group, Line, Result
from anju_rules.values import Refusal

CHECKS: Mapping[Check, str] = {
    Check.AGREEMENT: "协议有效",
    Check.NOTARISED: "协议已公证",
    Check.HOLDER: "签约人就是权利人",
    Check.FIRST_TIME: "没有安置过",
    Check.PEOPLE: "人口与户籍一致",
    Check.SPLIT: "公布后没有分户",
    Check.TITLE: "产权证号一致",
    Check.AREA: "面积一致",
    Check.FREE: "没有查封",
    Check.RESIDENCE: "实际居住与声明一致",
}
GROUPS: Mapping[Group, str] = {
    Group.BASIC: "基本核查",
    Group.REGISTER: "户籍与系统",
    Group.TITLE: "权属与协议",
    Group.RESIDENCE: "居住与声明",
}
RESULTS: Mapping[Result, tuple[str, str]] = {
    Result.AGREES: ("✓", "一致"),
    Result.DIFFERS: ("≠", "不一致"),
    Result.UNKNOWN: ("…", "还没有答复"),
}
REPEATS: Mapping[Repeat, str] = {
    Repeat.SAME_HOLDER: "权利人相同",
    Repeat.SHARED_PERSON: "有人在两户里都算人口",
    Repeat.SAME_DWELLING: "同一处旧房",
    Repeat.SAME_REGISTER: "同一本户口簿",
    Repeat.SAME_NAME_AND_BIRTH: "姓名和出生日期相同，有一方没有证件号",
}
STANDINGS: Mapping[Standing, str] = {
    Standing.NONE: "还没有受理",
    Standing.OPEN: "正在审核",
    Standing.CONFIRMED: "已确认",
    Standing.REFUSED: "不符合",
    Standing.WITHDRAWN: "已撤回",
}
ANSWERS: Mapping[str, str] = {
    "asked": "等答复",
    "late": "超时未答",
    "answered": "已答复",
    "contradictory": "两次答复不一样",
    "failed": "答不了",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One line of the sheet."""

    title: str
    sign: str
    result: str
    is_fault: bool
    stated: str
    answered: str
    why: str
    """What is wrong, where it does not agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetGroup:
    """The lines of one comparison, and what they amount to."""

    title: str
    proposal: str
    is_fault: bool
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """Another application of the city that this one meets."""

    project: str
    how: str
    standing: str
    is_bar: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentRow:
    """What one department says, or is asked."""

    question: str
    department: str
    line: AnswerRow
    words: str
    is_fault: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPanel:
    """A review's own facts."""

    file: ReviewFile
    groups: tuple[SheetGroup, ...]
    departments: tuple[DepartmentRow, ...]
    unasked: tuple[str, ...]
    """The questions that nobody was asked yet."""
    meetings: tuple[MeetingRow, ...]
    notices: tuple[NoticeRow, ...]
    running: tuple[ObjectionRow, ...]
    """Objections that are not decided yet: until then the review does not go on."""
    code: str
    """The project's."""
    questions: tuple[FactQuestion, ...]
    """What the window asks where the family does not state it by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionPanel:
    """What an objection is about."""

    row: ObjectionRow
    notice: NoticeRow | None
    is_at_window: bool
    """Whether whoever objects has no account, so that the window writes down what they reply."""
    reply_step: str
    code: str


def lay_out_review(file: CaseFile, by: Actor, at: datetime) -> ReviewPanel | None:
    """Lay out what a review is decided on; ``None`` for a case that no review stands behind."""
    case = file.case
    try:
        found = review_file(project_id=case.project_id, case_id=case.id, by=by, at=at)
    except Refusal:
        return None
    codes = {project.id: project.code for project in list_projects()}
    asked = {one.kind for one in found.answers}
    return ReviewPanel(
        file=found,
        groups=tuple(_group(found, group) for group in Group if found.sheet.of(group)),
        departments=tuple(_department(one) for one in found.answers),
        unasked=tuple(ASKED[kind].title.zh for kind in QuestionKind if kind.value not in asked),
        meetings=tuple(
            MeetingRow(
                project=codes.get(one.project_id, "本市其他项目"),
                how=REPEATS[one.repeat],
                standing=STANDINGS[one.standing],
                is_bar=one.repeat.is_bar,
            )
            for one in found.meetings
        ),
        notices=_notices([one.notice_id for one in found.published]),
        running=tuple(one for one in found.objections if one.ended_at is None),
        code=codes.get(case.project_id, ""),
        questions=QUESTIONS if case.status.is_open else (),
    )


def lay_out_objection(file: CaseFile, by: Actor, at: datetime) -> ObjectionPanel | None:
    """Lay out what an objection is about; ``None`` where it is about no review's notice."""
    del at
    case = file.case
    listed = objections_of(project_id=case.project_id, by=by)
    row = next((one for one in listed if one.id == case.id), None)
    if row is None:
        return None
    replies = (step for step in case.open_steps if step.startswith("reply-"))
    is_at_window = row.household_id is None
    codes = {project.id: project.code for project in list_projects()}
    return ObjectionPanel(
        row=row,
        notice=find_notice(notice_id=row.notice_id),
        is_at_window=is_at_window,
        reply_step=next(replies, "") if is_at_window else "",
        code=codes.get(case.project_id, ""),
    )


def _notices(ids: list[UUID]) -> tuple[NoticeRow, ...]:
    found = (find_notice(notice_id=one) for one in dict.fromkeys(ids))
    return tuple(one for one in found if one is not None)


def _group(found: ReviewFile, group: Group) -> SheetGroup:
    proposal = found.sheet.proposes(group)
    _, words = RESULTS[proposal]
    return SheetGroup(
        title=GROUPS[group],
        proposal=words,
        is_fault=proposal is Result.DIFFERS,
        rows=tuple(_row(line) for line in found.sheet.of(group)),
    )


def _row(line: Line) -> SheetRow:
    sign, words = RESULTS[line.result]
    is_fault = line.result is Result.DIFFERS
    return SheetRow(
        title=CHECKS[line.check],
        sign=sign,
        result=words,
        is_fault=is_fault,
        stated=say_plain(line.stated),
        answered=say_plain(line.answered),
        why=say(line.code, {"check": CHECKS[line.check]}) if is_fault else "",
    )


def _department(one: AnswerRow) -> DepartmentRow:
    department = DEPARTMENTS.get(one.department)
    return DepartmentRow(
        question=ASKED[QuestionKind(one.kind)].title.zh,
        department=department.title.zh if department else one.department,
        line=one,
        words=ANSWERS[one.state],
        is_fault=one.state in {"late", "contradictory", "failed"},
    )
