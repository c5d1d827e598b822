"""Procedures: what a definition must hold to, and cases walked at random through the real ones."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from anju_rules.clocks import PauseReason, find_deadline
from anju_rules.procedures.acting import judge_action, lawful_actions
from anju_rules.procedures.cases import case_clock, fold_actions, follow_action, step_clock
from anju_rules.procedures.checking import judge_procedure
from anju_rules.procedures.queues import QueueKind, queue_of
from anju_rules.procedures.reading import read_procedure
from anju_rules.procedures.states import Action, ActionKind, CaseState, Flag, Point, Status
from anju_rules.procedures.types import Effect, Procedure
from anju_rules.values import Refusal
from tests.support.procedures import (
    NAMES,
    ROLES,
    START,
    act,
    decide,
    definition,
    read_table,
    refused,
    standing_at,
    step_of,
)


def faults(table: dict[str, Any]) -> set[str]:
    return {fault.code for fault in judge_procedure(read_procedure(table), roles=ROLES).unmet}


@pytest.mark.req("PLN-2", "ELG-1", "ELG-5", "GOV-2")
@pytest.mark.parametrize("name", NAMES)
def test_every_definition_holds_together(name: str) -> None:
    assert faults(read_table(name)) == set()


def plant(table: dict[str, Any], fault: str) -> None:  # noqa: C901 - a table of faults
    """Break the plan's approval in one way."""
    notice, consent, draft = (step_of(table, code) for code in ("notice", "consent", "draft"))
    outcome = {"code": "x", "title": {"zh": "甲", "en": "x"}, "clause": "c"}
    match fault:
        case "unknown-role":
            notice["role"] = "mayor"
        case "unknown-step":
            notice["after"] = ["nowhere"]
        case "unknown-material":
            notice["needs"].append("nothing")
        case "circle":
            draft["after"] = ["consent"]
        case "dead-end":
            step_of(table, "enact")["outcomes"].append({**outcome, "effect": "advance"})
        case "never-reached":
            step = copy.deepcopy(notice)
            table["steps"].append({**step, "code": "other", "after": [], "on_call": True})
            table["steps"][-1] |= {"produces": []}
            table["steps"][-1]["outcomes"] = [{**outcome, "effect": "send", "to": "draft"}]
        case "material-from-nowhere":
            draft["produces"] = []
        case "made-twice":
            consent["produces"].append("draft-plan")
        case "needed-before-made":
            draft["needs"] = ["consent-count"]
        case "asked-for-nothing":
            table["materials"].append({**table["materials"][0], "code": "photo", "source": "asked"})
        case "promise-beyond-law":
            notice |= {"promised": "41 calendar-days", "statutory": "40 calendar-days"}
            notice["statutory_clause"] = "order-590/10"
        case "limits-not-alike":
            notice |= {"promised": "31 working-days", "statutory": "40 calendar-days"}
            notice["statutory_clause"] = "order-590/10"
        case "window-beyond-limit":
            notice["promised"] = "29 calendar-days"
        case "ends-while-open":
            step_of(table, "hearing")["outcomes"].append({**outcome, "effect": "end", "as": "done"})
        case "never-ends":
            for step in table["steps"]:
                kept = [one for one in step["outcomes"] if one["effect"] != "end"]
                step["outcomes"] = kept
        case "nothing-tolerable":
            notice["outcomes"].append({**outcome, "effect": "tolerate"})
            consent["join"] = "all-but-tolerated"
        case "steps-beyond-whole":
            table["promised"] = "20 calendar-days"
            notice["promised"] = "31 calendar-days"
        case _:
            raise AssertionError(fault)


@pytest.mark.parametrize(
    "fault",
    [
        "unknown-role", "unknown-step", "unknown-material", "circle", "dead-end", "never-reached",
        "material-from-nowhere", "made-twice", "needed-before-made", "asked-for-nothing",
        "promise-beyond-law", "limits-not-alike", "window-beyond-limit", "ends-while-open",
        "never-ends", "nothing-tolerable", "steps-beyond-whole",
    ],
)  # fmt: skip
def test_control_a_planted_fault_is_found(fault: str) -> None:
    table = read_table("plan-approval")
    plant(table, fault)
    assert f"procedure.{fault}" in faults(table)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"promised": "ten days"}, "procedure.not-a-length"),
        ({"promised": "0 hours"}, "procedure.not-a-length"),
        ({"statutory": "5 working-days"}, "policy.missing-clause"),
        ({"clause": ""}, "policy.missing-clause"),
        ({"colour": "red"}, "policy.unknown-key"),
        ({"tier": "moon"}, "policy.not-one-of"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(change: dict[str, str], code: str) -> None:
    table = read_table("plan-approval")
    step_of(table, "notice").update(change)
    with pytest.raises(Refusal) as caught:
        read_procedure(table)
    assert caught.value.code == code
    assert str(caught.value.facts["path"]).startswith("steps[")


def plan_until_notice() -> tuple[Procedure, CaseState]:
    procedure = definition("plan-approval")
    state = fold_actions(procedure, [act(ActionKind.OPEN, "district-officer", 0)])
    for step, outcome in (
        ("draft", "drafted"),
        ("hearing", "held"),
        ("questionnaire", "collected"),
        ("internal-review", "lawful"),
        ("justice-review", "lawful"),
    ):
        state = decide(procedure, state, step, outcome, 1)
    return procedure, state


@pytest.mark.req("PLN-2")
def test_a_plan_is_in_force_only_after_thirty_days_and_two_thirds() -> None:
    procedure, state = plan_until_notice()
    assert state.open_steps == ("notice",)
    early = act(ActionKind.DECIDE, "district-officer", 31, step="notice", outcome="answered")
    assert refused(procedure, state, early) == {"case.window-not-over"}
    state = decide(procedure, state, "notice", "answered", 33)
    action = act(
        ActionKind.DECIDE,
        "street-officer",
        40,
        step="consent",
        outcome="reached",
        facts={"households_consenting": 667, "households": 1000},
        second="another",
    )
    assert refused(procedure, state, action) == set()
    short = replace(action, facts={"households_consenting": 666, "households": 1000})
    assert refused(procedure, state, short) == {"case.share-not-reached"}
    alone = replace(action, second=action.by)
    assert refused(procedure, state, alone) == {"case.same-person"}
    state = follow_action(procedure, state, action)
    state = decide(procedure, state, "enact", "in-force", 41)
    assert (state.status, state.exchange_code) == (Status.DONE, 11)


@pytest.mark.req("PLN-2")
def test_no_stage_of_a_plan_starts_before_the_one_before_it() -> None:
    procedure = definition("plan-approval")
    state = fold_actions(procedure, [act(ActionKind.OPEN, "district-officer", 0)])
    for code, step in procedure.steps.items():
        if code != "draft":
            action = act(ActionKind.DECIDE, step.role, 99, step=code, outcome=step.outcomes[0].code)
            assert "case.step-not-open" in refused(procedure, state, action)


def test_a_plan_sent_back_makes_every_opinion_again() -> None:
    procedure, state = plan_until_notice()
    state = decide(procedure, state, "notice", "to-change", 33)
    assert state.open_steps == ("draft",)
    assert state.materials == frozenset()
    assert state.flow.decided == {}
    assert Flag.SENT_BACK in state.flags


def opened_review() -> tuple[Procedure, CaseState]:
    procedure = definition("eligibility-review")
    brought = ("agreement", "residence-declaration")
    state = fold_actions(
        procedure,
        [
            act(ActionKind.OPEN, "household", 0, materials=brought),
            act(ActionKind.ACCEPT, "street-officer", 1),
        ],
    )
    return procedure, state


@pytest.mark.req("ELG-1", "ELG-3")
def test_a_family_is_reviewed_three_times_and_shown_twice() -> None:
    procedure, state = opened_review()
    assert (state.exchange_code, Flag.COMMITTED in state.flags) == (3, True)
    short = act(ActionKind.DECIDE, "street-officer", 2, step="street-review", outcome="eligible")
    assert refused(procedure, state, short) == {"case.material-missing"}
    state = decide(procedure, state, "street-review", "doubtful", 2)
    assert state.open_steps == ("street-visit",)
    state = decide(procedure, state, "street-visit", "visited", 3)
    state = decide(procedure, state, "street-review", "eligible-owing", 3)
    assert Flag.OWES_MATERIAL in state.flags
    state = decide(procedure, state, "first-notice", "no-objection", 12)
    shared = ("household-register", "title-record", "resettlement-record")
    state = follow_action(
        procedure, state, act(ActionKind.SUPPLY, "street-officer", 12, materials=shared)
    )
    for step in ("check-title", "check-residence", "check-register"):
        state = decide(procedure, state, step, "agrees", 13)
    state = decide(procedure, state, "district-review", "eligible", 14)
    # What was tolerated keeps the city from its final review until it has come.
    assert state.open_steps == ()
    assert queue_of(procedure, state).kind is QueueKind.APPLICANT
    owed = ("hardship-record", "disability-certificate")
    state = follow_action(procedure, state, act(ActionKind.SUPPLY, "household", 15, materials=owed))
    state = decide(procedure, state, "city-review", "eligible", 16)
    state = decide(procedure, state, "final-notice", "confirmed", 28)
    assert (state.status, state.exchange_code) == (Status.DONE, 11)


@pytest.mark.req("ELG-5")
@pytest.mark.parametrize(("levels", "limits"), [(3, [3, 5, 10])])
def test_an_objection_climbs_three_levels_of_three_five_and_ten_days(
    levels: int, limits: list[int]
) -> None:
    procedure = definition("objection")
    state = fold_actions(
        procedure,
        [
            act(ActionKind.OPEN, "household", 0, materials=("objection-letter",)),
            act(ActionKind.ACCEPT, "street-officer", 0, materials=("decision-challenged",)),
        ],
    )
    found = []
    for day, answer in enumerate(("street-answer", "district-answer", "city-arbitration")):
        clock = step_clock(procedure, state, step=answer)
        assert clock is not None
        found.append(clock.budget.length)
        state = decide(procedure, state, answer, "not-upheld", day)
        if state.status.is_open:
            state = decide(procedure, state, state.open_steps[0], "appeals", day)
    assert found == limits
    assert len(found) == levels
    assert (state.status, state.exchange_code) == (Status.REFUSED, 13)


@pytest.mark.req("TTL-4")
@pytest.mark.pitfall("P18")
def test_a_correction_stops_the_clock_until_it_has_come() -> None:
    procedure, state = opened_review()
    clock = case_clock(procedure, state)
    assert clock is not None
    before = find_deadline(clock)
    ask = act(
        ActionKind.ASK_CORRECTION, "street-officer", 2, step="street-review",
        points=(Point(code="signature"),),
    )  # fmt: skip
    judge_action(procedure, state, ask).raise_if_unmet()
    state = follow_action(procedure, state, ask)
    assert state.exchange_code == 6
    assert queue_of(procedure, state).kind is QueueKind.APPLICANT
    stopped = case_clock(procedure, state)
    assert stopped is not None
    assert find_deadline(stopped) is None
    state = follow_action(procedure, state, act(ActionKind.RECEIVE_CORRECTION, "household", 12))
    assert state.exchange_code == 7
    again = case_clock(procedure, state)
    assert again is not None
    after = find_deadline(again)
    assert before is not None
    assert after is not None
    assert after.on > before.on


def test_what_existed_at_the_first_review_is_asked_once() -> None:
    procedure, state = opened_review()
    ask = act(
        ActionKind.ASK_CORRECTION, "street-officer", 2, step="street-review",
        points=(Point(code="signature"),),
    )  # fmt: skip
    state = follow_action(procedure, state, ask)
    state = follow_action(
        procedure, state, act(ActionKind.RECEIVE_CORRECTION, "household", 3,
                              materials=("disability-certificate",)),
    )  # fmt: skip
    assert state.defects == 0
    forgotten = replace(ask, at=START + timedelta(days=4), points=(Point(code="photograph"),))
    assert refused(procedure, state, forgotten) == {"case.correction-once"}
    invented = replace(forgotten, points=(Point(code="photograph", arose_from="agreement"),))
    assert refused(procedure, state, invented) == {"case.point-not-new"}
    arisen = replace(
        forgotten, points=(Point(code="expired", arose_from="disability-certificate"),)
    )
    assert refused(procedure, state, arisen) == set()
    assert follow_action(procedure, state, arisen).defects == 0
    signed = replace(forgotten, second="s", second_role="supervisor")
    assert refused(procedure, state, signed) == set()
    after = follow_action(procedure, state, signed)
    assert after.defects == 1
    assert Flag.QUALITY_DEFECT in after.flags


@pytest.mark.pitfall("P4")
def test_a_withdrawn_case_is_closed_and_nothing_more_is_done() -> None:
    procedure, state = opened_review()
    state = follow_action(procedure, state, act(ActionKind.ASK_WITHDRAWAL, "household", 2))
    assert (state.exchange_code, queue_of(procedure, state).kind) == (16, QueueKind.WITHDRAWAL)
    blocked = act(
        ActionKind.DECIDE, "street-officer", 3, step="street-review", outcome="not-eligible"
    )
    assert refused(procedure, state, blocked) == {"case.withdrawal-asked"}
    state = follow_action(procedure, state, act(ActionKind.WITHDRAW, "street-officer", 3))
    assert (state.status, state.exchange_code) == (Status.WITHDRAWN, 14)
    for role, tier in ROLES.items():
        assert lawful_actions(procedure, state, role=role, tier=tier) == ()


def test_an_open_case_always_lets_somebody_act() -> None:
    for name in NAMES:
        procedure = definition(name)
        state = fold_actions(procedure, [act(ActionKind.OPEN, procedure.applicant_role, 0)])
        queue = queue_of(procedure, state)
        assert lawful_actions(procedure, state, role=queue.role, tier=queue.tier)


def test_a_case_done_while_something_is_owed_is_done_with_tolerance() -> None:
    table = read_table("eligibility-review")
    step_of(table, "city-review")["after"] = ["district-review"]
    procedure = read_procedure(table)
    _, state = opened_review()
    state = decide(procedure, state, "street-review", "eligible-owing", 2)
    flow = replace(state.flow, open_steps=("final-notice",))
    state = replace(state, flow=flow, opened_on={"final-notice": START.date()})
    state = decide(procedure, state, "final-notice", "confirmed", 20)
    assert (state.status, state.exchange_code) == (Status.DONE, 12)


@pytest.mark.parametrize(
    "log",
    [
        [act(ActionKind.ACCEPT, "street-officer", 0)],
        [act(ActionKind.OPEN, "household", 0), act(ActionKind.OPEN, "household", 1)],
        [
            act(ActionKind.OPEN, "household", 0),
            act(ActionKind.ACCEPT, "street-officer", 0),
            act(ActionKind.DECIDE, "city-officer", 1, step="city-review", outcome="eligible"),
        ],
    ],
)
def test_a_log_that_cannot_have_come_about_is_refused(log: list[Action]) -> None:
    with pytest.raises(Refusal) as caught:
        fold_actions(definition("eligibility-review"), log)
    assert caught.value.code == "case.log-impossible"


def test_a_clock_stops_only_for_what_the_procedure_names() -> None:
    procedure, state = opened_review()
    known = {ground.reason for ground in procedure.grounds} - {PauseReason.SUPPLEMENT}
    stop = act(ActionKind.STOP, "street-officer", 2, step="street-review")
    for reason in PauseReason:
        found = refused(procedure, state, replace(stop, reason=reason))
        assert found == (set() if reason in known else {"clock.reason-not-allowed"})


def test_any_refusal_stops_where_the_join_says_so() -> None:
    table = read_table("eligibility-review")
    check = step_of(table, "check-title")
    check["outcomes"][1] |= {"effect": "refuse"}
    assert faults(table) == {"procedure.dead-end"}
    step_of(table, "district-review")["join"] = "any-refusal-stops"
    assert faults(table) == set()
    procedure = read_procedure(table)
    state = standing_at(procedure, procedure.steps["check-title"])
    state = decide(procedure, state, "check-title", "differs", 1)
    assert (state.status, state.open_steps) == (Status.REFUSED, ())
    assert procedure.steps["check-title"].outcomes[1].effect is Effect.REFUSE
