"""Check 13 of a published result: the homes follow, from wishes or from what happened live."""

from __future__ import annotations

import re
from datetime import datetime
from typing import cast
from uuid import UUID

from anju_rules.draws import check_moment
from anju_rules.live import Outcome, TurnLine, What, judge_turns
from anju_rules.queue import Place
from anju_rules.selection import TurnState
from anju_rules.values import Refusal, Tenths, Ticket, UnitNumber
from anju_rules.verify import decisions
from anju_rules.verify.published import Published, Row

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WHAT = frozenset(TurnState) - {TurnState.WAITING} | {"exchanged"}


def check_choices(published: Published) -> None:
    """13: every home follows from the order and the rules; by wishes, or by the live turns."""
    if published.turns is None:
        decisions.check_choices(published)
        return
    rules = decisions.rules_of(published)
    outcomes = judge_turns(
        lines=_lines(published.turns),
        places=[
            Place(
                place=row["place"],
                ticket=Ticket(row["ticket"]),
                stratum=row["stratum"],
                batch=row["batch"],
                draw_number=row["draw_number"],
                total=Tenths(row["total"] or 0),
            )
            for row in published.order
        ],
        households={
            Ticket(row["ticket"]): decisions.household_of(row, rules) for row in published.roster
        },
        homes=decisions.homes_of(published),
        rules=rules,
    )
    for row, outcome in zip(published.choices, outcomes, strict=False):
        if {**row, "proof": None} != {**show_outcome(outcome), "proof": None}:
            place = outcome.place
            raise Refusal("verify.choice-differs", ticket=place.ticket, place=place.place)
    if len(published.choices) != len(outcomes):
        raise Refusal("verify.choice-differs", ticket="", place=len(outcomes))


def show_outcome(outcome: Outcome) -> dict[str, object]:
    """Write what became of a household as ``choices.json`` of a live result has it, unproven."""
    place = outcome.place
    return {
        "seq": place.place,
        "place": place.place,
        "ticket": place.ticket,
        "batch": place.batch,
        "state": str(outcome.state),
        "units": list(outcome.units),
        "area_sqm": str(outcome.area_sqm),
    }


def _lines(rows: list[Row]) -> list[TurnLine]:
    lines: list[TurnLine] = []
    events: set[str] = set()
    for seq, row in enumerate(rows, start=1):
        event = row["event"]
        is_event = _UUID.fullmatch(event) is not None and str(UUID(event)) == event
        if row["seq"] != seq or row["what"] not in _WHAT or not is_event:
            raise Refusal("live.line-malformed", seq=seq, ticket=row["ticket"])
        if event in events:
            raise Refusal("live.event-twice", seq=seq, ticket=row["ticket"])
        events.add(event)
        lines.append(
            TurnLine(
                at=_moment(row["at"]),
                place=row["place"],
                ticket=Ticket(row["ticket"]),
                batch=row["batch"],
                what=cast("What", row["what"]),
                limit_at=None if row["limit_at"] is None else _moment(row["limit_at"]),
                reason=row["reason"],
                units=tuple(UnitNumber(unit) for unit in row["units"]),
            )
        )
    return lines


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(check_moment(text))
    except ValueError as error:
        raise Refusal("live.moment-unknown", moment=text[:40]) from error
