"""Who moves up or down when the rules change: both rule sets over the register as it stands."""

from __future__ import annotations

from anju.foundation.policies.queries import rule_sets_of
from anju.resettlement.households.queries import registered_households
from anju.resettlement.planning.models import VersionRecord
from anju.resettlement.planning.versions import version_in_force
from anju.resettlement.projects.queries import project_by_id
from anju_rules.moves import Comparison, compare_totals
from anju_rules.scoring import score_totals


def compare_rules(version: VersionRecord) -> Comparison | None:
    """Say whom a version's rules move; ``None`` where they are those of the plan in force.

    Nobody moves where the order is by lot alone. Refuses with ``scoring.fact-missing`` and as
    :func:`anju_rules.scoring.score_household` does: what a new rule asks for is collected first.
    Call it while reading or writing.
    """
    binding = version_in_force(version.project_id)
    if binding is None or version.rules_digest == binding.rules_digest:
        return None
    rules = {one.digest: one.rules for one in rule_sets_of(project_id=version.project_id)}
    households = [row.household for row in registered_households(project_id=version.project_id)]
    if (
        project_by_id(project_id=version.project_id).mode != "score"
        or binding.rules_digest not in rules
    ):
        return Comparison(households=len(households), moves=())
    numbers = [household.number for household in households]
    before, after = (
        score_totals(households=households, rules=rules[digest])
        for digest in (binding.rules_digest, version.rules_digest)
    )
    return compare_totals(
        before=dict(zip(numbers, before, strict=True)),
        after=dict(zip(numbers, after, strict=True)),
        strata={household.number: household.stratum for household in households},
    )
