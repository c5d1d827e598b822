"""Cases walked at random through the real procedures, and every step tried by every role."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from anju_rules.clocks import PauseReason
from anju_rules.procedures.acting import Possible, judge_action, lawful_actions
from anju_rules.procedures.cases import fold_actions, follow_action
from anju_rules.procedures.queues import QueueKind, queue_of, tasks_of
from anju_rules.procedures.states import Action, ActionKind, CaseState, Point, Status
from anju_rules.procedures.types import Procedure, Source
from tests.support.procedures import NAMES, ROLES, START, definition, standing_at

SEED = 590
ACTIONS = 100_000


@pytest.mark.pitfall("P22")
@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_decided_by_its_role_and_tier_alone(name: str) -> None:
    procedure = definition(name)
    asked = 0
    for step in procedure.steps.values():
        state = standing_at(procedure, step)
        for outcome in step.outcomes:
            expected = (outcome.role or step.role, outcome.tier or step.tier)
            wanted = Possible(ActionKind.DECIDE, step.code, outcome.code)
            for role in ROLES:
                for tier in ("city", "district", "street", "outside"):
                    may = wanted in lawful_actions(procedure, state, role=role, tier=tier)
                    assert may is ((role, tier) == expected), (step.code, outcome.code, role, tier)
                    asked += 1
    assert asked >= 24 * len(procedure.steps)


def make_up(
    procedure: Procedure, state: CaseState, possible: Possible, role: str, chance: random.Random
) -> Action:
    """Fill in what an action brings with it, mostly rightly."""
    given: dict[str, Any] = {}
    if possible.kind in (ActionKind.SUPPLY, ActionKind.RECEIVE_CORRECTION, ActionKind.OPEN):
        bring = [
            code for code, one in procedure.materials.items() if one.source is not Source.PRODUCED
        ]
        given["materials"] = tuple(chance.sample(bring, chance.randint(0, len(bring))))
    if possible.kind is ActionKind.ASK_CORRECTION:
        given["points"] = (Point(code=f"point-{chance.randrange(9)}"),)
        given["second_role"] = chance.choice(("supervisor", ""))
    given["facts"] = {"households_consenting": chance.randint(50, 100), "households": 100}
    at = (state.last_at or START) + timedelta(hours=chance.choice((1, 9, 30, 200, 900)))
    return Action(
        kind=possible.kind, role=role, tier=ROLES[role], by=role, at=at, step=possible.step,
        outcome=possible.outcome, reason=possible.reason, why="理由",
        second=chance.choice(("another", "another", role)), **given,
    )  # fmt: skip


WHOLE_CASE = [kind for kind in ActionKind if kind not in (ActionKind.OPEN, ActionKind.DECIDE)]


def pick(procedure: Procedure, state: CaseState, chance: random.Random) -> tuple[Possible, str]:
    """Pick something to try, mostly what leads on by whoever may, at times anything by anybody."""
    anybody = chance.choice([*ROLES])
    if not state.length:
        return Possible(ActionKind.OPEN), procedure.applicant_role
    if state.open_steps and chance.random() < 0.6:
        step = procedure.steps[chance.choice(state.open_steps)]
        outcome = chance.choice(step.outcomes)
        role = outcome.role or step.role
        return Possible(ActionKind.DECIDE, step.code, outcome.code), role
    step = procedure.steps[chance.choice(state.open_steps or [*procedure.steps])]
    kind = ActionKind.ACCEPT if chance.random() < 0.2 else chance.choice(WHOLE_CASE)
    on_step = kind in (
        ActionKind.TAKE_UP, ActionKind.STOP, ActionKind.RESUME, ActionKind.ASK_CORRECTION
    )  # fmt: skip
    reason = chance.choice([*PauseReason]) if kind is ActionKind.STOP else None
    role = chance.choice(
        [step.role if on_step else procedure.intake_role, procedure.applicant_role, anybody]
    )
    on_step = on_step and state.status is not Status.INTAKE
    return Possible(kind, step.code if on_step else "", reason=reason), role


def assert_in_one_queue(procedure: Procedure, state: CaseState) -> None:
    queue = queue_of(procedure, state)
    assert (queue.kind is QueueKind.CLOSED) is not state.status.is_open
    assert queue.kind is QueueKind.CLOSED or queue.role in ROLES
    assert state.status.is_open is bool(tasks_of(procedure, state))


@pytest.mark.pitfall("P19")
def test_a_hundred_thousand_random_actions_lose_no_case() -> None:
    """Fold by fold equals fold from scratch; every open case is in one queue, and can go on."""
    print(f"seed {SEED}")  # noqa: T201
    chance = random.Random(SEED)
    done, kinds, codes, statuses = 0, Counter[str](), set[int](), set[Status]()
    while done < ACTIONS:
        procedure = definition(chance.choice(NAMES))
        state, log = CaseState(), list[Action]()
        for _ in range(120):
            done += 1
            picked, role = pick(procedure, state, chance)
            action = make_up(procedure, state, picked, role, chance)
            if not judge_action(procedure, state, action).met:
                continue
            state = follow_action(procedure, state, action)
            log.append(action)
            kinds[action.kind] += 1
            codes.add(state.exchange_code)
            assert_in_one_queue(procedure, state)
            if not state.status.is_open and state.status is not Status.DONE:
                break
        assert state.length == len(log)
        assert fold_actions(procedure, log) == state
        statuses.add(state.status)
    assert set(kinds) == {kind.value for kind in ActionKind}
    assert codes == set(range(1, 17)) - {12}
    assert statuses >= set(Status) - {Status.INTAKE}
