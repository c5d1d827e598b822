"""Cases for tests: the default procedures, and actions by whoever may do them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from anju_rules.procedures.acting import judge_action
from anju_rules.procedures.cases import fold_actions, follow_action
from anju_rules.procedures.reading import read_procedure
from anju_rules.procedures.states import Action, ActionKind, CaseState, Status
from anju_rules.procedures.types import Procedure, Step

FOLDER = Path(__file__).parents[2] / "src/anju/procedures"
NAMES = sorted(file.stem for file in FOLDER.glob("*.toml"))
ROLES = {
    "developer": "outside",
    "city-officer": "city",
    "district-officer": "district",
    "street-officer": "street",
    "household": "outside",
    "department": "outside",
    "supervisor": "city",
}
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def read_table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def definition(name: str) -> Procedure:
    return read_procedure(read_table(name))


def step_of(table: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(step for step in table["steps"] if step["code"] == code)
    return found


def act(kind: ActionKind, role: str, days: int, **more: Any) -> Action:
    return Action(
        kind=kind,
        role=role,
        tier=ROLES[role],
        by=role,
        at=START + timedelta(days=days),
        **{"why": "理由", **more},
    )


def decide(
    procedure: Procedure, state: CaseState, step: str, outcome: str, days: int, **more: Any
) -> CaseState:
    """Decide a step by whoever may, having judged it."""
    one = procedure.steps[step]
    chosen = one.outcome(outcome)
    role = (chosen.role if chosen else "") or one.role
    action = act(
        ActionKind.DECIDE,
        role,
        days,
        step=step,
        outcome=outcome,
        second="another",
        **more,
    )
    judge_action(procedure, state, action).raise_if_unmet()
    return follow_action(procedure, state, action)


def refused(procedure: Procedure, state: CaseState, action: Action) -> set[str]:
    return {finding.code for finding in judge_action(procedure, state, action).unmet}


def standing_at(procedure: Procedure, step: Step) -> CaseState:
    """Make the state in which ``step`` is open, whatever led there."""
    state = fold_actions(procedure, [act(ActionKind.OPEN, procedure.applicant_role, 0)])
    flow = replace(state.flow, open_steps=(step.code,))
    opened = {step.code: START.date()}
    return replace(state, status=Status.IN_PROGRESS, flow=flow, opened_on=opened)
