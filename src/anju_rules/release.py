"""The release plan: which homes go into which batch, and why (INV-5).

Demand comes from the households' first wishes, supply from the homes and the days on which they
are ready. Batches are filled in the order in which they choose; the homes that are ready first go
out first. A home that goes into no batch says why, and a district that is short is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from anju_rules.values import UnitNumber

_HUNDRED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHome:
    """A home as the plan sees it."""

    number: UnitNumber
    district: str
    ready_on: date | None = None
    """None: not known, so it is not promised to anybody."""
    is_out: bool = False
    """Whether a defect keeps it from being chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDemand:
    """A batch: when it chooses, and how many homes it wants in each district."""

    batch: int
    chooses_on: date
    wanted: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """One home in the plan; batch None: in none, and ``code`` says why."""

    number: UnitNumber
    district: str
    batch: int | None
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A district that has too few homes for a batch, and where there are some over."""

    batch: int
    district: str
    wanted: int
    given: int
    over: tuple[tuple[str, int], ...]

    @property
    def short(self) -> int:
        """How many homes are missing."""
        return self.wanted - self.given


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """Every home with its batch, and every gap."""

    homes: tuple[Released, ...]
    gaps: tuple[Gap, ...]

    def numbers_of(self, batch: int | None) -> tuple[UnitNumber, ...]:
        """Give the homes of a batch in table order; None: those in no batch."""
        return tuple(one.number for one in self.homes if one.batch == batch)


def plan_release(
    *,
    homes: Sequence[ReleaseHome],
    batches: Sequence[BatchDemand],
    choice_percent: int = 20,
    within_days: int = 0,
) -> ReleasePlan:
    """Put homes into batches.

    A batch gets in each district what it wants and ``choice_percent`` more, rounded up, so that the
    last household still has a choice; only homes that are ready by the day it chooses plus
    ``within_days``, the earliest ready first, then in table order. A gap is what is missing to the
    bare demand. Codes: ``release.given``, ``release.out``, ``release.not-ready``,
    ``release.not-wanted``.
    """
    batch_of: dict[UnitNumber, int] = {}
    gaps: list[Gap] = []
    for demand in sorted(batches, key=lambda one: (one.chooses_on, one.batch)):
        last = demand.chooses_on + timedelta(days=within_days)
        ready = sorted(
            (
                (home.ready_on, place, home)
                for place, home in enumerate(homes)
                if home.number not in batch_of and _is_ready(home, last) and home.ready_on
            ),
            key=lambda told: (told[0], told[1]),
        )
        missing: list[tuple[str, int, int]] = []
        for district, wanted in sorted(demand.wanted.items()):
            most = -(-wanted * (_HUNDRED + choice_percent) // _HUNDRED)
            given = [home for _, _, home in ready if home.district == district][:most]
            batch_of.update((home.number, demand.batch) for home in given)
            if len(given) < wanted:
                missing.append((district, wanted, len(given)))
        left = Counter(home.district for _, _, home in ready if home.number not in batch_of)
        gaps += [
            Gap(
                batch=demand.batch,
                district=district,
                wanted=wanted,
                given=given_there,
                over=tuple(sorted(left.items())),
            )
            for district, wanted, given_there in missing
        ]
    last_day = max(
        (one.chooses_on + timedelta(days=within_days) for one in batches), default=date.min
    )
    return ReleasePlan(
        homes=tuple(
            Released(
                number=home.number,
                district=home.district,
                batch=batch_of.get(home.number),
                code=_reason(home, home.number in batch_of, last_day),
            )
            for home in homes
        ),
        gaps=tuple(gaps),
    )


def _is_ready(home: ReleaseHome, last: date) -> bool:
    return not home.is_out and home.ready_on is not None and home.ready_on <= last


def _reason(home: ReleaseHome, is_given: bool, last_day: date) -> str:  # noqa: FBT001
    if is_given:
        return "release.given"
    if home.is_out:
        return "release.out"
    return "release.not-wanted" if _is_ready(home, last_day) else "release.not-ready"
