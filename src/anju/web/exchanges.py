"""An exchange in words: who gives what, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from anju.resettlement.selection.attendance_types import ExchangeRow, SwapSide
from anju.web.public.saying import say_area, say_home

_STATES = {
    "proposed": "等对方答应",
    "accepted": "两家都答应了，等工作人员办",
    "done": "已互换",
    "ended": "没有换成",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SideLine:
    """One side: who, and what it gives."""

    ticket: str
    masked_name: str
    homes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeLine:
    """An exchange as pages show it."""

    exchange: ExchangeRow
    proposer: SideLine
    other: SideLine
    words: str

    @property
    def is_running(self) -> bool:
        """Whether it may still be ended or carried out."""
        return self.exchange.state in {"proposed", "accepted"}


def lay_out_exchange(row: ExchangeRow) -> ExchangeLine:
    """Lay out an exchange for a page."""
    return ExchangeLine(
        exchange=row,
        proposer=lay_out_side(row.proposer),
        other=lay_out_side(row.other),
        words=_STATES[row.state],
    )


def lay_out_side(side: SwapSide) -> SideLine:
    """Lay out what one side holds."""
    homes = "、".join(f"{say_home(one)}（{say_area(one.area_sqm)} ㎡）" for one in side.homes)
    return SideLine(ticket=side.ticket, masked_name=side.masked_name, homes=homes)
