"""The form of wishes for a re-match: the same for a family at home and for the desk."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.resettlement.inventory.queries import unit_briefs
from anju.resettlement.rematch.queries import find_own_wishes, find_standing, homes_to_wish
from anju.resettlement.rematch.types import MOST_WISHES, OwnStanding, OwnWishes
from anju.web.household.choosing import read_ids
from anju.web.public.paging import Option
from anju.web.public.saying import say_area, say_home, say_moment
from anju_rules.values import Home

SHOWN_AT_ONCE = 3
"""Wishes a phone shows before it is asked for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishField:
    """One wish to fill in: the vacant homes, and those that others may put in."""

    number: int
    vacant: tuple[Option, ...]
    held: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WishForm:
    """What a household fills in, with what it handed in before."""

    standing: OwnStanding
    own: tuple[Option, ...]
    """Its homes, the one it puts in marked."""
    fields: tuple[WishField, ...]
    handed_in: str
    """When; empty: not yet."""
    wishes: tuple[str, ...]
    """What it handed in, in words."""

    @property
    def first_fields(self) -> tuple[WishField, ...]:
        """The wishes that most families fill in."""
        return self.fields[:SHOWN_AT_ONCE]

    @property
    def more_fields(self) -> tuple[WishField, ...]:
        """Those that open when they are wanted."""
        return self.fields[SHOWN_AT_ONCE:]


def lay_out_form(
    *, project_id: UUID, household_id: UUID, round_id: UUID, asked: str, by: Actor
) -> WishForm | None:
    """Lay the form out; ``asked`` names the home to put in. None where it has no part in it."""
    own = {"project_id": project_id, "household_id": household_id}
    standing = find_standing(**own)
    if standing is None:
        return None
    before = find_own_wishes(**own, round_id=round_id, by=by)
    offered = _offered(standing, before, asked)
    homes = homes_to_wish(**own, offered_id=offered, by=by)
    said = {one.id: _say(one.home) for one in unit_briefs(project_id=project_id)}
    kept = before.unit_ids if before is not None else ()
    return WishForm(
        standing=standing,
        own=tuple(
            Option(key=str(unit_id), label=_say(home), is_on=unit_id == offered)
            for unit_id, home in standing.homes
        ),
        fields=tuple(
            WishField(
                number=place + 1,
                vacant=_options(
                    {one.unit_id: said[one.unit_id] for one in homes if one.is_vacant},
                    kept[place : place + 1],
                ),
                held=_options(
                    {one.unit_id: said[one.unit_id] for one in homes if not one.is_vacant},
                    kept[place : place + 1],
                ),
            )
            for place in range(MOST_WISHES if homes else 0)
        ),
        handed_in=say_moment(before.handed_in_at) if before else "",
        wishes=tuple(said[unit_id] for unit_id in kept if unit_id in said),
    )


def _offered(standing: OwnStanding, before: OwnWishes | None, asked: str) -> UUID | None:
    held = [unit_id for unit_id, _ in standing.homes]
    wanted = [*read_ids([asked]), *([before.offered_id] if before else []), *held]
    return next((unit_id for unit_id in wanted if unit_id in held), None)


def _options(homes: dict[UUID, str], chosen: tuple[UUID, ...]) -> tuple[Option, ...]:
    return tuple(
        Option(key=str(unit_id), label=label, is_on=unit_id in chosen)
        for unit_id, label in homes.items()
    )


def _say(home: Home) -> str:
    parts = (say_home(home), f"{say_area(home.area_sqm)} ㎡", home.layout)
    return " · ".join(part for part in parts if part)
