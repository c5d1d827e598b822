"""Where a family stands: what to do now, in one sentence, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from anju.resettlement.selection.types import BatchRow, PlaceRow, TurnRow
from anju.web.clocks import ClockRow, clock_of
from anju.web.namings import NamingCard
from anju.web.public.saying import say_clock
from anju_rules.values import Tenths, points_from_tenths

StepState = Literal["done", "now", "next"]
CHOOSE, LOOK, SIGN, DONE, NONE = "choose", "look", "sign", "done", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the way."""

    state: StepState
    title: str
    detail: str
    event_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenHome:
    """A home the family has chosen, and the entry that proves it."""

    where: str
    detail: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a family's page opens with."""

    question: str
    """What to do now, in one sentence."""
    detail: str
    action: str
    """``choose``: choose a home; ``look``: look at homes; ``sign``: to the page that is signed on;
    ``done``: to the confirmation sheet; empty: nothing to press."""
    button: str
    """What the button to the page that is signed on says."""
    clock: ClockRow | None
    is_urgent: bool
    steps: tuple[Step, ...]
    homes: tuple[ChosenHome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a family, before it is put into words."""

    total_tenths: int | None
    place: PlaceRow | None
    turn: TurnRow | None
    naming: NamingCard | None
    """The homes that are named and wait for signatures."""
    batch: BatchRow | None
    """The batch that is open, or was last."""
    ahead: int
    """How many households are still to choose before it."""
    homes: tuple[ChosenHome, ...]
    may_come_back: bool
    """Whether the plan lets a missed turn come back."""


_WITHOUT_CHOICE = frozenset({"missed", "waived"})
"""How a turn ended that gave no home; a re-match may have given one since."""


def tell_standing(*, known: Known, at: datetime) -> Standing:
    """Say what a family is to do at ``at``, and how far it has come."""
    question, detail, action = _question(known, at)
    turn = known.turn
    clock = None
    if turn is not None and turn.is_called and turn.called_at and turn.limit_at:
        clock = clock_of(called_at=turn.called_at, limit_at=turn.limit_at, at=at)
    is_signed = known.naming is not None and known.naming.has_signed("household")
    if known.naming is not None:
        clock = known.naming.clock
    return Standing(
        question=question,
        detail=detail,
        action=action,
        button="看签到哪一步" if is_signed else "看清楚，去签字",
        clock=clock,
        is_urgent=clock is not None and not is_signed,
        steps=_steps(known),
        homes=known.homes,
    )


def _question(known: Known, at: datetime) -> tuple[str, str, str]:
    place, turn = known.place, known.turn
    if place is None:
        if known.total_tenths is None:
            return (
                "正在核定您家的得分",
                "核定以后，每一分从哪来都会写在这里。现在不用做什么。",
                NONE,
            )
        return "等待摇号", "得分已经核定。摇号以后，这里会写明您家排第几位。", LOOK
    if turn is not None:
        told = _question_of_turn(turn, known, at)
        if told is not None:
            return told
    if known.batch is not None and known.batch.state == "open" and known.batch.batch == place.batch:
        return (
            f"前面还有 {known.ahead} 户，请准备好",
            "轮到您家时，这一页会自己变。请先想好两三套，防止看中的被前面选走。",
            LOOK,
        )
    return (
        f"排第 {place.place} 位，在第 {place.batch} 批",
        f"前面还有 {known.ahead} 户。您家这一批还没有开始，可以先看看房子。",
        LOOK,
    )


def _question_of_turn(turn: TurnRow, known: Known, at: datetime) -> tuple[str, str, str] | None:
    if known.naming is not None:
        return _question_of_naming(known.naming)
    if turn.state == "called":
        if turn.limit_at is not None and at > turn.limit_at:
            return "时间已到，请马上到叫号台", "超时后不能再自己选定，请向现场工作人员说明。", NONE
        return "轮到您家选房了", "现在就可以选。选定之前还会请您再核对一遍。", CHOOSE
    if turn.state == "chosen":
        where = "、".join(home.where for home in known.homes)
        return f"您家选定了 {where}", "选房已经完成。请保存好确认单；办手续的时间另行通知。", DONE
    if known.homes and turn.state in _WITHOUT_CHOICE:
        where = "、".join(home.where for home in known.homes)
        return f"调剂给了您家 {where}", "请保存好存证；办手续的时间另行通知。", NONE
    if turn.state == "missed":
        if known.may_come_back and not turn.has_come_back:
            return (
                "刚才叫到您家时没有选",
                "本批其他户选完以后，还会再叫您家一次。请不要走远。",
                LOOK,
            )
        return "您家已经过号", "方案不再安排补选。有不同意见，请向现场工作人员或监督员提出。", NONE
    if turn.state == "waived":
        return "您家放弃了这次选房", "如果这不是您的意思，请马上告诉现场工作人员。", NONE
    if turn.state == "returned":
        return "马上会再叫您家一次", "请看好这一页，轮到时会自己变。", LOOK
    return None


def _question_of_naming(naming: NamingCard) -> tuple[str, str, str]:
    if naming.is_over:
        return "签字时间已过", "留住的房屋要放开了。选房时间还有剩的，可以再选。", SIGN
    where = "、".join(home.where for home in naming.homes)
    if naming.has_signed("household"):
        return naming.waits, f"{where} 已为您家留住，您家也签好了。签完这一页会自己变。", SIGN
    return "请您家签字", f"{where} 已为您家留住，别人选不了；签字以后才算选定。", SIGN


def _steps(known: Known) -> tuple[Step, ...]:
    place, turn = known.place, known.turn
    scored = known.total_tenths is not None
    steps = [Step(state="done", title="户册已登记", detail="资料有误，请到街道更正")]
    points = (
        points_from_tenths(Tenths(known.total_tenths)) if known.total_tenths is not None else ""
    )
    steps.append(
        Step(
            state="done" if scored else "now",
            title=f"得分 {points}" if scored else "核定得分",
            detail="每一分从哪来，可以逐条看" if scored else "正在核定",
        )
    )
    steps.append(
        Step(
            state="done" if place else ("now" if scored else "next"),
            title=f"摇号后排第 {place.place} 位，第 {place.batch} 批" if place else "摇号，定先后",
            detail=f"签号 {place.ticket}" if place else "同分的人家由摇号定先后",
        )
    )
    steps.append(_choosing_step(known, turn))
    steps.append(
        Step(state="next", title="交房，同时办证", detail="选房结束后安排，时间另行通知（暂定）")
    )
    return tuple(steps)


def _choosing_step(known: Known, turn: TurnRow | None) -> Step:
    state = turn.state if turn else ""
    if state == "chosen" and turn is not None:
        detail = f"{say_clock(turn.ended_at)} 选定" if turn.ended_at else "已选定"
        event_id = known.homes[0].event_id if known.homes else ""
        return Step(state="done", title="选房", detail=detail, event_id=event_id)
    if known.homes and state in _WITHOUT_CHOICE:
        event_id = known.homes[0].event_id
        return Step(state="done", title="选房", detail="动态调剂得到", event_id=event_id)
    if state == "waived":
        return Step(state="done", title="选房", detail="已放弃")
    if known.place is None:
        return Step(state="next", title="选房", detail="摇号以后，按先后轮到")
    if state == "called":
        detail = "房屋已留住，等签字" if known.naming is not None else "现在轮到您家"
        return Step(state="now", title="选房", detail=detail)
    return Step(state="now", title="选房", detail=f"前面还有 {known.ahead} 户")


def find_batch(batches: Sequence[BatchRow], *, number: int) -> BatchRow | None:
    """Give the batch of a place."""
    return next((batch for batch in batches if batch.batch == number), None)
