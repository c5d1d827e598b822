"""Replaying: a selection held elsewhere, judged from its record by the plan's rules."""

from __future__ import annotations

from anju.resettlement.offline.plan import Plan
from anju_rules.replay import Progress, ReplayReport, judge_choices
from anju_rules.values import Refusal


def judge_plan(plan: Plan, *, progress: Progress | None = None) -> ReplayReport:
    """Judge the recorded choices of a plan that has been read."""
    if not plan.choices:
        raise Refusal("replay.no-choices")
    if not plan.lottery_numbers:
        raise Refusal("replay.no-lottery-numbers")
    return judge_choices(
        choices=plan.choices,
        households={number: registered.household for number, registered in plan.households.items()},
        homes=plan.homes,
        lottery_numbers=plan.lottery_numbers,
        rules=plan.rules,
        progress=progress,
    )
