"""The backlog of many communities, and a plan as it is frozen."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from anju_rules.procedures.reading import read_procedure
from anju_rules.triage.backlog import Case, order_backlog
from anju_rules.triage.easy_first import Means
from anju_rules.triage.plan_records import digest_plan, public_part, show_plan
from anju_rules.triage.planning import plan_community
from anju_rules.triage.types import OwedBy
from anju_rules.values import Refusal
from tests.rules.test_triage import KINDS, MEANS, building, choices, community, graphs

NO_LIMIT = Means()
FOLDER = Path(__file__).parents[2] / "src/anju/procedures"


@pytest.mark.req("LEG-4")
def test_the_easiest_homes_come_first_wherever_they_stand() -> None:
    small = replace(community(building(homes=2, registers_agree=False)), code="small")
    large = replace(
        community(
            building("b1", homes=30, registers_agree=False), building("b2", archive_complete=None)
        ),
        code="large",
    )
    cases = [Case(community=small), Case(community=large)]
    order = order_backlog(cases, kinds=KINDS, means=Means(staff_days=6))
    assert [(line.code, line.freed) for line in order.lines] == [("large", 30), ("small", 0)]
    assert order.lines[0].waiting == 3
    assert order.is_proven
    (stage,) = order.stages
    assert (stage.community, stage.stage.homes[:2]) == ("large", ("b1-1", "b1-2"))
    assert stage.stage.cleared[0].blocker == "b1/registers-disagree"
    with pytest.raises(Refusal, match=r"^triage\.community-twice"):
        order_backlog([*cases, cases[0]], kinds=KINDS, means=NO_LIMIT)


@pytest.mark.req("LEG-4")
def test_separation_is_each_communitys_own() -> None:
    owing: dict[str, Any] = {"land_price_and_tax_paid": False, "owed_by": "developer"}
    one = replace(community(building(**owing)), code="one")
    two = replace(community(building(**owing)), code="two")
    assert one.blockers[0].owed_by is OwedBy.DEVELOPER
    order = order_backlog(
        [Case(community=one, is_separated=True), Case(community=two)], kinds=KINDS, means=NO_LIMIT
    )
    assert {line.code: (line.now, line.freed) for line in order.lines} == {
        "one": (3, 0),
        "two": (0, 3),
    }


@pytest.mark.req("LEG-4")
@settings(max_examples=40)
@given(graphs(most=3), MEANS)
def test_two_communities_together_are_served_as_well_as_by_brute_force(
    graph: tuple[Any, Any], means: Means
) -> None:
    asked, kinds = graph
    twins = [replace(asked, code="a"), replace(asked, code="b")]
    order = order_backlog([Case(community=one) for one in twins], kinds=kinds, means=means)
    single = choices(asked, kinds)
    best = max(
        len(one[0]) + len(other[0])
        for one in single
        for other in single
        if means.bears(one[1] + other[1], one[2] + other[2])
    )
    assert order.freed + sum(line.now for line in order.lines) == best
    assert order == order_backlog(
        [Case(community=one) for one in reversed(twins)], kinds=kinds, means=means
    )


@pytest.mark.req("LEG-2")
def test_a_frozen_plan_keeps_its_digest_and_its_public_part_names_no_home() -> None:
    asked = community(
        building("b1", homes=2, registers_agree=False),
        building("b2", homes=1, ownership_undisputed=False),
        building("b3", homes=4),
    )
    plan = plan_community(asked, kinds=KINDS, means=NO_LIMIT)
    told = show_plan(community=asked, plan=plan, kinds=KINDS, means=NO_LIMIT, is_separated=False)
    again = json.loads(json.dumps(told))
    assert digest_plan(again) == digest_plan(told)
    shown = public_part(told)
    assert shown["now"] == {"homes": 4}
    assert shown["blocked"] == [{"homes": 1, "kinds": ["ownership-dispute"]}]
    assert "b1-1" in json.dumps(told)
    assert "b1-1" not in json.dumps(shown)
    again["now"]["homes"].pop()
    assert digest_plan(again) != digest_plan(told)


@pytest.mark.req("LEG-2")
@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_kind_has_its_procedure_with_each_remedy_in_its_time(code: str) -> None:
    file = FOLDER / f"legacy-{code}.toml"
    procedure = read_procedure(tomllib.loads(file.read_text(encoding="utf-8")))
    kind = KINDS[code]
    outcomes = {one.code for step in procedure.steps.values() for one in step.outcomes}
    for remedy in kind.remedies:
        # The limit stands in the kind; the procedure keeps to it, step by step or as a whole.
        assert remedy.code in outcomes
        own = procedure.steps.get(remedy.code, None)
        limit = own.limit.binding if own is not None else procedure.limit.binding
        assert limit is not None
        assert limit.length == remedy.working_days
    assert kind.is_dispute == (not kind.remedies)
    if kind.basis.certainty != "C":
        assert procedure.basis.certainty == kind.basis.certainty
        assert all(step.basis.certainty in ("P", "U") for step in procedure.steps.values())
