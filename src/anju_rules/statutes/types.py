"""What a law is, once read: numbered clauses, and the items each is broken down into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from anju_rules.policy.types import Certainty
from anju_rules.procedures.types import Words


class ItemKind(StrEnum):
    """What an item says."""

    PERMITS = "permits"
    REQUIRES = "requires"
    FORBIDS = "forbids"
    LIMITS = "limit"
    """A term or an amount that may not be exceeded, or fallen short of."""


class Guard(StrEnum):
    """Who looks after an item."""

    RULES = "rules"
    """A check of every rule set, when it is stored."""
    PROCEDURE = "procedure"
    """A check of the procedures."""
    REFUSAL = "refusal"
    """A refusal of the platform, by its code."""
    BUILT_IN = "built-in"
    """A part of the platform that cannot do otherwise, by its module."""
    HUMAN = "human"
    """Nothing but people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a clause says."""

    code: str
    """``order-590/10#1``."""
    kind: ItemKind
    text: Words
    """In our own words; the law's text decides."""
    guard: Guard
    check: str
    """What the guard is asked for; empty for people."""
    certainty: Certainty

    @property
    def is_unconfirmed(self) -> bool:
        """Whether it must show "to be confirmed"."""
        return self.certainty in ("P", "U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A numbered clause of a law."""

    code: str
    """As it is cited: ``order-590/10``."""
    title: Words
    items: tuple[Item, ...]
    cited_as: tuple[str, ...]
    """Other ways in which it is cited."""
    touches: tuple[str, ...]
    """Parts of rule sets, and procedures, that rest on it even where nobody cites it."""

    @property
    def names(self) -> frozenset[str]:
        """Everything it is cited as."""
        return frozenset({self.code, *self.cited_as})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statute:
    """One edition of a law or of a local rule."""

    code: str
    title: Words
    source: str
    """Who made it, and its number."""
    edition: date
    """The day from which this edition is in force."""
    clauses: Mapping[str, Clause]
    """By code, in the law's order."""

    @property
    def items(self) -> Iterator[Item]:
        """Every item, in the law's order."""
        return (item for clause in self.clauses.values() for item in clause.items)
