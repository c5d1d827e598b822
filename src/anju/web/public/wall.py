"""The wall as its templates draw it: made of a board and the ledger's last checkpoint.

Nothing is computed in a template, and nothing here is a rule: words and shapes only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anju.foundation.ledger.types import CheckpointRow
from anju.resettlement.selection.types import (
    Board,
    CalledRow,
    ChoiceRow,
    DrawRow,
    LayoutRow,
)
from anju.web.public.saying import (
    median_gap,
    say_area,
    say_areas,
    say_clock,
    say_count,
    say_home,
    say_limit,
    say_moment,
    say_span,
)
from anju.web.public.towers import Tower, draw_towers

_LONGEST_TURN = timedelta(minutes=10)
"""A longer gap between two choices is a break, not a turn."""
_SHORTEST_TURN = timedelta(seconds=3)
"""A shorter one was made by a machine: nobody reads a floor plan in it."""
_STAGES: Mapping[str, str] = {
    "before-draw": "等待摇号",
    "drawn": "已摇号，等待选房",
    "choosing": "正在选房",
    "between-batches": "批间休息",
    "done": "选房结束",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure beside the headline."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """The household whose turn it is, and its clock."""

    place: int
    title: str
    detail: str
    called_at: datetime
    limit_at: datetime
    limit_seconds: int
    limit_words: str
    called_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """What is left of one layout."""

    layout: str
    areas: str
    total: int
    free: int
    taken_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One choice and the entry that proves it."""

    time: str
    moment: datetime
    who: str
    homes: str
    area: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawCard:
    """One stratum's draw."""

    number: str
    stratum: str
    households: int
    seed: str
    seed_short: str
    kind: str
    drawn: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCard:
    """The state of the log."""

    size: str
    at: str
    root_short: str
    is_signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """Everything the wall shows."""

    code: str
    name: str
    place_line: str
    headline: str
    is_rehearsal: bool
    is_live: bool
    figures: tuple[Figure, ...]
    calling: Calling | None
    waiting_title: str
    waiting_words: str
    next_tickets: tuple[str, ...]
    towers: tuple[Tower, ...]
    signs: str
    """A sign a home, in the order of the cells' ``at``."""
    stock: tuple[StockRow, ...]
    feed: tuple[FeedRow, ...]
    draws: tuple[DrawCard, ...]
    ledger: LedgerCard | None
    bundle: str
    """The digest of the newest published bundle; empty if there is none."""


def lay_out_wall(*, board: Board, checkpoint: CheckpointRow | None) -> Wall:
    """Lay a board out as the wall."""
    towers, signs = draw_towers(board.buildings)
    waiting = _waiting_words(board)
    return Wall(
        code=board.code,
        name=board.name,
        place_line=_place_line(board),
        headline=_headline(board),
        is_rehearsal=board.is_rehearsal,
        is_live=board.stage == "choosing",
        figures=_figures(board),
        calling=_calling(board.called) if board.called else None,
        waiting_title=waiting[0],
        waiting_words=waiting[1],
        next_tickets=board.next_tickets[:5],
        towers=towers,
        signs=signs,
        stock=tuple(_stock(row) for row in board.layouts),
        feed=tuple(_feed(row) for row in board.choices[:8]),
        draws=tuple(lay_out_draw(row) for row in board.draws),
        ledger=_ledger(checkpoint) if checkpoint else None,
        bundle=board.publications[0].digest if board.publications else "",
    )


def lay_out_draw(row: DrawRow) -> DrawCard:
    """Lay one draw out."""
    return DrawCard(
        number=row.draw_number,
        stratum=row.stratum,
        households=row.households,
        seed=" ".join(_groups(row.seed)),
        seed_short=f"{' '.join(_groups(row.seed[:8]))} … {' '.join(_groups(row.seed[-8:]))}",
        kind="演练" if row.is_rehearsal else "正式",
        drawn=say_moment(row.drawn_at),
        event_id=str(row.event_id),
    )


def _place_line(board: Board) -> str:
    parts = [board.name]
    if board.batch is not None:
        parts.append(f"第 {board.batch.batch} 批（{board.batch.stratum}），共 {board.batches} 批")
    return " · ".join(parts)


def _headline(board: Board) -> str:
    if board.called is not None:
        return f"今日选房：第 {board.called.place} 户正在选"
    return _STAGES[board.stage]


def _figures(board: Board) -> tuple[Figure, ...]:
    counts = board.counts
    figures = [
        Figure(
            value=say_count(counts.homes_free), label=f"剩余房源 / 共 {say_count(counts.homes)} 套"
        )
    ]
    if board.batch is not None:
        figures.append(
            Figure(
                value=say_count(board.batch.through),
                label=f"本批已选 / 共 {board.batch.households} 户",
            )
        )
    figures.append(
        Figure(
            value=say_count(counts.chosen), label=f"全部已选 / 共 {say_count(counts.households)} 户"
        )
    )
    gap = median_gap([choice.chosen_at for choice in board.choices], at_most=_LONGEST_TURN)
    if gap is not None and gap >= _SHORTEST_TURN:
        figures.append(Figure(value=say_span(gap), label="相邻两户间隔（中位）"))
    return tuple(figures)


def _calling(called: CalledRow) -> Calling:
    limit = called.limit_at - called.called_at
    detail = [called.stratum, f"面积 {called.budget} ㎡"] if called.budget else [called.stratum]
    return Calling(
        place=called.place,
        title=f"签号 {called.ticket} · {called.masked_name}",
        detail=" · ".join(part for part in detail if part),
        called_at=called.called_at,
        limit_at=called.limit_at,
        limit_seconds=limit.days * 86_400 + limit.seconds,
        limit_words=say_limit(limit),
        called_words=say_clock(called.called_at),
    )


def _waiting_words(board: Board) -> tuple[str, str]:
    if board.stage == "before-draw":
        return "等待摇号", "名单冻结并摇号之后，这里从第一户开始。"
    if board.stage == "drawn":
        return "等待第一批", "顺序已定。第一批开始叫号后，这里显示正在选房的一户。"
    if board.stage == "done":
        return "选房结束", "全部住户已选完。结果和证明可以在本页打开、下载、自己核验。"
    if board.stage == "between-batches":
        return "批间休息", "上一批已结束，下一批开始叫号后继续。"
    batch = board.batch
    through = f"本批 {batch.households} 户，已办 {batch.through} 户。" if batch else ""
    return "等待叫下一户", through


def _stock(row: LayoutRow) -> StockRow:
    return StockRow(
        layout=row.layout or "未注明户型",
        areas=say_areas(row.least_sqm, row.most_sqm),
        total=row.total,
        free=row.free,
        taken_percent=100 * (row.total - row.free) // row.total if row.total else 0,
    )


def _feed(row: ChoiceRow) -> FeedRow:
    return FeedRow(
        time=say_clock(row.chosen_at),
        moment=row.chosen_at,
        who=f"{row.ticket} {row.masked_name}",
        homes="、".join(say_home(home) for home in row.homes),
        area=f"{' + '.join(say_area(home.area_sqm) for home in row.homes)} ㎡",
        event_id=str(row.event_id),
    )


def _ledger(checkpoint: CheckpointRow) -> LedgerCard:
    return LedgerCard(
        size=say_count(checkpoint.size),
        at=say_moment(checkpoint.at),
        root_short=" ".join(_groups(checkpoint.root.hex()[:16])),
        is_signed=checkpoint.note is not None,
    )


def _groups(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]
