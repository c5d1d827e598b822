"""Applications beside each other: how each stands, which meet, and what none of them earns.

Two applications meet by equal numbers, never by names that look alike (P5); what was withdrawn,
waived or never claimed earns nothing (P4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from anju_rules.eligibility.sheet import Claim
from anju_rules.eligibility.texts import normal_text


class Standing(StrEnum):
    """What has become of a household's review."""

    NONE = "none"
    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def roll(self) -> Roll:
        """In which list of a draw the household stands."""
        return _ROLLS[self]

    @property
    def is_alive(self) -> bool:
        """Whether the application may still earn something."""
        return self in (Standing.OPEN, Standing.CONFIRMED)


class Roll(StrEnum):
    """Where a household stands when lots are drawn."""

    MAIN = "main"
    DISPUTED = "disputed"
    """A key, and no place unless it is decided for."""
    OUT = "out"
    UNDECIDED = "undecided"
    """Nobody has looked at it: a list with such a line cannot be frozen (T-06)."""


_ROLLS = {
    Standing.NONE: Roll.UNDECIDED,
    Standing.OPEN: Roll.DISPUTED,
    Standing.CONFIRMED: Roll.MAIN,
    Standing.REFUSED: Roll.OUT,
    Standing.WITHDRAWN: Roll.OUT,
}


# ------------------------------------------------------------------------- which of them meet


class Repeat(StrEnum):
    """How two applications meet."""

    SAME_HOLDER = "same-holder"
    SHARED_PERSON = "shared-person"
    """Somebody is counted in both: a household was split."""
    SAME_DWELLING = "same-dwelling"
    SAME_REGISTER = "same-register"
    """Both stand in one household register, with other people."""
    SAME_NAME_AND_BIRTH = "same-name-and-birth"
    """One of the two has no identity number; the whole name and the birth date are equal."""

    @property
    def is_bar(self) -> bool:
        """Whether one of the two cannot be confirmed: nobody is resettled twice."""
        return self in (Repeat.SAME_HOLDER, Repeat.SHARED_PERSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """An application as it is compared with others.

    Every text is compared for equality alone, so an index of a number serves as well as the number.
    """

    key: str
    holder: str = field(default="", repr=False)
    people: frozenset[str] = field(default=frozenset(), repr=False)
    dwelling: str = field(default="", repr=False)
    register: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    born_on: date | None = field(default=None, repr=False)
    standing: Standing = Standing.OPEN


@dataclass(frozen=True, slots=True)
class Meeting:
    """That an application meets another one, and how."""

    other: str
    repeat: Repeat


def find_repeats(own: Applicant, others: Iterable[Applicant]) -> tuple[Meeting, ...]:
    """Give every living application that ``own`` meets, and how, in the order of ``others``.

    Equal identity numbers always count; names count only whole, with the birth date, and where an
    identity number is missing. An application that was refused or withdrawn meets nobody.
    """
    return tuple(
        Meeting(other.key, repeat)
        for other in others
        if other.key != own.key and other.standing.is_alive
        for repeat in _repeats(own, other)
    )


def _repeats(own: Applicant, other: Applicant) -> list[Repeat]:
    found = []
    if own.holder and own.holder == other.holder:
        found.append(Repeat.SAME_HOLDER)
    elif (own.people | {own.holder}) & (other.people | {other.holder}) - {""}:
        found.append(Repeat.SHARED_PERSON)
    elif own.register and own.register == other.register:
        found.append(Repeat.SAME_REGISTER)
    if own.dwelling and own.dwelling == other.dwelling:
        found.append(Repeat.SAME_DWELLING)
    if not (own.holder and other.holder) and _is_same_name(own, other):
        found.append(Repeat.SAME_NAME_AND_BIRTH)
    return found


def _is_same_name(own: Applicant, other: Applicant) -> bool:
    return (
        own.born_on is not None
        and own.born_on == other.born_on
        and bool(own.name)
        and normal_text(own.name) == normal_text(other.name)
    )


# -------------------------------------------------------------------------- what earns something


def earning_claims(
    claims: Mapping[str, Claim], *, proven: Collection[str], standing: Standing
) -> frozenset[str]:
    """Give the claims that count: claimed, proven, and of a household that is not out.

    >>> told = {"disabled": Claim.CLAIMED, "low_income": Claim.WAIVED}
    >>> sorted(earning_claims(told, proven=["disabled", "low_income"], standing=Standing.CONFIRMED))
    ['disabled']
    >>> earning_claims(told, proven=["disabled"], standing=Standing.WITHDRAWN)
    frozenset()
    """
    if not standing.is_alive:
        return frozenset()
    return frozenset(
        code for code, claim in claims.items() if claim is Claim.CLAIMED and code in proven
    )
