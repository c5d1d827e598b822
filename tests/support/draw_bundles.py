"""Published draws for the tests of the verifiers: made, mutated, forged and cut into splices."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from typing import Any

from anju_rules.draw_bundle import show_bundle, write_bundle
from anju_rules.draws import Draw, Line, Scheme, Terms, commit_secret, derive_draw
from anju_rules.hashing import digest, encode
from anju_rules.merkle import merkle_root
from anju_rules.values import Ticket

SEED = 20261126
REAL, REHEARSAL = str(Scheme.REAL), str(Scheme.REHEARSAL)
Bundle = dict[str, Any]
WHO = ("operator", "notary", "supervisor", "rep-1")
BEFORE, AFTER = "2026-11-23T17:00:00+08:00", "2026-11-26T15:30:00+08:00"


def make_draw(
    *, size: int = 4, disputed: int = 1, scheme: Scheme = Scheme.REAL, salt: str = ""
) -> Draw:
    """Make a draw of ``size`` tickets; everything follows from the arguments."""
    draw_id = f"YS-2026-D{size:02d}"
    lines = tuple(
        Line(Ticket(f"LA-{number:05d}"), digest(f"{salt}{number}".encode()))
        for number in range(size + disputed)
    )
    secrets = tuple((who, digest(f"{salt}{who}".encode())) for who in WHO)
    real = scheme is Scheme.REAL
    return Draw(
        terms=Terms(
            scheme=scheme,
            draw_id=draw_id,
            stratum="普通户 12.6",
            freeze_at=BEFORE if real else AFTER,
            beacon_at=AFTER if real else BEFORE,
            beacon_rule="balls:6x00-99;sse:close,turnover",
            redraw_rule="void-causes-1",
        ),
        lines=lines[:size],
        disputed=lines[size:],
        secrets=secrets,
        commitments=tuple(
            (who, commit_secret(scheme=scheme, draw_id=draw_id, who=who, secret=secret))
            for who, secret in secrets
        ),
        beacon=("07 41 58 03 96 22", "3912.47", "482315000000"),
    )


def make_bundle(
    *, size: int = 4, disputed: int = 1, scheme: Scheme = Scheme.REAL, salt: str = ""
) -> Bundle:
    """Make a draw and publish it; names stand in the order of the file."""
    made: Bundle = json.loads(publish(size=size, disputed=disputed, scheme=scheme, salt=salt))
    return made


def publish(*, size: int, disputed: int = 1, scheme: Scheme = Scheme.REAL, salt: str = "") -> bytes:
    """Make a draw and give its published file."""
    draw = make_draw(size=size, disputed=disputed, scheme=scheme, salt=salt)
    return write_bundle(show_bundle(draw, derive_draw(draw)))


def raw_of(bundle: Any) -> bytes:
    """Write any JSON value as the writer of bundles does."""
    return write_bundle(bundle)


def _copy(bundle: Bundle) -> Bundle:
    """Give a copy to change: through JSON, which is many times as fast as ``copy.deepcopy``."""
    made: Bundle = json.loads(json.dumps(bundle))
    return made


def mend(bundle: Bundle) -> Bundle:
    """Publish what the changed inputs give, as a forger would: all but the input is right."""
    made = _copy(bundle)
    scheme, want, cards = made["scheme"], made["expected"], made["committers"]
    roots = [_root_of(made[name]) for name in ("lines", "disputed")]
    want["R"], want["P"] = (root.hex() for root in roots)
    announced = digest(
        encode(
            scheme + "/announce",
            made["draw_id"],
            made["stratum"],
            str(len(made["lines"])),
            *roots,
            *(made[name] for name in ("freeze_at", "beacon_at", "beacon_rule", "redraw_rule")),
            *(part for card in cards for part in (card["who"], bytes.fromhex(card["commitment"]))),
        )
    )
    want["A"] = announced.hex()
    secrets = [bytes.fromhex(card["secret"]) for card in cards]
    seed = digest(encode(scheme + "/seed", announced, *made["beacon"], *secrets))
    want["seed"] = seed.hex()

    def key_of(ticket: str) -> tuple[bytes, str]:
        return digest(encode(scheme + "/rank", seed, ticket)), ticket

    want["order"] = sorted((line["ticket"] for line in made["lines"]), key=key_of)
    want["disputed_would_stand_before"] = [
        {
            "before": next((t for t in want["order"] if key_of(t) > key_of(line["ticket"])), ""),
            "ticket": line["ticket"],
        }
        for line in made["disputed"]
    ]
    return made


def _root_of(lines: list[dict[str, str]]) -> bytes:
    return merkle_root(
        digest(b"\0" + encode(line["ticket"], bytes.fromhex(line["commit_h"]))) for line in lines
    )


def recommit(bundle: Bundle) -> Bundle:
    """Make every commitment anew from its secret, then mend the rest."""
    made = _copy(bundle)
    for card in made["committers"]:
        card["commitment"] = digest(
            encode(
                made["scheme"] + "/commit",
                made["draw_id"],
                card["who"],
                bytes.fromhex(card["secret"]),
            )
        ).hex()
    return mend(made)


def paths_in(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the path of every value inside a JSON value, containers too."""
    keys = value if isinstance(value, dict) else range(len(value) if type(value) is list else 0)
    return [path for key in keys for path in ((*at, key), *paths_in(value[key], (*at, key)))]


def get(value: Any, path: tuple[Any, ...]) -> Any:
    """Give the value at a path."""
    for key in path:
        value = value[key]
    return value


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    """Put a value in the place of another."""
    get(value, path[:-1])[path[-1]] = new


def other_text(text: str, dice: random.Random) -> Any:
    """Give another text, near or far, or another type."""
    place = dice.randrange(len(text) + 1)
    return dice.choice(
        [
            text[:place] + dice.choice("0a1F-Z .:;,安\n\u2028\x7f\x00😀") + text[place + 1 :],
            text[:place] + " " + text[place:],
            text + dice.choice([" ", "\n", "0", "\u00a0", "\ufeff"]),
            text.upper() if text != text.upper() else text.lower(),
            text[:-1],
            "",
            text * dice.choice([2, 40, 400]),
            "".join(dice.choice("0123456789abcdef") for _ in range(64)),
            text[::-1],
            dice.choice([None, 0, 1.5, True, [text], {text: text}, 10**400, "\ud800"]),
            dice.choice([REAL, REHEARSAL, "custody", "commit-invalid:notary", BEFORE, AFTER]),
            "１" + text[1:],
        ]
    )


def other_list(listed: list[Any], dice: random.Random) -> Any:
    """Give a list with something swapped, dropped, doubled or put in."""
    one, two = (dice.randrange(len(listed)) if listed else 0 for _ in range(2))
    swapped = list(listed)
    if listed:
        swapped[one], swapped[two] = swapped[two], swapped[one]
    return dice.choice(
        [
            swapped,
            listed[:one] + listed[one + 1 :],
            [*listed, *listed[one : one + 1]],
            listed[:one] + listed[one : one + 1] + listed[one:],
            listed[::-1],
            [],
            [*listed, dice.choice(["", "A", [], {}, None])],
            dice.choice([None, {}, "", listed * 50]),
        ]
    )


def other_object(table: dict[str, Any], dice: random.Random) -> Any:
    """Give an object with a name dropped, added, renamed or two values swapped."""
    one, two = dice.choice(list(table)), dice.choice(list(table))
    return dice.choice(
        [
            {name: value for name, value in table.items() if name != one},
            {
                **table,
                dice.choice(["extra", "__proto__", "toJSON", "", "void"]): dice.choice(["", {}]),
            },
            {(name.upper() if name == one else name): value for name, value in table.items()},
            {**table, one: table[two], two: table[one]},
            dice.choice([[], None, list(table.values()), ""]),
        ]
    )


def change_values(
    bundle: Bundle, dice: random.Random, *, times: int = 1, results: bool = True
) -> Bundle:
    """Give a copy with values changed at random places; at times it is the same again.

    Without ``results`` only what is announced is changed: neither the beacon nor what follows.
    """
    made = _copy(bundle)
    for _ in range(times):
        paths = [
            path for path in paths_in(made) if results or path[0] not in {"expected", "beacon"}
        ]
        path = dice.choice(paths or [()])
        old = get(made, path)
        if isinstance(old, str):
            new: Any = other_text(old, dice)
        elif isinstance(old, list):
            new = other_list(old, dice)
        else:
            new = other_object(old, dice) if isinstance(old, dict) and old else ""
        if path:
            put(made, path, new)
    return made


def loose(value: Any) -> bytes:
    """Write any value, half surrogate pairs and all, in the order in which its names stand."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def change_bytes(raw: bytes, dice: random.Random) -> bytes:
    """Give the bytes with a small fault that another reader might let pass."""
    at = dice.randrange(len(raw))
    quote = raw.find(b'"', at) + 1
    name = raw.find(b'","', at) + 2
    if dice.random() < 0.5:  # one letter for another: the form stays, mostly
        return raw[:at] + dice.choice(b"0123456789abcdefAZ- :.").to_bytes(1, "big") + raw[at + 1 :]
    return dice.choice(
        [
            raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :],
            raw[:at] + dice.choice([b" ", b"\n", b"\t", b"\r", b"\0", b"\xc2\xa0"]) + raw[at:],
            raw[:at] + raw[at + dice.choice([1, 2, 9]) :],
            raw[:at],
            b"\xef\xbb\xbf" + raw,
            raw + dice.choice([b"\n", b" ", b"\0", raw, b"}"]),
            raw[:quote] + b"\\u00%02x" % raw[quote] + raw[quote + 1 :],
            raw[:quote]
            + dice.choice([b"\\ud800", b"\\uD83D\\uDE00", b"\\/", b"\\u2028"])
            + raw[quote:],
            raw[:quote]
            + dice.choice([b"\xed\xa0\x80", b"\xc0\x80", b"\xf5\x80\x80\x80"])
            + raw[quote:],
            raw[:1] + dice.choice([b'"void":"",', b'"lines":[],', b'"__proto__":{},']) + raw[1:],
            raw[:-1] + dice.choice([b',"void":""', b',"beacon":[]', b',"x":1e999']) + b"}",
            raw[:name] + b'"beacon":[],' + raw[name:],
            raw.decode().encode(dice.choice(["utf-16", "utf-16-le", "utf-32"])),
            b"[" * dice.choice([1, 60, 3000]) + raw,
            raw.replace(b'"', b"'"),
            raw.replace(b":", b" :", 1),
            dice.choice([b"", b"null", b"0", b"[]", b"{}", b'""', b"NaN", b"-0", b"1" * 5000]),
        ]
    )


def fuzz(bundle: Bundle, dice: random.Random, *, share: float = 0.75) -> bytes:
    """Give one strange file: ``share`` of them keep the form, so that later checks are asked."""
    kind = dice.random()
    if kind >= share:
        return change_bytes(raw_of(bundle), dice)
    changed = change_values(bundle, dice, times=dice.choice([1, 1, 1, 2, 5]))
    if kind < share / 5:
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError, IndexError):
            changed = dice.choice([mend, recommit])(changed)
    return loose(changed)


def forge_each(bundle: Bundle) -> Iterator[tuple[int, str, bytes]]:
    """Give files wrong for one check alone: its number, what is wrong, the file."""

    def forged(number: int, what: str, path: tuple[Any, ...], new: Any) -> tuple[int, str, Bundle]:
        made = _copy(bundle)
        put(made, path, new)
        return number, what, made

    yield 1, "a space", raw_of(bundle).replace(b":", b": ", 1)
    yield 1, "a line feed", raw_of(bundle) + b"\n"
    yield 1, "a name twice", b'{"beacon":[],' + raw_of(bundle)[1:]
    lines, cards = bundle["lines"], bundle["committers"]
    early = "2026-11-23T16:59:59+08:00"
    shared = [lines[0], {**lines[1], "commit_h": lines[0]["commit_h"]}, *lines[2:]]
    whos = [cards[0], {**cards[1], "who": cards[0]["who"]}, *cards[2:]]
    for number, what, made in (
        forged(2, "a rule in capitals", ("redraw_rule",), "VOID"),
        forged(2, "an unknown month", ("beacon_at",), "2026-13-26T15:30:00+08:00"),
        forged(2, "no stratum", ("stratum",), ""),
        forged(2, "a stratum too long", ("stratum",), "安" * 201),
        forged(3, "the beacon first", ("beacon_at",), early),
        forged(3, "both at once", ("beacon_at",), bundle["freeze_at"]),
        forged(4, "one commitment for two", ("lines",), shared),
        forged(4, "a line twice", ("lines",), [lines[0], *lines]),
        forged(4, "another order", ("lines",), lines[::-1]),
        forged(4, "a disputed line of the list", ("disputed",), [lines[0]]),
        forged(6, "a committer twice", ("committers",), whos),
        forged(10, "a second spelling", ("beacon", 1), "3912.470"),
        forged(10, "a part too many", ("beacon",), [*bundle["beacon"], "1"]),
        forged(10, "a part missing", ("beacon",), bundle["beacon"][:-1]),
        forged(10, "two parts in one", ("beacon",), ["\n".join(bundle["beacon"])]),
    ):
        yield number, what, raw_of(recommit(made))
    yield 8, "another secret", raw_of(mend(forged(8, "", ("committers", 0, "secret"), "0" * 64)[2]))
    order, places = bundle["expected"]["order"], bundle["expected"]["disputed_would_stand_before"]
    place = {**places[0], "before": "" if places[0]["before"] else order[0]}
    for number, what, path, new in (
        (5, "another root", ("expected", "R"), "0" * 64),
        (5, "another root in dispute", ("expected", "P"), "0" * 64),
        (7, "another announcement", ("expected", "A"), "0" * 64),
        (11, "another seed", ("expected", "seed"), "0" * 64),
        (12, "another order", ("expected", "order"), order[::-1]),
        (12, "one less", ("expected", "order"), order[:-1]),
        (12, "another place", ("expected", "disputed_would_stand_before"), [place]),
    ):
        yield number, what, raw_of(forged(number, what, path, new)[2])


def clash(dice: random.Random) -> Bundle:
    """Give a mended list in which two households share a ticket or an entry."""
    bundle = make_bundle(size=dice.randint(2, 5), salt=str(dice.random()))
    listed = bundle["lines"] + bundle["disputed"]
    one, two = dice.sample(range(len(listed)), 2)
    for name in dice.choice([("ticket",), ("commit_h",), ("ticket", "commit_h")]):
        listed[two][name] = listed[one][name]
    bundle["lines"].sort(key=lambda line: line["ticket"])
    return mend(bundle)


def splice(base: bytes, other: bytes) -> tuple[int, int, str]:
    """Say how ``other`` is made of ``base``: bytes kept, bytes left out, hex put in, the rest."""
    low, most = 0, min(len(base), len(other))
    high = most
    while low < high:  # a shared beginning is found by halving: slices compare fast
        half = (low + high + 1) // 2
        low, high = (half, high) if base[:half] == other[:half] else (low, half - 1)
    kept, back = low, 0
    high = most - kept
    while back < high:
        half = (back + high + 1) // 2
        same = base[len(base) - half :] == other[len(other) - half :]
        back, high = (half, high) if same else (back, half - 1)
    return kept, len(base) - kept - back, other[kept : len(other) - back].hex()
