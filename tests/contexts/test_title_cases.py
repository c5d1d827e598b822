"""Title cases on the database: from the developer's first registration to the owner's title."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.events import EventKind, forget, listen_to_many
from anju.foundation.casework.operations import open_case, take_action
from anju.foundation.casework.types import NewAction
from anju.titles.cases.guarding import follow_title_cases
from anju.titles.cases.operations import (
    accept_silent_cases,
    join_title_case,
    open_title_case,
    record_receipt,
    state_fee_facts,
)
from anju.titles.cases.queries import fees_of, on_time_counts, title_case, title_cases_of
from anju.titles.cases.types import TRANSFERS
from anju.titles.certificates.queries import certificate_of_unit, sheet_of
from anju.titles.communities.operations import enter_homes
from anju.titles.communities.queries import homes_of
from anju.titles.communities.types import NewHome
from anju_rules.fees.gates import ProofKind
from anju_rules.fees.types import FeeKind
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.values import Fen, Refusal
from tests.support.access import SYSTEM
from tests.support.communities import AT, Town, open_town, unit_code
from tests.support.title_cases import (
    accept,
    case_now,
    decide,
    default_papers,
    file_first,
    file_transfer,
    issue,
    pay_tax,
    register_first,
    walk,
)

pytestmark = pytest.mark.usefixtures("database")


@contextmanager
def without_guard() -> Iterator[None]:
    """Let nobody look at what is done to title cases: the control of every guard."""
    for kind in (EventKind.OPENED, EventKind.ACTED):
        forget(kind, follow_title_cases)
    try:
        yield
    finally:
        for kind in (EventKind.OPENED, EventKind.ACTED):
            listen_to_many(kind)(follow_title_cases)


def code_of(act: Any, /, *args: Any, **told: Any) -> str:
    """Give the code with which an act is refused; empty where it is not."""
    try:
        act(*args, **told)
    except Refusal as refusal:
        return refusal.code
    return ""


def states(town: Town) -> dict[str, str]:
    """Give how the title of each home stands."""
    with reading(by=SYSTEM):
        return {one.number: one.title_state for one in homes_of(project_id=town.project_id)}


@pytest.mark.req("TTL-1", "TTL-5")
def test_a_developer_registers_first_and_then_an_owner_gets_the_title() -> None:
    town = open_town(homes=2)
    home = town.homes[0]
    enter_homes(
        project_id=town.project_id,
        homes=[NewHome(building="1", number="1-门厅", use="common", unit_code=unit_code(1, 90))],
        by=town.officer(),
        at=AT,
    )
    assert code_of(file_transfer, town, home) == "titlecases.no-first-registration"
    first = file_first(town)
    # Both may be filed together; the owner's waits for the developer's where it is decided.
    row = file_transfer(town, home)
    row = walk(town, row.id, until="review")
    assert row.open_steps == ("review",)
    refused = code_of(decide, town, row.id, "review", "approved", at=AT + timedelta(hours=1))
    assert refused == "titlecases.no-first-registration"
    assert walk(town, first.id).status is Status.DONE
    assert states(town) == {"1-101": "first", "1-102": "first", "1-门厅": "none"}
    at = AT + timedelta(hours=2)
    decide(town, row.id, "review", "approved", at=at)
    assert issue(town, row.id, at=at).status is Status.DONE
    assert states(town)["1-101"] == "titled"
    with reading(by=SYSTEM):
        issued = certificate_of_unit(project_id=town.project_id, unit_code=home.unit_code)
        assert issued is not None
        content = sheet_of(certificate_id=issued.id).content
    assert (issued.case_id, issued.household_id) == (row.id, home.household_id)
    assert content is not None
    assert [one.name for one in content.holders] == ["王乙1"]
    assert content.location == "槐荫街 1 号槐苑小区 1-101"
    assert code_of(file_transfer, town, home) == "titlecases.titled-already"
    with reading(by=SYSTEM):
        (mine,) = title_cases_of(project_id=town.project_id, home_id=home.id)
        assert (mine.standing, mine.was_overdue) == ("done", False)
        counts = on_time_counts(at=at)
    assert (counts.cases, counts.overdue, counts.permille) == (2, 0, 0)


@pytest.mark.req("TTL-1")
@pytest.mark.parametrize("version", TRANSFERS)
def test_every_version_runs_side_by_side_to_its_title(version: str) -> None:
    town = open_town(homes=1)
    register_first(town)
    row = walk(town, file_transfer(town, town.homes[0], version=version).id)
    assert (row.procedure, row.status) == (version, Status.DONE)
    assert states(town) == {"1-101": "titled"}


@pytest.mark.req("TTL-1")
def test_both_sides_apply_unless_one_is_gone() -> None:
    town = open_town(homes=2)
    register_first(town)
    told: dict[str, Any] = {"project_id": town.project_id, "kind": "transfer"}
    family = town.owner(town.homes[0])
    mine = open_title_case(
        **told,
        home_id=town.homes[0].id,
        materials=default_papers("title-6-steps"),
        by=family.actor,
        at=AT,
        is_joint=True,  # a side signs for itself alone
        alone_why="开发企业已注销",
    )
    assert mine.household_id == family.id
    assert code_of(accept, town, mine.id) == "titlecases.other-side-missing"
    join_title_case(
        project_id=town.project_id, case_id=mine.id, by=town.officer("developer"), at=AT
    )
    again = code_of(
        join_title_case,
        project_id=town.project_id,
        case_id=mine.id,
        by=town.officer("developer"),
        at=AT,
    )
    assert again == "titlecases.signed-already"
    assert accept(town, mine.id).status is Status.IN_PROGRESS
    other = file_transfer(town, town.homes[1], is_joint=False, alone_why="开发企业已注销")
    assert accept(town, other.id).status is Status.IN_PROGRESS
    stranger = town.owner(town.homes[1])
    assert (
        code_of(open_title_case, **told, home_id=town.homes[0].id, by=stranger.actor, at=AT)
        == "titlecases.not-owner"
    )


@pytest.mark.req("TTL-1")
@pytest.mark.threat("T-16")
def test_a_title_case_is_opened_and_issued_in_its_own_place_alone() -> None:
    town = open_town(homes=1)
    register_first(town)
    home = town.homes[0]
    bare = {
        "project_id": town.project_id,
        "procedure": "title-6-steps",
        "subject_kind": "home",
        "subject_id": home.id,
        "division": town.community.division,
        "household_id": home.household_id,
        "by": town.officer(),
        "at": AT,
    }
    assert code_of(open_case, **bare) == "titlecases.not-filed"
    row = walk(town, file_transfer(town, home).id, until="issue")
    act = NewAction(kind=ActionKind.DECIDE, step="issue", outcome="issued")
    told: dict[str, Any] = {
        "project_id": town.project_id,
        "case_id": row.id,
        "act": act,
        "by": town.officer(),
        "at": AT + timedelta(hours=1),
    }
    assert code_of(take_action, **told) == "titlecases.issue-here"
    with without_guard():
        assert code_of(take_action, **told) == ""
        assert code_of(open_case, **bare) == ""
    assert states(town) == {"1-101": "first"}, "without the guard nothing follows in the register"


@pytest.mark.req("TTL-9")
def test_no_title_is_registered_before_its_tax_is_proven() -> None:
    town = open_town(homes=2)
    register_first(town)
    row = file_transfer(town, town.homes[0])
    accept(town, row.id)
    assert code_of(decide, town, row.id, "payment", "settled") == "fees.not-proven"
    with without_guard():
        assert decide(town, row.id, "payment", "settled").status is Status.IN_PROGRESS
    other = file_transfer(town, town.homes[1])
    accept(town, other.id)
    pay_tax(town, other.id, unit_code=town.homes[0].unit_code)
    assert code_of(decide, town, other.id, "payment", "settled") == "fees.proof-of-another-home"


@pytest.mark.req("TTL-9")
def test_a_sheet_says_what_is_due_and_receipts_what_was_paid() -> None:
    town = open_town(homes=2)
    register_first(town)
    row = file_transfer(town, town.homes[0])
    with reading(by=SYSTEM):
        sheet = fees_of(project_id=town.project_id, case_id=row.id, at=AT)
    unknown = {one.kind: one.code for one in sheet.fees if one.code}
    assert unknown == {
        FeeKind.DEED_TAX: "fees.fact-missing",
        FeeKind.FUND: "fees.fact-missing",
    }
    told: dict[str, Any] = {
        "project_id": town.project_id,
        "case_id": row.id,
        "by": town.officer(),
        "at": AT,
    }
    sheet = state_fee_facts(
        **told, facts={"homes_owned": 1, "construction_cost_fen_per_sqm": 300_000}
    )
    due = {one.kind: one.sheet.due_fen for one in sheet.fees if one.sheet}
    # 88.50 m² at 8,000 yuan: one per cent of 708,000 yuan, and eighty yuan for the register.
    assert (due[FeeKind.DEED_TAX], due[FeeKind.REGISTRATION]) == (708_000, 8_000)
    assert sheet.due_fen == sum(due.values())
    pay_tax(town, row.id, number="SP-1")
    with reading(by=SYSTEM):
        sheet = fees_of(project_id=town.project_id, case_id=row.id, at=AT)
    assert [one.is_settled for one in sheet.fees if one.kind is FeeKind.DEED_TAX] == [True]
    other = file_transfer(town, town.homes[1])
    assert code_of(pay_tax, town, other.id, number="SP-1") == "titlecases.receipt-used"
    assert code_of(pay_tax, town, other.id, number=" ") == "titlecases.receipt-without-number"
    later = AT.date() + timedelta(days=2)
    assert code_of(pay_tax, town, other.id, paid_on=later) == "titlecases.receipt-from-later"
    exempt = record_receipt(
        project_id=town.project_id,
        case_id=other.id,
        kind=FeeKind.DEED_TAX,
        says=ProofKind.EXEMPT,
        number="MS-7",
        amount_fen=Fen(0),
        paid_on=AT.date(),
        by=town.officer(),
        at=AT,
    )
    assert exempt.says is ProofKind.EXEMPT
    assert code_of(pay_tax, town, other.id, says=ProofKind.EXEMPT) == "titlecases.amount-wrong"


@pytest.mark.req("TTL-1", "TTL-4")
def test_silence_is_acceptance_and_a_refusal_says_why() -> None:
    town = open_town(homes=2)
    register_first(town)
    silent = file_transfer(town, town.homes[0])
    waiting = file_transfer(town, town.homes[1], is_joint=False)
    assert accept_silent_cases(by=SYSTEM, at=AT + timedelta(hours=1)) == ()
    next_day = AT + timedelta(days=1)
    assert accept_silent_cases(by=SYSTEM, at=next_day) == (silent.id,)
    assert case_now(town, silent.id).status is Status.IN_PROGRESS
    assert case_now(town, waiting.id).status is Status.INTAKE
    refused = code_of(decide, town, silent.id, "intake", "refused", at=next_day)
    assert refused == "case.reason-missing"
    row = decide(town, silent.id, "intake", "refused", at=next_day, why="权属有争议")
    assert row.status is Status.REFUSED
    with reading(by=SYSTEM):
        assert title_case(project_id=town.project_id, case_id=silent.id).standing == "refused"
    again = file_transfer(town, town.homes[0], at=next_day)
    assert again.status is Status.INTAKE, "whoever was refused may come again"
