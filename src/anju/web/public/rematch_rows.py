"""A re-match as pages show it: its quarter, how far it is, its list and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anju.resettlement.rematch.types import RoundRow
from anju.web.public.saying import say_moment

STATES = {
    "open": "正在收志愿",
    "frozen": "名单已封存，等执行",
    "carried-out": "已执行",
    "cancelled": "已取消",
}
STANDINGS = {"missed": "还没有房", "holder": "拿房来换", "waived": "弃选过"}
_QUARTERS = {"1": "第一", "2": "第二", "3": "第三", "4": "第四"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One household's line: what it wished for, and what it has afterwards."""

    position: int
    ticket: str
    place: int
    standing: str
    offers: str
    wishes: tuple[str, ...]
    has: str
    """Its home afterwards; empty before the list is carried out."""
    outcome: str
    """In a word: whether it got a vacant home, exchanged, kept its own or goes on waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCard:
    """One round."""

    id: UUID
    quarter: str
    title: str
    state: str
    words: str
    opened: str
    closes: str
    frozen: str
    ended: str
    list_digest: str
    frozen_event_id: UUID | None
    ended_event_id: UUID | None
    reason: str
    entries: int
    vacant: int
    given: int
    """Households that have another home than before."""

    @property
    def is_running(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in ("open", "frozen")


def say_quarter(quarter: str) -> str:
    """Say a quarter.

    >>> say_quarter("2026-Q3")
    '2026 年第三季度'
    """
    year, _, number = quarter.partition("-Q")
    return f"{year} 年{_QUARTERS.get(number, number)}季度"


def lay_out_round(row: RoundRow) -> RoundCard:
    """Lay one round out as a card."""
    listed: Mapping[str, Any] = row.listed or {"entries": (), "vacant": ()}
    moved = sum(line.outcome in _MOVED for line in lay_out_entries(row, homes={}))
    return RoundCard(
        id=row.id,
        quarter=row.quarter,
        title=f"{say_quarter(row.quarter)}动态调剂",
        state=row.state,
        words=STATES[row.state],
        opened=say_moment(row.opened_at),
        closes=say_moment(row.closes_at),
        frozen=say_moment(row.frozen_at) if row.frozen_at else "",
        ended=say_moment(row.ended_at) if row.ended_at else "",
        list_digest=row.list_digest,
        frozen_event_id=row.frozen_event_id,
        ended_event_id=row.ended_event_id,
        reason=row.reason,
        entries=len(listed["entries"]),
        vacant=len(listed["vacant"]),
        given=moved if row.state == "carried-out" else 0,
    )


def lay_out_entries(row: RoundRow, *, homes: Mapping[str, str]) -> Iterator[EntryLine]:
    """Lay the frozen list out line by line; ``homes`` says where each number lies."""
    if row.listed is None:
        return
    told = row.result or {"homes": (), "steps": ()}
    has = {one["ticket"]: one["home"] for one in told["homes"]}
    ways = {one["ticket"]: step["way"] for step in told["steps"] for one in step["given"]}
    for position, entry in enumerate(row.listed["entries"], start=1):
        ticket, offers = entry["ticket"], entry["offers"]
        got = has.get(ticket, "")
        yield EntryLine(
            position=position,
            ticket=ticket,
            place=entry["place"],
            standing=STANDINGS[entry["standing"]],
            offers=homes.get(offers, offers) if offers else "",
            wishes=tuple(homes.get(home, home) for home in entry["wishes"]),
            has=homes.get(got, got),
            outcome=_say_outcome(ways.get(ticket, ""), is_own=bool(offers) and got == offers),
        )


_MOVED = frozenset({"得到空出的房", "与人互换"})


def _say_outcome(way: str, *, is_own: bool) -> str:
    if is_own:
        return "原来的房"
    return {"vacant": "得到空出的房", "exchange": "与人互换", "none": "这次没有等到"}.get(way, "")
