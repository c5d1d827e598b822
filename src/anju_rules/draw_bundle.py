"""One published draw as a file: how it is written, and the twelve checks of who reads it.

Format, spelling and the numbers of the checks are those of ``docs/algorithms/draw-bundle.md``. Two
small programs beside this one make the same checks; none of the three is made from another. A file
is a stranger's input: whatever is in it, the answer is a number with its reason, never an exception
and never a false "valid".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

from anju_rules.beacons import check_beacon, check_beacon_rule
from anju_rules.draw_records import show_lines
from anju_rules.draws import (
    Draw,
    DrawResult,
    FrozenList,
    Line,
    Scheme,
    Terms,
    announce_draw,
    check_apart,
    check_moment,
    check_sides,
    check_ticket,
    commit_secret,
    derive_seed,
    freeze_list,
    open_commitments,
    order_tickets,
    place_disputed,
)
from anju_rules.hashing import bytes_from_hex, digest
from anju_rules.shapes import fits
from anju_rules.values import Refusal, Ticket

FORMAT = "anju-draw-bundle-1"
LARGEST_BYTES = 256 << 20
LONGEST_STRATUM = 200
"""In Unicode characters: every part of a digest stays short in every program."""
CUSTODY = "custody"
COMMIT_INVALID = "commit-invalid:"

CHECKS = (
    "form", "spelling", "kind", "lists", "roots", "committers",
    "announcement", "secrets", "void", "beacon", "seed", "order",
)  # fmt: skip
"""The names of the checks; the first has number 1."""

_LINES = [{"commit_h": str, "ticket": str}]
_SHAPE = {
    "beacon": [str],
    "beacon_at": str,
    "beacon_rule": str,
    "committers": [{"commitment": str, "secret": str, "who": str}],
    "disputed": _LINES,
    "draw_id": str,
    "expected": {
        "A": str,
        "P": str,
        "R": str,
        "disputed_would_stand_before": [{"before": str, "ticket": str}],
        "order": [str],
        "seed": str,
    },
    "format": str,
    "freeze_at": str,
    "lines": _LINES,
    "redraw_rule": str,
    "scheme": str,
    "stratum": str,
    "void": str,
}
_WORD = re.compile(r"[a-z0-9-]{1,32}")
_VOID = re.compile(r"(custody|commit-invalid:[a-z0-9-]{1,32})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the checks of one file say."""

    number: int
    """The number of the first check that fails; 0: the draw is valid."""
    code: str = ""
    """Why it fails: a code with words, e.g. ``draw.commit-invalid``."""
    facts: Mapping[str, object] = field(default_factory=dict)
    draw_id: str = ""
    stratum: str = ""
    scheme: str = ""
    announcement: str = ""
    """``A`` as it follows from the file, in hex."""
    seed: str = ""
    order: tuple[Ticket, ...] = ()
    order_digest: str = ""
    """SM3 of the derived order, in hex: what three machines compare."""

    @property
    def is_valid(self) -> bool:
        """Whether every check was made and met."""
        return self.number == 0


def digest_order(order: Sequence[Ticket]) -> bytes:
    """Give the SM3 of an order: every ticket and a line feed after it.

    >>> digest_order([Ticket("A"), Ticket("B")]).hex()[:8]
    '3ff4110b'
    """
    return digest("".join([f"{ticket}\n" for ticket in order]).encode())


def show_bundle(draw: Draw, result: DrawResult | None, *, void: str = "") -> dict[str, object]:
    """Write one draw as it is published; lists are sorted, values are text.

    Args:
        draw: the draw. Of a void draw, secrets that were never opened are empty bytes or left out,
            and its beacon may be empty.
        result: what was derived; ``None`` where nothing was.
        void: empty, ``custody`` or ``commit-invalid:<who>``. A void draw is written without result.

    Returns:
        An object of text, lists and objects; :func:`write_bundle` gives its bytes.
    """
    frozen, disputed = freeze_list(draw.lines), freeze_list(draw.disputed)
    announced = announce_draw(
        terms=draw.terms, frozen=frozen, disputed=disputed, commitments=draw.commitments
    )
    opened = dict(draw.secrets)
    given = None if void else result
    return {
        "beacon": list(draw.beacon),
        "beacon_at": draw.terms.beacon_at,
        "beacon_rule": draw.terms.beacon_rule,
        "committers": [
            {"commitment": commitment.hex(), "secret": opened.get(who, b"").hex(), "who": who}
            for who, commitment in draw.commitments
        ],
        "disputed": show_lines(disputed.lines),
        "draw_id": draw.terms.draw_id,
        "expected": {
            "A": announced.hex(),
            "P": disputed.root.hex(),
            "R": frozen.root.hex(),
            "disputed_would_stand_before": _show_places(given.disputed_before) if given else [],
            "order": list(given.order) if given else [],
            "seed": given.seed.hex() if given else "",
        },
        "format": FORMAT,
        "freeze_at": draw.terms.freeze_at,
        "lines": show_lines(frozen.lines),
        "redraw_rule": draw.terms.redraw_rule,
        "scheme": str(draw.terms.scheme),
        "stratum": draw.terms.stratum,
        "void": void,
    }


def write_bundle(published: Mapping[str, object]) -> bytes:
    """Give the canonical bytes of a bundle (RFC 8785).

    With text, lists and objects with ASCII names only, sorted compact JSON is that form; a million
    lines are written by the interpreter's own writer.
    """
    return json.dumps(published, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def judge_bundle(
    raw: bytes, *, scheme: Scheme = Scheme.REAL, announcement: str | None = None
) -> Judgement:
    """Make every check of one published draw, up to the first that fails.

    Args:
        raw: the file.
        scheme: what the reader asks for; a rehearsal is never valid as a real draw, nor the
            reverse.
        announcement: ``A`` in hex as the reader holds it from print, a notary or a witness.
    """
    reader = _Reader(raw, scheme, announcement)
    for number, check in enumerate(reader.checks(), start=1):
        try:
            check()
        except Refusal as refusal:
            return reader.tell(number, refusal)
    return reader.tell(0, None)


class _Reader:
    """Holds what earlier checks have read for the later ones."""

    def __init__(self, raw: bytes, scheme: Scheme, announcement: str | None) -> None:
        self._raw = raw
        self._asked = scheme
        self._pinned = announcement
        self._table: dict[str, Any] = {}
        self._terms: Terms | None = None
        self._frozen = self._disputed = FrozenList((), b"")
        self._announced = self._seed = b""
        self._order: tuple[Ticket, ...] = ()

    def checks(self) -> Iterator[Callable[[], None]]:
        """Give the checks in the order of :data:`CHECKS`."""
        return iter([getattr(self, f"_check_{name}") for name in CHECKS])

    def tell(self, number: int, refusal: Refusal | None) -> Judgement:
        """Say what was found."""
        table = self._table
        return Judgement(
            number=number,
            code=refusal.code if refusal else "",
            facts=refusal.facts if refusal else {},
            draw_id=table.get("draw_id", ""),
            stratum=table.get("stratum", ""),
            scheme=table.get("scheme", ""),
            announcement=self._announced.hex(),
            seed=self._seed.hex(),
            order=self._order,
            order_digest=digest_order(self._order).hex() if self._order else "",
        )

    def _check_form(self) -> None:
        if len(self._raw) > LARGEST_BYTES:
            raise Refusal("draw.bundle-too-large", bytes=len(self._raw), most=LARGEST_BYTES)
        try:
            value: object = json.loads(self._raw.decode("utf-8"))
            # The build comes first: with text, lists and objects alone the compact sorted form is
            # the canonical one, and nothing nests deeper than the format does.
            if not fits(value, _SHAPE):
                raise Refusal("draw.bundle-wrong-shape")
            table = cast("dict[str, Any]", value)
            if write_bundle(table) != self._raw:
                raise Refusal("draw.bundle-not-canonical")
        except (ValueError, RecursionError) as error:
            raise Refusal("draw.bundle-not-canonical") from error
        if table["format"] != FORMAT:
            raise Refusal("draw.bundle-wrong-shape")
        self._table = table

    def _check_spelling(self) -> None:
        table, expected = self._table, self._table["expected"]
        if table["scheme"] not in tuple(Scheme):
            raise Refusal("draw.bundle-misspelt", field="scheme")
        if not table["stratum"]:
            raise Refusal("draw.stratum-missing", draw_id=table["draw_id"][:40])
        if len(table["stratum"]) > LONGEST_STRATUM:
            raise Refusal("draw.bundle-misspelt", field="stratum")
        if _VOID.fullmatch(table["void"]) is None:
            raise Refusal("draw.bundle-misspelt", field="void")
        for name in ("redraw_rule", *(one["who"] for one in table["committers"])):
            if _WORD.fullmatch(table[name] if name == "redraw_rule" else name) is None:
                raise Refusal("draw.bundle-misspelt", field=name[:40])
        check_beacon_rule(table["beacon_rule"])
        for moment in (table["freeze_at"], table["beacon_at"]):
            check_moment(moment)
        listed = table["lines"] + table["disputed"]
        places = expected["disputed_would_stand_before"]
        tickets = [line["ticket"] for line in listed] + [place["ticket"] for place in places]
        tickets += [table["draw_id"], *expected["order"]]
        for ticket in tickets + [place["before"] for place in places if place["before"]]:
            check_ticket(ticket)
        opened = [one["secret"] for one in table["committers"]]
        if table["void"]:
            if expected["seed"] or expected["order"] or places:
                raise Refusal("draw.bundle-misspelt", field="expected")
            opened = [secret for secret in opened if secret]
        else:
            opened.append(expected["seed"])
        for text in (
            *(line["commit_h"] for line in listed),
            *(one["commitment"] for one in table["committers"]),
            *(expected[name] for name in ("A", "P", "R")),
            *opened,
        ):
            bytes_from_hex(text)

    def _check_kind(self) -> None:
        table = self._table
        self._terms = terms = Terms(
            scheme=Scheme(table["scheme"]),
            draw_id=table["draw_id"],
            stratum=table["stratum"],
            freeze_at=table["freeze_at"],
            beacon_at=table["beacon_at"],
            beacon_rule=table["beacon_rule"],
            redraw_rule=table["redraw_rule"],
        )
        if terms.scheme is not self._asked:
            raise Refusal("draw.bundle-other-kind", scheme=str(terms.scheme))
        check_sides(terms)

    def _check_lists(self) -> None:
        lines, disputed = (_read_lines(self._table[name]) for name in ("lines", "disputed"))
        if not lines:
            raise Refusal("draw.list-empty", draw_id=self._table["draw_id"])
        for one, after in (*pairwise(lines), *pairwise(disputed)):
            if one.ticket > after.ticket:
                raise Refusal("draw.bundle-not-sorted", ticket=after.ticket)
        self._frozen, self._disputed = freeze_list(lines), freeze_list(disputed)
        check_apart(self._frozen, self._disputed)

    def _check_roots(self) -> None:
        for name, made in (("R", self._frozen.root), ("P", self._disputed.root)):
            if self._table["expected"][name] != made.hex():
                raise Refusal("draw.bundle-root-differs", root=name)

    def _check_committers(self) -> None:
        committers = self._table["committers"]
        if not committers:
            raise Refusal("draw.no-committer", draw_id=self._table["draw_id"])
        for name in ("who", "commitment"):
            if len({one[name] for one in committers}) != len(committers):
                raise Refusal("draw.committer-twice", draw_id=self._table["draw_id"])

    def _check_announcement(self) -> None:
        self._announced = announce_draw(
            terms=self._given_terms,
            frozen=self._frozen,
            disputed=self._disputed,
            commitments=self._commitments,
        )
        if self._table["expected"]["A"] != self._announced.hex():
            raise Refusal("draw.bundle-announcement-differs")
        if self._pinned is not None and self._pinned != self._announced.hex():
            raise Refusal("draw.bundle-other-announcement", announcement=self._announced.hex())

    def _check_secrets(self) -> None:
        void = self._table["void"]
        if void == CUSTODY:
            return
        if not void:
            open_commitments(
                terms=self._given_terms, commitments=self._commitments, secrets=self._secrets
            )
            return
        who = void.removeprefix(COMMIT_INVALID)
        secret, commitment = dict(self._secrets).get(who), dict(self._commitments).get(who)
        terms = self._given_terms
        if not secret or commitment == commit_secret(
            scheme=terms.scheme, draw_id=terms.draw_id, who=who, secret=secret
        ):
            raise Refusal("draw.bundle-void-untrue", who=who)

    def _check_void(self) -> None:
        if self._table["void"]:
            raise Refusal("draw.bundle-void", cause=self._table["void"])

    def _check_beacon(self) -> None:
        check_beacon(rule=self._given_terms.beacon_rule, parts=self._table["beacon"])

    def _check_seed(self) -> None:
        self._seed = derive_seed(
            scheme=self._given_terms.scheme,
            announcement=self._announced,
            beacon=self._table["beacon"],
            secrets=[secret for _, secret in self._secrets],
        )
        if self._table["expected"]["seed"] != self._seed.hex():
            raise Refusal("draw.bundle-seed-differs")

    def _check_order(self) -> None:
        terms, expected = self._given_terms, self._table["expected"]
        tickets = [line.ticket for line in self._frozen.lines]
        self._order = order_tickets(scheme=terms.scheme, seed=self._seed, tickets=tickets)
        if expected["order"] != list(self._order):
            raise Refusal("draw.bundle-order-differs")
        draw = Draw(
            terms=terms,
            lines=self._frozen.lines,
            disputed=self._disputed.lines,
            secrets=tuple(self._secrets),
            commitments=tuple(self._commitments),
            beacon=tuple(self._table["beacon"]),
        )
        placed = place_disputed(draw, seed=self._seed, order=self._order)
        if expected["disputed_would_stand_before"] != _show_places(placed):
            raise Refusal("draw.bundle-order-differs")

    @property
    def _given_terms(self) -> Terms:
        if self._terms is None:
            raise Refusal("draw.bundle-wrong-shape")
        return self._terms

    @property
    def _commitments(self) -> list[tuple[str, bytes]]:
        return [(one["who"], bytes.fromhex(one["commitment"])) for one in self._table["committers"]]

    @property
    def _secrets(self) -> list[tuple[str, bytes]]:
        return [(one["who"], bytes.fromhex(one["secret"])) for one in self._table["committers"]]


def _read_lines(published: Sequence[Mapping[str, str]]) -> list[Line]:
    return [Line(Ticket(line["ticket"]), bytes.fromhex(line["commit_h"])) for line in published]


def _show_places(places: Sequence[tuple[Ticket, Ticket | None]]) -> list[dict[str, str]]:
    return [{"before": before or "", "ticket": ticket} for ticket, before in sorted(places)]
