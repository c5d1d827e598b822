"""A community's plan as it is frozen: a table whose digest stands in the ledger.

The whole table names homes and is the office's; its public part says how many homes stand where and
why, so that no neighbour reads of whose home a court has laid its hand on. Each has its own digest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anju_rules.hashing import canonical, digest
from anju_rules.triage.easy_first import Means
from anju_rules.triage.planning import CommunityPlan
from anju_rules.triage.types import Blocker, Cleared, Community, Kinds

FORMAT = "anju-community-plan-1"
_OF_HOMES = frozenset({"homes", "waiting"})


def show_plan(
    *,
    community: Community,
    plan: CommunityPlan,
    kinds: Kinds,
    means: Means,
    is_separated: bool,
) -> dict[str, Any]:
    """Show a plan as the table that is frozen: JSON values only, days whole, money in fen."""
    blockers = {one.code: one for one in community.blockers}
    supposed = set(plan.supposed)
    return {
        "format": FORMAT,
        "community": community.code,
        "homes": list(community.homes),
        "means": {"staff_days": means.staff_days, "money_fen": means.money_fen},
        "is_separated": is_separated,
        "now": {"homes": list(plan.now)},
        "by_separation": {"homes": list(plan.by_separation)},
        "ways": [
            {
                "homes": list(way.homes),
                "working_days": way.working_days,
                "staff_days": way.staff_days,
                "cost_fen": way.cost_fen,
                "steps": _show_steps(way.steps, blockers),
            }
            for way in plan.ways
        ],
        "blocked": [
            {"homes": homes, "kinds": list(named)} for named, homes in _blocked(plan, blockers)
        ],
        "easy_first": [
            {
                "homes": list(stage.homes),
                "staff_days": stage.staff_days,
                "cost_fen": stage.cost_fen,
                "steps": _show_steps(stage.cleared, blockers),
            }
            for stage in plan.easy_first.stages
        ],
        "waiting": list(plan.easy_first.waiting),
        "at_most": plan.easy_first.at_most,
        "blockers": [
            {
                "code": one.code,
                "kind": one.kind,
                "owner": kinds[one.kind].owner,
                "clause": kinds[one.kind].basis.clause,
                "owed_by": one.owed_by.value,
                "is_supposed": one.code in supposed,
                "homes": sorted(one.homes),
            }
            for one in sorted(community.blockers, key=lambda one: one.code)
        ],
    }


def public_part(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Give what everybody may read of a frozen plan: every list of homes becomes their number.

    >>> public_part({"now": {"homes": ["1-101", "1-102"]}, "at_most": 3})
    {'now': {'homes': 2}, 'at_most': 3}
    """
    return {key: _counted(key, value) for key, value in shown.items()}


def digest_plan(shown: Mapping[str, Any]) -> str:
    """Give the SM3 digest of a plan, or of its public part, in its canonical form."""
    return digest(canonical(shown)).hex()


def _counted(key: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if key in _OF_HOMES and isinstance(value, Sequence):
        return len(value)
    if isinstance(value, Mapping):
        return {name: _counted(name, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_counted("", one) for one in value]
    return value


def _show_steps(steps: Iterable[Cleared], blockers: Mapping[str, Blocker]) -> list[dict[str, str]]:
    return [
        {"blocker": one.blocker, "kind": blockers[one.blocker].kind, "remedy": one.remedy}
        for one in steps
    ]


def _blocked(
    plan: CommunityPlan, blockers: Mapping[str, Blocker]
) -> list[tuple[tuple[str, ...], list[str]]]:
    """Give the homes that nothing frees, by the kinds that stand in their way."""
    found: dict[tuple[str, ...], list[str]] = {}
    for home, named in plan.blocked.items():
        kinds = tuple(sorted(Counter(blockers[code].kind for code in named)))
        found.setdefault(kinds, []).append(home)
    return sorted(found.items())
