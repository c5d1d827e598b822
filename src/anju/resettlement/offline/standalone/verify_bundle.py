#!/usr/bin/env python3
# fmt: off
"""Check a published Anju bundle on any machine: one file, Python 3.9 or later, nothing to install.

    python3 verify_bundle.py FOLDER [--root HEX] [--key HEX] [--receipts FILE] [--lang zh|en]

Written from the published format (docs/algorithms/bundle.md) alone. Of the checks, 1 to 18, the
first that fails is named. Exit 0: valid; 1: not valid; 2: wrong use, or not a bundle. Take --root
and --key from print, a notary or a witness: the folder proves only that it agrees with itself.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import operator as op
import os
import re
import stat
import struct
import sys
from datetime import date, datetime
from decimal import Decimal, getcontext
from typing import Any, Callable, Sequence

REAL, REHEARSAL = "anju-draw-1", "anju-draw-1/rehearsal"
BY_WISHES, LIVE = "anju-bundle-1", "anju-bundle-1/live"
LARGEST_FILE, MOST_FILES, DEEPEST, LARGEST_INT = 256 << 20, 100_000, 24, 2**53 - 1
JSON_FILES = ("rules", "units", "roster", "scores", "draws", "order", "choices", "ledger")
MEANINGS = {
    1: ("清单与文件不符，或有缺少、多余的文件", "files differ from the manifest, or are missing"),
    2: ("规则不完整、缺依据，或使用了禁用的事实", "rules without basis, or using what is banned"),
    3: ("名册的票号、次序有误，或两户同一承诺值", "roster unsorted, or a commitment used twice"),
    4: ("房源表的房号重复，或面积不是正数", "a home stands twice, or its area is not above zero"),
    5: ("评分与按公开事实和规则重算的不一致", "a score differs from what the facts and rules give"),
    6: ("摇号输入有误，或演练与正式混淆", "a draw's input is wrong, or a rehearsal passes as real"),
    7: ("名单根 R 或争议名单根 P 不符", "the root R of the list or P of the disputed differs"),
    8: ("承诺值打不开，或有重复", "a commitment does not open, or one is used twice"),
    9: ("公告值 A 不符", "the announcement A differs"), 10: ("种子不符", "the seed differs"),
    11: ("摇号次序不符", "the drawn order differs"),
    12: ("选房次序或批次与评分、摇号不一致", "order or batches are not what scores and draws give"),
    13: ("分房结果与按志愿（或现场轮次）和规则重算的不一致",
        "homes given differ from what wishes, or the turns held live, and rules give"),
    14: ("账本与公开文件不符，或账本根不符", "the ledger or its root differs from the files"),
    15: ("某行的存证证明不通向账本根", "a row's inclusion proof does not lead to the root"),
    16: ("账本根与您手中的不同", "the root is not the one you brought"),
    17: ("签名缺少或无效", "the signature is missing or not valid"),
    18: ("回执与名册不符", "a receipt does not open its line of the roster")}
getcontext().prec = 100  # so that no product of two published numbers is ever rounded


class Failed(Exception):
    """A check is not met; the text says where."""


def need(met: bool, why: str) -> None:
    """Refuse the bundle unless the condition is met."""
    if not met:
        raise Failed(why)


# --- SM3 (GB/T 32905), the encoding of parts, the RFC 9162 tree -----------------------
def _turn(word: int, by: int) -> int:
    return (word << by % 32 | word >> 32 - by % 32) & 0xFFFFFFFF


def own_sm3(data: bytes) -> bytes:
    """Digest with SM3 in Python alone, for machines whose OpenSSL lacks it."""
    state = struct.unpack(">8I", bytes.fromhex(
        "7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e"))
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack(">Q", 8 * len(data))
    for start in range(0, len(data), 64):
        w = list(struct.unpack(">16I", data[start:start + 64]))
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
            w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            a12 = _turn(a, 12)
            ss1 = _turn(a12 + e + _turn(0x7A879D8A if j > 15 else 0x79CC4519, j) & 0xFFFFFFFF, 7)
            ff = a & b | a & c | b & c if j > 15 else a ^ b ^ c
            gg = e & f | ~e & g if j > 15 else e ^ f ^ g
            tt1, tt2 = ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4]), gg + h + ss1 + w[j] & 0xFFFFFFFF
            a, b, c, d = tt1 & 0xFFFFFFFF, a, _turn(b, 9), c
            e, f, g, h = tt2 ^ _turn(tt2, 9) ^ _turn(tt2, 17), e, _turn(f, 19), g
        state = tuple(map(op.xor, state, (a, b, c, d, e, f, g, h)))
    return struct.pack(">8I", *state)


def choose_sm3(*, own: bool = False) -> Callable[[bytes], bytes]:
    """Take the machine's SM3 if it has one that gives the standard's own example, else ours."""
    try:
        example = hashlib.new("sm3", b"abc").hexdigest()
    except ValueError:
        return own_sm3
    right = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    return own_sm3 if own or example != right else lambda data: hashlib.new("sm3", data).digest()


sm3 = choose_sm3()


def enc(*parts: Any) -> bytes:
    """Put a 4-byte big-endian length before each part: bytes, text as UTF-8, numbers in decimal."""
    raw = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    return b"".join(struct.pack(">I", len(part)) + part for part in raw)


def grow_tree(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Give all levels of the RFC 9162 tree, leaves first; an odd last node moves up unhashed."""
    levels = [list(leaves) or [sm3(b"")]]
    while len(levels[-1]) > 1:
        low = levels[-1]
        pairs = [sm3(b"\x01" + low[i] + low[i + 1]) for i in range(0, len(low) - 1, 2)]
        levels.append(pairs + low[2 * len(pairs):])
    return levels


def inclusion_path(levels: list[list[bytes]], index: int) -> list[str]:
    """Give the one path of hashes that leads from a leaf to the root (RFC 9162, 2.1.3.1)."""
    return [level[(index >> height) ^ 1].hex() for height, level in enumerate(levels[:-1])
            if (index >> height) ^ 1 < len(level)]


# --- SM2 signatures (GB/T 32918.2, the recommended curve) ------------------------------
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
A, B = P - 3, 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
G = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
     0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)
USER = b"1234567812345678"


def _add(one: tuple[int, int] | None, two: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or two is None or (one[0] == two[0] and one[1] != two[1]):
        return None if one and two else one or two
    slope = (3 * one[0] ** 2 + A) * pow(2 * one[1], -1, P) if one == two else (
        (two[1] - one[1]) * pow(two[0] - one[0], -1, P))
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def _times(factor: int, point: tuple[int, int]) -> tuple[int, int] | None:
    total = None
    for bit in f"{factor:b}":
        total = _add(total, total)
        total = _add(total, point) if bit == "1" else total
    return total


def sm2_is_valid(key: str, signature: str, message: bytes) -> bool:
    """Whether the signature (r, s in hex) of the message is that of the key (04, x, y in hex)."""
    x, y, r, s = (int(part, 16) for part in (key[2:66], key[66:], signature[:64], signature[64:]))
    on_curve = max(x, y) < P and (y * y - x ** 3 - A * x - B) % P == 0
    if not on_curve or not 0 < r < N or not 0 < s < N or (r + s) % N == 0:
        return False
    about = b"".join(number.to_bytes(32, "big") for number in (A, B, *G, x, y))
    e = int.from_bytes(sm3(sm3(struct.pack(">H", 8 * len(USER)) + USER + about) + message), "big")
    point = _add(_times(s, G), _times((r + s) % N, (x, y)))
    return point is not None and (e + point[0]) % N == r


# --- JSON that has one spelling only, and shapes ---------------------------------------
def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    need(len(dict(pairs)) == len(pairs), "a JSON object has a name twice")
    return dict(pairs)


def _whole(text: str) -> int:
    number = int(text) if re.fullmatch("-?[0-9]{1,16}", text) else LARGEST_INT + 1
    need(abs(number) <= LARGEST_INT, f"{text[:20]} is no whole number, or too large")
    return number


def _ordered(value: Any, depth: int = 0) -> Any:
    need(depth <= DEEPEST, "nested too deeply")
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: str(name).encode("utf-16-be"))
        return {name: _ordered(value[name], depth + 1) for name in names}
    return [_ordered(item, depth + 1) for item in value] if isinstance(value, list) else value


def canonical(value: Any) -> bytes:
    """Write text, whole numbers, true, false, null, lists and objects as RFC 8785 does."""
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def read_json(data: bytes, *, strict: bool = True) -> Any:
    """Read JSON without floats or repeated names; strict, only in its canonical spelling."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_object, parse_int=_whole,
                           parse_float=_whole, parse_constant=_whole)
        spelled = canonical(value)
    except (ValueError, RecursionError) as error:
        raise Failed(f"not JSON: {type(error).__name__}") from error
    need(spelled == data or not strict, "not in canonical form (RFC 8785)")
    return value


def _is(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, (tuple, range)):
        return any(_is(value, one) for one in wanted)
    if isinstance(wanted, re.Pattern):
        return type(value) is str and wanted.fullmatch(value) is not None
    if isinstance(wanted, type):
        return wanted is object or type(value) is wanted
    return type(value) is type(wanted) and bool(value == wanted)


def shape(value: Any, wanted: Any, at: str) -> None:
    """Refuse what has not exactly this shape; a name ending in ``?`` may be left out.

    Shapes: an object by its names (or a pattern for names), a list by its one item, a tuple of
    alternatives, a pattern for text, a type (``object``: anything) or a constant.
    """
    if isinstance(wanted, dict) and type(value) is dict:
        named = {str(name).rstrip("?"): inner for name, inner in wanted.items() if _is(name, str)}
        free = [(name, inner) for name, inner in wanted.items() if not _is(name, str)]
        for name in named:
            need(name in value or name not in wanted, f"{at}: {name} is missing")
        for name, item in value.items():
            fitting = [inner for form, inner in free if _is(name, form)]
            inner = [named[name]] if name in named else fitting
            need(bool(inner), f"{at}: unknown name {name[:40]!r}")
            shape(item, inner[0], f"{at}.{name[:40]}")
    elif isinstance(wanted, list) and type(value) is list:
        for place, item in enumerate(value):
            shape(item, wanted[0], f"{at}[{place}]")
    else:
        need(not isinstance(wanted, (dict, list)) and _is(value, wanted), f"{at}: {value!r:.60}")


HEX, SALT, TEXT = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{32}"), re.compile(r"(?s).*\S.*")
KEY, SIGNATURE = re.compile("04[0-9a-f]{128}"), re.compile("[0-9a-f]{128}")
TICKET, WHO = re.compile("[A-Z0-9-]{1,32}"), re.compile("[a-z0-9-]{1,64}")
WORD, DRAW_ID = re.compile("[a-z0-9_-]{1,64}"), re.compile("[A-Za-z0-9-]{1,64}")
DECIMAL = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?")
FILE = re.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){0,7}")
TIME = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\+08:00")
FACTS = {TEXT: (int, bool, DECIMAL)}
RECEIPTS = [{"ticket": TICKET, "salt": SALT, "record": {"facts": FACTS, TEXT: object}}]
MANIFEST = {"format": (BY_WISHES, LIVE), "rehearsal": bool, "rules_version": TEXT, "root": HEX,
            "size": int, "files": {FILE: HEX}, "project": {
                "code": re.compile("[A-Z0-9-]{1,24}"), "name": str, "mode": ("score", "lottery"),
                "strata": [str], "batch_size": int}}
SURE = ("C", "M", "P", "U")
BASIS = {"clause": TEXT, "source?": TEXT, "certainty?": SURE}
SCORING = {"code": WORD, "label": TEXT, "points": re.compile(r"-?(0|[1-9][0-9]{0,5})(\.[1-9])?"),
           "per?": str, "at_most_times?": int, "group?": WORD, "sensitive": bool, "when?": {
               "fact": str, "below?": DECIMAL, "at_most?": DECIMAL, "at_least?": DECIMAL,
               "above?": DECIMAL, "is?": bool}, "clause": TEXT, "source": TEXT, "certainty": SURE}
LIMITS = {"one_home?": [TEXT], "exclusive?": [[TEXT]], **BASIS}
BUDGET = {"kind": "budget", "budget?": str, "per_person_sqm?": DECIMAL, "per?": str,
          "excess_below_sqm?": DECIMAL, "excess_at_most_sqm?": DECIMAL, "most_homes?": int,
          "base_price_fen_per_sqm?": int, "communities?": LIMITS, **BASIS,
          "excess_steps?": [{"up_to_sqm": DECIMAL, "price_fen_per_sqm": int}]}
BANDS = {"kind": "bands", "bands": [{"persons": [int], "area_sqm": [DECIMAL]}],
         "flexible_sqm?": DECIMAL, "communities?": LIMITS, **BASIS}
NEED = {"need": WORD, "reserved_opens_after_stratum?": TEXT, **BASIS, "home": {"any": [
    {"has_lift?": bool, "is_barrier_free?": bool, "floor_at_most?": int, "floor_at_least?": int,
     "rooms_at_least?": int}]}}
TURNS = {"late": ("allowed", "refused"), "signatures?": (1, 2), "desks?": range(1, 21), **BASIS,
         "sign_seconds?": range(10, 3601), "hot_from_wishes?": range(1, 10**5 + 1),
         "seconds?": range(10, 86401)}
RULES = {"facts": {TEXT: ("integer", "area", "flag")}, "rules": {
    "version": TEXT, "effective_on": TEXT, "scoring_clause?": TEXT, "scoring?": [SCORING],
    "prohibitions?": [{"fact": TEXT, **BASIS}], "matching": {"unplaced": ("wait", "first-lawful")},
    "entitlement": {"kind": ("budget", "bands"), TEXT: object},
    "turns?": TURNS, "needs?": [NEED]}}
HOME = {"number": TEXT, "community": str, "building": str, "stair": str, "floor": (int, None),
        "total_floors": (int, None), "room": str, "layout": str, "rooms": (int, None),
        "orientation": str, "area_sqm": DECIMAL, "has_lift": bool, "is_barrier_free": bool,
        "reserved_for": str}
HOUSEHOLD = {"ticket": TICKET, "commit": HEX, "name": str, "street": str, "stratum": str,
             "needs": [str], "facts": FACTS, "wishes": [[str]]}
LINES = [{"ticket": TICKET, "commit_h": HEX}]
EVENT = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TURN = {"seq": int, "at": TIME, "place": int, "ticket": TICKET, "batch": int, "event": EVENT,
        "what": ("called", "chosen", "missed", "waived", "returned", "exchanged"),
        "limit_at": (TIME, None), "reason": ("", "household", "no-lawful-home"), "units": [TEXT]}
AMENDED = {("strike", "listed-by-error"): "lines", ("place", "left-out-but-disputed"): "disputed"}
AMENDMENT = {"kind": WORD, "reason": WORD, "draw_number": DRAW_ID, "ticket": TICKET, "event": EVENT}
DRAW = {"stratum": str, "place_of_draw": int, "scheme": (REAL, REHEARSAL),
        "expected": {TEXT: object}, "input": {
            "draw_id": DRAW_ID, "stratum": str, "lines": LINES, "disputed": LINES,
            "freeze_at": TIME, "beacon_at": TIME, "beacon_rule": TEXT, "redraw_rule": TEXT,
            "committers": [{"who": WHO, "secret": HEX}], "beacon": [str]}}


# --- the checks: each takes the bundle and adds to it what the later ones need ---------
def load(b: Any, name: str, wanted: Any) -> Any:
    """Give one of the JSON files, in its exact shape."""
    try:
        value = read_json(b.files[name + ".json"])
    except Failed as error:
        raise Failed(f"{name}.json: {error}") from error
    shape(value, wanted, name)
    return value


def read_file(b: Any, name: str) -> bytes:
    """Read a plain file of the folder; never a link, never more than the largest size."""
    path = os.path.join(b.folder, *name.split("/"))
    told = os.lstat(path)
    need(stat.S_ISREG(told.st_mode), f"{name}: no plain file")
    need(told.st_size <= LARGEST_FILE, f"{name}: too large")
    with open(path, "rb") as file:
        return file.read(LARGEST_FILE)


def check_manifest(b: Any) -> None:
    """1: the manifest, and every file of the folder against it."""
    b.files["manifest.json"] = read_file(b, "manifest.json")
    b.manifest = load(b, "manifest", MANIFEST)
    b.project, listed, found = b.manifest["project"], b.manifest["files"], set()
    b.scheme, b.strata = REHEARSAL if b.manifest["rehearsal"] else REAL, b.project["strata"]
    need(1 <= b.project["batch_size"] <= 30, "batch_size is not 1 to 30")
    need(0 < len(b.strata) == len(set(b.strata)), "strata: none, or one twice")
    for folder, folders, names in os.walk(b.folder):
        for name in folders:
            path = os.path.join(folder, name)
            need(not os.path.islink(path) and bool(os.listdir(path)), f"{name!r}: link or empty")
        inside = os.path.relpath(folder, b.folder).replace(os.sep, "/")
        found |= {name if inside == "." else f"{inside}/{name}" for name in names}
        need(len(found) <= MOST_FILES, "too many files")
    odd = (found - {"manifest.json", "signature.json"}) ^ set(listed)
    need(not odd, f"only listed or only there: {sorted(odd)[:3]}")
    b.is_live = b.manifest["format"] == LIVE
    asked = {name + ".json" for name in (*JSON_FILES, *(["turns"] if b.is_live else []))}
    need(asked <= set(listed), "a file of the format is not listed")
    for name, digest in listed.items():
        data = read_file(b, name)
        need(sm3(data).hex() == digest, f"{name}: digest differs")
        b.files.update({name: data} if name in asked | {"amendments.json"} else {})


PER_PERSON = "home_area_per_person_sqm"
BUILT_IN = {"persons": "integer", "confirmed_area_sqm": "area"}
BOUNDS = {"below": op.lt, "at_most": op.le, "at_least": op.ge, "above": op.gt}


def facts_of(line: Any) -> list[str]:
    """Name the register's facts that a scoring line uses."""
    fact = line["per"] if "per" in line else line["when"]["fact"]
    return ["home_area_sqm", "persons"] if fact == PER_PERSON else [fact]


def check_rules(b: Any) -> None:
    """2: the rules are whole, each line has its basis, and nothing banned is used."""
    read = load(b, "rules", RULES)
    b.facts, b.rules, b.right = read["facts"], read["rules"], read["rules"]["entitlement"]
    b.lines, b.needs = b.rules.get("scoring", []), b.rules.get("needs", [])
    need(b.rules["version"] == b.manifest["rules_version"], "the manifest names another version")
    need(str(date.fromisoformat(b.rules["effective_on"])) == b.rules["effective_on"], "no date")
    need({**b.facts, **BUILT_IN} == b.facts and PER_PERSON not in b.facts, "a built-in fact")
    need(not b.lines or "scoring_clause" in b.rules, "scoring has no clause")
    codes = [line["code"] for line in b.lines] + ["care"]
    need(len(set(codes)) == len(codes), "a scoring code twice, or the code care")
    groups: dict[str, bool] = {}
    for line in b.lines:
        check_scoring_line(b, line)
        if "group" in line:
            mixed = groups.setdefault(line["group"], line["sensitive"]) is not line["sensitive"]
            need(not mixed and line["points"][0] != "-", f"group {line['group']}: mixed, or minus")
    for one in b.needs:
        either = one["home"]["any"]
        need(bool(either) and all(either), f"need {one['need']}: asks for nothing")
        opens = one.get("reserved_opens_after_stratum", b.strata[0])
        need(opens in b.strata, f"need {one['need']}: no stratum {opens[:40]}")
    need(len({one["need"] for one in b.needs}) == len(b.needs), "a need twice")
    check_entitlement(b)
    used = {name for line in b.lines for name in facts_of(line)} | set(b.facts) - set(BUILT_IN)
    used |= {line["when"]["fact"] for line in b.lines if "when" in line}
    used |= {one[name] for one in [b.right, *b.needs] for name in
             ("budget", "per", "need", "reserved_opens_after_stratum") if name in one}
    banned = [line["fact"] for line in b.rules.get("prohibitions", [])]
    need(used.isdisjoint(banned), f"banned: {sorted(used & set(banned))}")
    need(len(set(banned)) == len(banned), "a fact banned twice")


def check_scoring_line(b: Any, line: Any) -> None:
    """2: a line counts one declared fact, or asks one condition of it."""
    when, at = line.get("when", {}), f"scoring line {line['code']}"
    need(("per" in line) is not bool(when), f"{at}: one of per and when")
    types, bounds = [b.facts.get(name) for name in facts_of(line)], len(set(when) & set(BOUNDS))
    if "per" in line:
        need(types == ["integer"] and line.get("at_most_times", 1) > 0, f"{at}: per")
    elif when["fact"] == PER_PERSON:
        need(types == ["area", "integer"] and bounds > 0 and "is" not in when, f"{at}: when")
    else:
        need(types != [None], f"{at}: the fact is not declared")
        need((types == ["flag"]) is ("is" in when) is not (bounds > 0), f"{at}: when")
    need("per" in line or "at_most_times" not in line, f"{at}: at_most_times without per")


def check_entitlement(b: Any) -> None:
    """2: the area budget, or the area bands, leave nothing open."""
    right = b.right
    shape(right, BANDS if right["kind"] == "bands" else BUDGET, "entitlement")
    if right["kind"] == "bands":
        last = 0
        for band in right["bands"]:
            need(len(band["persons"]) == len(band["area_sqm"]) == 2, "bands: not from and to")
            low, high = map(Decimal, band["area_sqm"])
            need(last < band["persons"][0] <= band["persons"][1] and low <= high, "bands: overlap")
            last = band["persons"][1]
        need(last > 0, "no bands")
        return
    facts = [b.facts.get(right[name]) for name in ("budget", "per") if name in right]
    need(facts == ["integer" if "per" in right else "area"], "budget: one of budget and per")
    need(("per" in right) is ("per_person_sqm" in right), "budget: per goes with per_person_sqm")
    bounds = [Decimal(right[name]) for name in ("excess_below_sqm", "excess_at_most_sqm")
              if name in right]
    need(len(bounds) == 1 and right.get("most_homes", 1) > 0, "budget: one bound of the excess")
    if "excess_steps" in right:
        steps = [Decimal(step["up_to_sqm"]) for step in right["excess_steps"]]
        need(steps == sorted({*steps} - {Decimal(0)}) and steps[-1:] >= bounds, "excess steps")
        need("base_price_fen_per_sqm" in right, "excess steps without a base price")


def check_facts(b: Any, facts: Any, at: str) -> None:
    """Refuse facts that the rules do not declare, or of another type, or below zero."""
    types = {"integer": int, "area": str, "flag": bool}
    for name, value in facts.items():
        need(name in b.facts and type(value) is types[b.facts[name]], f"{at}: fact {name[:40]!r}")
        need(type(value) is str or value >= 0, f"{at}: fact {name[:40]!r} below zero")


def check_roster(b: Any) -> None:
    """3: tickets, commitments, strata and facts of the roster (T-05)."""
    b.roster = load(b, "roster", [HOUSEHOLD])
    b.rows = {row["ticket"]: row for row in b.roster}
    need([row["ticket"] for row in b.roster] == sorted(b.rows), "tickets unsorted, or one twice")
    commits, known = {row["commit"] for row in b.roster}, {one["need"] for one in b.needs}
    need(len(commits) == len(b.roster), "a commitment used twice (clash)")
    for at, row in b.rows.items():
        need(row["stratum"] in b.strata, f"{at}: no such stratum")
        need(row["needs"] == sorted(set(row["needs"])), f"{at}: needs unsorted, or one twice")
        need(known.issuperset(row["needs"]), f"{at}: a need without a rule")
        odd = [wish for wish in row["wishes"] if not wish or len(set(wish)) < len(wish)]
        need(not odd, f"{at}: a wish is empty, or names a home twice")
        check_facts(b, row["facts"], at)


def check_units(b: Any) -> None:
    """4: each home's number once, with an area above zero."""
    rows = load(b, "units", [HOME])
    b.units = {row["number"]: row for row in rows}
    need(len(b.units) == len(rows), "a number twice")
    need(all(Decimal(row["area_sqm"]) > 0 for row in rows), "an area of zero")


def compare(found: Any, wanted: list[Any], at: str) -> None:
    """Refuse a list that is not, item by item and byte by byte, the recomputed one."""
    need(type(found) is list and len(found) == len(wanted), f"{at}: not {len(wanted)} rows")
    for place, (one, right) in enumerate(zip(found, wanted), 1):
        need(canonical(one) == canonical(right), f"{at}, row {place}: should be {str(right)[:300]}")


def quantity_of(line: Any, facts: Any) -> int | None:
    """Say how often a line applies, or None where a fact it needs is not told."""
    if not all(name in facts for name in facts_of(line)):
        return None
    if "per" in line:
        return int(min(facts[line["per"]], line.get("at_most_times", LARGEST_INT)))
    when = line["when"]
    if "is" in when:
        return int(facts[when["fact"]] is when["is"])
    is_derived = when["fact"] == PER_PERSON
    need(not is_derived or facts["persons"] > 0, "a fact per person, and no persons")
    value, times = facts[facts_of(line)[0]], facts["persons"] if is_derived else 1
    return int(all(BOUNDS[name](Decimal(value), Decimal(bound) * times)
                   for name, bound in when.items() if name in BOUNDS))


def score(lines: list[Any], facts: Any) -> list[Any]:
    """Score line by line; of a group only the highest counts, of equal ones the first."""
    sheet: list[dict[str, Any]] = []
    for line in lines:
        quantity = quantity_of(line, facts)
        need(quantity is not None, f"no fact for line {line['code']}")
        sheet.append({"code": line["code"], "label": line["label"], "clause": line["clause"],
                      "quantity": quantity,
                      "tenths": int(Decimal(line["points"]) * 10) * (quantity or 0)})
    for group in {line["group"] for line in lines if "group" in line}:
        rows = [row for row, line in zip(sheet, lines) if line.get("group") == group]
        best = max(rows, key=lambda row: int(row["tenths"]))
        for row in rows:
            row["tenths"] = row["tenths"] if row is best else 0
    return sheet


def possible_care(lines: list[Any], facts: Any) -> set[int]:
    """Give every subtotal of sensitive lines that the facts told do not rule out."""
    parts: dict[str, list[set[int]]] = {}
    for line in lines:
        quantity, most = quantity_of(line, facts), line.get("at_most_times", 999)
        most = min(most, 999) if "per" in line else 1
        times = range(most + 1) if quantity is None else [quantity]
        parts.setdefault(line.get("group", "only " + line["code"]), []).append(
            {int(Decimal(line["points"]) * 10) * one for one in times})
    sums = {0}
    for options in parts.values():  # the highest of a group is at least each line's least
        least = max(min(one) for one in options)
        sums = {total + value for total in sums for one in options for value in one
                if len(options) == 1 or value >= least}
    return sums


def check_scores(b: Any) -> None:
    """5: each sheet line by line; of sensitive lines, that their subtotal can be."""
    sheets = load(b, "scores", [{"ticket": TICKET, "total": int, "lines": [
        {"code": str, "label": str, "quantity": int, "tenths": int, "clause": str}]}])
    need([sheet["ticket"] for sheet in sheets] == list(b.rows), "not one sheet a ticket, sorted")
    public = [line for line in b.lines if not line["sensitive"]]
    hidden, wanted = [line for line in b.lines if line["sensitive"]], []
    clauses = "; ".join(dict.fromkeys(line["clause"] for line in hidden))
    for sheet, row in zip(sheets, b.roster):
        lines = score(public, row["facts"])
        if hidden:
            care = sheet["lines"][-1]["tenths"] if sheet["lines"] else None
            need(care in care_of(b, hidden, row), f"{row['ticket']}: care cannot be {care} tenths")
            lines.append({"code": "care", "label": "照顾类加分小计", "quantity": 1,
                          "tenths": care, "clause": clauses})
        wanted.append({"ticket": row["ticket"], "lines": lines,
                       "total": sum(line["tenths"] for line in lines)})
    compare(sheets, wanted, "scores")
    b.totals = {sheet["ticket"]: sheet["total"] for sheet in sheets}


def care_of(b: Any, hidden: list[Any], row: Any) -> set[int]:
    """Give what a household's care may be: one sum where its receipt tells, else all possible."""
    receipt = b.receipts.get(row["ticket"])
    if receipt is None or receipt_fault(b, receipt):
        return possible_care(hidden, row["facts"])
    return {sum(line["tenths"] for line in score(hidden, receipt["record"]["facts"]))}


WORDS = {"close": r"(0|[1-9][0-9]{0,8})\.[0-9]{2}", "turnover": "0|[1-9][0-9]{0,17}",
         "round": "[0-9a-f]{64}"}


def beacon_forms(rule: str) -> list[str]:
    """Give the one form of each part that a beacon rule asks for, in order (T-08)."""
    forms: list[str] = []
    for source in rule.split(";"):
        name, _, spec = source.partition(":")
        balls = re.fullmatch("([1-9][0-9]?)x([0-9]{2})-([0-9]{2})", spec)
        need(re.fullmatch("[a-z0-9-]+", name) is not None and (balls is not None or all(
            word in WORDS for word in spec.split(","))), f"beacon rule {rule[:60]!r} not known")
        if balls:
            ball = "|".join(f"{number:02d}" for number in range(int(balls[2]), int(balls[3]) + 1))
            forms.append(" ".join([f"({ball})"] * int(balls[1])))
        else:
            forms += [WORDS[word] for word in spec.split(",")]
    return forms


DISPUTED = "disputed_would_stand_before"
EXPECTED = {"R", "P", "commitments", "A", "seed", "order", DISPUTED}


def check_draw_inputs(b: Any) -> None:
    """6: what went into each draw; and a rehearsal is never taken for a real draw (T-09)."""
    b.draws = load(b, "draws", [DRAW])
    need([draw["stratum"] for draw in b.draws] == b.strata, "not one draw a stratum, in order")
    need(len({draw["input"]["draw_id"] for draw in b.draws}) == len(b.draws), "a draw_id twice")
    load_amendments(b)
    listed = [row for row in b.roster if row["ticket"] not in b.placed]
    seen = {row[name] for row in listed for name in ("ticket", "commit")}
    for place, draw in enumerate(b.draws, 1):
        told, at = draw["input"], f"draw {place}"
        need(draw["scheme"] == b.scheme, f"{at}: {draw['scheme']} in a bundle of {b.scheme}")
        need(draw["place_of_draw"] == place, f"{at}: place_of_draw")
        need(told["stratum"] == draw["stratum"], f"{at}: the input is of another stratum")
        need(told["lines"] == [{"ticket": row["ticket"], "commit_h": row["commit"]}
                               for row in listed if row["stratum"] == draw["stratum"]],
             f"{at}: the lines are not the roster's")
        for line in told["disputed"]:
            need(seen.isdisjoint(line.values()), f"{at}: disputed {line['ticket']} stands twice")
            seen |= set(line.values())
        for name in ("freeze_at", "beacon_at", "beacon_rule", "redraw_rule", "beacon"):
            need(told[name] == b.draws[0]["input"][name], f"{at}: another {name} than draw 1's")
        check_terms(b, told, at)
        need(set(draw["expected"]) == EXPECTED, f"{at}: expected has other names")


def load_amendments(b: Any) -> None:
    """6: lines struck, and disputed ones placed, after the freeze: each of its own draw's list."""
    is_there, told = "amendments.json" in b.files, {one["input"]["draw_id"]: one for one in b.draws}
    rows = load(b, "amendments", [AMENDMENT]) if is_there else []
    need(bool(rows) is is_there, "amendments: an empty file")
    tickets, events = ([one[name] for one in rows] for name in ("ticket", "event"))
    need(tickets == sorted({*tickets}) and len({*events}) == len(events), "amendments: one twice")
    for one in rows:
        draw, row = told.get(one["draw_number"], {}), b.rows.get(one["ticket"], {"stratum": ""})
        name = AMENDED.get((one["kind"], one["reason"]), "")
        met = row["stratum"] == draw.get("stratum") and {
            "ticket": one["ticket"], "commit_h": row["commit"]} in draw["input"].get(name, [])
        need(met, f"amendments: {one['ticket']} cannot be amended so")
    b.struck = {one["ticket"] for one in rows if one["kind"] == "strike"}
    b.placed = {*tickets} - b.struck


def check_terms(b: Any, told: Any, at: str) -> None:
    """6: times in order, the beacon spelled by its rule, somebody committed."""
    freeze, beacon = (datetime.fromisoformat(told[name]) for name in ("freeze_at", "beacon_at"))
    need(freeze < beacon if b.scheme == REAL else beacon < freeze, f"{at}: freeze and beacon")
    forms = beacon_forms(told["beacon_rule"])
    need(len(forms) == len(told["beacon"]), f"{at}: not {len(forms)} beacon parts")
    need(all(map(re.fullmatch, forms, told["beacon"])), f"{at}: a beacon part is misspelt")
    need(bool(told["committers"]), f"{at}: nobody committed")


def lines_root(lines: list[Any]) -> bytes:
    """Give the root of tickets and commitments, sorted by ticket."""
    ordered = sorted(lines, key=lambda line: str(line["ticket"]))
    return grow_tree([sm3(b"\0" + enc(line["ticket"], bytes.fromhex(line["commit_h"])))
                      for line in ordered])[-1][0]


def rank(scheme: str, seed: bytes, ticket: str) -> tuple[bytes, str]:
    """Give what a ticket's place follows from: its key, and after that its name."""
    return sm3(enc(scheme + "/rank", seed, ticket)), ticket


def draw_again(scheme: str, told: Any) -> dict[str, Any]:
    """Compute all that a draw must publish from its input alone (draw protocol, steps 2 to 7)."""
    list_root, disputed_root = lines_root(told["lines"]), lines_root(told["disputed"])
    secrets = [(one["who"], bytes.fromhex(one["secret"])) for one in told["committers"]]
    opened = [(who, sm3(enc(scheme + "/commit", told["draw_id"], who, secret)))
              for who, secret in secrets]
    announced = sm3(enc(
        scheme + "/announce", told["draw_id"], told["stratum"], len(told["lines"]), list_root,
        disputed_root, told["freeze_at"], told["beacon_at"], told["beacon_rule"],
        told["redraw_rule"], *(part for pair in opened for part in pair)))
    seed = sm3(enc(scheme + "/seed", announced, *told["beacon"], *(own for _, own in secrets)))

    places = sorted(rank(scheme, seed, line["ticket"]) for line in told["lines"])
    before = [{"ticket": line["ticket"], "before": next(
        (one[1] for one in places if one > rank(scheme, seed, line["ticket"])), None)}
              for line in told["disputed"]]
    return {"R": list_root.hex(), "P": disputed_root.hex(), "A": announced.hex(),
            "commitments": {who: value.hex() for who, value in opened}, "seed": seed.hex(),
            "order": [ticket for _, ticket in places], DISPUTED: before}


def check_drawn(b: Any, *names: str) -> None:
    """7 to 11: these published values of each draw are the ones its input gives."""
    b.redrawn = b.redrawn or [draw_again(draw["scheme"], draw["input"]) for draw in b.draws]
    for place, (draw, right) in enumerate(zip(b.draws, b.redrawn), 1):
        for name in names:
            same = canonical(draw["expected"][name]) == canonical(right[name])
            need(same, f"draw {place}: {name} differs")


def check_commitments(b: Any) -> None:
    """8: each secret opens its commitment; no person, secret or commitment stands twice."""
    check_drawn(b, "commitments")
    for place, draw in enumerate(b.draws, 1):
        for name in ("who", "secret"):
            told = [one[name] for one in draw["input"]["committers"]]
            need(len(set(told)) == len(told), f"draw {place}: a {name} twice (clash)")


def check_order(b: Any) -> None:
    """12: strata in order; in one by score and lot, or by lot; struck numbers stay empty."""
    b.order, batch, by_score = [], 0, b.project["mode"] == "score"
    for draw in b.draws:
        seed, drawn = bytes.fromhex(draw["expected"]["seed"]), draw["expected"]["order"]
        more = [line["ticket"] for line in draw["input"]["disputed"] if line["ticket"] in b.placed]
        if more:
            drawn = [one for _, one in sorted(rank(b.scheme, seed, one) for one in [*drawn, *more])]
        numbered = [(-b.totals[ticket] if by_score else 0, number, ticket)
                    for number, ticket in enumerate(drawn, 1) if ticket not in b.struck]
        for place, (total, number, ticket) in enumerate(sorted(numbered)):
            batch += place % b.project["batch_size"] == 0
            b.order.append({"place": len(b.order) + 1, "ticket": ticket, "batch": batch,
                            "stratum": draw["stratum"], "draw_number": number,
                            "total": -total if by_score else None})
    compare(load(b, "order", object), b.order, "order")
    b.held = {turn["stratum"] for turn in b.order}


def fits(home: Any, condition: Any) -> bool:
    """Whether a home is as a condition asks; an unknown floor or number of rooms never is."""
    for name, wanted in condition.items():
        field, _, bound = name.partition("_at_")
        compared = {"": op.is_, "most": op.le, "least": op.ge}[bound]
        if home[field] is None or not compared(home[field], wanted):
            return False
    return True


def area_reasons(right: Any, facts: Any, homes: list[Any]) -> dict[str, bool]:
    """Say what the entitlement has against these homes together: their area, their number."""
    areas = [Decimal(home["area_sqm"]) for home in homes]
    if right["kind"] == "bands":
        band = next((band["area_sqm"] for band in right["bands"]
                     if band["persons"][0] <= facts["persons"] <= band["persons"][1]), None)
        low, high = map(Decimal, band or (1, 0))
        more = Decimal(right.get("flexible_sqm", 0)) if band else 0
        outside = band is None or not all(low - more <= area <= high + more for area in areas)
        return {"selection.outside-area-band": outside, "selection.too-many-homes": len(homes) > 1}
    budget = Decimal(facts[right["budget"]]) if "budget" in right else \
        Decimal(right["per_person_sqm"]) * facts[right["per"]]
    over = sum(areas, Decimal(0)) - budget
    beyond = over >= Decimal(right["excess_below_sqm"]) if "excess_below_sqm" in right else \
        over > Decimal(right["excess_at_most_sqm"])
    return {"selection.over-area-budget": beyond,
            "selection.too-many-homes": len(homes) > right.get("most_homes", LARGEST_INT)}


def unmet_codes(b: Any, row: Any, wish: list[str]) -> list[str]:
    """Give every reason against a wish, in the published order of the reasons."""
    homes = [b.units[unit] for unit in wish if unit in b.units]
    communities = [home["community"] for home in homes]
    limits = b.right.get("communities", {})
    done = {draw["stratum"] for place, draw in enumerate(b.draws)
            if place < b.strata.index(row["stratum"]) or draw["stratum"] not in b.held}
    open_needs = {one["need"] for one in b.needs if one.get("reserved_opens_after_stratum") in done}
    may_take = {"", *row["needs"], *open_needs}
    asked = [one["home"]["any"] for one in b.needs if one["need"] in row["needs"]]
    reasons = {
        "selection.unit-unknown": len(homes) < len(wish),
        "selection.unit-already-held": not b.taken.isdisjoint(wish),
        "selection.home-reserved": any(home["reserved_for"] not in may_take for home in homes),
        "selection.need-unmet": not all(
            any(fits(home, one) for one in either) for home in homes for either in asked),
        **area_reasons(b.right, row["facts"], homes),
        "selection.community-limit": any(
            communities.count(name) > 1 for name in limits.get("one_home", [])),
        "selection.community-excluded": any(
            len(set(group) & set(communities)) > 1 for group in limits.get("exclusive", []))}
    return [code for code, is_unmet in reasons.items() if is_unmet]


def give_homes(b: Any, row: Any) -> tuple[list[str], int | None, list[list[str]]]:
    """Give a household its first lawful wish, or what the rules say of one without."""
    refused: list[list[str]] = []
    for number, wish in enumerate(row["wishes"], 1):
        refused.append(unmet_codes(b, row, wish))
        if not refused[-1]:
            return wish, number, refused[:-1]
    if b.rules["matching"]["unplaced"] == "first-lawful":
        for unit in b.units:
            if unit not in b.taken and not unmet_codes(b, row, [unit]):
                return [unit], None, refused
    return [], None, refused


def to_come(b: Any, places: list[int], *, but: str = "") -> list[int]:
    """Name the places whose turn is not over: they wait, are called, or came back."""
    return [one for one in places if b.states[one] in {"waiting", "called", "returned"} - {but}]


def may_return(b: Any, place: int) -> bool:
    """Whether a turn may wait for the end of its batch: where the plan allows it, once."""
    late = b.rules.get("turns", {}).get("late") == "allowed" and place not in b.returned
    return late and b.states[place] in {"waiting", "called", "missed"}


def check_line(b: Any, line: Any, at: str) -> None:
    """13: what happened in a turn is what could happen in it, then and there."""
    place, what, batch = line["place"], line["what"], b.batches[line["batch"]]
    state, limit = b.states[place], b.limits.get(place, "")
    after = {"waiting": "called waived returned", "called": "chosen missed waived returned",
             "missed": "returned", "returned": "called waived", "chosen": "exchanged"}
    need(what in after.get(state, "").split(), f"{at}: {what} after {state}")
    need(what != "missed" or line["at"] >= limit, f"{at}: its time was not up")
    if what == "called":
        called = [one for one in batch if b.states[one] == "called"]
        need(len(called) < b.rules.get("turns", {}).get("desks", 1), f"{at}: no desk is free")
        first = min((b.states[one] == "returned", one) for one in to_come(b, batch, but="called"))
        need(place == first[1], f"{at}: place {first[1]} is next")
        b.limits[place] = line["limit_at"]
    elif what == "returned":
        need(may_return(b, place), f"{at}: no late turn")
        need(state != "missed" or not to_come(b, batch, but="returned"), f"{at}: too early")
        b.returned.add(place)
    elif what in {"chosen", "exchanged"}:
        need(what != "chosen" or line["at"] <= limit, f"{at}: its time was up")
        need(len(set(line["units"])) == len(line["units"]), f"{at}: a home named twice")
        gets = {place: line["units"]}
        if what == "exchanged":  # all that one household has, for all that another of its batch has
            other = next((one for one in batch if one != place
                          and set(b.took.get(one, [])) == set(line["units"])), 0)
            need(other > 0, f"{at}: nobody else of the batch has just these homes")
            b.taken -= {*b.took[place], *b.took[other]}
            gets = {place: b.took[other], other: b.took[place]}
        for one, units in gets.items():
            reasons = unmet_codes(b, b.rows[b.order[one - 1]["ticket"]], units)
            need(not reasons, f"{at}: {', '.join(reasons)}")
            b.took[one], b.taken = units, b.taken | set(units)
    b.states[place] = "chosen" if place in b.took else what


def check_live(b: Any) -> None:
    """13: every turn of a selection held live, judged by the order of the draw and by the rules."""
    lines = load(b, "turns", [TURN])
    b.states, b.batches = dict.fromkeys(range(1, len(b.order) + 1), "waiting"), {}
    b.limits, b.took, b.returned, b.taken, last, running = {}, {}, set(), set(), "", 1
    for turn in b.order:
        b.batches.setdefault(turn["batch"], []).append(turn["place"])
    need(len({line["event"] for line in lines}) == len(lines), "a ledger event twice")
    for seq, line in enumerate(lines, 1):
        at, what = f"turns, line {seq}", line["what"]
        need(all(map(datetime.fromisoformat, (line["at"], line["limit_at"] or line["at"]))), at)
        need(line["seq"] == seq and 0 < line["place"] <= len(b.order), f"{at}: seq or place")
        turn = b.order[line["place"] - 1]
        need(all(line[name] == turn[name] for name in ("ticket", "batch")), f"{at}: another place")
        need((line["limit_at"] is not None) is (what == "called") and bool(line["units"]) is
             (what in {"chosen", "exchanged"}), f"{at}: form")
        need(bool(line["reason"]) is (what == "waived"), f"{at}: a reason, or none")
        need(line["limit_at"] is None or line["limit_at"] > line["at"], f"{at}: limit_at")
        need(line["at"] >= last or what == "waived", f"{at}: before the line above it")
        last = max(last, line["at"])
        while running < line["batch"]:
            left = [one for one in b.batches[running] if may_return(b, one)]
            need(not to_come(b, b.batches[running]) and not left, f"{at}: batch {running} not done")
            running += 1
        need(line["batch"] == running, f"{at}: a batch that is over")
        check_line(b, line, at)
    for turn in b.order:
        add_choice(b, turn, b.took.get(turn["place"], []), {"state": b.states[turn["place"]]})


def add_choice(b: Any, turn: Any, units: list[str], told: dict[str, Any]) -> None:
    """Add a household's row of the result."""
    area = sum((Decimal(b.units[unit]["area_sqm"]) for unit in units), Decimal(0))
    whose = {name: turn[name] for name in ("place", "ticket", "batch")}
    b.choices.append({"seq": turn["place"], **whose, "units": units, "area_sqm": str(area), **told})


def check_choices(b: Any) -> None:
    """13: every home given again: by the turns held live, or from wishes and rules alone."""
    b.choices, b.taken = [], set()
    if b.is_live:
        check_live(b)
    for turn in [] if b.is_live else b.order:
        units, wish, refused = give_homes(b, b.rows[turn["ticket"]])
        b.taken |= set(units)
        add_choice(b, turn, units, {"wish": wish, "refused": refused})
    rows = load(b, "choices", [{"proof": object, TEXT: object}])
    b.proofs = [row.pop("proof") for row in rows]
    compare(rows, b.choices, "choices")


ENTRY_OF = {"rules.json": "project.plan.frozen", "units.json": "inventory.units.imported",
            "roster.json": "eligibility.roster.frozen", "scores.json": "scoring.sheets.published",
            "amendments.json": "selection.amendments.published",
            "order.json": "selection.order.published", "turns.json": "selection.turns.published"}


def check_ledger(b: Any) -> None:
    """14: the entries commit to the published files and rows, and give the published root."""
    told = [(action, name, {"file": name, "digest": sm3(b.files[name]).hex()})
            for name, action in ENTRY_OF.items() if name in b.files]
    drawn = [("draws.draw.published", draw["input"]["draw_id"], draw) for draw in b.draws]
    bodies = [*told[:4], *drawn, *told[4:],
              *(("selection.home.chosen" if row["units"] else
                 "selection.turn." + row.get("state", "waiting"), row["ticket"], row)
                for row in b.choices)]
    entries, leaves = [], []
    for index, (action, target, body) in enumerate(bodies):
        commit = sm3(enc("anju-ledger-1/body", bytes(16), canonical(body)))
        header = {"action": action, "target": target}
        entries.append({"index": index, "header": header, "commit": commit.hex()})
        leaves.append(sm3(b"\0" + enc("anju-ledger-1/leaf", canonical(header), commit)))
    found = load(b, "ledger", {"entries": list, "checkpoint": object})
    compare(found["entries"], entries, "ledger")
    b.tree = grow_tree(leaves)
    b.root, size = b.tree[-1][0], len(leaves)
    b.note = f"anju/{b.project['code']}\n{size}\n{base64.b64encode(b.root).decode()}\n"
    checkpoint = {"size": size, "root": b.root.hex(), "note": b.note}
    compare([found["checkpoint"]], [checkpoint], "checkpoint")
    compare([b.manifest["size"], b.manifest["root"]], [size, b.root.hex()], "manifest")


def check_proofs(b: Any) -> None:
    """15: each row's proof is the one path from its entry to the root."""
    first = len(b.tree[0]) - len(b.choices)
    compare(b.proofs, [{"index": index, "path": inclusion_path(b.tree, index)}
                       for index in range(first, len(b.tree[0]))], "proofs")


def check_pinned_root(b: Any) -> None:
    """16: the root is the one the reader brought."""
    need(b.options.root in (None, b.root.hex()), f"the bundle's root is {b.root.hex()}")
    if b.options.root is None:
        b.notes.append(f"16 账本根未核对 root not pinned (--root): {b.root.hex()}")


def check_signature(b: Any) -> None:
    """17: the checkpoint is signed, under the reader's key if one was given."""
    if not os.path.lexists(os.path.join(b.folder, "signature.json")):
        need(b.options.key is None, "signature.json is missing")
        b.notes.append("17 未签名 not signed")
        return
    b.files["signature.json"] = read_file(b, "signature.json")
    given = load(b, "signature", {"key": KEY, "signature": SIGNATURE})
    need(b.options.key in (None, given["key"]), "signed with another key")
    need(sm2_is_valid(given["key"], given["signature"], b.note.encode()), "not the key's signature")
    if b.options.key is None:
        b.notes.append(f"17 公钥未核对 key not pinned (--key): {given['key']}")


def receipt_fault(b: Any, receipt: Any) -> str:
    """Say why a receipt is not that of its line in the roster; empty if it is."""
    row, record = b.rows.get(receipt["ticket"]), receipt["record"]
    if row is None:
        return "not in the roster"
    salted = enc(b.scheme + "/household", bytes.fromhex(receipt["salt"]), canonical(record))
    if sm3(salted).hex() != row["commit"]:
        return "does not open its commitment"
    check_facts(b, record["facts"], receipt["ticket"])
    told = {**record, "facts": {name: record["facts"].get(name) for name in row["facts"]}}
    odd = [name for name in ("stratum", "street", "facts", "needs", "wishes")
           if name in told and canonical(told[name]) != canonical(row[name])]
    return f"the roster tells other {odd[0]}" if odd else ""


def check_receipts(b: Any) -> None:
    """18: each receipt opens its line of the roster and tells the same."""
    for ticket, receipt in b.receipts.items():
        need(not (fault := receipt_fault(b, receipt)), f"{ticket}: {fault}")


CHECKS: list[Callable[[Any], None]] = [
    check_manifest, check_rules, check_roster, check_units, check_scores, check_draw_inputs,
    lambda b: check_drawn(b, "R", "P"), check_commitments, lambda b: check_drawn(b, "A"),
    lambda b: check_drawn(b, "seed"), lambda b: check_drawn(b, "order", DISPUTED), check_order,
    check_choices, check_ledger, check_proofs, check_pinned_root, check_signature, check_receipts]


def verify(folder: str, options: Any, receipts: dict[str, Any]) -> tuple[int, str, list[str]]:
    """Run the checks in order: 0 if all are met, else the first number that is not, and why."""
    b = argparse.Namespace(folder=folder, options=options, receipts=receipts, files={}, notes=[],
                           redrawn=None)
    for number, check in enumerate(CHECKS, 1):
        try:
            check(b)
        except Failed as error:
            return number, str(error), b.notes
        except Exception as error:  # noqa: BLE001 - no input may end in anything but a number
            return number, f"not as the format asks ({type(error).__name__})", b.notes
    if b.scheme == REHEARSAL:
        b.notes.insert(0, "演练包，不是正式摇号 THIS IS A REHEARSAL, not a real draw")
    return 0, f"root {b.root.hex()}", b.notes


def read_receipts(file_name: str) -> dict[str, Any]:
    """Read the reader's receipts."""
    with open(file_name, "rb") as file:
        rows = read_json(file.read(LARGEST_FILE), strict=False)
    shape(rows, RECEIPTS, "receipts")
    need(len({row["ticket"] for row in rows}) == len(rows), "receipts: a ticket twice")
    return {row["ticket"]: row for row in rows}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a folder and say the verdict; gives the exit code."""
    global sm3  # noqa: PLW0603 - chosen once, before anything is digested
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--root", help="64 hex digits, from print or a witness")
    parser.add_argument("--key", help="130 hex digits: the signer's public key")
    parser.add_argument("--receipts", help="a JSON list of ticket, salt and record")
    parser.add_argument("--lang", choices=("zh", "en"), help="one language only")
    parser.add_argument("--own-sm3", action="store_true", help="do not use OpenSSL's SM3")
    options = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for given, form in ((options.root, HEX), (options.key, KEY)):
        if given is not None and not form.fullmatch(given):
            parser.error(f"not lower-case hex of the right length: {given[:140]}")
    if not os.path.isfile(os.path.join(options.folder, "manifest.json")):
        parser.error("not a bundle: no manifest.json in the folder")
    sm3 = choose_sm3(own=options.own_sm3)
    try:
        receipts = read_receipts(options.receipts) if options.receipts else {}
    except (OSError, Failed) as error:
        parser.error(f"receipts: {error}")
    failed, why, notes = verify(options.folder, options, receipts)
    print("\n".join(notes))
    invalid = (f"无效，第 {failed} 项", f"NOT VALID, check {failed}")
    for language in {"zh": [0], "en": [1], None: [0, 1]}[options.lang]:
        verdict = invalid if failed else ("有效", "VALID")
        meaning = MEANINGS[failed][language] + "; " if failed else ""
        print(f"{verdict[language]}: {meaning}{why}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
