"""The small bundle (bundle_plan) after the failure rules: one line struck, a disputed one placed.

Written from docs/algorithms/bundle.md a second time, with nothing of Anju.
"""

from __future__ import annotations

import uuid
from typing import Any

from tests.support.bundle_format import enc, sm3
from tests.support.bundle_plan import PEOPLE, SCORES, STRATA
from tests.support.bundles import (
    REAL,
    Files,
    add_ledger,
    digests_of,
    make_draw,
    make_files,
    manifest_of,
    ticket_of,
)
from tests.support.live_bundle import LIVE, choices_of, make_turns

STRUCK, PLACED = "E", "F"
"""Two households of one stratum: the one is out, the other was in dispute and is in."""


def amendment(kind: str, draw: Files, ticket: str) -> Files:
    """Write a row of amendments.json."""
    return {
        "kind": kind,
        "draw_number": draw["input"]["draw_id"],
        "ticket": ticket,
        "reason": {"strike": "listed-by-error", "place": "left-out-but-disputed"}[kind],
        "event": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {ticket}")),
    }


def order_of(files: Files, *, mode: str) -> list[Files]:
    """Write the order: keys of all that stand, struck numbers left empty, batches of three."""
    letters = {ticket_of(letter): letter for letter in PEOPLE}
    amended = {row["ticket"]: row["kind"] for row in files["amendments.json"]}
    order: list[Files] = []
    batch = 0
    for draw in files["draws.json"]:
        told = draw["input"]
        tickets = [line["ticket"] for line in told["lines"]]
        tickets += [one["ticket"] for one in told["disputed"] if one["ticket"] in amended]
        seed = bytes.fromhex(draw["expected"]["seed"])
        tickets.sort(key=lambda one: sm3(enc(draw["scheme"] + "/rank", seed, one)).hex() + one)
        rows = [
            (number, ticket)
            for number, ticket in enumerate(tickets, 1)
            if amended.get(ticket) != "strike"
        ]
        if mode == "score":
            rows.sort(key=lambda row: -SCORES[letters[row[1]]][3])
        for place, (number, ticket) in enumerate(rows):
            batch += place % 3 == 0
            order.append(
                {
                    "place": len(order) + 1,
                    "ticket": ticket,
                    "stratum": draw["stratum"],
                    "batch": batch,
                    "total": SCORES[letters[ticket]][3] if mode == "score" else None,
                    "draw_number": number,
                }
            )
    return order


def result_of(files: Files, *, is_live: bool) -> None:
    """Write what follows from the order: everybody waits, or chooses live."""
    if is_live:
        files["turns.json"] = make_turns(files["order.json"])
        files["choices.json"] = choices_of(files["order.json"], files["turns.json"])
        return
    files["choices.json"] = [
        {
            "seq": turn["place"],
            "place": turn["place"],
            "ticket": turn["ticket"],
            "batch": turn["batch"],
            "units": [],
            "wish": None,
            "refused": [],
            "area_sqm": "0",
        }
        for turn in files["order.json"]
    ]


def make_amended_bundle(*, is_live: bool = False) -> Files:
    """Make a whole bundle with a struck and a placed line; live by score, else by lot."""
    mode = "score" if is_live else "lottery"
    files = make_files(mode=mode, disputed=1)
    placed = ticket_of(PLACED)
    stratum = PEOPLE[PLACED][0]
    assert stratum == PEOPLE[STRUCK][0]
    draws: list[Any] = []
    for place, (name, draw) in enumerate(zip(STRATA, files["draws.json"], strict=True), 1):
        lines = draw["input"]["lines"]
        draws.append(
            make_draw(
                scheme=REAL,
                place=place,
                stratum=name,
                lines=[line for line in lines if line["ticket"] != placed],
                disputed=[
                    *draw["input"]["disputed"],
                    *(line for line in lines if line["ticket"] == placed),
                ],
            )
        )
    files["draws.json"] = draws
    draw = draws[STRATA.index(stratum)]
    rows = [amendment("strike", draw, ticket_of(STRUCK)), amendment("place", draw, placed)]
    files["amendments.json"] = sorted(rows, key=lambda row: row["ticket"])
    files["order.json"] = order_of(files, mode=mode)
    result_of(files, is_live=is_live)
    add_ledger(files)
    files["index.html"] = b"<!doctype html><title>x</title>\n"
    files["manifest.json"] = manifest_of(files, mode=mode)
    if is_live:
        files["manifest.json"]["format"] = LIVE
    files["manifest.json"]["files"] = digests_of(files)
    return files
