"""What the page of a title case shows beside steps and materials: home, fees, what keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.casework.types import CaseFile
from anju.foundation.core.words import say
from anju.foundation.exchange.departments.types import QuestionState
from anju.titles.cases.operations.issuing import ISSUE
from anju.titles.cases.queries import (
    commitments_of,
    fees_of,
    find_title_case,
    restrictions_of,
)
from anju.titles.cases.tax_office import tax_answer_of
from anju.titles.cases.types import CommitmentRow, RestrictionRow, TitleCaseRow
from anju.titles.communities.queries import community_by_id, home_by_id, masked_owners
from anju.titles.communities.types import COMPANIES, CommunityRow, HomeRow
from anju.titles.legacy.queries import dispute_against
from anju.web.officer.case_decision import Wanted, lacks_of
from anju.web.public.saying import say_area
from anju.web.title_fees import FEES, SAYS, Fees, lay_out_fees
from anju_rules.restrictions import RestrictionKind

RESTRICTIONS: Mapping[RestrictionKind, str] = {
    RestrictionKind.SEIZURE: "查封",
    RestrictionKind.OBJECTION: "异议登记",
    RestrictionKind.ADVANCE_NOTICE: "预告登记",
    RestrictionKind.CORRECTION: "更正登记",
}
CHECKED: Mapping[str, str] = {
    "unchecked": "未抽查",
    "drawn": "抽中，待核查",
    "true": "核查属实",
    "false": "核查不实",
}
_TAX_STATES: Mapping[QuestionState, str] = {
    QuestionState.ASKED: "已经问了，等答复",
    QuestionState.LATE: "过了时限还没答复，仍在催问",
    QuestionState.ANSWERED: "已答复，不能当凭证",
    QuestionState.CONTRADICTORY: "答复前后不一致",
    QuestionState.FAILED: "没有答复出来，请按凭证录入",
}
_TITLES = {"none": "还没登记", "first": "已首次登记", "titled": "已有证"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentForm:
    """A department's open step, and how it may be decided."""

    step: str
    title: str
    outcomes: tuple[tuple[str, str, bool], ...]
    """Code, words, and whether it must say why."""
    lacks: tuple[Wanted, ...]
    """What the step still needs: ticked when a department has shared it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionLine:
    """A restriction in words."""

    row: RestrictionRow
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentLine:
    """A commitment in words."""

    row: CommitmentRow
    title: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """What the tax office was asked about a case, in words."""

    words: str
    doubt: str
    """Why its answer proves nothing; empty where it does, or is awaited."""
    is_taken: bool
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TitlePanel:
    """What a title case shows."""

    title: TitleCaseRow
    community: CommunityRow
    home: HomeRow | None
    area: str
    owners: str
    standing: str
    fees: Fees | None
    tax: TaxLine | None
    """What the tax office was asked; ``None`` where nobody asked it."""
    may_ask_tax: bool
    is_company: bool
    """Whether a company reads: it is shown neither fees nor restrictions."""
    departments: tuple[DepartmentForm, ...]
    restrictions: tuple[RestrictionLine, ...]
    commitments: tuple[CommitmentLine, ...]
    owed: tuple[str, ...]
    is_disputed: bool
    """Whether it stands still for a dispute: what is disputed is not registered."""
    may_issue: bool
    may_decide: bool
    may_join: bool
    restriction_kinds: tuple[tuple[str, str], ...] = tuple(
        (kind.value, words) for kind, words in RESTRICTIONS.items()
    )
    fee_kinds: tuple[tuple[str, str], ...] = tuple(
        (kind.value, words) for kind, words in FEES.items()
    )
    says: tuple[tuple[str, str], ...] = tuple((one.value, words) for one, words in SAYS.items())


def lay_out_title(file: CaseFile, by: Actor, at: datetime) -> TitlePanel | None:
    """Lay out a title case for its page; call it while reading."""
    case = file.case
    title = find_title_case(project_id=case.project_id, case_id=case.id, case=case)
    if title is None:
        return None
    procedure = file.definition
    home = home_by_id(project_id=case.project_id, home_id=title.home_id) if title.home_id else None
    area = (home.registered_sqm or home.contracted_sqm) if home else None
    may_decide = is_permitted(by, "titles.decide")
    tax = _tax(title, at=at) if may_decide else None
    is_open = title.standing == "open"
    is_company = by.role in COMPANIES
    return TitlePanel(
        is_company=is_company,
        title=title,
        community=community_by_id(community_id=case.project_id),
        home=home,
        area=say_area(area) if area is not None else "",
        owners=_owners(title, by),
        standing=_TITLES[home.title_state] if home else "",
        fees=lay_out_fees(fees_of(project_id=case.project_id, case_id=case.id, at=at))
        if home and not is_company
        else None,
        tax=tax,
        may_ask_tax=is_open
        and home is not None
        and is_permitted(by, "departments.ask")
        and (tax is None or not tax.is_taken),
        departments=tuple(_departments(file)) if may_decide else (),
        restrictions=tuple(
            RestrictionLine(row=row, name=RESTRICTIONS[row.kind])
            for row in (
                restrictions_of(project_id=case.project_id, home_id=home.id, at=at)
                if home and not is_company
                else ()
            )
        ),
        commitments=tuple(
            CommitmentLine(
                row=row,
                title=procedure.materials[row.material].title.zh,
                state=CHECKED[row.state],
            )
            for row in commitments_of(project_id=case.project_id, case_id=case.id)
        ),
        owed=tuple(line.title.zh for line in file.materials if line.state == "owed"),
        is_disputed=is_open and _is_disputed(title),
        may_issue=home is not None
        and ISSUE in case.open_steps
        and is_permitted(by, "certificates.issue"),
        may_decide=may_decide and is_open,
        may_join=is_open and not title.is_applied_for and (by.role == "developer" or may_decide),
    )


def _tax(title: TitleCaseRow, *, at: datetime) -> TaxLine | None:
    answer = tax_answer_of(project_id=title.project_id, case_id=title.id, at=at)
    if answer is None:
        return None
    return TaxLine(
        words="已由电子答复证明" if answer.is_taken else _TAX_STATES[answer.state],
        doubt=say(answer.code, answer.facts) if answer.code else "",
        is_taken=answer.is_taken,
        asked_at=answer.asked_at,
    )


def _is_disputed(title: TitleCaseRow) -> bool:
    return dispute_against(project_id=title.project_id, home_id=title.home_id) is not None


def _owners(title: TitleCaseRow, by: Actor) -> str:
    """Give the owners' masked names; a company sees no owner."""
    if title.household_id is None or by.role in COMPANIES:
        return ""
    named = masked_owners(project_id=title.project_id, household_ids=[title.household_id])
    return named.get(title.household_id, "")


def _departments(file: CaseFile) -> list[DepartmentForm]:
    steps = [file.definition.steps[code] for code in file.case.open_steps]
    return [
        DepartmentForm(
            step=step.code,
            title=step.title.zh,
            outcomes=tuple(
                (one.code, one.title.zh, one.effect.value in {"refuse", "end"})
                for one in step.outcomes
            ),
            lacks=lacks_of(file, step),
        )
        for step in steps
        if step.role == "department"
    ]
