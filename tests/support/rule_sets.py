"""Rule sets for tests: a plan's tables as a clerk writes them, changed one thing at a time."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

from anju_rules.policy import RuleSet, read_rule_set

SCORING = """
[facts]
persons = "integer"
home_area_sqm = "area"
has_no_home = "flag"
is_low_income = "flag"
has_disability = "flag"
members_over_70 = "integer"
signed_early = "flag"
moved_on_time = "flag"

[rules]
version = "1"
effective_on = 2026-06-01
scoring_clause = "plan/scoring"

[[rules.scoring]]
code = "population"
label = "户籍人口"
points = "0.3"
per = "persons"
clause = "plan/scoring#1"
source = "方案第九条"
certainty = "C"

[[rules.scoring]]
code = "crowded"
label = "人均不足15㎡"
points = "2"
when = { fact = "home_area_per_person_sqm", below = "15" }
group = "housing"
clause = "plan/scoring#2"
source = "方案第九条"
certainty = "P"

[[rules.scoring]]
code = "homeless"
label = "无房"
points = "5"
when = { fact = "has_no_home", is = true }
group = "housing"
clause = "plan/scoring#3"
source = "方案第九条"
certainty = "C"

[[rules.scoring]]
code = "low-income"
label = "低收入"
points = "3"
when = { fact = "is_low_income", is = true }
clause = "plan/scoring#4"
source = "方案第九条"
certainty = "C"
sensitive = true

[[rules.scoring]]
code = "disability"
label = "残疾"
points = "4"
when = { fact = "has_disability", is = true }
clause = "plan/scoring#5"
source = "方案第九条"
certainty = "U"
sensitive = true

[[rules.scoring]]
code = "elderly"
label = "七十岁以上"
points = "2"
per = "members_over_70"
at_most_times = 1
clause = "plan/scoring#6"
source = "方案第九条"
certainty = "C"

[[rules.scoring]]
code = "signed-early"
label = "提前签约"
points = "1"
when = { fact = "signed_early", is = true }
clause = "plan/scoring#7"
source = "方案第九条"
certainty = "C"

[[rules.scoring]]
code = "moved-on-time"
label = "按期搬迁"
points = "1"
when = { fact = "moved_on_time", is = true }
clause = "plan/scoring#8"
source = "方案第九条"
certainty = "C"

[[rules.prohibitions]]
fact = "petition_record"
clause = "policy/petitions#1"

[rules.entitlement]
kind = "budget"
budget = "confirmed_area_sqm"
excess_below_sqm = "60"
clause = "plan/selection#3"

[rules.entitlement.communities]
one_home = ["D", "E", "F"]
exclusive = [["E", "F"]]
clause = "plan/selection#4"

[rules.turns]
late = "allowed"
clause = "plan/selection#6"

[[rules.needs]]
need = "barrier-free"
home = { any = [ { is_barrier_free = true }, { floor_at_most = 2 } ] }
reserved_opens_after_stratum = "优先户"
clause = "plan/needs#1"

[rules.matching]
unplaced = "wait"
"""
"""SCO-1 in full, a budget, community limits, late turns and one need."""

BANDS: dict[str, Any] = {
    "kind": "bands",
    "bands": [
        {"persons": [1, 2], "area_sqm": ["50", "60"]},
        {"persons": [3, 4], "area_sqm": ["70", "90"]},
        {"persons": [5, 99], "area_sqm": ["100", "120"]},
    ],
    "clause": "plan/bands#1",
}
"""MAT-1: one home a household, by its size."""


def plan_table(**changes: Any) -> dict[str, Any]:
    """Give the example plan's tables, with whole keys of ``rules`` replaced (None: left out)."""
    table = copy.deepcopy(tomllib.loads(SCORING))
    for key, value in changes.items():
        if value is None:
            table["rules"].pop(key, None)
        else:
            table["rules"][key] = value
    return table


def rule_set(**changes: Any) -> RuleSet:
    """Read the example plan with changes."""
    return read_rule_set(plan_table(**changes))
