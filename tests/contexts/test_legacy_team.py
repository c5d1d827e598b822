"""A vanished developer: the emergency team's procedure, its archive, its costs and the claim."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.db import ProgrammingError

from anju.foundation.access.context import reading
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.operations import store_document
from anju.titles.legacy.models import ArchiveRecord
from anju.titles.legacy.operations.team import (
    claim_expenses,
    enter_archive_item,
    note_recovery,
    record_expense,
)
from anju.titles.legacy.queries import archive_of, expenses_of
from anju.titles.legacy.types import NewExpense
from anju_rules.procedures.states import Status
from anju_rules.values import Fen, Refusal
from tests.support.access import recorded
from tests.support.communities import AT
from tests.support.hostile_files import plain_pdf
from tests.support.legacy import act, answer, old_yard, problem, rows_of, second_officer

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.req("LEG-5")
def test_archive_and_survey_run_side_by_side_then_the_transferee_may_apply_alone() -> None:
    town = old_yard()
    second = second_officer(town)
    answer(town, "1", developer_gone=problem("企业已吊销"))
    row = rows_of(town)["1/developer-gone"]
    assert row.case_id is not None
    formed = act(
        town,
        row.case_id,
        step="form-team",
        outcome="emergency-team",
        materials=("company-record",),
    )
    assert set(formed.open_steps) == {"rebuild-archive", "survey-again"}
    act(town, row.case_id, step="survey-again", outcome="surveyed")
    act(town, row.case_id, step="rebuild-archive", outcome="rebuilt")
    act(town, row.case_id, step="claim-costs", outcome="claimed")
    done = act(town, row.case_id, step="allow-transferee", outcome="solved", second=second)
    assert done.status is Status.DONE
    assert rows_of(town)["1/developer-gone"].state == "solved"


@pytest.mark.req("LEG-5")
def test_costs_are_recorded_claimed_by_two_and_recovered_to_the_fen() -> None:
    town = old_yard()
    second = second_officer(town)
    answer(town, "1", developer_gone=problem())
    row = rows_of(town)["1/developer-gone"]
    told = {"project_id": town.project_id, "by": town.officer(), "at": AT}
    cost = NewExpense(
        blocker_id=row.id,
        spent_on="survey",
        words="重新测绘 1 幢",
        amount_fen=Fen(6_000_000),
        paid_on=date(2026, 9, 10),
    )

    def refuses(code: str, **change: object) -> None:
        with pytest.raises(Refusal, match=f"^{code}"):
            record_expense(expense=NewExpense(**{**_fields(cost), **change}), **told)  # type: ignore[arg-type]

    refuses("legacy.amount-wrong", amount_fen=Fen(0))
    refuses("legacy.paid-in-future", paid_on=AT.date() + timedelta(days=1))
    refuses("legacy.facts-missing", words=" ")
    refuses("legacy.unknown-problem", blocker_id=new_id())
    kept = record_expense(expense=cost, **told)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"^legacy\.unknown-expense"):
        note_recovery(expense_id=kept.id, amount_fen=Fen(1), **told)  # type: ignore[arg-type]
    (claimed,) = claim_expenses(claim="追偿函 1 号", second=second.actor, **told)  # type: ignore[arg-type]
    assert (claimed.state, claimed.claim) == ("claimed", "追偿函 1 号")
    with pytest.raises(Refusal, match=r"^legacy\.nothing-to-claim"):
        claim_expenses(claim="追偿函 2 号", second=second.actor, **told)  # type: ignore[arg-type]
    part = note_recovery(expense_id=kept.id, amount_fen=Fen(1_000_000), **told)  # type: ignore[arg-type]
    assert (part.state, part.recovered_fen) == ("claimed", 1_000_000)
    with pytest.raises(Refusal, match=r"^legacy\.amount-wrong"):
        note_recovery(expense_id=kept.id, amount_fen=Fen(5_000_001), **told)  # type: ignore[arg-type]
    note_recovery(expense_id=kept.id, amount_fen=Fen(5_000_000), **told)  # type: ignore[arg-type]
    with reading(by=town.officer()):
        assert [one.state for one in expenses_of(project_id=town.project_id)] == ["recovered"]


@pytest.mark.req("LEG-5")
def test_what_is_paid_early_in_the_morning_is_recorded_on_its_own_day() -> None:
    town = old_yard()
    answer(town, "1", developer_gone=problem())
    today = date(2026, 9, 17)
    kept = record_expense(
        project_id=town.project_id,
        expense=NewExpense(
            blocker_id=rows_of(town)["1/developer-gone"].id,
            spent_on="survey",
            words="重新测绘 1 幢",
            amount_fen=Fen(1),
            paid_on=today,
        ),
        by=town.officer(),
        at=datetime(2026, 9, 16, 22, 0, tzinfo=UTC),  # six in the morning, the city's time
    )
    assert kept.paid_on == today


@pytest.mark.req("LEG-5")
def test_an_archive_is_rebuilt_from_named_sources_and_never_rewritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "SCANNER", "off")
    town = old_yard()
    answer(town, "1", archive_lost=problem())
    row = rows_of(town)["1/archive-lost"]
    assert row.case_id is not None
    paper = store_document(
        project_id=town.project_id,
        owner_kind="case",
        owner_id=row.case_id,
        name="竣工图.pdf",
        content=plain_pdf(),
        channel="desk",
        by=town.officer(),
        at=AT,
    )
    told = {
        "project_id": town.project_id,
        "blocker_id": row.id,
        "paper": "竣工图",
        "source": "城建档案馆",
        "by": town.officer(),
        "at": AT,
    }
    with pytest.raises(Refusal, match=r"^documents\.unknown"):
        enter_archive_item(document_id=new_id(), **told)  # type: ignore[arg-type]
    kept = enter_archive_item(document_id=paper.id, **told)  # type: ignore[arg-type]
    assert kept.digest == paper.digest
    with pytest.raises(Refusal, match=r"^legacy\.archived-already"):
        enter_archive_item(document_id=paper.id, **told)  # type: ignore[arg-type]
    with reading(by=town.officer()):
        assert archive_of(project_id=town.project_id) == [kept]
    with pytest.raises(ProgrammingError, match="permission denied"), recorded():
        ArchiveRecord.objects.filter(id=kept.id).update(source="别处")


def _fields(cost: NewExpense) -> dict[str, object]:
    return {name: getattr(cost, name) for name in NewExpense.__slots__}
