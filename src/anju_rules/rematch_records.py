"""A re-match as it is published: the frozen list, what came of it, and the checks of both (MAT-3).

The list names households by their tickets and says what each would have. Its digest stands in the
ledger before anything is given, so nobody can change a wish afterwards; from the list alone anyone
derives the result again. What a household may lawfully have is judged by facts that are not
published, and no more is: a home it may not have stands apart in its line, and no reason with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, cast

from anju_rules.hashing import canonical, digest
from anju_rules.rematch import Entrant, Rematched, rematch_homes
from anju_rules.shapes import read_canonical
from anju_rules.values import Refusal, Ticket, UnitNumber
from anju_rules.verify.bundle import Check

FORMAT = "anju-rematch-1"
LARGEST_BYTES = 64 * 1024 * 1024
CHECKS = ("spelling", "list", "order", "result", "protection")
"""The checks of a published re-match by name, in order, from number 1."""

_ENTRY_SHAPE = {
    "ticket": str,
    "place": int,
    "standing": str,
    "offers": (str, None),
    "wishes": [str],
    "refused": [str],
}
_LIST_SHAPE = {
    "format": str,
    "project": str,
    "quarter": str,
    "rules_version": str,
    "vacant": [str],
    "entries": [_ENTRY_SHAPE],
}
_GIVEN_SHAPE = {"ticket": str, "home": (str, None)}
_RESULT_SHAPE = {"steps": [{"way": str, "given": [_GIVEN_SHAPE]}], "homes": [_GIVEN_SHAPE]}
_RECORD_SHAPE = {"list": _LIST_SHAPE, "list_digest": str, "result": _RESULT_SHAPE}


class Standing(StrEnum):
    """Why a household takes part; the standings are served in this order."""

    MISSED = "missed"
    """It has no home, and did not give up its turn."""
    HOLDER = "holder"
    """It has a home and put it in of its own will."""
    WAIVED = "waived"
    """It gave up its turn. It earns nothing by that, so it comes last (P4)."""


_SERVED = tuple(Standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list: a household, its place in the original order, and what it wishes."""

    ticket: Ticket
    place: int
    standing: Standing
    offers: UnitNumber | None = None
    wishes: tuple[UnitNumber, ...] = ()
    """The homes it wishes for and may have, the first wish first."""
    refused: tuple[UnitNumber, ...] = ()
    """Homes it wished for and may not have as the list is frozen."""


def order_entries(entries: Sequence[Entry]) -> list[Entry]:
    """Put the lines into the order in which they are served: by standing, then by place.

    >>> gave_up = Entry(ticket=Ticket("A"), place=1, standing=Standing.WAIVED)
    >>> waited = Entry(ticket=Ticket("B"), place=2, standing=Standing.MISSED)
    >>> [entry.ticket for entry in order_entries([gave_up, waited])]
    ['B', 'A']
    """
    return sorted(entries, key=_rank)


def show_list(
    *,
    project: str,
    quarter: str,
    rules_version: str,
    vacant: Sequence[UnitNumber],
    entries: Sequence[Entry],
) -> dict[str, object]:
    """Give the list as it is frozen and published; ``quarter`` as ``2026-Q3``."""
    return {
        "format": FORMAT,
        "project": project,
        "quarter": quarter,
        "rules_version": rules_version,
        "vacant": [str(home) for home in vacant],
        "entries": [
            {
                "ticket": str(entry.ticket),
                "place": entry.place,
                "standing": str(entry.standing),
                "offers": entry.offers,
                "wishes": [str(home) for home in entry.wishes],
                "refused": [str(home) for home in entry.refused],
            }
            for entry in order_entries(entries)
        ],
    }


def digest_list(shown: Mapping[str, object]) -> str:
    """Give the digest of a list: SM3 of its canonical JSON, in hex."""
    return digest(canonical(shown)).hex()


def derive_result(shown: Mapping[str, Any]) -> Rematched:
    """Give what a published list comes to; refuses like :func:`~.rematch_homes`."""
    return rematch_homes(
        entrants=[
            Entrant(
                ticket=Ticket(entry["ticket"]),
                wishes=tuple(UnitNumber(home) for home in entry["wishes"]),
                offers=entry["offers"],
            )
            for entry in shown["entries"]
        ],
        vacant=[UnitNumber(home) for home in shown["vacant"]],
    )


def show_result(result: Rematched) -> dict[str, object]:
    """Give a result as it is published: what happened, step by step, and who has which home."""
    return {
        "steps": [
            {
                "way": step.way,
                "given": [{"ticket": str(ticket), "home": home} for ticket, home in step.given],
            }
            for step in result.steps
        ],
        "homes": [
            {"ticket": str(ticket), "home": str(result.homes[ticket])}
            for ticket in sorted(result.homes)
        ],
    }


def show_record(shown: Mapping[str, object], result: Rematched) -> dict[str, object]:
    """Give the file that is published: the list, its digest, and what it comes to."""
    return {"list": shown, "list_digest": digest_list(shown), "result": show_result(result)}


def verify_rematch(raw: bytes, *, list_digest: str | None = None) -> list[Check]:
    """Check a published re-match, up to the first check that fails; never raises.

    ``list_digest`` is the digest the reader holds from elsewhere (the ledger's entry, a notice).
    A file is a stranger's input: whatever is in it, the answer is a number and a reason.
    """
    checks: list[Check] = []
    try:
        record = cast(
            "dict[str, Any]", read_canonical(raw, shape=_RECORD_SHAPE, name="rematch.json")
        )
        for number, (name, judge) in enumerate(
            zip(CHECKS, (_judge_format, _judge_digest, *_JUDGES), strict=True), start=1
        ):
            code = judge(record, list_digest)
            checks.append(Check(number, name, not code, code))
            if code:
                break
    except Refusal as refusal:
        number = len(checks) + 1
        checks.append(
            Check(number, CHECKS[number - 1], met=False, code=refusal.code, facts=refusal.facts)
        )
    return checks


def _judge_format(record: dict[str, Any], _pinned: str | None) -> str:
    return "" if record["list"]["format"] == FORMAT else "rematch.other-format"


def _judge_digest(record: dict[str, Any], pinned: str | None) -> str:
    told = digest_list(record["list"])
    is_same = told == record["list_digest"] and pinned in (None, told)
    return "" if is_same else "rematch.list-differs"


def _judge_order(record: dict[str, Any], _pinned: str | None) -> str:
    entries = record["list"]["entries"]
    if any(entry["standing"] not in _SERVED for entry in entries):
        return "rematch.unknown-standing"
    ranks = [(_SERVED.index(entry["standing"]), entry["place"]) for entry in entries]
    if any(one >= following for one, following in pairwise(ranks)):
        return "rematch.order-differs"
    is_fitting = all(
        (entry["offers"] is not None) == (entry["standing"] == Standing.HOLDER) for entry in entries
    )
    return "" if is_fitting else "rematch.unknown-standing"


def _judge_result(record: dict[str, Any], _pinned: str | None) -> str:
    derived = show_result(derive_result(record["list"]))
    return "" if derived == record["result"] else "rematch.result-differs"


def _judge_protection(record: dict[str, Any], _pinned: str | None) -> str:
    """Judge the result by itself, whatever the mechanism: no home twice, no holder worse off."""
    got = {told["ticket"]: told["home"] for told in record["result"]["homes"]}
    if len(set(got.values())) < len(record["result"]["homes"]):
        return "rematch.home-twice"
    for entry in record["list"]["entries"]:
        offers, wishes = entry["offers"], entry["wishes"]
        better = wishes[: wishes.index(offers)] if offers in wishes else wishes
        if offers is not None and got.get(entry["ticket"]) not in (offers, *better):
            return "rematch.holder-worse-off"
    return ""


_JUDGES = (_judge_order, _judge_result, _judge_protection)


def _rank(entry: Entry) -> tuple[int, int]:
    return _SERVED.index(entry.standing), entry.place
