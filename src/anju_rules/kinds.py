"""Kinds of projects, their modes of allocation and options: which go together (PLN-1).

A kind (urban renewal, shanty town, urban village) says by which mode its homes are given where the
plan says nothing, and which options it must offer by law. A mode is carried out; an option is
recorded with its clause, and published with the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from anju_rules.policy.types import Basis, Certainty
from anju_rules.procedures.types import Words
from anju_rules.queue import Mode
from anju_rules.values import Finding, Verdict


class Option(StrEnum):
    """What a plan may offer beside; nothing here carries one out, and the plan's page says so."""

    ON_SITE = "on-site"
    """Homes where the old ones stood, or near by (原址或就近安置)."""
    OFF_SITE = "off-site"
    HOUSE_TICKETS = "house-tickets"
    """A ticket that pays for a home bought elsewhere (房票)."""
    SHARED_OWNERSHIP = "shared-ownership"
    CREDIT_POINTS = "credit-points"
    """Points for having kept agreements before (信用积分); they count in an order of scores."""


_SITES = frozenset({Option.ON_SITE, Option.OFF_SITE})


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionTerms:
    """An option of a plan, with what it rests on."""

    option: Option
    basis: Basis
    note: str = ""
    """What the plan says of it, in its own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of project: what holds where its plan says nothing, and what it must offer."""

    code: str
    title: Words
    basis: Basis
    mode: Mode
    mode_basis: Basis
    options: tuple[OptionTerms, ...]
    required: frozenset[Option]
    """Options that a plan of this kind may not leave out."""


def read_kind(table: Mapping[str, Any]) -> Kind:
    """Read a kind's own table; a table that is not one raises as its first wrong key does."""
    options = tuple(
        OptionTerms(option=Option(line["option"]), basis=_basis(line)) for line in table["options"]
    )
    return Kind(
        code=table["code"],
        title=Words(zh=table["title"]["zh"], en=table["title"]["en"]),
        basis=_basis(table),
        mode=cast("Mode", table["mode"]["is"]),
        mode_basis=_basis(table["mode"]),
        options=options,
        required=frozenset(
            Option(line["option"]) for line in table["options"] if line.get("is_required", False)
        ),
    )


def judge_allocation(
    *, kind: Kind | None, mode: Mode, options: Sequence[OptionTerms], has_draw: bool
) -> Verdict:
    """Say whether a plan's kind, mode and options go together.

    Findings: ``plan.option-required`` (the law asks for one that is missing),
    ``plan.option-twice``, ``plan.option-without-site`` (options, but neither on site nor off site),
    ``plan.option-needs-score`` (points where no score is ordered by), ``plan.draw-of-no-use`` (a
    draw where homes are given by agreement).
    """
    offered = [terms.option for terms in options]
    return Verdict(tuple(_judge(kind, mode, offered, has_draw=has_draw)))


def _judge(
    kind: Kind | None, mode: Mode, offered: Sequence[Option], *, has_draw: bool
) -> Iterator[Finding]:
    for terms in kind.options if kind is not None else ():
        if kind is not None and terms.option in kind.required:
            yield Finding(
                "plan.option-required",
                terms.basis.clause,
                terms.option in offered,
                {"option": str(terms.option), "type": kind.code, "source": terms.basis.source},
            )
    twice = [option for option in dict.fromkeys(offered) if offered.count(option) > 1]
    yield Finding(
        "plan.option-twice", "plan/options", not twice, {"option": str(twice[0])} if twice else {}
    )
    yield Finding(
        "plan.option-without-site", "plan/options", not offered or bool(_SITES & set(offered)), {}
    )
    yield Finding(
        "plan.option-needs-score",
        "plan/options",
        Option.CREDIT_POINTS not in offered or mode == "score",
        {"mode": mode},
    )
    yield Finding("plan.draw-of-no-use", "plan/draw", not (has_draw and mode == "negotiated"), {})


def _basis(table: Mapping[str, Any]) -> Basis:
    return Basis(
        clause=table["clause"],
        source=table["source"],
        certainty=cast("Certainty", table["certainty"]),
    )
