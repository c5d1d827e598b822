"""A small bundle around a result worked out by hand (bundle_plan), for tests of the verifiers.

Nothing of Anju is used: the format (docs/algorithms/bundle.md) is written out a second time.
The same arguments give the same bytes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.support.bundle_format import canonical, enc, path_of, root_of, sm3
from tests.support.bundle_plan import HOMES, PEOPLE, RESULT, RULES, SCORES, STRATA, WISHES
from tests.support.sm2_example import PUBLIC_KEY, sign

Files = dict[str, Any]

REAL, REHEARSAL = "anju-draw-1", "anju-draw-1/rehearsal"
DIGESTED = (
    ("project.plan.frozen", "rules.json"),
    ("inventory.units.imported", "units.json"),
    ("eligibility.roster.frozen", "roster.json"),
    ("scoring.sheets.published", "scores.json"),
)


def ticket_of(letter: str) -> str:
    """Give a household's ticket; tickets do not follow the order of the letters."""
    return f"YS-{(ord(letter) * 7) % 101:03d}"


def record_of(letter: str) -> Files:
    """Give the record that a household's commitment binds."""
    stratum, persons, confirmed, old, early, low, veterans, needs = PEOPLE[letter]
    return {
        "number": f"户-{letter}",
        "name": f"王某{letter}",
        "identity_number": "",
        "street": "柳岸街道",
        "stratum": stratum,
        "facts": {
            "persons": persons,
            "confirmed_area_sqm": confirmed,
            "home_area_sqm": old,
            "signed_early": early,
            "is_low_income": low,
            "veterans": veterans,
        },
        "needs": needs,
        "wishes": WISHES[letter],
    }


def salt_of(letter: str) -> bytes:
    """Give a household's salt: fixed here, never so in earnest."""
    return sm3(f"salt {letter}".encode())[:16]


def receipts(letters: str = "ABCDEFGHIJ") -> list[Files]:
    """Give the households' receipts: what only they and the office hold."""
    return [
        {"ticket": ticket_of(letter), "salt": salt_of(letter).hex(), "record": record_of(letter)}
        for letter in letters
    ]


def make_draw(
    *, scheme: str, place: int, stratum: str, lines: list[Files], disputed: list[Files]
) -> Files:
    """Draw one stratum by the protocol, with fixed secrets and beacon."""
    draw_id = f"YS-2026-{place:04d}"
    committers = [
        {"who": who, "secret": sm3(f"{who} {place}".encode()).hex()}
        for who in ("notary", "operator", "rep-1")
    ]
    told = {
        "draw_id": draw_id,
        "stratum": stratum,
        "lines": lines,
        "disputed": disputed,
        "freeze_at": "2026-11-23T17:00:00+08:00",
        "beacon_at": "2026-11-26T15:30:00+08:00" if scheme == REAL else "2026-06-30T15:30:00+08:00",
        "beacon_rule": "balls:6x00-99;sse:close,turnover;szse:close,turnover",
        "redraw_rule": "void-causes-1",
        "committers": committers,
        "beacon": ["07 41 58 03 96 22", "3912.47", "482315000000", "12764.03", "611902000000"],
    }
    return {
        "stratum": stratum,
        "place_of_draw": place,
        "scheme": scheme,
        "input": told,
        "expected": expected_of(scheme, told),
    }


def expected_of(scheme: str, told: Mapping[str, Any]) -> Files:
    """Work out what a draw publishes, straight down the page of the protocol."""
    roots = []
    for name in ("lines", "disputed"):
        lines = sorted((line["ticket"], bytes.fromhex(line["commit_h"])) for line in told[name])
        roots.append(root_of([sm3(b"\x00" + enc(*line)) for line in lines]))
    commitments = {
        one["who"]: sm3(
            enc(scheme + "/commit", told["draw_id"], one["who"], bytes.fromhex(one["secret"]))
        )
        for one in told["committers"]
    }
    pairs: list[str | bytes] = []
    for one in told["committers"]:
        pairs += [one["who"], commitments[one["who"]]]
    terms = [told[name] for name in ("freeze_at", "beacon_at", "beacon_rule", "redraw_rule")]
    announced = sm3(
        enc(
            scheme + "/announce",
            told["draw_id"],
            told["stratum"],
            len(told["lines"]),
            *roots,
            *terms,
            *pairs,
        )
    )
    secrets = [bytes.fromhex(one["secret"]) for one in told["committers"]]
    seed = sm3(enc(scheme + "/seed", announced, *told["beacon"], *secrets))

    def key(line: Mapping[str, str]) -> tuple[str, str]:
        return sm3(enc(scheme + "/rank", seed, line["ticket"])).hex(), line["ticket"]

    order = sorted(key(line) for line in told["lines"])
    before: list[Files] = []
    for line in told["disputed"]:
        later = [ticket for key_of_ticket, ticket in order if (key_of_ticket, ticket) > key(line)]
        before.append({"ticket": line["ticket"], "before": later[0] if later else None})
    return {
        "R": roots[0].hex(),
        "P": roots[1].hex(),
        "commitments": {who: value.hex() for who, value in commitments.items()},
        "A": announced.hex(),
        "seed": seed.hex(),
        "order": [ticket for _, ticket in order],
        "disputed_would_stand_before": before,
    }


def make_files(*, scheme: str = REAL, mode: str = "score", disputed: int = 2) -> Files:
    """Make every JSON file but ledger and manifest; by lot nobody wishes and all wait."""
    rules = json.loads(json.dumps(RULES))
    if mode == "lottery":
        rules["rules"]["matching"]["unplaced"] = "wait"
    letters = sorted(PEOPLE, key=ticket_of)
    roster, scores = [], []
    for letter in letters:
        record = record_of(letter)
        if mode == "lottery":
            record["wishes"] = []
        commit = sm3(enc(scheme + "/household", salt_of(letter), canonical(record)))
        public = {
            name: value
            for name, value in record["facts"].items()
            if name not in ("is_low_income", "veterans")
        }
        roster.append(
            {
                "ticket": ticket_of(letter),
                "commit": commit.hex(),
                "name": "王*" + letter,
                "street": record["street"],
                "stratum": record["stratum"],
                "facts": public,
                "needs": record["needs"],
                "wishes": record["wishes"],
            }
        )
        quantities, tenths, care, total = SCORES[letter]
        lines = [
            {"code": line["code"], "label": line["label"], "clause": line["clause"]}
            for line in rules["rules"]["scoring"][:4]
        ]
        for line, quantity, points in zip(lines, quantities, tenths, strict=True):
            line.update({"quantity": quantity, "tenths": points})
        clause = "plan/scoring#1; plan/scoring#6"
        lines.append(
            {"code": "care", "label": "照顾类加分小计", "clause": clause}
            | {"quantity": 1, "tenths": care}
        )
        scores.append({"ticket": ticket_of(letter), "total": total, "lines": lines})
    draws = []
    for place, stratum in enumerate(STRATA, 1):
        rows = [row for row in roster if row["stratum"] == stratum]
        draws.append(
            make_draw(
                scheme=scheme,
                place=place,
                stratum=stratum,
                lines=[{"ticket": row["ticket"], "commit_h": row["commit"]} for row in rows],
                disputed=[
                    {
                        "ticket": f"YS-9{place}{number}",
                        "commit_h": sm3(f"disputed {place} {number}".encode()).hex(),
                    }
                    for number in reversed(range(disputed))
                ],
            )
        )
    files: Files = {
        "rules.json": rules,
        "units.json": [
            {
                "number": number,
                "community": community,
                "building": number.split("-")[0],
                "stair": "1",
                "floor": floor,
                "total_floors": 11,
                "room": number.split("-")[1],
                "layout": "两居",
                "rooms": 2,
                "orientation": "南北",
                "area_sqm": area,
                "has_lift": lift,
                "is_barrier_free": free,
                "reserved_for": kept,
            }
            for number, community, floor, area, lift, free, kept in HOMES
        ],
        "roster.json": roster,
        "scores.json": scores,
        "draws.json": draws,
    }
    _add_result(files, mode=mode)
    return files


def _add_result(files: Files, *, mode: str) -> None:
    """Add order and choices: the order from the draws, the homes as worked out by hand."""
    letters = {ticket_of(letter): letter for letter in PEOPLE}
    order: list[Files] = []
    choices: list[Files] = []
    batch = 0
    for draw in files["draws.json"]:
        numbered = list(enumerate(draw["expected"]["order"], 1))
        if mode == "score":
            numbered.sort(key=lambda one: -SCORES[letters[one[1]]][3])
        for start in range(0, len(numbered), 3):
            batch += 1
            for number, ticket in numbered[start : start + 3]:
                letter = letters[ticket]
                order.append(
                    {
                        "place": len(order) + 1,
                        "ticket": ticket,
                        "stratum": draw["stratum"],
                        "batch": batch,
                        "total": SCORES[letter][3] if mode == "score" else None,
                        "draw_number": number,
                    }
                )
                units, wish, refused, area = (
                    RESULT[letter] if mode == "score" else ([], None, [], "0")
                )
                choices.append(
                    {
                        "seq": len(order),
                        "place": len(order),
                        "ticket": ticket,
                        "batch": batch,
                        "units": units,
                        "wish": wish,
                        "refused": refused,
                        "area_sqm": area,
                    }
                )
    files["order.json"] = order
    files["choices.json"] = choices


def add_ledger(files: Files) -> None:
    """Write the ledger over the files as they are, and into each choice its proof."""

    def of_file(action: str, name: str) -> tuple[str, str, object]:
        return action, name, {"file": name, "digest": sm3(canonical(files[name])).hex()}

    rows = [{k: v for k, v in row.items() if k != "proof"} for row in files["choices.json"]]
    bodies = [of_file(action, name) for action, name in DIGESTED]
    bodies += [
        ("draws.draw.published", draw["input"]["draw_id"], draw) for draw in files["draws.json"]
    ]
    if "amendments.json" in files:
        bodies.append(of_file("selection.amendments.published", "amendments.json"))
    bodies.append(of_file("selection.order.published", "order.json"))
    if "turns.json" in files:
        bodies.append(of_file("selection.turns.published", "turns.json"))
    bodies += [
        (
            "selection.home.chosen"
            if row["units"]
            else f"selection.turn.{row.get('state', 'waiting')}",
            row["ticket"],
            row,
        )
        for row in rows
    ]
    entries, leaves = [], []
    for index, (action, target, body) in enumerate(bodies):
        commit = sm3(enc("anju-ledger-1/body", bytes(16), canonical(body)))
        header = {"action": action, "target": target}
        entries.append({"index": index, "header": header, "commit": commit.hex()})
        leaves.append(sm3(b"\x00" + enc("anju-ledger-1/leaf", canonical(header), commit)))
    for index, row in enumerate(rows, start=len(leaves) - len(rows)):
        row["proof"] = {"index": index, "path": path_of(leaves, index)}
    root = root_of(leaves)
    files["choices.json"] = rows
    note = f"anju/YS-2026\n{len(leaves)}\n{base64.b64encode(root).decode()}\n"
    files["ledger.json"] = {
        "entries": entries,
        "checkpoint": {"size": len(leaves), "root": root.hex(), "note": note},
    }


def manifest_of(files: Files, *, scheme: str = REAL, mode: str = "score") -> Files:
    """Give the manifest of the files as they are."""
    return {
        "format": "anju-bundle-1",
        "rehearsal": scheme == REHEARSAL,
        "project": {
            "code": "YS-2026",
            "name": "柳岸新村回迁项目",
            "mode": mode,
            "strata": STRATA,
            "batch_size": 3,
        },
        "rules_version": "1",
        "files": digests_of(files),
        "root": files["ledger.json"]["checkpoint"]["root"],
        "size": files["ledger.json"]["checkpoint"]["size"],
    }


def digests_of(files: Files) -> dict[str, str]:
    """Give the digest of every file that a manifest lists."""
    return {
        name: sm3(raw_of(value)).hex()
        for name, value in files.items()
        if name not in ("manifest.json", "signature.json")
    }


def raw_of(value: object) -> bytes:
    """Give a file's bytes: bytes as they are, anything else as canonical JSON."""
    return value if isinstance(value, bytes) else canonical(value)


def make_bundle(*, scheme: str = REAL, mode: str = "score", signed: bool = True) -> Files:
    """Make a whole bundle: its files by name, JSON as values."""
    files = make_files(scheme=scheme, mode=mode)
    add_ledger(files)
    files["index.html"] = "<!doctype html><title>结果</title>\n".encode()
    files["assets/data-choices.js"] = b"window.choices = [];\n"
    files["manifest.json"] = manifest_of(files, scheme=scheme, mode=mode)
    if signed:
        note = files["ledger.json"]["checkpoint"]["note"].encode()
        files["signature.json"] = {"key": PUBLIC_KEY, "signature": sign(note)}
    return files


def write_bundle(folder: Path, files: Files) -> Path:
    """Write a bundle's files into a folder, and give the folder back."""
    for name, value in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw_of(value))
    return folder


def change(files: Files, edit: Callable[[Files], object], *, ledger: bool = False) -> Files:
    """Copy a bundle, edit the copy and put the manifest's digests right again.

    With ``ledger`` the ledger, the proofs, the root and the signature are made anew as well: the
    forger who owns everything but the pinned root.
    """
    copy: Files = {
        name: value if isinstance(value, bytes) else json.loads(canonical(value))
        for name, value in files.items()
    }
    edit(copy)
    if ledger:
        add_ledger(copy)
        checkpoint = copy["ledger.json"]["checkpoint"]
        copy["manifest.json"].update({"root": checkpoint["root"], "size": checkpoint["size"]})
        if "signature.json" in copy:
            copy["signature.json"]["signature"] = sign(checkpoint["note"].encode())
    copy["manifest.json"]["files"] = digests_of(copy)
    return copy
