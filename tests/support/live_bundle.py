"""The small bundle (bundle_plan) chosen live: its record written by hand, in the published form.

Batches hold three. In the first the first household misses its turn and comes back at its end.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from tests.support.bundle_plan import HOMES, PEOPLE, RULES
from tests.support.bundles import Files, add_ledger, digests_of, make_files, manifest_of, ticket_of

LIVE = "anju-bundle-1/live"
TAKES: dict[str, list[str]] = {
    "A": ["1-201", "1-601", "1-701"],
    "B": ["1-101"],
    "C": ["2-101"],
    "D": ["2-102"],
    "E": ["1-102"],
    "F": ["3-101"],
    "G": ["1-801"],
    "H": ["3-201"],
    "I": ["3-901"],
}
"""J waives: no home is left that it may have."""


def minute(number: int, *, second: int = 0) -> str:
    """Write a moment of the day of choosing."""
    return f"2026-12-01T{9 + number // 60:02d}:{number % 60:02d}:{second:02d}+08:00"


def make_turns(order: list[Files]) -> list[Files]:
    """Write a record: the first of all misses its turn, comes back and chooses; J waives."""
    letters = {ticket_of(letter): letter for letter in PEOPLE}
    lines: list[Files] = []
    clock = 0

    def tell(turn: Files, what: str, **more: Any) -> None:
        lines.append(
            {
                "seq": len(lines) + 1,
                "at": minute(clock),
                "place": turn["place"],
                "ticket": turn["ticket"],
                "batch": turn["batch"],
                "what": what,
                "limit_at": None,
                "reason": "",
                "units": [],
                "event": str(uuid.uuid5(uuid.NAMESPACE_URL, f"line {len(lines)}")),
            }
            | more
        )

    def call(turn: Files) -> None:
        nonlocal clock
        tell(turn, "called", limit_at=minute(clock + 3))
        clock += 1

    def end(turn: Files) -> None:
        units = TAKES.get(letters[turn["ticket"]], [])
        if units:
            tell(turn, "chosen", units=units)
        else:
            tell(turn, "waived", reason="no-lawful-home")

    for batch in sorted({turn["batch"] for turn in order}):
        turns = [turn for turn in order if turn["batch"] == batch]
        late = turns[0] if batch == 1 else None
        for turn in turns:
            call(turn)
            if turn is late:
                clock += 2
                tell(turn, "missed")
            else:
                end(turn)
        if late is not None:
            tell(late, "returned")
            call(late)
            end(late)
    return lines


def call_at_once(lines: list[Files], households: int) -> None:
    """Call the first households of the last batch before any of them chooses."""
    last = [number for number, line in enumerate(lines) if line["batch"] == lines[-1]["batch"]]
    calls = [number for number in last if lines[number]["what"] == "called"][:households]
    first = lines[calls[0] : calls[-1] + 2]
    moment = first[0]["at"]
    # All are called at the moment of the first, and choose in the order in which they did.
    called = [line | {"at": moment} for line in first if line["what"] == "called"]
    lines[calls[0] : calls[-1] + 2] = called + [one for one in first if one["what"] != "called"]
    for seq, line in enumerate(lines, start=1):
        line["seq"] = seq


def _homes_taken(lines: list[Files]) -> dict[int, list[str]]:
    """Give what each place took, or has after an exchange."""
    took: dict[int, list[str]] = {}
    for line in lines:
        place = line["place"]
        if line["what"] == "exchanged":
            other = next((one for one in took if took[one] == line["units"]), place)
            took[place], took[other] = took.get(other, []), took.get(place, [])
        elif line["units"]:
            took[place] = line["units"]
    return took


def choices_of(order: list[Files], lines: list[Files]) -> list[Files]:
    """Write what became of everybody, from the last line of each."""
    areas = {number: Decimal(area) for number, _, _, area, *_ in HOMES}
    rows, took = [], _homes_taken(lines)
    for turn in order:
        own = [line for line in lines if line["place"] == turn["place"]]
        units = took.get(turn["place"], [])
        rows.append(
            {
                "seq": turn["place"],
                "place": turn["place"],
                "ticket": turn["ticket"],
                "batch": turn["batch"],
                "state": "chosen" if units else own[-1]["what"] if own else "waiting",
                "units": units,
                "area_sqm": str(sum((areas[unit] for unit in units), Decimal(0))),
            }
        )
    return rows


def make_live_bundle(
    *, late: str = "allowed", until: int | None = None, called_at_once: int = 1, **terms: int
) -> Files:
    """Make a whole live bundle; ``until``: how many lines of the record there are yet.

    ``terms``: what else the plan says of turns, e.g. ``desks=2``.
    """
    files = make_files()
    files["rules.json"]["rules"]["turns"] = {**RULES["rules"]["turns"], "late": late, **terms}
    files["turns.json"] = make_turns(files["order.json"])[:until]
    if called_at_once > 1:
        call_at_once(files["turns.json"], called_at_once)
    files["choices.json"] = choices_of(files["order.json"], files["turns.json"])
    add_ledger(files)
    files["index.html"] = b"<!doctype html><title>x</title>\n"
    files["manifest.json"] = manifest_of(files) | {"format": LIVE}
    files["manifest.json"]["files"] = digests_of(files)
    return files


def remake(files: Files) -> None:
    """Give the result that the changed record tells: the forger is consistent."""
    for seq, line in enumerate(files["turns.json"], start=1):
        line["seq"] = seq
    files["choices.json"] = choices_of(files["order.json"], files["turns.json"])
