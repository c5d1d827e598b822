"""A ceremony as everybody sees it: the same words for every role, made of public rows only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from anju.foundation.draws.types import CeremonyRow, DrawRow, EventRow
from anju.web.public.draw_events import say_event
from anju.web.public.draw_words import (
    NEXT,
    STEPS,
    group_hex,
    say_beacon_part,
    say_cause,
    say_party,
    say_use,
    say_verifier,
)
from anju.web.public.saying import say_clock, say_count, say_moment
from anju_rules.ceremony import ORDER, Party, Step, has_reached, step_after

StepState = Literal["done", "now", "next"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing a step brought to light."""

    label: str
    value: str
    is_digest: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCard:
    """One step of the ceremony."""

    state: StepState
    title: str
    words: str
    when: str
    signed: str
    """Who signed, in words."""
    facts: tuple[Fact, ...]
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the public log."""

    moment: datetime
    when: str
    words: str
    is_refused: bool
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawLine:
    """A draw in the list of all draws."""

    draw_number: str
    title: str
    headline: str
    households: str
    opened: str
    is_rehearsal: bool
    is_void: bool
    is_public: bool
    """Whether its result is public."""
    counting: str
    """Which of how many it is, and why earlier ones are void; empty: the only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the live page shows of a ceremony and one of its draws."""

    draw_number: str
    title: str
    headline: str
    """What is happening, in one sentence."""
    detail: str
    counting: str
    is_rehearsal: bool
    is_void: bool
    is_drawn: bool
    is_public: bool
    households: str
    steps: tuple[StepCard, ...]
    done: int
    siblings: tuple[tuple[str, str], ...]
    """Number and stratum of the draws announced together."""
    announcement: str
    """In groups, for the eye."""
    pin: str
    """The same in one piece, for the verifiers."""
    announced_event_id: str
    seed: str
    log: tuple[LogLine, ...]


def find_draw(ceremony: CeremonyRow, *, draw_number: str) -> DrawRow | None:
    """Give one of a ceremony's draws by its number."""
    return next((row for row in ceremony.draws if row.draw_number == draw_number), None)


def lay_out_draws(ceremonies: Sequence[CeremonyRow]) -> tuple[DrawLine, ...]:
    """Lay out every draw there ever was, void ones among them; the newest first."""
    ordered = sorted(ceremonies, key=lambda row: row.opened_at, reverse=True)
    return tuple(
        DrawLine(
            draw_number=draw.draw_number,
            title=say_use(ceremony.use, batch=ceremony.batch, stratum=draw.stratum),
            headline=_headline(ceremony),
            households=say_count(draw.size),
            opened=say_moment(ceremony.opened_at),
            is_rehearsal=ceremony.is_rehearsal,
            is_void=ceremony.step is Step.VOID,
            is_public=has_reached(ceremony.step, Step.PUBLISHED),
            counting=say_counting(ceremony),
        )
        for ceremony in ordered
        for draw in ceremony.draws
    )


def lay_out_stage(
    ceremony: CeremonyRow, draw: DrawRow, *, events: Sequence[EventRow], is_witnessed: bool
) -> Stage:
    """Lay a ceremony out as the live page shows it."""
    steps = _steps(ceremony, draw, events, is_witnessed=is_witnessed)
    return Stage(
        draw_number=draw.draw_number,
        title=say_use(ceremony.use, batch=ceremony.batch, stratum=draw.stratum),
        headline=_headline(ceremony),
        detail=_detail(ceremony),
        counting=say_counting(ceremony),
        is_rehearsal=ceremony.is_rehearsal,
        is_void=ceremony.step is Step.VOID,
        is_drawn=bool(draw.seed),
        is_public=has_reached(ceremony.step, Step.PUBLISHED),
        households=say_count(draw.size),
        steps=steps,
        done=sum(1 for step in steps if step.state == "done"),
        siblings=tuple((row.draw_number, row.stratum) for row in ceremony.draws)
        if len(ceremony.draws) > 1
        else (),
        announcement=group_hex(draw.announcement),
        pin=draw.announcement,
        announced_event_id=str(ceremony.announced_event_id or ""),
        seed=group_hex(draw.seed),
        log=tuple(_log_line(row, ceremony) for row in sorted(events, key=_newest, reverse=True)),
    )


def say_counting(ceremony: CeremonyRow) -> str:
    """Say which draw of how many it is, and why the others are void; empty for an only one."""
    parties = _parties(ceremony)
    others = [
        f"第 {row.sequence} 次作废，因为{say_cause(row.cause, parties=parties)}"
        for row in ceremony.voids
        if row.ceremony_id != ceremony.id
    ]
    own = (
        [f"这一次作废，因为{say_cause(ceremony.void_cause, parties=parties)}"]
        if ceremony.step is Step.VOID
        else []
    )
    if ceremony.of < 2 and not own:
        return ""
    told = [f"第 {ceremony.sequence} 次，共 {ceremony.of} 次", *own, *others]
    return "；".join(told) + "。"


def _headline(ceremony: CeremonyRow) -> str:
    if ceremony.step is Step.ANNOUNCED and any(part.entries for part in ceremony.beacon):
        taken = sum(1 for part in ceremony.beacon if part.text)
        return f"正在录入公开的数：已定 {taken} 项，共 {len(ceremony.beacon)} 项"
    if ceremony.step is Step.BEACON:
        cards = [card for draw in ceremony.draws for card in draw.commitments]
        opened = sum(1 for card in cards if card.secret)
        return f"正在开箱亮数：已亮 {opened} 张，共 {len(cards)} 张"
    return NEXT[ceremony.step]


def _detail(ceremony: CeremonyRow) -> str:
    if ceremony.step is Step.VOID:
        return "作废的记录和亮出的数永远公开。下一次用新的编号、新的数、新的取数时刻。"
    if not has_reached(ceremony.step, Step.FROZEN):
        return f"名单将在 {say_moment(ceremony.freeze_at)} 冻结。"
    if ceremony.step is Step.ANNOUNCED and ceremony.postponed_to is not None:
        return f"公开的数还没有齐，按公告的规定顺延到 {say_moment(ceremony.postponed_to)}。"
    if not has_reached(ceremony.step, Step.BEACON):
        return f"{say_moment(ceremony.beacon_due_at)} 当众取数。在那以前，谁也不可能知道结果。"
    if not has_reached(ceremony.step, Step.PUBLISHED):
        return "公开的数已定，名单和封存的数都早已公告：结果没有人能挑。"
    return "下面可以查自己的名次，也可以让您的浏览器把整个结果从头重算一遍。"


def _steps(
    ceremony: CeremonyRow, draw: DrawRow, events: Sequence[EventRow], *, is_witnessed: bool
) -> tuple[StepCard, ...]:
    shown: Mapping[Step, Callable[[], tuple[Fact, ...]]] = {
        Step.OPENED: lambda: _terms(ceremony),
        Step.FROZEN: lambda: _frozen(draw),
        Step.COUNTED: lambda: _counted(ceremony),
        Step.COMMITTED: lambda: _committed(ceremony, draw),
        Step.ANNOUNCED: lambda: _announced(ceremony, draw, is_witnessed=is_witnessed),
        Step.BEACON: lambda: _beacon(ceremony),
        Step.REVEALED: lambda: _revealed(ceremony, draw),
        Step.DERIVED: lambda: _derived(draw),
        Step.AGREED: lambda: _agreed(ceremony),
    }
    reached = _reached(ceremony)
    following = step_after(ceremony.step)
    cards: list[StepCard] = []
    for step in ORDER:
        title, words = STEPS[step]
        state: StepState = "done" if step in reached else "now" if step is following else "next"
        signed = [row for row in ceremony.signatures if row.step is step and not row.cause]
        last = max((row.at for row in signed), default=None)
        at = ceremony.opened_at if step is Step.OPENED else last
        cards.append(
            StepCard(
                state=state,
                title=title,
                words=words,
                when=say_moment(at) if at is not None and state == "done" else "",
                signed="、".join(say_party(row.who, row.party) for row in signed),
                facts=shown[step]() if step in shown and state != "next" else (),
                event_id=_event_of(step, ceremony, events, signed[-1].event_id if signed else ""),
            )
        )
    return tuple(cards)


def _reached(ceremony: CeremonyRow) -> frozenset[Step]:
    if ceremony.step is not Step.VOID:
        return frozenset(step for step in ORDER if has_reached(ceremony.step, step))
    # A void has reached nothing by rule; what was done before it stays to be seen.
    signed = {row.step for row in ceremony.signatures if row.step in ORDER}
    last = max((ORDER.index(step) for step in signed), default=0)
    if ceremony.beacon and all(part.text for part in ceremony.beacon):
        last = max(last, ORDER.index(Step.BEACON))
    return frozenset(ORDER[: last + 1])


def _event_of(step: Step, ceremony: CeremonyRow, events: Sequence[EventRow], signed: object) -> str:
    if step is Step.ANNOUNCED and ceremony.announced_event_id is not None:
        return str(ceremony.announced_event_id)
    if step is Step.OPENED and events:
        return str(min(events, key=_newest).event_id)
    return str(signed)


def _terms(ceremony: CeremonyRow) -> tuple[Fact, ...]:
    people = "、".join(say_party(row.who, row.party) for row in ceremony.parties)
    facts = [
        Fact(label="名单冻结", value=say_moment(ceremony.freeze_at)),
        Fact(label="当众取数", value=say_moment(ceremony.beacon_at)),
        Fact(
            label="取哪些数", value="、".join(say_beacon_part(row.name) for row in ceremony.beacon)
        ),
        Fact(label="参加的人", value=people),
    ]
    if ceremony.take is not None:
        facts.append(Fact(label="取前几名", value=str(ceremony.take)))
    return tuple(facts)


def _frozen(draw: DrawRow) -> tuple[Fact, ...]:
    facts = [
        Fact(label="签号", value=f"{say_count(draw.size)} 个"),
        Fact(label="名单的指纹", value=group_hex(draw.root), is_digest=True),
    ]
    if draw.disputed:
        facts.append(Fact(label="有争议，另列", value=say_count(draw.disputed)))
        facts.append(Fact(label="另列的指纹", value=group_hex(draw.disputed_root), is_digest=True))
    return tuple(facts)


def _counted(ceremony: CeremonyRow) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            label=row.street or "不分街道",
            value=f"{row.listed} 个",
            note="已签" if row.counted == row.listed else "等待签字",
        )
        for row in ceremony.streets
    )


def _committed(ceremony: CeremonyRow, draw: DrawRow) -> tuple[Fact, ...]:
    parties = _parties(ceremony)
    return tuple(
        Fact(label=_name(row.who, parties), value=group_hex(row.commitment), is_digest=True)
        for row in draw.commitments
    )


def _announced(ceremony: CeremonyRow, draw: DrawRow, *, is_witnessed: bool) -> tuple[Fact, ...]:
    if not draw.announcement:
        return ()
    told = "够数，作数" if is_witnessed else "还不够数"
    if ceremony.is_rehearsal and not is_witnessed:
        told = "演练，不要求"
    return (
        Fact(label="公告的指纹", value=group_hex(draw.announcement), is_digest=True),
        Fact(label="见证人联署", value=told),
    )


def _beacon(ceremony: CeremonyRow) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            label=say_beacon_part(row.name),
            value=row.text or "等待录入",
            note=""
            if row.text
            else f"已有 {row.entries} 人录入，要两人一致"
            if row.entries
            else "",
        )
        for row in ceremony.beacon
    )


def _revealed(ceremony: CeremonyRow, draw: DrawRow) -> tuple[Fact, ...]:
    parties = _parties(ceremony)
    return tuple(
        Fact(
            label=_name(row.who, parties),
            value=group_hex(row.secret) if row.secret else "还在箱中",
            is_digest=bool(row.secret),
            note="" if row.secret or not row.scans else "已扫一次，等第二人再扫",
        )
        for row in draw.commitments
    )


def _derived(draw: DrawRow) -> tuple[Fact, ...]:
    if not draw.seed:
        return ()
    return (Fact(label="种子", value=group_hex(draw.seed), is_digest=True),)


def _agreed(ceremony: CeremonyRow) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            label=say_verifier(row.verifier),
            value="一致",
            note=group_hex(row.digest[:16]),
        )
        for row in ceremony.agreements
    )


def _parties(ceremony: CeremonyRow) -> dict[str, Party]:
    return {row.who: row.party for row in ceremony.parties}


def _name(who: str, parties: Mapping[str, Party]) -> str:
    return say_party(who, parties[who]) if who in parties else who


def _newest(row: EventRow) -> datetime:
    return row.at


def _log_line(row: EventRow, ceremony: CeremonyRow) -> LogLine:
    return LogLine(
        moment=row.at,
        when=f"{say_moment(row.at)[:-5]}{say_clock(row.at)}",
        words=say_event(row, ceremony),
        is_refused=row.outcome != "done",
        event_id=str(row.event_id),
    )
