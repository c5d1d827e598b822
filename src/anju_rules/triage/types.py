"""What keeps homes from their titles: kinds of blockers with their remedies, and a community."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from anju_rules.policy.types import Basis
from anju_rules.procedures.types import Words
from anju_rules.values import Fen

DISPUTE_CLAUSE = "land-law/14"
"""Until a dispute of ownership is settled nothing may be changed."""


class OwedBy(StrEnum):
    """Who owes what a payment blocker asks for."""

    NOBODY = ""
    DEVELOPER = "developer"
    OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One way to clear a blocker of a kind."""

    code: str
    title: Words
    working_days: int
    """Its limit: so long it may take."""
    staff_days: int
    cost_fen: Fen
    after: tuple[str, ...]
    """Kinds of blockers that must be cleared first, where they concern one of the same homes."""
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockerKind:
    """A kind of legacy problem."""

    code: str
    title: Words
    question: str
    """The question to a building whose answer "no" means that it is blocked so."""
    owner: str
    """The department that clears it."""
    is_dispute: bool
    """A dispute about land or ownership: blocked until others decide it, never tolerated."""
    separates: bool
    """Whether a title need not wait for what the developer owes (证缴分离)."""
    remedies: tuple[Remedy, ...]
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One blocker of one community."""

    code: str
    kind: str
    homes: frozenset[str]
    owed_by: OwedBy = OwedBy.NOBODY
    is_supposed: bool = False
    """Nobody has answered yet: it is taken for blocked until someone has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """A community as triage sees it."""

    code: str
    homes: tuple[str, ...]
    """Numbers or unit codes, in the register's order."""
    blockers: tuple[Blocker, ...]


Kinds = Mapping[str, BlockerKind]
"""Kinds of blockers by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """A blocker, and the remedy that clears it."""

    blocker: str
    remedy: str
