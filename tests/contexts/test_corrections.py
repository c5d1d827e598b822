"""A corrected fact: scored anew, everybody it moves is shown, and nobody does it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from django.conf import settings

from anju.foundation.access.context import reading
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.operations import withdraw_document
from anju.foundation.ledger.queries import entries_of
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.projects.operations import freeze_register
from anju.resettlement.scoring.operations import corrections, propose_correction
from anju.resettlement.scoring.previews import Recomputed
from anju.resettlement.scoring.queries import (
    correction_by_id,
    corrections_of,
    corrections_of_household,
    latest_scoring,
    score_sheet,
    totals_of,
)
from anju.resettlement.scoring.types import CorrectionRow, CorrectionState
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju_rules.moves import Direction, compare_totals
from anju_rules.scoring import score_household
from anju_rules.values import HouseholdNumber, Refusal, Tenths
from tests.support.access import recorded
from tests.support.corrections import (
    REASON,
    clerk,
    decline,
    hand_in_evidence,
    look_at,
    propose,
    second,
    sign,
    uphold_objection,
    withdraw,
)
from tests.support.databases import Database
from tests.support.selections import AT, LATER, Selected, scored_project

pytestmark = pytest.mark.usefixtures("database")
MINE, OTHER = "H0001", "H0005"
"""Both in 普通户: 3 persons and 0.9 points; 4 persons and 1.2 points."""


@pytest.fixture(autouse=True)
def _without_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SCANNER", "off")


@pytest.fixture
def project() -> Selected:
    return scored_project()


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def totals(project: Selected) -> dict[UUID, Tenths]:
    with reading(by=project.officer):
        return totals_of(project_id=project.id)


@pytest.mark.req("SCO-3")
def test_a_corrected_fact_changes_one_score_and_shows_whom_it_moves(project: Selected) -> None:
    mine = project.households[MINE]
    before = totals(project)
    proposed = propose(project, MINE, {"persons": "５", "signed_early": "否"})
    assert totals(project) == before, "nothing changes until another person signs"
    assert [(one.fact, one.before, one.after) for one in proposed.facts] == [("persons", 3, 5)]

    shown = look_at(project, proposed)
    by_number = {
        HouseholdNumber(number): before[known] for number, known in project.households.items()
    }
    strata = {
        row.household.number: row.household.stratum for row in project.plan.households.values()
    }
    assert shown.comparison == compare_totals(
        before=by_number, after=by_number | {proposed.number: Tenths(15)}, strata=strata
    )
    own = shown.comparison.move_of(proposed.number)
    assert own is not None
    assert own.direction is Direction.UP
    assert shown.comparison.counts[Direction.DOWN] == len(shown.comparison.moves) - 1 > 0

    signed = sign(project, proposed, at=LATER)
    assert signed.state is CorrectionState.SIGNED
    assert (signed.total_before, signed.total_after) == (9, 15)
    assert signed.own_move == own
    assert signed.moved == shown.comparison.counts
    assert totals(project) == before | {mine: Tenths(15)}
    with reading(by=project.officer):
        row = household_by_id(project_id=project.id, household_id=mine)
        sheet = score_sheet(project_id=project.id, household_id=mine)
    assert row.facts["persons"] == 5
    assert sheet is not None
    assert sheet.sheet == score_household(household=row.household, rules=project.plan.rules)
    run = latest_scoring(project_id=project.id)
    assert run is not None
    assert (run.id, run.households) == (sheet.run_id, 20)

    assert [(entry.action, entry.outcome) for entry in entries_of(target=str(proposed.id))] == [
        ("scoring.correction.proposed", "done"),
        ("scoring.household.corrected", "done"),
    ]
    with reading(by=project.household(mine)):
        (seen,) = corrections_of_household(project_id=project.id, household_id=mine)
        assert (seen.reason, seen.own_move, seen.event_id) == (REASON, own, signed.event_id)
    neighbour = project.household(project.households[OTHER])
    with reading(by=neighbour):
        assert corrections_of(project_id=project.id) == ()


@pytest.mark.req("SCO-3")
@pytest.mark.req("GOV-1")
def test_nobody_corrects_a_score_alone(
    project: Selected, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed = propose(project, MINE, {"persons": "5"})
    same = replace(clerk(), id=proposed.proposed_by, role="supervisor", stepped_up_at=AT)
    assert refused(lambda: sign(project, proposed, by=same)) == "access.same-person"
    assert refused(lambda: sign(project, proposed, by=clerk())) == "access.not-permitted"
    unready = replace(second(), stepped_up_at=None)
    assert refused(lambda: sign(project, proposed, by=unready)) == "access.step-up-missing"
    stranger = replace(second(), projects=frozenset())
    assert refused(lambda: sign(project, proposed, by=stranger)) == "access.not-found"
    assert totals(project)[project.households[MINE]] == 9

    # The control: without the check the database still refuses, and without both it goes through.
    monkeypatch.setattr(corrections, "_require_second", lambda *_: None)
    with pytest.raises(Exception, match="scoring_correction_two_people"):
        sign(project, proposed, by=same)
    assert totals(project)[project.households[MINE]] == 9
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute(
            "ALTER TABLE scoring_correction DROP CONSTRAINT scoring_correction_two_people"
        )
    sign(project, proposed, by=same)
    assert totals(project)[project.households[MINE]] == 15


def at_once(
    database: Database, project: Selected, shown: dict[str, tuple[CorrectionRow, str]]
) -> list[str]:
    """Sign several corrections at once, each as it was looked at; gives the answers, sorted."""

    def work(correction: CorrectionRow, seen: str) -> Callable[[], CorrectionRow]:
        return lambda: sign(project, correction, seen=seen)

    told = database.in_threads([work(*one) for one in shown.values()])
    return sorted(one.code if isinstance(one, Refusal) else "signed" for one in told
                  if isinstance(one, Refusal | CorrectionRow))  # fmt: skip


@pytest.mark.pitfall("P15")
def test_of_two_corrections_signed_at_once_the_later_is_looked_at_again(
    project: Selected, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would move the other: what the second signer saw is no longer what would happen."""

    def look(facts: dict[str, dict[str, str]]) -> dict[str, tuple[CorrectionRow, str]]:
        proposed = {number: propose(project, number, told) for number, told in facts.items()}
        return {number: (row, look_at(project, row).seen) for number, row in proposed.items()}

    shown = look({MINE: {"persons": "5"}, OTHER: {"persons": "6"}})
    assert at_once(database, project, shown) == ["scoring.comparison-changed", "signed"]
    with reading(by=project.officer):
        late = next(row for row in corrections_of(project_id=project.id) if row.is_open)
    signed = sign(project, late)
    assert signed.total_after == totals(project)[late.household_id]
    assert [totals(project)[project.households[one]] for one in (MINE, OTHER)] == [15, 18]

    # The control: with what was looked at left out, both go through unseen.
    monkeypatch.setattr(Recomputed, "seen", "the same")
    shown = look({MINE: {"persons": "7"}, OTHER: {"persons": "7"}})
    assert at_once(database, project, shown) == ["signed", "signed"]


def test_of_two_corrections_of_one_household_proposed_at_once_one_is_kept(
    project: Selected, database: Database
) -> None:
    told = database.in_threads([lambda: propose(project, MINE, {"persons": "5"})] * 2)
    codes = sorted(one.code if isinstance(one, Refusal) else type(one).__name__ for one in told)
    assert codes == ["CorrectionRow", "scoring.correction-open"]


def test_what_is_incomplete_or_outdated_is_refused(project: Selected, database: Database) -> None:
    mine, other = project.households[MINE], project.households[OTHER]
    paper, foreign = hand_in_evidence(project, mine), hand_in_evidence(project, other)
    withdrawn = hand_in_evidence(project, mine)
    withdraw_document(project_id=project.id, document_id=withdrawn, by=clerk(), at=AT)

    def ask(
        facts: dict[str, str], *, reason: str = REASON, papers: tuple[UUID, ...] = (paper,)
    ) -> str:
        return refused(
            lambda: propose_correction(
                project_id=project.id,
                household_id=mine,
                facts=facts,
                reason=reason,
                document_ids=papers,
                by=clerk(),
                at=AT,
            )
        )

    five = {"persons": "5"}
    assert ask(five, reason=" ") == "scoring.reason-missing"
    for papers in ((), (foreign,), (withdrawn,), (paper, new_id())):
        assert ask(five, papers=papers) == "scoring.evidence-missing"
    assert ask({"persons": "3"}) == "scoring.nothing-corrected"
    assert ask({"petitions": "1"}) == "scoring.unknown-fact"
    assert ask({"persons": "100"}) == "import.too-large"
    assert ask({"persons": "4.5"}) == "import.not-a-whole-number"
    assert ask({"signed_early": "也许"}) == "import.not-yes-or-no"

    first = propose(project, MINE, five)
    assert refused(lambda: propose(project, MINE, five)) == "scoring.correction-open"
    assert refused(lambda: decline(project, first, reason=" ")) == "scoring.reason-missing"
    told = decline(project, first, reason="缺派出所证明")
    assert (told.state, told.closing_reason) == (CorrectionState.DECLINED, "缺派出所证明")
    for act in (
        lambda: withdraw(project, first),
        lambda: sign(project, first),
        lambda: decline(project, first, reason="再想想"),
    ):
        assert refused(act) == "scoring.correction-closed"
    assert refused(lambda: sign(project, replace(first, id=new_id()), seen="-")) == (
        "scoring.unknown-correction"
    )

    again = propose(project, MINE, five)
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE households_household SET facts = jsonb_set(facts, '{persons}', '4')"
            " WHERE id = %s",
            [mine],
        )
    assert refused(lambda: sign(project, again)) == "scoring.correction-outdated"
    withdraw(project, again)

    with psycopg.connect(database.superuser_url) as admin:
        for statement in (
            "UPDATE scoring_correction SET total_after = 99",
            "DELETE FROM scoring_correction",
        ):
            with pytest.raises(psycopg.errors.CheckViolation, match="correction-closed"):
                admin.execute(statement)
            admin.rollback()


@pytest.mark.req("ELG-5")
@pytest.mark.threat("T-04")
def test_once_a_draw_rests_on_the_scores_only_an_upheld_objection_corrects(
    project: Selected,
) -> None:
    upheld = uphold_objection(project, MINE)
    lost = uphold_objection(project, OTHER, outcome="not-upheld")
    elses = uphold_objection(project, OTHER, about=new_id())
    early = propose(project, MINE, {"persons": "5"})
    with recorded():
        freeze_register(project_id=project.id, at=AT)
    assert refused(lambda: sign(project, early)) == "scoring.objection-needed"
    withdraw(project, early)

    def ask(number: str, case_id: UUID | None) -> str:
        return refused(lambda: propose(project, number, {"persons": "6"}, case_id=case_id))

    assert ask(MINE, None) == "scoring.objection-needed"
    assert ask(OTHER, lost.id) == "scoring.objection-not-upheld"
    assert ask(OTHER, upheld.id) == "scoring.objection-not-upheld", "another's objection"
    assert ask(OTHER, elses.id) == "scoring.objection-not-upheld", "its own, about another"
    sign(project, propose(project, MINE, {"persons": "5"}, case_id=upheld.id))
    assert totals(project)[project.households[MINE]] == 15
    assert ask(MINE, upheld.id) == "scoring.objection-used"

    # From the beacon on anybody can compute whom it would help: nothing is corrected any more.
    again = uphold_objection(project, MINE)
    waiting = propose(project, MINE, {"persons": "6"}, case_id=again.id)
    rehearse_draw(project_id=project.id, by=project.officer, at=AT)
    assert refused(lambda: sign(project, waiting)) == "scoring.draw-known"
    with reading(by=project.officer):
        row = correction_by_id(project_id=project.id, correction_id=waiting.id)
    assert row.is_open


def test_where_the_lot_decides_a_correction_moves_nobody() -> None:
    project = scored_project(mode="lottery")
    proposed = propose(project, MINE, {"persons": "5"})
    shown = look_at(project, proposed)
    assert (shown.has_places, shown.comparison.moves) == (False, ())
    signed = sign(project, proposed)
    assert (signed.total_after, signed.own_move) == (15, None)
