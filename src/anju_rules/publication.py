"""What a published result is made of: the shape of each file, and what its ledger says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from anju_rules.policy.types import RuleSet
from anju_rules.shapes import Each

FORMAT = "anju-bundle-1"
LIVE_FORMAT = "anju-bundle-1/live"
"""A result that was chosen live, turn by turn; the other kind follows from the wishes alone."""
TURNS = "turns.json"
AMENDMENTS = "amendments.json"
"""Only where the failure rules changed a list after the freeze; in both kinds of bundle."""
LISTED_BY_NOBODY = frozenset({"manifest.json", "signature.json"})

_FACT = (int, str, bool)
MANIFEST_SHAPE = {
    "format": str,
    "rehearsal": bool,
    "project": {"code": str, "name": str, "mode": str, "strata": [str], "batch_size": int},
    "rules_version": str,
    "root": str,
    "size": int,
    "files": Each(str),
}
SHAPES: Mapping[str, object] = {
    "rules.json": {"facts": Each(str), "rules": Each(object)},
    "units.json": [
        {
            "number": str,
            "community": str,
            "building": str,
            "stair": str,
            "floor": (int, None),
            "total_floors": (int, None),
            "room": str,
            "layout": str,
            "rooms": (int, None),
            "orientation": str,
            "area_sqm": str,
            "has_lift": bool,
            "is_barrier_free": bool,
            "reserved_for": str,
        }
    ],
    "roster.json": [
        {
            "ticket": str,
            "commit": str,
            "name": str,
            "street": str,
            "stratum": str,
            "facts": Each(_FACT),
            "needs": [str],
            "wishes": [[str]],
        }
    ],
    "scores.json": [
        {
            "ticket": str,
            "total": int,
            "lines": [{"code": str, "label": str, "quantity": int, "tenths": int, "clause": str}],
        }
    ],
    "draws.json": [
        {
            "stratum": str,
            "place_of_draw": int,
            "scheme": str,
            "input": Each(object),
            "expected": {
                "R": str,
                "P": str,
                "commitments": Each(str),
                "A": str,
                "seed": str,
                "order": [str],
                "disputed_would_stand_before": [{"ticket": str, "before": (str, None)}],
            },
        }
    ],
    "order.json": [
        {
            "place": int,
            "ticket": str,
            "stratum": str,
            "batch": int,
            "total": (int, None),
            "draw_number": int,
        }
    ],
    "choices.json": [
        {
            "seq": int,
            "place": int,
            "ticket": str,
            "batch": int,
            "units": [str],
            "wish": (int, None),
            "refused": [[str]],
            "area_sqm": str,
            "proof": {"index": int, "path": [str]},
        }
    ],
    "ledger.json": {
        "entries": [{"index": int, "header": {"action": str, "target": str}, "commit": str}],
        "checkpoint": {"size": int, "root": str, "note": str},
    },
}
LIVE_SHAPES: Mapping[str, object] = {
    **SHAPES,
    "turns.json": [
        {
            "seq": int,
            "at": str,
            "place": int,
            "ticket": str,
            "batch": int,
            "what": str,
            "limit_at": (str, None),
            "reason": str,
            "units": [str],
            "event": str,
        }
    ],
    "choices.json": [
        {
            "seq": int,
            "place": int,
            "ticket": str,
            "batch": int,
            "state": str,
            "units": [str],
            "area_sqm": str,
            "proof": {"index": int, "path": [str]},
        }
    ],
}
"""A live result: what happened in every turn, and beside it what became of every household."""
SHAPES_OF: Mapping[str, Mapping[str, object]] = {FORMAT: SHAPES, LIVE_FORMAT: LIVE_SHAPES}
AMENDMENTS_SHAPE = [{"kind": str, "draw_number": str, "ticket": str, "reason": str, "event": str}]
SIGNATURE_SHAPE = {"key": str, "signature": str}
RECEIPTS_SHAPE = [
    {
        "ticket": str,
        "salt": str,
        "record": {
            "number": str,
            "name": str,
            "identity_number": str,
            "street": str,
            "stratum": str,
            "facts": Each(_FACT),
            "needs": [str],
            "wishes": [[str]],
        },
    }
]

_BEFORE_DRAWS = (
    ("project.plan.frozen", "rules.json"),
    ("inventory.units.imported", "units.json"),
    ("eligibility.roster.frozen", "roster.json"),
    ("scoring.sheets.published", "scores.json"),
)


def published_facts(rules: RuleSet) -> frozenset[str]:
    """Give the facts a roster shows: those the entitlement and the open score lines ask for.

    What only a sensitive line asks for stays with the household and the office (PIPL 28).
    """
    of_lines = {fact for line in rules.scoring if not line.sensitive for fact in line.facts}
    return frozenset(of_lines) | frozenset(rules.entitlement.facts)


def tell_entries(
    *,
    digests: Mapping[str, str],
    draws: Sequence[Mapping[str, object]],
    choices: Sequence[Mapping[str, object]],
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Give action, target and body of each ledger entry of a published result, in order.

    Args:
        digests: the SM3 of each published file, in hex; ``turns.json`` of a live
            result and ``amendments.json`` too, where there are any.
        draws: the rows of ``draws.json``.
        choices: the rows of ``choices.json``; their proofs are no part of what is proven.
    """
    for action, name in _BEFORE_DRAWS:
        yield action, name, _file_body(name, digests)
    for draw in draws:
        told = draw["input"]
        draw_id = str(told["draw_id"]) if isinstance(told, Mapping) else ""
        yield "draws.draw.published", draw_id, dict(draw)
    if AMENDMENTS in digests:
        yield "selection.amendments.published", AMENDMENTS, _file_body(AMENDMENTS, digests)
    yield "selection.order.published", "order.json", _file_body("order.json", digests)
    if TURNS in digests:
        yield "selection.turns.published", TURNS, _file_body(TURNS, digests)
    for choice in choices:
        state = choice.get("state", "waiting")
        action = "selection.home.chosen" if choice["units"] else f"selection.turn.{state}"
        body = {name: value for name, value in choice.items() if name != "proof"}
        yield action, str(choice["ticket"]), body


def _file_body(name: str, digests: Mapping[str, str]) -> dict[str, object]:
    return {"file": name, "digest": digests[name]}
