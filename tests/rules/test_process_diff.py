"""Twelve steps to eight to six: every claim of a change is held to both procedures."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest

from anju_rules.procedures.checking import judge_procedure
from anju_rules.procedures.flow import decide_step, start_flow
from anju_rules.procedures.types import Effect, Source
from anju_rules.process_diff import (
    ProcessChange,
    asked_materials,
    count_saved,
    judge_change,
    picture_lines,
    read_change,
)
from anju_rules.values import Refusal
from tests.support.procedures import FOLDER, ROLES, definition

CHANGES = sorted((FOLDER / "changes").glob("*.toml"))
FIRST = tomllib.loads((FOLDER / "changes/title-12-to-8.toml").read_text(encoding="utf-8"))
VERSIONS = ("title-12-steps", "title-8-steps", "title-6-steps")


def faults(change: ProcessChange) -> set[str]:
    old, new = definition(change.old), definition(change.new)
    return {finding.code for finding in judge_change(change, old=old, new=new).unmet}


@pytest.mark.req("TTL-1")
@pytest.mark.parametrize("file", CHANGES, ids=lambda file: file.stem)
def test_every_change_is_borne_out_row_by_row(file: Any) -> None:
    change = read_change(tomllib.loads(file.read_text(encoding="utf-8")))
    assert change.code == file.stem
    assert faults(change) == set()
    for row in (*change.steps, *change.materials):
        assert row.basis.clause


@pytest.mark.req("TTL-1")
def test_twelve_steps_become_eight_and_six_and_fifteen_papers_at_most_eight() -> None:
    twelve, eight, six = (definition(name) for name in VERSIONS)
    first, second = count_saved(twelve, eight), count_saved(eight, six)
    assert (first.steps, first.materials, first.days) == ((12, 8), (15, 7), (25, 5))
    assert (second.steps, second.materials, second.days) == ((8, 6), (7, 4), (5, 5))


@pytest.mark.req("TTL-1")
@pytest.mark.parametrize("name", VERSIONS)
def test_no_version_has_a_dead_end(name: str) -> None:
    assert judge_procedure(definition(name), roles=ROLES).unmet == ()


@pytest.mark.req("TTL-1")
def test_planning_runs_beside_the_survey_and_tax_beside_the_intake() -> None:
    for name, tax in (("title-8-steps", "tax"), ("title-6-steps", "payment")):
        procedure = definition(name)
        flow = start_flow(procedure)
        assert {"intake", tax} <= set(flow.open_steps)
        intake = procedure.steps["intake"]
        for outcome in intake.outcomes:
            if outcome.effect in (Effect.ADVANCE, Effect.TOLERATE):
                after = decide_step(procedure, flow, step=intake, outcome=outcome)
                assert {"planning-check", "survey"} <= set(after.open_steps)


@pytest.mark.req("TTL-2")
@pytest.mark.parametrize("name", VERSIONS)
def test_only_minor_papers_may_be_owed_and_the_title_waits_for_them(name: str) -> None:
    procedure = definition(name)
    tolerated = {code for code, one in procedure.materials.items() if one.is_tolerable}
    assert tolerated <= {"invoice", "floor-sketch"}
    tolerating = [
        step.code
        for step in procedure.steps.values()
        if any(outcome.effect is Effect.TOLERATE for outcome in step.outcomes)
    ]
    assert all(code in procedure.steps["issue"].after for code in tolerating)
    for code in tolerated:
        assert procedure.materials[code].owed_within is not None


@pytest.mark.req("TTL-3")
def test_a_commitment_takes_the_place_of_a_proof_only_where_it_is_checked_afterwards() -> None:
    for name in VERSIONS[1:]:
        committed = [
            one for one in definition(name).materials.values() if one.source is Source.COMMITTED
        ]
        assert [one.code for one in committed] == ["home-count-commitment"]
        assert not committed[0].is_tolerable


def rows(table: dict[str, Any], old: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        row for row in (*table["steps"], *table["materials"]) if row["old"] == old
    )
    return found


def plant(table: dict[str, Any], fault: str) -> None:  # noqa: C901 - a table of faults
    """Make one false claim."""
    match fault:
        case "not-mapped":
            table["steps"].pop()
        case "mapped-twice":
            table["steps"].append(dict(table["steps"][0]))
        case "unknown":
            rows(table, "issue")["old"] = "issuing"
        case "not-there":
            rows(table, "application-form")["new"] = "household-register"
        case "not-kept":
            rows(table, "first-review")["new"] = "approve"
        case "not-merged":
            rows(table, "survey-request")["new"] = "planning-check"
        case "not-parallel":
            rows(table, "planning-check")["beside"] = ["review"]
        case "not-as-said":
            rows(table, "marriage-copy")["source"] = "公安"
        case "from-nowhere":
            row = rows(table, "fund-payment")
            row |= {"new": "tax", "fate": "merged"}
            del row["beside"]
        case "new-burden":
            rows(table, "floor-plan")["new"] = "invoice"
        case "too-many-materials":
            table["most_materials"] = 6
        case "slower":
            table |= {"old": "title-8-steps", "new": "title-12-steps"}
        case _:
            raise AssertionError(fault)


@pytest.mark.parametrize(
    "fault",
    [
        "not-mapped", "mapped-twice", "unknown", "not-there", "not-kept", "not-merged",
        "not-parallel", "not-as-said", "from-nowhere", "new-burden", "too-many-materials",
        "slower",
    ],
)  # fmt: skip
def test_control_a_false_claim_is_found(fault: str) -> None:
    table = copy.deepcopy(FIRST)
    plant(table, fault)
    assert f"process.{fault}" in faults(read_change(table))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fate": "forgotten"}, "policy.not-one-of"),
        ({"fate": "dropped"}, "policy.missing-key"),
        ({"fate": "parallel", "new": "planning-check"}, "policy.missing-key"),
        ({"clause": ""}, "policy.missing-clause"),
        ({"colour": "red"}, "policy.unknown-key"),
    ],
)
def test_a_row_that_says_too_little_is_refused(change: dict[str, Any], code: str) -> None:
    table = copy.deepcopy(FIRST)
    table["steps"][0] |= change
    with pytest.raises(Refusal) as refusal:
        read_change(table)
    assert refusal.value.code == code


def test_what_is_dropped_says_why_and_a_change_can_be_drawn() -> None:
    table = copy.deepcopy(FIRST)
    why = {"zh": "法律没有要求", "en": "the law asks for none"}
    row = rows(table, "household-book-copy")
    row |= {"fate": "dropped", "why": why}
    del row["new"], row["source"]
    change = read_change(table)
    assert faults(change) == set()
    table["steps"][0] = {"old": "contract-check", "fate": "dropped", "why": why, "clause": "c#1"}
    change = read_change(table)
    old, new = definition(change.old), definition(change.new)
    drawn = list(picture_lines(change, old=old, new=new))
    assert drawn[0] == "flowchart LR"
    assert len([line for line in drawn if "-->" in line or ".->" in line]) == len(change.steps)
    assert "household-book-copy" in asked_materials(old)
