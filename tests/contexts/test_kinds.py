"""Kinds of projects, modes and options: what goes together, and what holds by itself (PLN-1)."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from anju.resettlement.offline.plan_terms import Allocation, read_allocation
from anju.resettlement.offline.plan_text import Section
from anju.resettlement.projects.kinds import default_kinds
from anju.web.public.allocation import MODES, OPTIONS, lay_out_allocation
from anju_rules.kinds import Option, OptionTerms, judge_allocation
from anju_rules.policy.types import Basis
from anju_rules.queue import order_stratum
from anju_rules.values import Refusal

pytestmark = pytest.mark.req("PLN-1")

POINTS = 'option = "credit-points"\nclause = "plan/options#2"\n'
ON_SITE = 'option = "on-site"\nclause = "plan/options#1"\n'


def read(text: str, *, has_draw: bool = False) -> tuple[Allocation, list[str]]:
    section = Section(name="project", values=tomllib.loads(text))
    allocation = read_allocation(section, has_draw=has_draw)
    return allocation, [fault.rule for fault in section.faults]


def test_each_kind_carries_defaults_of_its_own_and_each_has_its_source() -> None:
    kinds = default_kinds()
    assert set(kinds) == {"urban-renewal", "shanty-town", "urban-village"}
    told = {(kind.mode, tuple(one.option for one in kind.options)) for kind in kinds.values()}
    assert len(told) == len(kinds), "the kinds differ"
    for kind in kinds.values():
        bases = [kind.basis, kind.mode_basis, *(one.basis for one in kind.options)]
        assert all(basis.clause and basis.source and basis.certainty for basis in bases)
        verdict = judge_allocation(kind=kind, mode=kind.mode, options=kind.options, has_draw=True)
        assert verdict.met, "what a kind does by itself is lawful"


def test_what_a_plan_leaves_out_is_its_kinds_own_and_what_it_states_is_its_own() -> None:
    silent, faults = read('type = "shanty-town"')
    assert faults == []
    assert (silent.mode, silent.is_default_mode, silent.are_default_options) == (
        "lottery",
        True,
        True,
    )
    stated, faults = read(
        f'type = "shanty-town"\nmode = "score"\n[[options]]\n{ON_SITE}note = "先到先选"\n'
    )
    assert faults == []
    assert (stated.mode, stated.is_default_mode, stated.are_default_options) == (
        "score",
        False,
        False,
    )
    assert [(one.option, one.note) for one in stated.options] == [(Option.ON_SITE, "先到先选")]
    bare, faults = read('mode = "lottery"')
    assert (bare.kind, bare.options, faults) == (None, (), [])
    assert read("")[1] == ["plan.key-missing"], "without a kind the mode must be stated"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'type = "urban-renewal"\n[[options]]\noption = "off-site"\nclause = "x"',
            "plan.option-required",
        ),
        (
            'mode = "score"\n[[options]]\noption = "house-tickets"\nclause = "x"',
            "plan.option-without-site",
        ),
        (
            f'mode = "lottery"\n[[options]]\n{ON_SITE}[[options]]\n{POINTS}',
            "plan.option-needs-score",
        ),
        (f'mode = "score"\n[[options]]\n{ON_SITE}[[options]]\n{ON_SITE}', "plan.option-twice"),
        ('mode = "score"\n[[options]]\noption = "on-site"', "plan.key-missing"),
        ('mode = "score"\n[[options]]\noption = "cash"\nclause = "x"', "plan.unlawful-value"),
        ('mode = "score"\n[options]\noption = "on-site"', "plan.not-a-table"),
        (f'mode = "score"\n[[options]]\n{ON_SITE}price = "1"', "plan.unknown-key"),
        ('type = "palace"\nmode = "score"', "plan.unlawful-value"),
        ('mode = "auction"', "plan.unlawful-value"),
    ],
)
def test_what_does_not_go_together_is_refused(text: str, fault: str) -> None:
    assert fault in read(text)[1]


def test_homes_given_by_agreement_are_never_drawn_or_ordered() -> None:
    assert read('mode = "negotiated"')[1] == []
    assert read('mode = "negotiated"', has_draw=True)[1] == ["plan.draw-of-no-use"]
    with pytest.raises(Refusal, match=r"selection\.given-by-agreement"):
        order_stratum(mode="negotiated", scores=[])


def test_the_plan_page_says_every_mode_and_option_and_what_is_only_recorded() -> None:
    assert set(OPTIONS) == set(Option)
    plan: dict[str, Any] = {"project": {"type": "urban-village"}}
    page = lay_out_allocation(plan)
    assert page.kind is not None
    assert (page.kind.title, page.mode.title) == ("城中村改造", MODES["score"][0])
    assert page.mode.is_default
    assert page.mode.is_unconfirmed
    assert [line.title for line in page.options] == ["异地安置", "房票"]
    assert "土地管理法" in page.options[0].basis
    own = lay_out_allocation({"project": {"mode": "negotiated"}})
    assert (own.kind, own.mode.is_default, own.options) == (None, False, ())


def test_control_a_kind_that_requires_nothing_lets_anything_through() -> None:
    offered = [OptionTerms(option=Option.OFF_SITE, basis=Basis(clause="x"))]
    told = {"mode": "score", "options": offered, "has_draw": False}
    assert judge_allocation(kind=None, **told).met  # type: ignore[arg-type]
    renewal = default_kinds()["urban-renewal"]
    assert not judge_allocation(kind=renewal, **told).met  # type: ignore[arg-type]
