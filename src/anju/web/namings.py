"""Homes that are named and wait for signatures, as desk and phone show them (SEL-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anju.foundation.access.types import Actor
from anju.resettlement.selection.operations.naming import signer_of
from anju.resettlement.selection.types import ChoiceRow, HomeTile, SignSide
from anju.web.clocks import ClockRow, clock_of
from anju.web.public.saying import say_area, say_clock, say_home
from anju.web.sheets import SIDES
from anju_rules.signing import Side, side_of
from anju_rules.values import Refusal

_WAITS = {
    "household": "等家庭签字",
    "office": "待复核：等工作人员签字",
    "check": "待第三人复核",
}
"""What is waited for, by the side that is next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedHome:
    """One home, exactly as it is signed for."""

    where: str
    number: str
    layout: str
    floor: str
    area: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SideMark:
    """One side: has it signed, and when."""

    side: str
    label: str
    words: str
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingCard:
    """What is named, who has signed, who is next, and how long that may take."""

    homes: tuple[NamedHome, ...]
    area: str
    step: int
    sides: tuple[SideMark, ...]
    waits: str
    clock: ClockRow | None
    is_hot: bool
    """Whether a third person checks it, for many wish for one of the homes."""

    @property
    def is_over(self) -> bool:
        """Whether the time to sign has passed."""
        return self.clock is not None and self.clock.is_over

    @property
    def mark(self) -> str:
        """A word that changes with the signatures and when their time is over: for polls."""
        signed = "".join(str(int(one.is_done)) for one in self.sides)
        return f"{signed}{'x' if self.is_over else ''}"

    def has_signed(self, side: SignSide) -> bool:
        """Whether a side has signed."""
        return any(one.side == side and one.is_done for one in self.sides)


def lay_out_naming(*, naming: ChoiceRow, at: datetime) -> NamingCard:
    """Lay out a naming as it stands at ``at``."""
    signed = {one.side: one for one in naming.signatures}
    asked = [side.value for side in Side if side.value in {*signed, *naming.missing}]
    clock = None
    if naming.sign_by is not None:
        clock = clock_of(called_at=naming.chosen_at, limit_at=naming.sign_by, at=at)
    return NamingCard(
        homes=tuple(lay_out_home(home) for home in naming.homes),
        area=say_area(naming.area_sqm),
        step=naming.step,
        sides=tuple(
            SideMark(
                side=side,
                label=SIDES[side],
                words=f"{say_clock(signed[side].signed_at)} 已签字"
                if side in signed
                else "还没有签",
                is_done=side in signed,
            )
            for side in asked
        ),
        waits=_WAITS[naming.missing[0]] if naming.missing else "已全部签字",
        clock=clock,
        is_hot="check" in asked,
    )


def lay_out_home(home: HomeTile) -> NamedHome:
    """Lay out one home as it is read out before it is signed for."""
    return NamedHome(
        where=" ".join(part for part in (home.community, say_home(home)) if part),
        number=home.number,
        layout=home.layout,
        floor="" if home.floor is None else f"{home.floor} 层",
        area=say_area(home.area_sqm),
    )


def side_to_sign(*, naming: ChoiceRow, is_by_wishes: bool, by: Actor) -> SignSide | None:
    """Give the side for which ``by`` may sign now; None: for none that is left."""
    given = {Side(one.side): str(one.account_id) for one in naming.signatures}
    try:
        side = side_of(
            signer=signer_of(by),
            person=str(by.id),
            given=given,
            needed={Side(side) for side in naming.missing} | given.keys(),
            is_by_wishes=is_by_wishes,
        )
    except Refusal:
        return None
    return side.value
