"""The wall as its templates draw it: made of a board and the ledger's last checkpoint.

Nothing is computed in a template, and nothing here is a rule: words and shapes only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anju.foundation.ledger.types import CheckpointRow
from anju.resettlement.selection.recordings import RecordingRow
from anju.resettlement.selection.troubles import Troubles
from anju.resettlement.selection.types import (
    Board,
    CalledRow,
    ChoiceRow,
    DrawRow,
    LayoutRow,
)
from anju.web.public.recorded import RecordingCard, lay_out_recording
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

_RECORDINGS = 3
"""So many of the newest recordings stand on the wall itself."""
_LONGEST_TURN = timedelta(minutes=10)
"""A longer gap between two choices is a break, not a turn."""
_SHORTEST_TURN = timedelta(seconds=3)
"""A shorter one was made by a machine: nobody reads a floor plan in it."""
PAUSED_WHY: Mapping[str, str] = {
    "network": "网络故障",
    "power": "停电",
    "system": "系统故障",
    "order": "维持现场秩序",
    "other": "",
}
"""Reason of a pause → words; nothing more is said of another reason."""
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
    """A household whose turn it is, and its clock."""

    desk: int
    ticket: str
    place: int
    name: str
    """Masked."""
    detail: str
    named: str
    """The homes it has named, which wait for the signatures; empty: none."""
    spoken: str
    """How it is called aloud."""
    called_at: datetime
    limit_at: datetime
    limit_seconds: int
    limit_words: str
    called_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleRow:
    """Something that is wrong, said before everything else."""

    kind: str
    """``paused`` or ``differs``."""
    title: str
    words: str
    event_id: str


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
    callings: tuple[Calling, ...]
    """By desk."""
    troubles: tuple[TroubleRow, ...]
    paused_at: datetime | None
    """Since when every clock stands still; None: they run."""
    waiting_title: str
    waiting_words: str
    next_tickets: tuple[str, ...]
    towers: tuple[Tower, ...]
    signs: str
    """A sign a home, in the order of the cells' ``at``."""
    stock: tuple[StockRow, ...]
    feed: tuple[FeedRow, ...]
    draws: tuple[DrawCard, ...]
    recordings: tuple[RecordingCard, ...]
    """The newest, the last one entered first."""
    recordings_total: int
    ledger: LedgerCard | None
    bundle: str
    """The digest of the newest published bundle; empty if there is none."""


def lay_out_wall(
    *,
    board: Board,
    checkpoint: CheckpointRow | None,
    troubles: Troubles | None = None,
    recordings: Sequence[RecordingRow] = (),
) -> Wall:
    """Lay a board out as the wall, with what is wrong with the day and what was filmed before."""
    wrong = troubles or Troubles()
    towers, signs = draw_towers(board.buildings)
    waiting = _waiting_words(board)
    newest = sorted(recordings, key=lambda row: row.entered_at, reverse=True)[:_RECORDINGS]
    return Wall(
        code=board.code,
        name=board.name,
        place_line=_place_line(board),
        headline=_headline(board),
        is_rehearsal=board.is_rehearsal,
        is_live=board.stage == "choosing",
        figures=_figures(board),
        callings=tuple(_calling(called) for called in board.called),
        troubles=tuple(_troubles(wrong)),
        paused_at=wrong.pause.paused_at if wrong.pause else None,
        waiting_title=waiting[0],
        waiting_words=waiting[1],
        next_tickets=board.next_tickets[:5],
        towers=towers,
        signs=signs,
        stock=tuple(_stock(row) for row in board.layouts),
        feed=tuple(_feed(row) for row in board.choices[:8]),
        draws=tuple(lay_out_draw(row) for row in board.draws),
        recordings=tuple(lay_out_recording(row) for row in newest),
        recordings_total=len(recordings),
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
    if board.called:
        places = "、".join(str(called.place) for called in board.called)
        return f"今日选房：第 {places} 户正在选"
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
    # Once homes are named, what runs is the time to sign for them.
    limit_at = called.sign_by if called.named and called.sign_by else called.limit_at
    limit = limit_at - called.called_at
    spelled = " ".join(called.ticket.replace("-", " "))
    detail = [called.stratum, f"面积 {called.budget} ㎡"] if called.budget else [called.stratum]
    return Calling(
        desk=called.desk,
        ticket=called.ticket,
        place=called.place,
        named="、".join(say_home(home) for home in called.named),
        spoken=f"请第 {called.place} 位，签号 {spelled}，到 {called.desk} 号台选房。",
        name=called.masked_name,
        detail=" · ".join(part for part in detail if part),
        called_at=called.called_at,
        limit_at=limit_at,
        limit_seconds=limit.days * 86_400 + limit.seconds,
        limit_words=say_limit(limit),
        called_words=say_clock(called.called_at),
    )


def _troubles(troubles: Troubles) -> Iterator[TroubleRow]:
    if troubles.differs is not None:
        yield TroubleRow(
            kind="differs",
            title="公示与账本不一致，工作人员正在核对",
            words=f"{say_moment(troubles.differs.noted_at)} 发现。核对清楚以前，请以存证为准。",
            event_id=str(troubles.differs.event_id),
        )
    if troubles.pause is not None:
        why = PAUSED_WHY.get(troubles.pause.reason, "")
        yield TroubleRow(
            kind="paused",
            title=f"选房暂停：{why}" if why else "选房暂停",
            words=f"{say_clock(troubles.pause.paused_at)} 起计时停止，恢复后接着计，时间一秒不少。",
            event_id=str(troubles.pause.event_id),
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
