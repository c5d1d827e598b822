"""A valid result bundle made from nothing, small or large, for tests of pages and verifiers.

Independent of the program that makes real ones: written from the protocol, with ``hashlib``'s SM3.
Nobody in it is real; names and figures follow from a counter: the same arguments, the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "兰芳敏静丽强磊军洋勇艳杰娟涛明超霞平刚华"
STREETS = ("柳岸街道", "青石街道", "桂花街道", "金桥街道")
LAYOUTS = (("两居 A", 2, 6520), ("两居 B", 2, 8640), ("三居 A", 3, 10760), ("三居 B", 3, 12380))
BEACON_AT = {True: "2026-06-30T15:30:00+08:00", False: "2026-11-26T15:30:00+08:00"}
SMALL, BUDGET = 200, 20000  # homes of a small sample; hundredths of a m² a household may take
BEACON = ["07 41 58 03 96 22", "3912.47", "482315000000", "12764.03", "611902000000"]


def sm3(data: bytes) -> bytes:
    """Digest with SM3."""
    return hashlib.new("sm3", data).digest()


def enc(*parts: str | int | bytes) -> bytes:
    """Give each part a 4-byte length and join them, as the protocol's ``enc`` does."""
    raw = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in raw)


def canonical(value: object) -> bytes:
    """Write canonical JSON: our keys are ASCII and there are no floats, so sorting is enough."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def pick(label: str, index: int, below: int) -> int:
    """Pick a number below ``below``, the same for the same label and index."""
    return int.from_bytes(hashlib.sha256(f"{label}/{index}".encode()).digest()[:6], "big") % below


def grow_tree(leaves: list[bytes]) -> list[list[bytes]]:
    """Give all levels of the RFC 9162 tree over ``leaves``."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [sm3(b"\x01" + below[i] + below[i + 1]) for i in range(0, len(below) - 1, 2)]
        levels.append(above + below[len(above) * 2 :])
    return levels


def root_of(leaves: list[bytes]) -> bytes:
    """Give the RFC 9162 root; of nothing, the digest of nothing."""
    return grow_tree(leaves)[-1][0] if leaves else sm3(b"")


def path_of(levels: list[list[bytes]], index: int) -> list[str]:
    """Give the inclusion path of a leaf."""
    path = []
    for level in levels[:-1]:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1].hex())
        index >>= 1
    return path


@dataclass(slots=True, kw_only=True)
class Sample:
    """What to make."""

    households: int = 60
    homes: int = 72
    rehearsal: bool = True
    mode: str = "score"
    payload: str = ""
    strata: tuple[str, ...] = ("优先户", "普通户")
    floorless: int = 3
    """How many homes have no floor in their table."""


def write_sample_bundle(folder: Path, sample: Sample | None = None) -> Path:
    """Write the bundle's JSON files into ``folder`` (made if missing), and give it back."""
    asked = sample or Sample()
    homes = _make_homes(asked)
    roster = _make_roster(asked, homes)
    scores = _make_scores(asked, roster)
    draws = [_make_draw(asked, stratum, roster) for stratum in asked.strata]
    order = _make_order(asked, draws, {row["ticket"]: row["total"] for row in scores})
    choices = _make_choices(order, roster, homes)
    files: dict[str, object] = {
        "rules.json": _make_rules(asked),
        "units.json": homes,
        "roster.json": roster,
        "scores.json": scores,
        "draws.json": draws,
        "order.json": order,
    }
    raws = {name: canonical(value) for name, value in files.items()}
    ledger = _make_ledger(raws, draws, choices)
    raws |= {"choices.json": canonical(choices), "ledger.json": canonical(ledger)}
    manifest = {
        "format": "anju-bundle-1",
        "rehearsal": asked.rehearsal,
        "project": {
            "code": "YS-2026",
            "name": "柳岸新村回迁项目" + asked.payload,
            "mode": asked.mode,
            "strata": list(asked.strata),
            "batch_size": 30,
        },
        "rules_version": "1",
        "files": {name: sm3(raw).hex() for name, raw in raws.items()},
        "root": ledger["checkpoint"]["root"],
        "size": ledger["checkpoint"]["size"],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in {**raws, "manifest.json": canonical(manifest)}.items():
        (folder / name).write_bytes(raw)
    return folder


def _make_homes(asked: Sample) -> list[Row]:
    """Four homes a storey, two stairs a building, communities of a few buildings each."""
    homes: list[Row] = []
    building, first, storeys = 0, 0, _storeys_of(asked, 0)
    for index in range(asked.homes):
        if index - first == storeys * 8:
            building, first = building + 1, index
            storeys = _storeys_of(asked, building)
        stair, place = divmod(index - first, storeys * 4)
        floor, room = divmod(place, 4)
        layout, rooms, base = LAYOUTS[room]
        area = base + pick("area", building * 4 + room, 9) * 10
        floorless = index >= asked.homes - asked.floorless
        community = ("柳岸新村", "滨河苑", "桂花苑")[min(building // 6, 2)]
        name = f"{building + 1}-{stair + 1}-{floor + 1:02d}-{room + 1:02d}"
        homes.append(
            {
                "number": f"S-{index}" if floorless else name,
                "community": community + asked.payload,
                "building": str(building + 1) + asked.payload,
                "stair": "" if floorless else str(stair + 1) + asked.payload,
                "floor": None if floorless else floor + 1,
                "total_floors": storeys,
                "room": f"{floor + 1}{room + 1:02d}" + asked.payload,
                "layout": layout + asked.payload,
                "rooms": rooms,
                "orientation": ("南北", "东南")[room % 2] + asked.payload,
                "area_sqm": f"{area // 100}.{area % 100:02d}",
                "has_lift": building % 3 > 0,
                "is_barrier_free": floor == 0,
                "reserved_for": "barrier-free" if floor == 0 and room == 0 else "",
            }
        )
    return homes


def _storeys_of(asked: Sample, building: int) -> int:
    return (6, 11, 18, 26)[pick("storeys", building, 4)] if asked.homes > SMALL else 6


def _make_roster(asked: Sample, homes: list[Row]) -> list[Row]:
    roster: list[Row] = []
    for index in range(asked.households):
        record = {"number": f"H{index:05d}"}
        salt = hashlib.sha256(f"salt/{index}".encode()).digest()[:16]
        prefix = _scheme(asked) + "/household"
        wishes = [
            [homes[pick(f"wish{rank}", index, len(homes))]["number"]]
            for rank in range(pick("wishes", index, 4) + 1)
        ]
        if pick("two", index, 9) == 0:
            first = pick("twofold", index, len(homes) - 1)
            wishes.insert(0, [homes[first]["number"], homes[first + 1]["number"]])
        surname, given = SURNAMES[pick("s", index, 20)], GIVEN[pick("g", index, 20)]
        roster.append(
            {
                "ticket": f"LA-{(index * 7919 + 11) % 100000:05d}",
                "commit": sm3(enc(prefix, salt, canonical(record))).hex(),
                "name": f"{surname}*{given}" + asked.payload,
                "street": STREETS[pick("street", index, 4)] + asked.payload,
                "stratum": asked.strata[0 if pick("stratum", index, 5) == 0 else -1],
                "facts": {
                    "persons": pick("persons", index, 6) + 1,
                    "confirmed_area_sqm": f"{60 + pick('confirmed', index, 160)}.50",
                },
                "needs": ["barrier-free"] if pick("need", index, 12) == 0 else [],
                "wishes": wishes,
            }
        )
    return sorted(roster, key=lambda row: str(row["ticket"]))


def _make_rules(asked: Sample) -> Row:
    return {
        "facts": {"persons": "integer", "confirmed_area_sqm": "area"},
        "rules": {
            "version": "1",
            "effective_on": "2026-06-01",
            "scoring": [
                {
                    "code": "population",
                    "label": "户籍人口" + asked.payload,
                    "clause": "plan/scoring#1",
                    "source": "《柳岸新村选房方案》第九条" + asked.payload,
                    "certainty": "C",
                },
                {
                    "code": "early-signing",
                    "clause": "plan/scoring#2",
                    "source": "《柳岸新村选房方案》第十条",
                    "certainty": "P",
                },
            ],
        },
    }


def _make_scores(asked: Sample, roster: list[Row]) -> list[Row]:
    scores: list[Row] = []
    for index, row in enumerate(roster):
        persons = row["facts"]["persons"]
        lines = [_score_line("population", "户籍人口" + asked.payload, persons, 3 * persons, "1")]
        if pick("early", index, 3):
            lines.append(_score_line("early-signing", "提前签约", 1, 20, "2"))
        if pick("care", index, 7) == 0:
            lines.append(_score_line("care", "照顾项目合计", 1, 30, "3"))
        total = sum(line["tenths"] for line in lines)
        scores.append({"ticket": row["ticket"], "total": total, "lines": lines})
    return scores if asked.mode == "score" else []


def _score_line(code: str, label: str, quantity: int, tenths: int, clause: str) -> Row:
    return {
        "code": code,
        "label": label,
        "quantity": quantity,
        "tenths": tenths,
        "clause": f"plan/scoring#{clause}",
    }


def _scheme(asked: Sample) -> str:
    return "anju-draw-1/rehearsal" if asked.rehearsal else "anju-draw-1"


def _make_draw(asked: Sample, stratum: str, roster: list[Row]) -> Row:
    scheme = _scheme(asked)
    lines = [
        {"ticket": r["ticket"], "commit_h": r["commit"]} for r in roster if r["stratum"] == stratum
    ]
    place = asked.strata.index(stratum) + 1
    draw_id = f"YS-2026-{place:04d}"
    people = ("operator", "notary", "supervisor", "rep-1", "rep-2")
    secrets = {who: hashlib.sha256(f"{draw_id}/{who}".encode()).digest() for who in people}
    commits = {who: sm3(enc(f"{scheme}/commit", draw_id, who, own)) for who, own in secrets.items()}
    leaves = [sm3(b"\x00" + enc(line["ticket"], bytes.fromhex(line["commit_h"]))) for line in lines]
    given: Row = {
        "draw_id": draw_id,
        "stratum": stratum,
        "lines": lines,
        "disputed": [],
        "freeze_at": "2026-11-23T17:00:00+08:00",
        "beacon_at": BEACON_AT[asked.rehearsal],
        "beacon_rule": "balls:6x00-99;sse:close,turnover;szse:close,turnover",
        "redraw_rule": "void-causes-1",
        "committers": [{"who": who, "secret": own.hex()} for who, own in secrets.items()],
        "beacon": BEACON,
    }
    pairs = [part for who in people for part in (who, commits[who])]
    frozen = [given[name] for name in ("freeze_at", "beacon_at", "beacon_rule", "redraw_rule")]
    root, disputed = root_of(leaves), root_of([])
    told = sm3(
        enc(f"{scheme}/announce", draw_id, stratum, len(lines), root, disputed, *frozen, *pairs)
    )
    seed = sm3(enc(f"{scheme}/seed", told, *BEACON, *secrets.values()))
    keys = {line["ticket"]: sm3(enc(f"{scheme}/rank", seed, line["ticket"])) for line in lines}
    expected = {
        "R": root.hex(),
        "P": disputed.hex(),
        "commitments": {who: own.hex() for who, own in commits.items()},
        "A": told.hex(),
        "seed": seed.hex(),
        "order": sorted(keys, key=lambda ticket: (keys[ticket], ticket)),
        "disputed_would_stand_before": [],
    }
    return {
        "stratum": stratum,
        "place_of_draw": place,
        "scheme": scheme,
        "input": given,
        "expected": expected,
    }


def _make_order(asked: Sample, draws: list[Row], totals: dict[str, int]) -> list[Row]:
    order: list[Row] = []
    batch = 0
    for draw in draws:
        numbers = {ticket: at + 1 for at, ticket in enumerate(draw["expected"]["order"])}
        queue = sorted(numbers, key=lambda t: (-totals.get(t, 0), numbers[t]))
        for at, ticket in enumerate(queue):
            batch += at % 30 == 0
            order.append(
                {
                    "place": len(order) + 1,
                    "ticket": ticket,
                    "stratum": draw["stratum"],
                    "batch": batch,
                    "total": totals.get(ticket) if asked.mode == "score" else None,
                    "draw_number": numbers[ticket],
                }
            )
    return order


def _make_choices(order: list[Row], roster: list[Row], homes: list[Row]) -> list[Row]:
    """Give homes by wishes in order; a stand-in for the rules, good enough for a page."""
    wishes = {row["ticket"]: row["wishes"] for row in roster}
    areas = {home["number"]: int(home["area_sqm"].replace(".", "")) for home in homes}
    reserved = {home["number"] for home in homes if home["reserved_for"]}
    held: set[str] = set()
    choices: list[Row] = []
    for row in order:
        refused: list[list[str]] = []
        given: list[str] = []
        for wish in wishes[row["ticket"]]:
            codes = ["selection.unit-already-held"] if held & set(wish) else []
            codes += ["selection.home-reserved"] if reserved & set(wish) else []
            codes += ["selection.over-area-budget"] if sum(areas[u] for u in wish) > BUDGET else []
            if not codes:
                given = wish
                break
            refused.append(codes)
        held |= set(given)
        area = sum(areas[unit] for unit in given)
        choices.append(
            {
                "seq": row["place"],
                "place": row["place"],
                "ticket": row["ticket"],
                "batch": row["batch"],
                "units": given,
                "wish": len(refused) + 1 if given else None,
                "refused": refused,
                "area_sqm": f"{area // 100}.{area % 100:02d}",
            }
        )
    return choices


def _entries_of(
    raws: dict[str, bytes], draws: list[Row], choices: list[Row]
) -> list[tuple[str, str, Row]]:
    """Give action, target and body of each entry: files, draws, the order, then each row."""

    def of_file(action: str, name: str) -> tuple[str, str, Row]:
        return action, name, {"file": name, "digest": sm3(raws[name]).hex()}

    entries = [
        of_file("project.plan.frozen", "rules.json"),
        of_file("inventory.units.imported", "units.json"),
        of_file("eligibility.roster.frozen", "roster.json"),
        of_file("scoring.sheets.published", "scores.json"),
    ]
    entries += [("draws.draw.published", draw["input"]["draw_id"], draw) for draw in draws]
    entries.append(of_file("selection.order.published", "order.json"))
    for row in choices:
        action = "selection.home.chosen" if row["units"] else "selection.turn.waiting"
        entries.append((action, row["ticket"], dict(row)))
    return entries


def _make_ledger(raws: dict[str, bytes], draws: list[Row], choices: list[Row]) -> Row:
    """Enter files, draws, order and choices, and add the proofs to the choices."""
    listed: list[Row] = []
    leaves: list[bytes] = []
    for index, (action, target, body) in enumerate(_entries_of(raws, draws, choices)):
        header = {"action": action, "target": target}
        commit = sm3(enc("anju-ledger-1/body", bytes(16), canonical(body)))
        listed.append({"index": index, "header": header, "commit": commit.hex()})
        leaves.append(sm3(b"\x00" + enc("anju-ledger-1/leaf", canonical(header), commit)))
    levels = grow_tree(leaves)
    for index, choice in enumerate(choices, start=len(leaves) - len(choices)):
        choice["proof"] = {"index": index, "path": path_of(levels, index)}
    root = levels[-1][0]
    note = f"anju/YS-2026\n{len(leaves)}\n{base64.b64encode(root).decode()}\n"
    return {
        "entries": listed,
        "checkpoint": {"size": len(leaves), "root": root.hex(), "note": note},
    }
