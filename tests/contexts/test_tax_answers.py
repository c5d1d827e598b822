"""The tax office's signed answer counts as the proof that a registration waits for (TTL-9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from anju.foundation.access.context import reading
from anju.foundation.exchange.departments import judging
from anju.foundation.exchange.departments.addresses import Address
from anju.jobs.departments import ask_departments as send_questions
from anju.titles.cases.operations import ask_tax_office
from anju.titles.cases.queries import fees_of
from anju.titles.cases.tax_office import tax_answer_of
from anju.titles.cases.types import Receipt, TaxAnswer
from anju.titles.communities.operations import enter_homes
from anju.titles.communities.types import HomeRow, Person
from anju_departments.trouble import Trouble
from anju_rules.departments.messages import Reply, Signed
from anju_rules.fees.types import FeeKind
from tests.contexts.test_title_cases import code_of
from tests.support.access import SYSTEM
from tests.support.communities import AT, Town, new_homes, open_town
from tests.support.departments import PERSON, Departments, open_departments
from tests.support.title_cases import accept, decide, file_transfer, pay_tax, register_first

pytestmark = pytest.mark.usefixtures("database")
_STEP = ("tax", "settled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A transfer whose deed tax is to be proven."""

    town: Town
    home: HomeRow
    case_id: Any

    @property
    def told(self) -> dict[str, Any]:
        return {"project_id": self.town.project_id, "case_id": self.case_id}

    def receipts(self) -> tuple[Receipt, ...]:
        with reading(by=SYSTEM):
            return fees_of(**self.told, at=AT).receipts

    def answer(self) -> TaxAnswer | None:
        with reading(by=SYSTEM):
            return tax_answer_of(**self.told, at=AT)

    def proof(self, **other: str) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """Give what the tax office has on record of its owner."""
        facts = {
            "voucher_number": "3370260917000001",
            "unit_code": self.home.unit_code,
            "says": "paid",
            "amount_fen": "708000",
            "paid_on": AT.date().isoformat(),
            **other,
        }
        return {PERSON["identity_number"]: {"tax-proof": facts}}


@pytest.fixture
def asked() -> Asked:
    """File and accept the transfer of a home whose owner's number is on file."""
    town = open_town(homes=1)
    owner = Person(name=PERSON["name"], identity_number=PERSON["identity_number"])
    (new,) = new_homes(1, first=5)
    (home,) = enter_homes(
        project_id=town.project_id,
        homes=[replace(new, people=(owner,))],
        by=town.officer(),
        at=AT,
    )
    register_first(town)
    row = file_transfer(town, home, version="title-8-steps")
    accept(town, row.id)
    return Asked(town=town, home=home, case_id=row.id)


@pytest.mark.req("TTL-9")
def test_the_signed_answer_of_the_tax_office_opens_the_gate_and_is_asked_but_once(
    asked: Asked, tmp_path: Path
) -> None:
    by = asked.town.officer()
    with open_departments(tmp_path, at=AT, records=asked.proof()) as departments:
        assert asked.answer() is None
        question = ask_tax_office(**asked.told, by=by, at=AT)
        assert question.department == "tax"
        assert ask_tax_office(**asked.told, by=by, at=AT).id == question.id
        assert code_of(decide, asked.town, asked.case_id, *_STEP) == "fees.not-proven"
        send_questions(at=AT, port=departments)
        assert departments.asked == ["tax"]
    (receipt,) = asked.receipts()
    assert (receipt.kind, receipt.amount_fen) == (FeeKind.DEED_TAX, 708_000)
    assert receipt.question_id == question.id
    told = asked.answer()
    assert told is not None
    assert told.is_taken
    assert decide(asked.town, asked.case_id, *_STEP).open_steps
    assert code_of(ask_tax_office, **asked.told, by=by, at=AT) == "titlecases.proven-already"


@pytest.mark.req("TTL-9")
@pytest.mark.parametrize(
    ("change", "trouble", "code"),
    [
        ({"unit_code": "370105012002GB00001F00010009"}, 0, "fees.tax-not-on-record"),
        ({"amount_fen": "7080.00"}, 0, "fees.tax-answer-malformed"),
        ({"paid_on": "2026-09-18"}, 0, "fees.proof-from-later"),
        ({}, 100, "fees.tax-answers-differ"),
    ],
)
def test_an_answer_that_proves_nothing_is_kept_and_told_and_the_voucher_is_entered_by_hand(
    asked: Asked, tmp_path: Path, change: dict[str, str], trouble: int, code: str
) -> None:
    with open_departments(
        tmp_path, at=AT, records=asked.proof(**change), trouble=Trouble(contradictions=trouble)
    ) as departments:
        ask_tax_office(**asked.told, by=asked.town.officer(), at=AT)
        send_questions(at=AT, port=departments)
    told = asked.answer()
    assert told is not None
    assert (told.code, told.is_taken) == (code, False)
    assert asked.receipts() == ()
    assert code_of(decide, asked.town, asked.case_id, *_STEP) == "fees.not-proven"
    pay_tax(asked.town, asked.case_id)
    assert asked.receipts()[0].question_id is None
    assert decide(asked.town, asked.case_id, *_STEP).open_steps


@pytest.mark.req("TTL-9")
@pytest.mark.threat("T-23")
@pytest.mark.parametrize("is_defended", [True, False])
def test_a_forged_proof_of_tax_opens_no_gate(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_defended: bool
) -> None:
    """Somebody on the line says "paid" of a home whose tax nobody has paid."""
    if not is_defended:
        believe: Callable[..., None] = lambda *_, **__: None  # noqa: E731
        monkeypatch.setattr(judging, "require_signature", believe)
    true = asked.proof()[PERSON["identity_number"]]["tax-proof"]
    with open_departments(tmp_path, at=AT, records={}) as departments:
        ask_tax_office(**asked.told, by=asked.town.officer(), at=AT)
        send_questions(at=AT, port=_Forger(departments, {"found": "yes", **true}))
    assert bool(asked.receipts()) is not is_defended


@dataclass(frozen=True, slots=True)
class _Forger:
    """Who changes what the tax office signed."""

    departments: Departments
    facts: Mapping[str, str]

    def __call__(self, *, address: Address, request: Signed) -> Reply:
        reply = self.departments(address=address, request=request)
        changed = tuple(
            replace(one, message={**one.message, "facts": dict(self.facts)})
            for one in reply.answers
        )
        return replace(reply, answers=changed)


@pytest.mark.req("TTL-9")
def test_whom_the_office_cannot_be_asked_about_is_refused_with_the_reason(asked: Asked) -> None:
    town = asked.town
    unnamed = file_transfer(town, town.homes[0])
    told: dict[str, Any] = {"project_id": town.project_id, "by": town.officer(), "at": AT}
    assert code_of(ask_tax_office, case_id=unnamed.id, **told) == "titlecases.no-taxpayer"
    strange = {"kind": FeeKind.DEED_TAX, "document_id": asked.case_id}
    assert code_of(pay_tax, town, unnamed.id, **strange) == "documents.unknown"
    later = {**told, "at": AT + timedelta(days=1)}
    assert code_of(ask_tax_office, case_id=town.project_id, **later) == "titlecases.unknown-case"
