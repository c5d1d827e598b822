"""A project's plan as everybody reads it: how it stands, its texts, its annexes, the count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from anju.foundation.casework.types import StepLine, StepState
from anju.foundation.notices.pages import china_day
from anju.foundation.notices.types import NoticeStanding
from anju.resettlement.planning.types import ConsentCount, PlanFile, VersionRow
from anju.web.bars import Stretch, draw_stretches
from anju.web.case_words import say_office
from anju.web.clauses import say_clause
from anju.web.public.saying import say_count, say_date, say_moment
from anju_rules.notices import NoticeState

CONSENT, NOTICE = "consent", "notice"
_OPEN = frozenset({StepState.OPEN, StepState.IN_HAND})
_NOW = {
    "draft": "方案正在起草",
    "hearing": "正在开听证会、发问卷",
    "questionnaire": "正在开听证会、发问卷",
    "internal-review": "正在作合法性审查",
    "justice-review": "司法行政部门正在审查",
    NOTICE: "方案正在公示，征求意见",
    CONSENT: "正在征求同意，一户一票",
    "enact": "同意的够三分之二，等着公布生效",
}
"""What happens while a step is open; a step that is not here is called by its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One step of the approval."""

    state: str
    """``done``, ``now`` or ``next``."""
    title: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountCard:
    """The consent of the households, drawn and in words."""

    headline: str
    detail: str
    bar: tuple[Stretch, ...]
    line_at: str
    """Where the share that is needed lies on the bar, in hundredths."""
    consenting: str
    refusing: str
    missing: str
    households: str
    share: str
    is_closed: bool
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCard:
    """One text of the plan."""

    row: VersionRow
    title: str
    detail: str
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """Everything public about a plan."""

    headline: str
    detail: str
    is_in_force: bool
    versions: tuple[VersionCard, ...]
    """The newest first."""
    steps: tuple[PlanStep, ...]
    file: PlanFile
    count: CountCard | None
    notice: NoticeStanding | None
    takes_opinions: bool
    is_voting: bool

    @property
    def newest(self) -> VersionCard:
        """The version that was drafted last."""
        return self.versions[0]


def lay_out_plan(file: PlanFile) -> PlanPage:
    """Lay a plan out as it stands."""
    open_steps = [line for line in file.steps if line.state in _OPEN]
    headline, detail = _say_standing(file, open_steps)
    cards = tuple(_lay_out_version(row, file) for row in file.versions)
    notice = file.notice
    return PlanPage(
        headline=headline,
        detail=detail,
        is_in_force=file.in_force is not None,
        versions=cards,
        steps=tuple(_step(line) for line in file.steps if line.state is not StepState.ON_CALL),
        file=file,
        count=_count(file),
        notice=notice,
        takes_opinions=notice is not None and notice.window.takes_objections,
        is_voting=any(line.code == CONSENT for line in open_steps),
    )


def _say_standing(file: PlanFile, open_steps: list[StepLine]) -> tuple[str, str]:
    if file.in_force is not None and file.in_force.id == file.newest.id:
        since = file.in_force_since
        day = say_moment(since) if since else ""
        return "方案已经生效", f"{day}起生效。后面的资格审核、评分、摇号、选房都按它办。"
    if file.case is None or not file.case.status.is_open:
        return "这一稿没有通过", "为什么、按哪一条，写在下面的步骤里。"
    if not open_steps:
        return "方案正在审批", ""
    first = open_steps[0]
    return _NOW.get(first.code, first.title.zh), _say_detail(first, file)


def _say_detail(step: StepLine, file: PlanFile) -> str:
    notice, consent = file.notice, file.consent
    if step.code == NOTICE and notice is not None and notice.state is NoticeState.RUNNING:
        due = notice.window.due
        return f"到 {say_date(due.on)}为止，谁都可以提意见。" if due is not None else ""
    if step.code == CONSENT and consent is not None:
        return _say_share(consent)
    return "生效以前，后面的环节都不能开始。"


def _say_share(consent: ConsentCount) -> str:
    if consent.is_reached:
        return f"要 {say_count(consent.needed)} 户同意，已经够了。"
    short = consent.needed - consent.consenting
    needed = f"全部 {say_count(consent.households)} 户里要有 {say_count(consent.needed)} 户同意"
    return f"{needed}，还差 {say_count(short)} 户。"


def _lay_out_version(row: VersionRow, file: PlanFile) -> VersionCard:
    in_force = file.in_force is not None and file.in_force.id == row.id
    if row.is_taken_over:
        on = say_full_date(row.approved_on) if row.approved_on is not None else ""
        detail = f"{on}按纸质程序批准，平台启用后接续。为什么：{row.taken_over_reason}"
    else:
        detail = f"{say_moment(row.drafted_at)} 起草"
        if row.in_force_at is not None:
            detail += f"，{say_moment(row.in_force_at)} 生效"
    return VersionCard(row=row, title=f"第 {row.number} 稿", detail=detail, is_in_force=in_force)


def say_full_date(day: date) -> str:
    """Say a day with its year.

    >>> say_full_date(date(2025, 9, 1))
    '2025 年 9 月 1 日'
    """
    return f"{day.year} 年 {say_date(day)}"


def _step(line: StepLine) -> PlanStep:
    office = say_office(line.role)
    if line.state is StepState.DECIDED and line.decided_at is not None:
        outcome = line.outcome_title.zh if line.outcome_title else ""
        day = say_full_date(china_day(line.decided_at))
        return PlanStep(state="done", title=line.title.zh, detail=f"{day} {office}：{outcome}")
    clause = say_clause(line.clause)
    if line.state in _OPEN:
        since = f"，{say_date(line.opened_on)}开始" if line.opened_on is not None else ""
        return PlanStep(state="now", title=line.title.zh, detail=f"{office}在办{since}（{clause}）")
    return PlanStep(state="next", title=line.title.zh, detail=f"{office}办（{clause}）")


def _count(file: PlanFile) -> CountCard | None:
    consent = file.consent
    if consent is None or not (consent.is_closed or consent.consenting or consent.refusing):
        return None
    numerator, denominator = consent.share
    kinds = ("used",) * consent.consenting + ("over",) * consent.refusing
    return CountCard(
        headline=_say_count_headline(consent),
        detail=_say_share(consent),
        bar=draw_stretches((*kinds, *("left",) * consent.missing)),
        line_at=str(100 * numerator // denominator),
        consenting=say_count(consent.consenting),
        refusing=say_count(consent.refusing),
        missing=say_count(consent.missing),
        households=say_count(consent.households),
        share=f"{numerator}/{denominator}",
        is_closed=consent.is_closed,
        digest=consent.digest,
    )


def _say_count_headline(consent: ConsentCount) -> str:
    if not consent.is_closed:
        return f"到现在 {say_count(consent.consenting)} 户同意"
    return "清点完了，够三分之二" if consent.is_reached else "清点完了，没有到三分之二"
