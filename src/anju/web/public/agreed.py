"""Homes given by agreement, as every page shows them: who, which, why, and who has signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from anju.resettlement.negotiation.types import GiftRow, GiftState
from anju.web.public.saying import say_area, say_home, say_moment

STATES: Mapping[GiftState, str] = {
    "proposed": "等家庭签字",
    "signed": "家庭已签，等监督员签字",
    "given": "三方已签，已给房",
    "declined": "没有谈成",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCard:
    """One agreement."""

    household_id: UUID
    masked_name: str
    homes: tuple[str, ...]
    reason: str
    state: GiftState
    words: str
    proposed: str
    ended: str
    event_id: UUID | None


def lay_out_gifts(gifts: Sequence[GiftRow]) -> list[GiftCard]:
    """Lay agreements out as cards."""
    return [
        GiftCard(
            household_id=gift.household_id,
            masked_name=gift.masked_name,
            homes=tuple(
                f"{say_home(unit.home)} · {say_area(unit.home.area_sqm)} ㎡" for unit in gift.homes
            ),
            reason=gift.reason,
            state=gift.state,
            words=STATES[gift.state],
            proposed=say_moment(gift.proposed_at),
            ended=say_moment(gift.ended_at) if gift.ended_at else "",
            event_id=gift.event_id,
        )
        for gift in gifts
    ]
