"""The bundle: a folder that holds a whole result, its proofs, its pages and its verifier.

Everything in it is canonical JSON or plain HTML and opens from a stick. It holds no name, identity
number or telephone: households stand in it by ticket, masked name and street.
The format is written down in ``docs/algorithms/bundle.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib import resources
from pathlib import Path

from anju.foundation.core.crypto import CryptoProvider, KeyPair
from anju.foundation.core.files import write_folder, write_private
from anju.resettlement.offline.allocate import Allocation
from anju.resettlement.offline.entries import Entry, show_fact, show_receipts
from anju.resettlement.offline.pages import write_pages
from anju.resettlement.offline.plan import Plan
from anju_rules.amendments import Amendment
from anju_rules.draw_records import show_draw, show_result
from anju_rules.draws import Draw, DrawResult, Scheme
from anju_rules.hashing import canonical, digest
from anju_rules.ledger import PUBLIC_SALT, Checkpoint, commit_body, hash_entry, write_note
from anju_rules.live import TurnLine, judge_turns
from anju_rules.masking import mask_name
from anju_rules.merkle import merkle_root, prove_every_inclusion
from anju_rules.publication import (
    AMENDMENTS,
    FORMAT,
    LIVE_FORMAT,
    TURNS,
    published_facts,
    tell_entries,
)
from anju_rules.scoring import published_lines, show_line
from anju_rules.values import Home, Refusal
from anju_rules.verify.live import show_outcome

MANIFEST = "manifest.json"
_BEIJING = timezone(timedelta(hours=8))
SIGNATURE = "signature.json"
VERIFIER = "verify_bundle.py"
LARGEST_FILE = 1 << 30
"""Bytes; a million households fit."""


@dataclass(frozen=True, slots=True)
class LiveTurnRow:
    """One line of a live record, with the entry of the platform's ledger that proves it."""

    line: TurnLine
    event: str
    """The entry's id."""

    def show(self, *, seq: int) -> dict[str, object]:
        """Write it as a row of ``turns.json``."""
        line = self.line
        return {
            "seq": seq,
            "at": spell_moment(line.at),
            "place": line.place,
            "ticket": line.ticket,
            "batch": line.batch,
            "what": line.what,
            "limit_at": None if line.limit_at is None else spell_moment(line.limit_at),
            "reason": line.reason,
            "units": list(line.units),
            "event": self.event,
        }


def write_bundle(
    folder: Path,
    *,
    plan: Plan,
    draws: Sequence[tuple[Draw, DrawResult]],
    allocation: Allocation,
    replace: bool = False,
    signing: tuple[CryptoProvider, KeyPair] | None = None,
    turns: Sequence[LiveTurnRow] | None = None,
    amendments: Sequence[Amendment] = (),
) -> Mapping[str, object]:
    """Write a result as a bundle, whole or not at all, and give its manifest.

    With ``turns``, the record of a selection held live, the homes follow from them and not from the
    wishes; refuses then like :func:`anju_rules.live.judge_turns`. ``amendments``: the lines struck
    or placed after the freeze, which ``allocation`` already follows. Refuses with
    ``files.folder-not-empty``; ``replace`` takes the place of an older bundle only.
    """
    if replace and folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise Refusal("files.folder-not-a-bundle", folder=str(folder))
    files = _result_files(plan, draws, allocation)
    if turns is not None:
        files |= _live_files(plan, allocation, turns)
    if amendments:
        ordered = sorted(amendments, key=lambda one: one.ticket)
        files[AMENDMENTS] = [one.show() for one in ordered]
    checkpoint = _write_ledger(files, plan=plan)
    manifest = _manifest(plan, draws, checkpoint)
    manifest["format"] = FORMAT if turns is None else LIVE_FORMAT

    def fill(fresh: Path) -> None:
        for name, value in files.items():
            (fresh / name).write_bytes(canonical(value))
        (fresh / MANIFEST).write_bytes(canonical(manifest))
        verifier = resources.files("anju.resettlement.offline.standalone") / VERIFIER
        (fresh / VERIFIER).write_bytes(verifier.read_bytes())
        write_pages(fresh)
        listed = sorted(
            path.relative_to(fresh).as_posix()
            for path in fresh.rglob("*")
            if path.is_file() and path.name != MANIFEST
        )
        manifest["files"] = {name: digest((fresh / name).read_bytes()).hex() for name in listed}
        (fresh / MANIFEST).write_bytes(canonical(manifest))
        if signing is not None:
            provider, key = signing
            signature = provider.sm2_sign(
                private_key=key.private, message=write_note(checkpoint).encode()
            )
            signed = {"key": key.public.hex(), "signature": signature.hex()}
            (fresh / SIGNATURE).write_bytes(canonical(signed))

    write_folder(folder, fill, replace=replace)
    return manifest


def write_receipts(folder: Path, entries: Sequence[Entry]) -> Path:
    """Write the receipts beside a bundle, readable by their owner only, and say where."""
    file = folder.parent / f"{folder.name}-receipts.json"
    write_private(file, show_receipts(entries))
    return file


def read_bundle(folder: Path) -> dict[str, bytes]:
    """Read every file of a bundle.

    Refuses with ``files.not-a-bundle`` what has no manifest, and with ``files.strange-file`` a
    link, a device or a file larger than :data:`LARGEST_FILE`: nothing is followed out of the
    folder.
    """
    if not (folder / MANIFEST).is_file():
        raise Refusal("files.not-a-bundle", folder=str(folder))
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise Refusal("files.strange-file", file=name)
        if path.is_file():
            if path.stat().st_size > LARGEST_FILE:
                raise Refusal("files.strange-file", file=name)
            files[name] = path.read_bytes()
    return files


def spell_moment(moment: datetime) -> str:
    """Write a moment as bundles do, to the second: ``2026-11-26T15:30:00+08:00``."""
    return moment.astimezone(_BEIJING).isoformat(timespec="seconds")


def _manifest(
    plan: Plan, draws: Sequence[tuple[Draw, DrawResult]], checkpoint: Checkpoint
) -> dict[str, object]:
    return {
        "rehearsal": any(draw.terms.scheme is Scheme.REHEARSAL for draw, _ in draws),
        "project": {
            "code": plan.project.code,
            "name": plan.project.name,
            "mode": plan.project.mode,
            "strata": list(plan.project.strata),
            "batch_size": plan.project.batch_size,
        },
        "rules_version": plan.rules.version,
        "root": checkpoint.root.hex(),
        "size": checkpoint.size,
        "files": {},
    }


def _result_files(
    plan: Plan, draws: Sequence[tuple[Draw, DrawResult]], allocation: Allocation
) -> dict[str, object]:
    return {
        "rules.json": plan.rules.canonical(),
        "units.json": [_show_home(home) for home in plan.homes.values()],
        "roster.json": _roster(plan, draws, allocation),
        "scores.json": _scores(allocation),
        "draws.json": [
            {
                "stratum": draw.terms.stratum,
                "place_of_draw": place,
                "scheme": str(draw.terms.scheme),
                "input": show_draw(draw),
                "expected": show_result(draw, result),
            }
            for place, (draw, result) in enumerate(draws, start=1)
        ],
        "order.json": [
            {
                "place": place.place,
                "ticket": place.ticket,
                "stratum": place.stratum,
                "batch": place.batch,
                "total": place.total if plan.project.mode == "score" else None,
                "draw_number": place.draw_number,
            }
            for place in allocation.places
        ],
        "choices.json": _choices(plan, allocation),
    }


def _live_files(
    plan: Plan, allocation: Allocation, turns: Sequence[LiveTurnRow]
) -> dict[str, object]:
    """Give the record and what follows from it, judged before anybody sees it."""
    outcomes = judge_turns(
        lines=[turn.line for turn in turns],
        places=allocation.places,
        households={
            ticket: plan.households[entry.number].household
            for ticket, entry in allocation.entries.items()
        },
        homes=plan.homes,
        rules=plan.rules,
    )
    return {
        TURNS: [turn.show(seq=seq) for seq, turn in enumerate(turns, start=1)],
        "choices.json": [show_outcome(outcome) for outcome in outcomes],
    }


def _roster(
    plan: Plan, draws: Sequence[tuple[Draw, DrawResult]], allocation: Allocation
) -> list[dict[str, object]]:
    commitments = {
        line.ticket: line.commitment for draw, _ in draws for line in (*draw.lines, *draw.disputed)
    }
    wanted = published_facts(plan.rules)
    roster: list[dict[str, object]] = []
    for ticket, entry in sorted(allocation.entries.items()):
        registered = plan.households[entry.number]
        household = registered.household
        roster.append(
            {
                "ticket": ticket,
                "commit": commitments[ticket].hex(),
                "name": mask_name(registered.name),
                "street": registered.street,
                "stratum": household.stratum,
                "facts": {
                    code: show_fact(household.facts[code])
                    for code in sorted(wanted & household.facts.keys())
                },
                "needs": sorted(household.needs),
                "wishes": [list(wish) for wish in plan.wishes.get(entry.number, ())],
            }
        )
    return roster


def _scores(allocation: Allocation) -> list[dict[str, object]]:
    return [
        {
            "ticket": ticket,
            "total": allocation.sheets[entry.number].total,
            "lines": [show_line(line) for line in published_lines(allocation.sheets[entry.number])],
        }
        for ticket, entry in sorted(allocation.entries.items())
    ]


def _choices(plan: Plan, allocation: Allocation) -> list[dict[str, object]]:
    choices: list[dict[str, object]] = []
    for place, placement in zip(allocation.places, allocation.placements, strict=True):
        area = sum(plan.homes[number].area_sqm for number in placement.homes)
        choices.append(
            {
                "seq": place.place,
                "place": place.place,
                "ticket": place.ticket,
                "batch": place.batch,
                "units": list(placement.homes),
                "wish": placement.wish,
                "refused": [list(codes) for codes in placement.reason_codes],
                "area_sqm": str(area),
            }
        )
    return choices


def _write_ledger(files: dict[str, object], *, plan: Plan) -> Checkpoint:
    """Add ``ledger.json`` to the files, and to each choice its proof."""
    choices: list[dict[str, object]] = files["choices.json"]  # type: ignore[assignment]
    draws: list[dict[str, object]] = files["draws.json"]  # type: ignore[assignment]
    bodies = tell_entries(
        digests={
            name: digest(canonical(value)).hex()
            for name, value in files.items()
            if name != "choices.json"
        },
        draws=draws,
        choices=choices,
    )
    entries: list[dict[str, object]] = []
    leaves: list[bytes] = []
    for index, (action, target, body) in enumerate(bodies):
        header = {"action": action, "target": target}
        commitment = commit_body(salt=PUBLIC_SALT, body=body)
        entries.append({"index": index, "header": header, "commit": commitment.hex()})
        leaves.append(hash_entry(header=header, commitment=commitment))
    paths = prove_every_inclusion(leaves=leaves)
    first = len(leaves) - len(choices)
    for index, choice in enumerate(choices, start=first):
        choice["proof"] = {"index": index, "path": [node.hex() for node in paths[index]]}
    checkpoint = Checkpoint(f"anju/{plan.project.code}", len(leaves), merkle_root(leaves))
    files["ledger.json"] = {
        "entries": entries,
        "checkpoint": {
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "note": write_note(checkpoint),
        },
    }
    return checkpoint


def _show_home(home: Home) -> dict[str, object]:
    return {
        "number": home.number,
        "community": home.community,
        "building": home.building,
        "stair": home.stair,
        "floor": home.floor,
        "total_floors": home.total_floors,
        "room": home.room,
        "layout": home.layout,
        "rooms": home.rooms,
        "orientation": home.orientation,
        "area_sqm": str(home.area_sqm),
        "has_lift": home.has_lift,
        "is_barrier_free": home.is_barrier_free,
        "reserved_for": home.reserved_for,
    }
