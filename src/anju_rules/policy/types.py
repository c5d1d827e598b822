"""What a rule set is, once it has been read: frozen values, each line with the clause it rests on.

A rule set says itself again with :meth:`RuleSet.canonical`: the tables of a plan, with dates and
decimals as text, so that it can be published, hashed and read again to an equal rule set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from anju_rules.values import AreaSqm, Fen, Tenths, points_from_tenths

FactType = Literal["integer", "area", "flag"]
Certainty = Literal["C", "M", "P", "U"]
"""C the law's own text, M measured, P second hand, U from memory: P and U are to be confirmed."""

BUILT_IN_FACTS: Mapping[str, FactType] = {"persons": "integer", "confirmed_area_sqm": "area"}
"""Facts every register has."""
DERIVED_FACTS: Mapping[str, tuple[str, str]] = {
    "home_area_per_person_sqm": ("home_area_sqm", "persons")
}
"""Facts that are one fact a unit of another; compared by cross-multiplication, never divided."""


def plain(number: Decimal) -> str:
    """Write a decimal without an exponent, with the digits it was stated with."""
    return format(number, "f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a line rests on."""

    clause: str
    source: str = ""
    certainty: Certainty | None = None

    def canonical(self) -> dict[str, object]:
        """Say it again as keys of the line's table; what was not stated stays away."""
        told: dict[str, object] = {"clause": self.clause}
        if self.source:
            told["source"] = self.source
        if self.certainty:
            told["certainty"] = self.certainty
        return told

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the line must show "to be confirmed"."""
        return self.certainty in ("P", "U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition on one fact: all bounds that are stated must hold.

    A derived fact is compared by cross-multiplication: 30 m² for two is not below 15 m² a person.
    """

    fact: str
    below: Decimal | None = None
    at_most: Decimal | None = None
    at_least: Decimal | None = None
    above: Decimal | None = None
    is_true: bool | None = None

    def canonical(self) -> dict[str, object]:
        """Say it again as the plan's ``when`` table."""
        told: dict[str, object] = {"fact": self.fact}
        for name, bound in self.bounds:
            told[name] = plain(bound)
        if self.is_true is not None:
            told["is"] = self.is_true
        return told

    @property
    def bounds(self) -> tuple[tuple[str, Decimal], ...]:
        """The stated bounds by name: ``below``, ``at_most``, ``at_least``, ``above``."""
        stated = (
            ("below", self.below),
            ("at_most", self.at_most),
            ("at_least", self.at_least),
            ("above", self.above),
        )
        return tuple((name, bound) for name, bound in stated if bound is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringLine:
    """One line of the score: points times a quantity.

    The quantity is the fact ``per`` (at most ``at_most_times``), or 1 where ``when`` holds, else 0.
    """

    code: str
    label: str
    tenths: Tenths
    basis: Basis
    per: str | None = None
    at_most_times: int | None = None
    when: Condition | None = None
    group: str | None = None
    """Of the lines of one group that apply, the highest counts; of equal ones the first."""
    sensitive: bool = False
    """Whether the public sheet folds the line into the subtotal ``care``."""

    @property
    def clause(self) -> str:
        """The clause the line rests on."""
        return self.basis.clause

    @property
    def facts(self) -> tuple[str, ...]:
        """The register's facts the line needs; a derived fact counts as the two it is made of."""
        named = self.per if self.when is None else self.when.fact
        return () if named is None else DERIVED_FACTS.get(named, (named,))

    def canonical(self) -> dict[str, object]:
        """Say it again as a ``[[rules.scoring]]`` table."""
        points = points_from_tenths(self.tenths).removesuffix(".0")
        told: dict[str, object] = {"code": self.code, "label": self.label, "points": points}
        if self.per is not None:
            told["per"] = self.per
        if self.at_most_times is not None:
            told["at_most_times"] = self.at_most_times
        if self.when is not None:
            told["when"] = self.when.canonical()
        if self.group is not None:
            told["group"] = self.group
        return {**told, **self.basis.canonical(), "sensitive": self.sensitive}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prohibition:
    """A fact that no line may use, checked when the rule set is read."""

    fact: str
    basis: Basis

    def canonical(self) -> dict[str, object]:
        """Say it again as a ``[[rules.prohibitions]]`` table."""
        return {"fact": self.fact, **self.basis.canonical()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessStep:
    """The price of the part of the excess up to ``up_to_sqm`` above the budget."""

    up_to_sqm: AreaSqm
    price_fen_per_sqm: Fen

    def canonical(self) -> dict[str, object]:
        """Say it again as the plan's table."""
        return {
            "up_to_sqm": plain(self.up_to_sqm),
            "price_fen_per_sqm": int(self.price_fen_per_sqm),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaBudget:
    """Several homes a household, within an area budget and a bounded excess."""

    basis: Basis
    budget_fact: str | None = None
    per_person_sqm: AreaSqm | None = None
    per_fact: str | None = None
    excess_below_sqm: AreaSqm | None = None
    """The total may exceed the budget by less than this: strict."""
    excess_at_most_sqm: AreaSqm | None = None
    excess_steps: tuple[ExcessStep, ...] = ()
    base_price_fen_per_sqm: Fen | None = None
    most_homes: int | None = None

    @property
    def clause(self) -> str:
        """The clause the entitlement rests on."""
        return self.basis.clause

    @property
    def facts(self) -> tuple[str, ...]:
        """The register's facts the entitlement needs."""
        return tuple(fact for fact in (self.budget_fact, self.per_fact) if fact is not None)

    def canonical(self) -> dict[str, object]:
        """Say it again as the plan's table."""
        told: dict[str, object] = {"kind": "budget"}
        if self.budget_fact is not None:
            told["budget"] = self.budget_fact
        if self.per_person_sqm is not None:
            told["per_person_sqm"] = plain(self.per_person_sqm)
            told["per"] = self.per_fact
        if self.excess_below_sqm is not None:
            told["excess_below_sqm"] = plain(self.excess_below_sqm)
        if self.excess_at_most_sqm is not None:
            told["excess_at_most_sqm"] = plain(self.excess_at_most_sqm)
        if self.excess_steps:
            told["excess_steps"] = [step.canonical() for step in self.excess_steps]
        if self.base_price_fen_per_sqm is not None:
            told["base_price_fen_per_sqm"] = int(self.base_price_fen_per_sqm)
        if self.most_homes is not None:
            told["most_homes"] = self.most_homes
        return {**told, **self.basis.canonical()}


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaBand:
    """Which areas a household of so many persons may choose; all bounds inclusive."""

    least_persons: int
    most_persons: int
    least_sqm: AreaSqm
    most_sqm: AreaSqm

    def canonical(self) -> dict[str, object]:
        """Say it again as the plan's table."""
        return {
            "persons": [self.least_persons, self.most_persons],
            "area_sqm": [plain(self.least_sqm), plain(self.most_sqm)],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaBands:
    """One home a household, its area by the household's size (MAT-1)."""

    basis: Basis
    bands: tuple[AreaBand, ...]
    flexible_sqm: AreaSqm | None = None
    """By how much a home may lie outside its band (弹性选房); none where not stated."""

    @property
    def clause(self) -> str:
        """The clause the entitlement rests on."""
        return self.basis.clause

    @property
    def facts(self) -> tuple[str, ...]:
        """The register's facts the entitlement needs."""
        return ("persons",)

    def canonical(self) -> dict[str, object]:
        """Say it again as the plan's table."""
        told: dict[str, object] = {
            "kind": "bands",
            "bands": [band.canonical() for band in self.bands],
        }
        if self.flexible_sqm is not None:
            told["flexible_sqm"] = plain(self.flexible_sqm)
        return {**told, **self.basis.canonical()}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityLimits:
    """Communities where a household may hold one home only, and those that exclude each other."""

    basis: Basis
    one_home: tuple[str, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()

    def canonical(self) -> dict[str, object]:
        """Say it again as the plan's table."""
        told: dict[str, object] = {}
        if self.one_home:
            told["one_home"] = list(self.one_home)
        if self.exclusive:
            told["exclusive"] = [list(communities) for communities in self.exclusive]
        return {**told, **self.basis.canonical()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """How turns run: late ones, how many sign a choice and in what time, how many desks call.

    What a plan does not say stays unsaid when it is written again: a rule set that was frozen
    before a term was known keeps its digest.
    """

    late: Literal["allowed", "refused"]
    basis: Basis
    signatures: int | None = None
    """How many sides sign a choice, 1 or 2; None where the plan does not say
    (:func:`anju_rules.signing.signatures_needed` says what holds then)."""
    sign_seconds: int = 120
    """How long the other side has to sign, from the naming of the homes."""
    hot_from_wishes: int = 3
    """Named by the wishes of so many households, a home is checked a third time."""
    desks: int = 1
    """How many households may be called at once."""
    seconds: int = 180
    """How long a household that is called has to choose."""

    def canonical(self) -> dict[str, object]:
        """Say it again as the plan's table; what is as it is by default is left out."""
        terms = {
            name: getattr(self, name)
            for name, (default, _, _) in TURN_TERMS.items()
            if getattr(self, name) != default
        }
        return {"late": self.late, **terms, **self.basis.canonical()}


TURN_TERMS: Mapping[str, tuple[int | None, int, int]] = {
    "signatures": (None, 1, 2),
    "sign_seconds": (120, 10, 3600),
    "hot_from_wishes": (3, 1, 100_000),
    "desks": (1, 1, 20),
    "seconds": (180, 10, 86_400),
}
"""The whole numbers of ``[rules.turns]``: what holds unsaid, the least, and the most."""
SILENT_TURNS = Turns(late="refused", basis=Basis(clause=""))
"""What holds where a plan has no ``[rules.turns]``: a missed turn does not come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCondition:
    """What a home must be like: all that is stated must hold; an unknown floor never does."""

    has_lift: bool | None = None
    is_barrier_free: bool | None = None
    floor_at_most: int | None = None
    floor_at_least: int | None = None
    rooms_at_least: int | None = None

    def canonical(self) -> dict[str, object]:
        """Say it again as the plan's table."""
        stated: tuple[tuple[str, object], ...] = (
            ("has_lift", self.has_lift),
            ("is_barrier_free", self.is_barrier_free),
            ("floor_at_most", self.floor_at_most),
            ("floor_at_least", self.floor_at_least),
            ("rooms_at_least", self.rooms_at_least),
        )
        return {name: value for name, value in stated if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRule:
    """A special need as a hard rule: which homes meet it, and when those kept for it open."""

    need: str
    home_any: tuple[HomeCondition, ...]
    """A home meets the need if any of these holds."""
    basis: Basis
    reserved_opens_after_stratum: str | None = None

    @property
    def clause(self) -> str:
        """The clause the need rests on."""
        return self.basis.clause

    def canonical(self) -> dict[str, object]:
        """Say it again as a ``[[rules.needs]]`` table."""
        told: dict[str, object] = {
            "need": self.need,
            "home": {"any": [condition.canonical() for condition in self.home_any]},
        }
        if self.reserved_opens_after_stratum is not None:
            told["reserved_opens_after_stratum"] = self.reserved_opens_after_stratum
        return {**told, **self.basis.canonical()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A project's rules: one dated version, frozen once used (PLN-3)."""

    version: str
    effective_on: date
    facts: Mapping[str, FactType]
    """Every fact that may be named, with its type; the built-in ones are always among them."""
    entitlement: AreaBudget | AreaBands
    scoring: tuple[ScoringLine, ...] = ()
    scoring_clause: str = ""
    prohibitions: tuple[Prohibition, ...] = ()
    communities: CommunityLimits | None = None
    turns: Turns | None = None
    """None where the plan is silent: then :data:`SILENT_TURNS` holds."""
    needs: tuple[NeedRule, ...] = field(default=())
    unplaced: Literal["wait", "first-lawful"] = "wait"

    @property
    def turn_terms(self) -> Turns:
        """How turns run, said by the plan or not."""
        return self.turns or SILENT_TURNS

    @property
    def scoring_facts(self) -> tuple[str, ...]:
        """The register's facts the score needs, in the order of the lines, none twice."""
        return tuple(dict.fromkeys(fact for line in self.scoring for fact in line.facts))

    @property
    def unconfirmed(self) -> tuple[ScoringLine, ...]:
        """Scoring lines from a secondary source or from memory: they show "to be confirmed"."""
        return tuple(line for line in self.scoring if line.basis.is_unconfirmed)

    def canonical(self) -> dict[str, object]:
        """Say the rule set again as a plan's tables: text, whole numbers, yes and no only."""
        rules: dict[str, object] = {
            "version": self.version,
            "effective_on": self.effective_on.isoformat(),
        }
        if self.scoring_clause:
            rules["scoring_clause"] = self.scoring_clause
        if self.scoring:
            rules["scoring"] = [line.canonical() for line in self.scoring]
        if self.prohibitions:
            rules["prohibitions"] = [prohibition.canonical() for prohibition in self.prohibitions]
        entitlement = self.entitlement.canonical()
        if self.communities is not None:
            entitlement["communities"] = self.communities.canonical()
        rules["entitlement"] = entitlement
        if self.turns is not None:
            rules["turns"] = self.turns.canonical()
        if self.needs:
            rules["needs"] = [need.canonical() for need in self.needs]
        rules["matching"] = {"unplaced": self.unplaced}
        return {"facts": dict(self.facts), "rules": rules}
