"""Replaying: a selection held elsewhere, judged from its record by the plan's rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from anju.resettlement.offline.plan import Plan, read_plan
from anju_rules.replay import Progress, ReplayReport, judge_choices
from anju_rules.values import Refusal


def replay_plan(folder: Path, *, overrides: Mapping[str, Path] | None = None) -> ReplayReport:
    """Read the plan in ``folder`` and judge its recorded choices one by one.

    ``overrides`` puts other files in the place of its tables, as :func:`read_plan` does. Raises
    :class:`~anju.resettlement.offline.plan.PlanFaults` where the input is faulty, and refuses with
    ``replay.no-choices`` or ``replay.no-lottery-numbers`` where there is nothing to judge by.
    """
    return judge_plan(read_plan(folder, overrides=overrides or {}))


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
