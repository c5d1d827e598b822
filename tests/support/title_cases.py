"""Title cases for tests: filed, and walked step by step to the issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.casework.laying import lay_action
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.queries import case_by_id, procedure_of
from anju.foundation.casework.types import ActingAs, CaseRow, HandedIn, NewAction
from anju.foundation.core.crypto import new_id
from anju.foundation.core.definitions import read_default_procedures
from anju.titles.cases.operations import issue_title, open_title_case, record_receipt
from anju.titles.cases.operations.issuing import ISSUE
from anju.titles.cases.types import HOME, Receipt
from anju.titles.certificates.operations import enter_registry
from anju.titles.certificates.queries import registries
from anju.titles.communities.types import HomeRow
from anju_rules.fees.types import FeeKind
from anju_rules.procedures.states import ActionKind
from anju_rules.procedures.types import Effect, Ending, Source
from anju_rules.values import Fen
from tests.support.access import SYSTEM, recorded
from tests.support.communities import AT, DISTRICT, Town

_GOES_ON = (Effect.ADVANCE, Effect.END)


def default_papers(version: str, *, without: Sequence[str] = ()) -> tuple[HandedIn, ...]:
    """Give every material that comes from outside; a commitment with the paper that is signed."""
    return tuple(
        HandedIn(
            code=code,
            document_id=new_id() if material.source is Source.COMMITTED else None,
        )
        for code, material in read_default_procedures()[version].materials.items()
        if material.source is not Source.PRODUCED and code not in without
    )


def file_first(town: Town, *, at: datetime = AT, **more: Any) -> CaseRow:
    """Have the developer file the community's first registration, with every paper."""
    return open_title_case(
        project_id=town.project_id,
        kind="first",
        by=more.pop("by", None) or town.officer("developer"),
        materials=more.pop("materials", default_papers("title-first")),
        at=at,
        **more,
    )


def file_transfer(
    town: Town, home: HomeRow, *, version: str = "title-6-steps", at: datetime = AT, **more: Any
) -> CaseRow:
    """Have the window file an owner's transfer, signed by both sides, with every paper."""
    return open_title_case(
        project_id=town.project_id,
        kind="transfer",
        home_id=home.id,
        version=version,
        materials=more.pop("materials", default_papers(version)),
        by=more.pop("by", None) or town.officer(),
        is_joint=more.pop("is_joint", True),
        at=at,
        **more,
    )


def case_now(town: Town, case_id: UUID) -> CaseRow:
    """Give a case as it stands."""
    with reading(by=SYSTEM):
        return case_by_id(project_id=town.project_id, case_id=case_id)


def accept(town: Town, case_id: UUID, *, at: datetime = AT) -> CaseRow:
    """Accept a case at the window."""
    return take_action(
        project_id=town.project_id,
        case_id=case_id,
        act=NewAction(kind=ActionKind.ACCEPT),
        by=town.officer(),
        at=at,
    )


def decide(
    town: Town, case_id: UUID, step: str, outcome: str, *, at: datetime = AT, **more: Any
) -> CaseRow:
    """Decide a step as whoever decides it: the window, two at the window, or a department."""
    with reading(by=SYSTEM):
        rule = procedure_of(project_id=town.project_id, case_id=case_id).steps[step]
    act = NewAction(kind=ActionKind.DECIDE, step=step, outcome=outcome, **more)
    if rule.role == "department":
        with recorded(project_id=town.project_id):
            return lay_action(
                project_id=town.project_id,
                case_id=case_id,
                act=act,
                by=SYSTEM,
                at=at,
                acting_as=ActingAs(role="department", tier="outside"),
            )
    return take_action(
        project_id=town.project_id,
        case_id=case_id,
        act=act,
        by=town.officer(),
        second=town.officer("supervisor") if rule.signs > 1 else None,
        at=at,
    )


def walk(town: Town, case_id: UUID, *, until: str = "", at: datetime = AT) -> CaseRow:
    """Accept a case and pass its steps in order, up to (not with) the step ``until``, or the end.

    The deed tax of a transfer is paid at once. Every step takes a minute: nothing waits.
    """
    row = accept(town, case_id, at=at)
    if row.subject_kind == HOME:
        pay_tax(town, case_id, at=at)
    with reading(by=SYSTEM):
        procedure = procedure_of(project_id=town.project_id, case_id=case_id)
    while row.status.is_open and row.open_steps and until not in row.open_steps:
        at += timedelta(minutes=1)
        step = procedure.steps[next(code for code in row.open_steps if code != until)]
        outcome = next(
            one
            for one in step.outcomes
            if one.effect in _GOES_ON and one.ends_as is not Ending.REFUSED
        )
        if row.subject_kind == HOME and step.code == ISSUE:
            return issue(town, case_id, at=at)
        row = decide(town, case_id, step.code, outcome.code, at=at)
    return row


def pay_tax(town: Town, case_id: UUID, *, at: datetime = AT, **more: Any) -> Receipt:
    """Enter the receipt of a case's deed tax."""
    told: dict[str, Any] = {
        "kind": FeeKind.DEED_TAX,
        "number": f"SP{case_id.hex[-12:]}",
        "amount_fen": Fen(708_000),
        "paid_on": at.date(),
        "by": town.officer(),
        **more,
    }
    return record_receipt(project_id=town.project_id, case_id=case_id, at=at, **told)


def open_registry(town: Town, *, at: datetime) -> None:
    """Enter the county's registry, which issues."""
    enter_registry(
        county=DISTRICT,
        province="鲁",
        place="济南市",
        authority="11370105MB28500007",
        authority_name="济南市不动产登记中心",
        by=town.officer(),
        second=town.officer("city-officer"),
        at=at,
    )


def issue(town: Town, case_id: UUID, *, at: datetime = AT) -> CaseRow:
    """Enter a title in the register and issue it; twelve steps ask for two people there."""
    with reading(by=SYSTEM):
        has_registry = bool(registries())
    if not has_registry:
        open_registry(town, at=at)
    with reading(by=SYSTEM):
        rule = procedure_of(project_id=town.project_id, case_id=case_id).steps[ISSUE]
    return issue_title(
        project_id=town.project_id,
        case_id=case_id,
        by=town.officer(),
        second=town.officer("supervisor") if rule.signs > 1 else None,
        at=at,
    )


def register_first(town: Town, *, at: datetime = AT) -> CaseRow:
    """Have the community registered for the first time."""
    return walk(town, file_first(town, at=at).id, at=at)
