"""A draw as it is published: JSON in, JSON out, and nothing but the published spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from anju_rules.draws import (
    Draw,
    DrawResult,
    Line,
    Scheme,
    Terms,
    check_ticket,
    commit_secret,
    derive_draw,
    read_secret,
)
from anju_rules.hashing import bytes_from_hex
from anju_rules.values import Refusal

_INPUT_KEYS = {
    "draw_id",
    "stratum",
    "lines",
    "disputed",
    "freeze_at",
    "beacon_at",
    "beacon_rule",
    "redraw_rule",
    "committers",
    "beacon",
}


def read_draw(
    published: object,
    *,
    scheme: Scheme,
    commitments: Mapping[str, str] | None = None,
) -> Draw:
    """Read the published input of a draw.

    Args:
        published: an object with the keys of ``docs/algorithms/draw.md``, no more and no fewer.
        scheme: whether it is read as a real draw or as a rehearsal.
        commitments: the announced commitments by committer; without them they are made from the
            secrets (a recomputation proves then that the result follows, not that it was
            announced).
    """
    table = _mapping(published, "input", keys=_INPUT_KEYS)
    terms = Terms(
        scheme=scheme,
        **{
            name: _text(table[name], name)
            for name in (
                "draw_id",
                "stratum",
                "freeze_at",
                "beacon_at",
                "beacon_rule",
                "redraw_rule",
            )
        },
    )
    secrets: list[tuple[str, bytes]] = []
    for entry in _list(table["committers"], "committers"):
        committer = _mapping(entry, "committers", keys={"who", "secret"})
        who = _text(committer["who"], "who")
        secrets.append((who, read_secret(_text(committer["secret"], "secret"))))
    if commitments is None:
        made = tuple(
            (who, commit_secret(scheme=scheme, draw_id=terms.draw_id, who=who, secret=secret))
            for who, secret in secrets
        )
    else:
        if set(commitments) != {who for who, _ in secrets}:
            raise Refusal("draw.committers-differ", draw_id=terms.draw_id)
        made = tuple((who, bytes_from_hex(commitments[who])) for who, _ in secrets)
    return Draw(
        terms=terms,
        lines=_read_lines(table["lines"], "lines"),
        disputed=_read_lines(table["disputed"], "disputed"),
        secrets=tuple(secrets),
        commitments=made,
        beacon=tuple(_text(part, "beacon") for part in _list(table["beacon"], "beacon")),
    )


def show_draw(draw: Draw) -> dict[str, object]:
    """Write a draw's input as it is published."""
    terms = draw.terms
    return {
        "draw_id": terms.draw_id,
        "stratum": terms.stratum,
        "lines": show_lines(draw.lines),
        "disputed": show_lines(draw.disputed),
        "freeze_at": terms.freeze_at,
        "beacon_at": terms.beacon_at,
        "beacon_rule": terms.beacon_rule,
        "redraw_rule": terms.redraw_rule,
        "committers": [{"who": who, "secret": secret.hex()} for who, secret in draw.secrets],
        "beacon": list(draw.beacon),
    }


def show_result(draw: Draw, result: DrawResult) -> dict[str, object]:
    """Write a draw's result as it is published."""
    return {
        "R": result.root.hex(),
        "P": result.disputed_root.hex(),
        "commitments": {who: commitment.hex() for who, commitment in draw.commitments},
        "A": result.announcement.hex(),
        "seed": result.seed.hex(),
        "order": list(result.order),
        "disputed_would_stand_before": [
            {"ticket": ticket, "before": before} for ticket, before in result.disputed_before
        ],
    }


def recompute_draw(published: object, *, scheme: Scheme = Scheme.REAL) -> dict[str, object]:
    """Derive the result of a published input, as an object like the published ``expected``."""
    draw = read_draw(published, scheme=scheme)
    return show_result(draw, derive_draw(draw))


def show_lines(lines: Iterable[Line]) -> list[dict[str, str]]:
    """Write the lines of a list as they are published."""
    return [{"ticket": line.ticket, "commit_h": line.commitment.hex()} for line in lines]


def _read_lines(published: object, name: str) -> tuple[Line, ...]:
    lines: list[Line] = []
    for entry in _list(published, name):
        line = _mapping(entry, name, keys={"ticket", "commit_h"})
        lines.append(
            Line(
                check_ticket(_text(line["ticket"], "ticket")),
                bytes_from_hex(_text(line["commit_h"], "commit_h")),
            )
        )
    return tuple(lines)


def _mapping(value: object, name: str, *, keys: set[str]) -> Mapping[str, object]:
    if not isinstance(value, dict) or set(value) != keys:
        raise Refusal("draw.input-malformed", field=name)
    return cast("Mapping[str, object]", value)


def _list(value: object, name: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise Refusal("draw.input-malformed", field=name)
    return value


def _text(value: object, name: str) -> str:
    # A lone surrogate has no UTF-8, so no two programs could agree on its bytes.
    if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Refusal("draw.input-malformed", field=name)
    return value
