"""Scoring on the database: by frozen rules alone, explained line by line, final once drawn on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anju.foundation.access.context import reading
from anju.foundation.ledger.queries import entries_of
from anju.foundation.policies.operations import freeze_rule_set, store_rule_set
from anju.foundation.policies.queries import rule_set_in_force, rule_sets_of
from anju.resettlement.households.queries import registered_households
from anju.resettlement.intake import storing
from anju.resettlement.offline.example import write_example
from anju.resettlement.projects.operations import freeze_register
from anju.resettlement.scoring.operations import score_project
from anju.resettlement.scoring.queries import latest_scoring, score_sheet, totals_of
from anju_rules.policy import read_rule_set
from anju_rules.scoring import score_household
from anju_rules.values import Refusal
from tests.support.access import recorded
from tests.support.planning import take_over
from tests.support.registers import AT, HOUSEHOLDS, PLAN, SYSTEM, Office, open_office

if TYPE_CHECKING:
    from tests.support.databases import Database

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def office() -> Office:
    made = open_office()
    made.bring_all()
    return made


def freeze(office: Office) -> None:
    freeze_rule_set(project_id=office.project.id, by=office.officer, at=AT)


@pytest.mark.req("SCO-1")
@pytest.mark.req("SCO-3")
def test_every_household_gets_the_sheet_that_the_rules_give_it(office: Office) -> None:
    freeze(office)
    run = score_project(project_id=office.project.id, by=office.officer, at=AT)
    rules = rule_set_in_force(project_id=office.project.id)
    assert rules is not None
    with reading(by=office.officer):
        households = registered_households(project_id=office.project.id)
        sheets = [
            score_sheet(project_id=office.project.id, household_id=row.id) for row in households
        ]
        totals = totals_of(project_id=office.project.id)
    assert [sheet.sheet for sheet in sheets if sheet] == [
        score_household(household=row.household, rules=rules.rules) for row in households
    ]
    assert [totals[row.id] for row in households] == [29, 6, 32]
    assert (run.households, run.rules_digest) == (3, rules.digest)
    assert latest_scoring(project_id=office.project.id) == run
    assert [entry.action for entry in entries_of(target=str(run.id))] == ["scoring.project.scored"]


@pytest.mark.req("PLN-3")
def test_nothing_is_scored_by_rules_that_are_not_frozen(office: Office) -> None:
    with pytest.raises(Refusal, match=r"scoring\.rules-not-frozen"):
        score_project(project_id=office.project.id, by=office.officer, at=AT)
    with reading(by=office.officer):
        assert totals_of(project_id=office.project.id) == {}
    (refused,) = entries_of(target=str(office.project.id))[-1:]
    assert refused.outcome == "refused:scoring.rules-not-frozen"


def test_a_register_is_scored_again_until_a_draw_rests_on_it(office: Office) -> None:
    freeze(office)
    first = score_project(project_id=office.project.id, by=office.officer, at=AT)
    office.bring("households", HOUSEHOLDS + "H004,新,,,普通户,5,60\n")
    again = score_project(project_id=office.project.id, by=office.officer, at=AT)
    assert again.totals_digest != first.totals_digest
    with reading(by=office.officer):
        assert sorted(totals_of(project_id=office.project.id).values()) == [6, 29, 32, 35]
    with recorded():
        freeze_register(project_id=office.project.id, at=AT)
    with pytest.raises(Refusal, match=r"scoring\.draw-frozen"):
        score_project(project_id=office.project.id, by=office.officer, at=AT)


def test_no_table_changes_the_facts_of_who_is_scored(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One person sends a table; a score that families have seen is corrected by two."""
    freeze(office)
    score_project(project_id=office.project.id, by=office.officer, at=AT)
    fewer = HOUSEHOLDS.replace("普通户,2,60", "普通户,5,60")
    refused = office.bring("households", fewer)
    assert (refused.state, [fault.rule for fault in refused.faults]) == (
        "faulty",
        ["intake.household-scored"],
    )
    # What is no fact may change, and a household that is not scored yet.
    phone = HOUSEHOLDS.replace("13800000002", "13800000009")
    assert office.bring("households", phone).state == "done"
    monkeypatch.setattr(storing, "_refuse_scored", lambda *_: None)
    assert office.bring("households", fewer).state == "done", "the control: nobody looks"


def test_an_empty_register_cannot_be_scored() -> None:
    office = open_office()
    freeze(office)
    with pytest.raises(Refusal, match=r"scoring\.no-households"):
        score_project(project_id=office.project.id, by=office.officer, at=AT)


@pytest.mark.req("GOV-1")
def test_who_may_not_score_is_refused(office: Office) -> None:
    freeze(office)
    clerk = replace(office.officer, role="selection-officer")
    with pytest.raises(Refusal, match=r"access\.not-permitted"):
        score_project(project_id=office.project.id, by=clerk, at=AT)


@pytest.mark.req("PLN-3")
def test_a_frozen_rule_set_cannot_change(database: Database, office: Office) -> None:
    (draft,) = rule_sets_of(project_id=office.project.id)
    assert not draft.is_frozen
    freeze(office)
    frozen = rule_set_in_force(project_id=office.project.id)
    assert frozen is not None
    assert (frozen.version, frozen.digest) == (draft.version, draft.digest)
    assert read_rule_set(frozen.canonical) == frozen.rules
    changed = replace(frozen.rules, scoring_clause="plan/other")
    with recorded(), pytest.raises(Refusal, match=r"policies\.rule-set-frozen"):
        store_rule_set(project_id=office.project.id, rules=changed, at=AT)
    for statement in ("UPDATE policies_rule_set SET digest = ''", "DELETE FROM policies_rule_set"):
        with psycopg.connect(database.superuser_url) as connection:
            with pytest.raises(psycopg.errors.CheckViolation, match="rule-set-frozen"):
                connection.execute(statement)
            connection.rollback()
            # The control: with the trigger off the change goes through.
            connection.execute("ALTER TABLE policies_rule_set DISABLE TRIGGER USER")
            if statement.startswith("UPDATE"):
                connection.execute(statement)
            connection.rollback()


@pytest.mark.req("PLN-3")
def test_a_new_version_is_frozen_beside_the_old_one(office: Office) -> None:
    freeze(office)
    first = rule_set_in_force(project_id=office.project.id)
    assert first is not None
    with recorded():
        store_rule_set(project_id=office.project.id, rules=replace(first.rules, version="2"), at=AT)
    # A change of rules comes with a plan that went its way again, or was approved on paper.
    with pytest.raises(Refusal, match=r"planning\.rules-not-approved"):
        freeze(office)
    take_over(office.project.id)
    freeze(office)
    second = rule_set_in_force(project_id=office.project.id)
    assert second is not None
    assert second.version == "2"
    assert len(rule_sets_of(project_id=office.project.id)) == 2
    with pytest.raises(Refusal, match=r"policies\.no-draft"):
        freeze(office)


def test_a_sensitive_line_is_folded_where_others_look() -> None:
    sensitive = PLAN.replace('clause = "plan/scoring#2"', 'sensitive = true\nclause = "p#2"')
    office = open_office(sensitive)
    office.bring_all()
    freeze(office)
    score_project(project_id=office.project.id, by=office.officer, at=AT)
    with reading(by=office.officer):
        row = registered_households(project_id=office.project.id)[0]
        sheet = score_sheet(project_id=office.project.id, household_id=row.id)
    assert sheet is not None
    assert [line.code for line in sheet.lines] == ["population", "small-home"]
    assert [line.code for line in sheet.public_lines] == ["population", "care"]


def test_twelve_hundred_households_are_scored_in_a_handful_of_statements(tmp_path: Path) -> None:
    write_example(tmp_path / "plan", seed=7, homes=1300, households=1200)
    office = open_office((tmp_path / "plan" / "plan.toml").read_text(encoding="utf-8"))
    data = (tmp_path / "plan" / "households.csv").read_bytes()
    assert office.bring("households", data).counts.added == 1200
    freeze(office)
    with CaptureQueriesContext(connection) as asked:
        run = score_project(project_id=office.project.id, by=SYSTEM_SCORER, at=AT)
    assert len(asked) < 60
    assert run.households == 1200


SYSTEM_SCORER = replace(SYSTEM, role="city-officer")
