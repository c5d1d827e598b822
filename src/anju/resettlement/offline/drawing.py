"""Drawing: one draw a stratum, from files for a real draw or from chance for a rehearsal.

A real draw has three stages, each with its own file in the plan's ``frozen`` folder, so that nobody
can choose anything after he could know something: the list is frozen, the draw announced, and only
then, with the beacon and the revealed secrets, derived.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from anju.foundation.core.crypto import new_secret
from anju.foundation.core.files import write_private
from anju.resettlement.offline.entries import Entry, make_entries, read_entries, show_receipts
from anju.resettlement.offline.plan import DrawTerms, Plan
from anju_rules.draw_records import show_lines
from anju_rules.draws import (
    Draw,
    DrawResult,
    Line,
    Scheme,
    Terms,
    announce_draw,
    commit_secret,
    derive_draw,
    freeze_list,
    read_secret,
)
from anju_rules.hashing import bytes_from_hex, canonical
from anju_rules.values import Refusal

RECEIPTS = "receipts.json"
LIST = "list.json"
ANNOUNCEMENT = "announcement.json"
REHEARSED_COMMITTERS = ("operator", "notary", "supervisor", "rep-1")


def freeze_plan(folder: Path, plan: Plan) -> dict[str, object]:
    """Freeze the list of a plan: write receipts (private) and the public list with its roots.

    Refuses with ``draw.already-frozen`` where there is a freeze: a second would let somebody
    choose.
    """
    _terms_of(plan)
    frozen = folder / "frozen"
    if (frozen / RECEIPTS).exists():
        raise Refusal("draw.already-frozen", folder=frozen.name)
    entries = make_entries(plan)
    public: dict[str, object] = {
        "project": plan.project.code,
        "strata": [
            {
                "stratum": stratum,
                "households": len(lines),
                "root": freeze_list(lines).root.hex(),
                "lines": show_lines(lines),
            }
            for stratum, lines in _lines_by_stratum(plan, entries, Scheme.REAL)
        ],
    }
    frozen.mkdir(exist_ok=True)
    write_private(frozen / RECEIPTS, show_receipts(entries))
    (frozen / LIST).write_bytes(canonical(public))
    return public


def announce_plan(folder: Path, plan: Plan) -> list[dict[str, object]]:
    """Fix everything before the beacon: one announcement a stratum, written beside the list."""
    frozen = folder / "frozen"
    if (frozen / ANNOUNCEMENT).exists():
        raise Refusal("draw.already-announced", folder=frozen.name)
    announced = _announcements(plan, _frozen_entries(folder, plan))
    (frozen / ANNOUNCEMENT).write_bytes(canonical(announced))
    return announced


def draw_for_real(
    folder: Path, plan: Plan, *, reveals: Path
) -> tuple[tuple[Entry, ...], list[tuple[Draw, DrawResult]]]:
    """Derive the announced draws of a plan from the revealed secrets and the beacon.

    Refuses with ``draw.not-announced`` or ``draw.announcement-differs`` where the draw is not the
    one that was announced, and with ``draw.commit-invalid`` where a secret does not open.
    """
    entries = _frozen_entries(folder, plan)
    file = folder / "frozen" / ANNOUNCEMENT
    if not file.exists():
        raise Refusal("draw.not-announced", folder=folder.name)
    if file.read_bytes() != canonical(_announcements(plan, entries)):
        raise Refusal("draw.announcement-differs", folder=folder.name)
    beacon, secrets = _read_reveals(reveals)
    draws: list[tuple[Draw, DrawResult]] = []
    for place, (stratum, lines) in enumerate(_lines_by_stratum(plan, entries, Scheme.REAL)):
        terms = _terms(plan, place=place, stratum=stratum, scheme=Scheme.REAL)
        commitments = _commitments(plan, place=place)
        revealed = []
        for who, _ in commitments:
            told = secrets.get(who, ())
            if place >= len(told):
                raise Refusal("draw.secret-missing", who=who, stratum=stratum)
            revealed.append((who, read_secret(told[place])))
        draw = Draw(
            terms=terms,
            lines=lines,
            disputed=(),
            secrets=tuple(revealed),
            commitments=commitments,
            beacon=beacon,
        )
        draws.append((draw, derive_draw(draw)))
    return entries, draws


def rehearse_draw(
    plan: Plan, *, entries: tuple[Entry, ...] | None = None, earlier: int = 0
) -> tuple[tuple[Entry, ...], list[tuple[Draw, DrawResult]]]:
    """Run the draws of a plan as a rehearsal: own secrets, a past beacon, and no effect.

    ``entries``: those the households have already; ``earlier``: rehearsals that were held before,
    whose numbers are used up.
    """
    entries = entries or make_entries(plan)
    terms_of_plan = _terms_of(plan)
    draws: list[tuple[Draw, DrawResult]] = []
    for place, (stratum, lines) in enumerate(_lines_by_stratum(plan, entries, Scheme.REHEARSAL)):
        terms = _terms(plan, place=earlier + place, stratum=stratum, scheme=Scheme.REHEARSAL)
        secrets = tuple((who, new_secret()) for who in REHEARSED_COMMITTERS)
        commitments = tuple(
            (
                who,
                commit_secret(scheme=terms.scheme, draw_id=terms.draw_id, who=who, secret=secret),
            )
            for who, secret in secrets
        )
        draw = Draw(
            terms=terms,
            lines=lines,
            disputed=(),
            secrets=secrets,
            commitments=commitments,
            beacon=terms_of_plan.rehearsal_beacon,
        )
        draws.append((draw, derive_draw(draw)))
    return entries, draws


def draw_id_of(plan: Plan, *, place: int, scheme: Scheme) -> str:
    """Give the number of the draw of one stratum, e.g. ``YS-2026-D01``; a rehearsal's has R."""
    letter = "D" if scheme is Scheme.REAL else "R"
    return f"{plan.project.code}-{letter}{place + 1:02d}"


def _terms_of(plan: Plan) -> DrawTerms:
    if plan.draw is None:
        raise Refusal("draw.terms-missing")
    return plan.draw


def _terms(plan: Plan, *, place: int, stratum: str, scheme: Scheme) -> Terms:
    told = _terms_of(plan)
    return Terms(
        scheme=scheme,
        draw_id=draw_id_of(plan, place=place, scheme=scheme),
        stratum=stratum,
        freeze_at=told.freeze_at,
        beacon_at=told.beacon_at if scheme is Scheme.REAL else told.rehearsal_beacon_at,
        beacon_rule=told.beacon_rule,
        redraw_rule=told.redraw_rule,
    )


def _lines_by_stratum(
    plan: Plan, entries: Sequence[Entry], scheme: Scheme
) -> list[tuple[str, tuple[Line, ...]]]:
    by_stratum: dict[str, list[Line]] = {stratum: [] for stratum in plan.project.strata}
    for entry in entries:
        by_stratum[entry.stratum].append(entry.line(scheme))
    empty = [stratum for stratum, lines in by_stratum.items() if not lines]
    if empty:
        raise Refusal("draw.stratum-empty", stratum=empty[0])
    return [(stratum, tuple(lines)) for stratum, lines in by_stratum.items()]


def _commitments(plan: Plan, *, place: int) -> tuple[tuple[str, bytes], ...]:
    told = _terms_of(plan).committers
    if not told:
        raise Refusal("draw.no-committer", draw_id=plan.project.code)
    for who, commitments in told:
        if place >= len(commitments):
            raise Refusal("draw.commitment-missing", who=who, place=place + 1)
    return tuple((who, bytes_from_hex(commitments[place])) for who, commitments in told)


def _frozen_entries(folder: Path, plan: Plan) -> tuple[Entry, ...]:
    file = folder / "frozen" / RECEIPTS
    if not file.exists():
        raise Refusal("draw.not-frozen", folder=folder.name)
    return read_entries(file, plan=plan)


def _announcements(plan: Plan, entries: Sequence[Entry]) -> list[dict[str, object]]:
    announced: list[dict[str, object]] = []
    for place, (stratum, lines) in enumerate(_lines_by_stratum(plan, entries, Scheme.REAL)):
        terms = _terms(plan, place=place, stratum=stratum, scheme=Scheme.REAL)
        frozen, disputed = freeze_list(lines), freeze_list(())
        commitments = _commitments(plan, place=place)
        digest = announce_draw(
            terms=terms, frozen=frozen, disputed=disputed, commitments=commitments
        )
        announced.append(
            {
                "draw_id": terms.draw_id,
                "stratum": stratum,
                "N": len(frozen.lines),
                "R": frozen.root.hex(),
                "P": disputed.root.hex(),
                "freeze_at": terms.freeze_at,
                "beacon_at": terms.beacon_at,
                "beacon_rule": terms.beacon_rule,
                "redraw_rule": terms.redraw_rule,
                "committers": [
                    {"who": who, "commitment": commitment.hex()} for who, commitment in commitments
                ],
                "A": digest.hex(),
            }
        )
    return announced


def _read_reveals(file: Path) -> tuple[tuple[str, ...], Mapping[str, Sequence[str]]]:
    """Read ``beacon = [...]`` and ``[secrets] who = [one a stratum]`` from TOML or JSON."""
    try:
        text = file.read_text(encoding="utf-8")
        told = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise Refusal("draw.reveals-unreadable", file=file.name) from error
    beacon = told.get("beacon") if isinstance(told, dict) else None
    secrets = told.get("secrets") if isinstance(told, dict) else None
    sound = (
        isinstance(beacon, list)
        and all(isinstance(part, str) for part in beacon)
        and isinstance(secrets, dict)
        and all(
            isinstance(row, list) and all(isinstance(secret, str) for secret in row)
            for row in secrets.values()
        )
    )
    if not sound:
        raise Refusal("draw.reveals-malformed", file=file.name)
    return tuple(cast("list[str]", beacon)), cast("dict[str, list[str]]", secrets)
