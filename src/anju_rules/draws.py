"""The public draw, protocol ``anju-draw-1``: an order nobody could choose and anyone can recompute.

Steps as in ``docs/algorithms/draw.md``: entry, freeze, commit, announce, beacon, reveal, derive.
Every function is pure; the platform creates no randomness. A rehearsal differs from a real draw in
every digest, because its name stands at the start of each, and in its beacon, which lies in the
past.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise
from operator import attrgetter, lt
from typing import cast

from anju_rules.beacons import check_beacon
from anju_rules.hashing import (
    DIGEST_BYTES,
    bytes_from_hex,
    canonical,
    digest,
    digest_each,
    encode,
)
from anju_rules.merkle import merkle_root
from anju_rules.values import Refusal, Ticket

_TICKET = re.compile(r"[A-Z0-9-]{1,32}")
_TICKETS = re.compile(r"(?:[A-Z0-9-]{1,32}\n)*+")
_MOMENT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\+08:00", re.ASCII
)
_WORD = re.compile(r"[a-z0-9-]{1,32}")
SALT_BYTES = 16
SECRET_BYTES = 32


class Scheme(StrEnum):
    """Whether a draw counts. The value begins every digest of the draw."""

    REAL = "anju-draw-1"
    REHEARSAL = "anju-draw-1/rehearsal"


@dataclass(frozen=True, slots=True)
class Line:
    """One household in a list: its ticket and the commitment to its record."""

    ticket: Ticket
    commitment: bytes

    def __post_init__(self) -> None:
        """Refuse a commitment that is not a digest."""
        if len(self.commitment) != DIGEST_BYTES:
            raise Refusal("draw.commitment-malformed", ticket=self.ticket)


@dataclass(frozen=True, slots=True)
class FrozenList:
    """A list that no longer changes: lines sorted by ticket, and their root."""

    lines: tuple[Line, ...]
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fixed before chance speaks, beside the lists and the commitments."""

    scheme: Scheme
    draw_id: str
    stratum: str
    freeze_at: str
    beacon_at: str
    beacon_rule: str
    redraw_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A draw with all that is needed to derive it."""

    terms: Terms
    lines: tuple[Line, ...]
    disputed: tuple[Line, ...]
    secrets: tuple[tuple[str, bytes], ...]
    """Who committed, and the secret revealed, in the announced order."""
    commitments: tuple[tuple[str, bytes], ...]
    beacon: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawResult:
    """What a draw gives: roots, announcement, seed and order."""

    root: bytes
    disputed_root: bytes
    announcement: bytes
    seed: bytes
    order: tuple[Ticket, ...]
    disputed_before: tuple[tuple[Ticket, Ticket | None], ...]
    """For each disputed ticket, as listed, the ticket that it would stand before."""


def check_ticket(ticket: str) -> Ticket:
    """Accept a ticket as the protocol spells it, or refuse with ``draw.ticket-malformed``."""
    if not isinstance(ticket, str) or _TICKET.fullmatch(ticket) is None:
        raise Refusal("draw.ticket-malformed", ticket=str(ticket)[:40])
    return Ticket(ticket)


def check_moment(moment: str) -> str:
    """Accept a time as the protocol spells it, or refuse with ``draw.time-malformed``."""
    if not isinstance(moment, str) or _MOMENT.fullmatch(moment) is None:
        raise Refusal("draw.time-malformed", value=str(moment)[:40])
    return moment


def commit_record(*, scheme: Scheme, salt: bytes, record: Mapping[str, object]) -> bytes:
    """Bind a household's record to its ticket without showing it (step 1)."""
    if len(salt) != SALT_BYTES:
        raise Refusal("draw.salt-malformed", length=len(salt))
    return digest(encode(f"{scheme}/household", salt, canonical(dict(record))))


def freeze_list(lines: Iterable[Line]) -> FrozenList:
    """Sort a list by ticket and take its root (step 2).

    Refuses a ticket that stands twice (``draw.ticket-twice``) and one commitment shared by two
    tickets (``draw.commitment-twice``): the "clash" by which two households are given one entry.
    """
    ordered = tuple(sorted(lines, key=attrgetter("ticket")))
    tickets = [line.ticket for line in ordered]
    _check_tickets(tickets)
    # Sorted, so that each ticket must stand before the next; operator.lt keeps a million fast.
    if not all(map(lt, tickets, islice(tickets, 1, None))):
        twice = next(one for one, next_one in pairwise(tickets) if one == next_one)
        raise Refusal("draw.ticket-twice", ticket=twice)
    if len({line.commitment for line in ordered}) != len(ordered):
        last_of = {line.commitment: line.ticket for line in ordered}
        other = next(line for line in ordered if last_of[line.commitment] != line.ticket)
        raise Refusal("draw.commitment-twice", ticket=other.ticket)
    heads = _part_heads()
    leaves = digest_each(
        b"\x00%b%b\x00\x00\x00\x20%b"
        % (heads[len(line.ticket)], line.ticket.encode(), line.commitment)
        for line in ordered
    )
    return FrozenList(lines=ordered, root=merkle_root(leaves))


def commit_secret(*, scheme: Scheme, draw_id: str, who: str, secret: bytes) -> bytes:
    """Give the commitment of one committer to its 32 bytes (step 3)."""
    if len(secret) != SECRET_BYTES:
        raise Refusal("draw.secret-malformed", who=who, length=len(secret))
    return digest(encode(f"{scheme}/commit", draw_id, who, secret))


def check_terms(terms: Terms, *, committers: Sequence[str]) -> None:
    """Refuse terms that leave anything open, or a beacon on the wrong side of the freeze.

    A real beacon lies after the freeze, so that nobody could know it; a rehearsal's lies before, so
    that a rehearsal can never be passed off as the real draw, nor the reverse.
    """
    check_ticket(terms.draw_id)
    check_moment(terms.freeze_at)
    check_moment(terms.beacon_at)
    if not terms.stratum:
        raise Refusal("draw.stratum-missing", draw_id=terms.draw_id)
    check_sides(terms)
    if _WORD.fullmatch(terms.redraw_rule) is None:
        raise Refusal("draw.redraw-rule-malformed", value=terms.redraw_rule[:40])
    if not committers:
        raise Refusal("draw.no-committer", draw_id=terms.draw_id)
    for who in committers:
        if _WORD.fullmatch(who) is None:
            raise Refusal("draw.committer-malformed", who=who[:40])
    if len(set(committers)) != len(committers):
        raise Refusal("draw.committer-twice", draw_id=terms.draw_id)


def check_sides(terms: Terms) -> None:
    """Refuse a real beacon that does not lie after the freeze, a rehearsal's not before it."""
    freeze_at, beacon_at = terms.freeze_at, terms.beacon_at
    # One time zone and one spelling: the order of the texts is the order of the moments.
    if terms.scheme is Scheme.REAL and not freeze_at < beacon_at:
        raise Refusal("draw.beacon-before-freeze", freeze_at=freeze_at, beacon_at=beacon_at)
    if terms.scheme is Scheme.REHEARSAL and not beacon_at < freeze_at:
        raise Refusal("draw.rehearsal-beacon-not-past", freeze_at=freeze_at, beacon_at=beacon_at)


def check_apart(frozen: FrozenList, disputed: FrozenList) -> None:
    """Refuse a ticket or a commitment that stands in both lists."""
    both = {line.ticket for line in frozen.lines} & {line.ticket for line in disputed.lines}
    if both:
        raise Refusal("draw.ticket-twice", ticket=min(both))
    shared = {line.commitment for line in frozen.lines} & {
        line.commitment for line in disputed.lines
    }
    if shared:
        raise Refusal("draw.commitment-twice", ticket="")


def announce_draw(
    *,
    terms: Terms,
    frozen: FrozenList,
    disputed: FrozenList,
    commitments: Sequence[tuple[str, bytes]],
) -> bytes:
    """Give the announcement ``A``: everything that is fixed, in one digest (step 4)."""
    check_terms(terms, committers=[who for who, _ in commitments])
    if not frozen.lines:
        raise Refusal("draw.list-empty", draw_id=terms.draw_id)
    check_apart(frozen, disputed)
    if len({commitment for _, commitment in commitments}) != len(commitments):
        raise Refusal("draw.committer-twice", draw_id=terms.draw_id)
    return digest(
        encode(
            f"{terms.scheme}/announce",
            terms.draw_id,
            terms.stratum,
            len(frozen.lines),
            frozen.root,
            disputed.root,
            terms.freeze_at,
            terms.beacon_at,
            terms.beacon_rule,
            terms.redraw_rule,
            *(part for pair in commitments for part in pair),
        )
    )


def open_commitments(
    *,
    terms: Terms,
    commitments: Sequence[tuple[str, bytes]],
    secrets: Sequence[tuple[str, bytes]],
) -> None:
    """Refuse a secret that does not open its commitment: ``draw.commit-invalid`` (step 6)."""
    if [who for who, _ in commitments] != [who for who, _ in secrets]:
        raise Refusal("draw.committers-differ", draw_id=terms.draw_id)
    for (who, commitment), (_, secret) in zip(commitments, secrets, strict=True):
        opened = commit_secret(scheme=terms.scheme, draw_id=terms.draw_id, who=who, secret=secret)
        if opened != commitment:
            raise Refusal("draw.commit-invalid", who=who)


def derive_seed(
    *, scheme: Scheme, announcement: bytes, beacon: Sequence[str], secrets: Sequence[bytes]
) -> bytes:
    """Mix the announcement, every beacon part and every secret into the seed (step 7)."""
    return digest(encode(f"{scheme}/seed", announcement, *beacon, *secrets))


def derive_key(*, scheme: Scheme, seed: bytes, ticket: Ticket) -> bytes:
    """Give the key that places one ticket: it depends on nobody else's."""
    return digest(encode(f"{scheme}/rank", seed, ticket))


def order_tickets(*, scheme: Scheme, seed: bytes, tickets: Iterable[Ticket]) -> tuple[Ticket, ...]:
    """Order tickets by ascending (key, ticket).

    No modulo, no dependence on the order of the list; a ticket taken out moves nobody else.
    """
    start = encode(f"{scheme}/rank", seed)
    heads = _part_heads()
    listed = list(tickets)
    keys = digest_each(start + heads[len(ticket)] + ticket.encode() for ticket in listed)
    # A key has 32 bytes, so key and ticket laid end to end compare as the pair does; read as
    # Latin-1 a byte is a letter, and texts are what Python sorts fastest.
    keyed = [key.decode("latin-1") + ticket for key, ticket in zip(keys, listed, strict=True)]
    keyed.sort()
    return cast("tuple[Ticket, ...]", tuple([row[DIGEST_BYTES:] for row in keyed]))


def derive_draw(draw: Draw) -> DrawResult:
    """Check every input of a draw and derive its result.

    Raises:
        Refusal: ``draw.*``, if any input is not as the protocol spells it, or does not open.
    """
    frozen, disputed = freeze_list(draw.lines), freeze_list(draw.disputed)
    scheme = draw.terms.scheme
    announcement = announce_draw(
        terms=draw.terms, frozen=frozen, disputed=disputed, commitments=draw.commitments
    )
    check_beacon(rule=draw.terms.beacon_rule, parts=draw.beacon)
    open_commitments(terms=draw.terms, commitments=draw.commitments, secrets=draw.secrets)
    seed = derive_seed(
        scheme=scheme,
        announcement=announcement,
        beacon=draw.beacon,
        secrets=[secret for _, secret in draw.secrets],
    )
    order = order_tickets(scheme=scheme, seed=seed, tickets=(line.ticket for line in frozen.lines))
    return DrawResult(
        root=frozen.root,
        disputed_root=disputed.root,
        announcement=announcement,
        seed=seed,
        order=order,
        disputed_before=place_disputed(draw, seed=seed, order=order),
    )


def place_disputed(
    draw: Draw, *, seed: bytes, order: Sequence[Ticket]
) -> tuple[tuple[Ticket, Ticket | None], ...]:
    """Say for each disputed ticket, as listed, before whom it would stand; ``None`` is the end."""
    if not draw.disputed:
        return ()

    def key_of(ticket: Ticket) -> tuple[bytes, Ticket]:
        return derive_key(scheme=draw.terms.scheme, seed=seed, ticket=ticket), ticket

    # The order ascends by key. No ticket stands in both lists, so no key is met twice.
    keys = [key_of(ticket) for ticket in order]
    places = [bisect(keys, key_of(line.ticket)) for line in draw.disputed]
    return tuple(
        (line.ticket, order[place] if place < len(order) else None)
        for line, place in zip(draw.disputed, places, strict=True)
    )


def _part_heads() -> list[bytes]:
    """Give the length heads that ``enc`` puts before parts of 0 to 32 bytes."""
    return [size.to_bytes(4, "big") for size in range(33)]


def _check_tickets(tickets: Sequence[Ticket]) -> None:
    # One match over all of a million is some ten times faster than a million matches.
    if _TICKETS.fullmatch("".join(f"{ticket}\n" for ticket in tickets)) is None:
        for ticket in tickets:
            check_ticket(ticket)
        raise Refusal("draw.ticket-malformed", ticket="")


def read_secret(text: str) -> bytes:
    """Read a revealed secret: 64 lower-case hex digits."""
    return bytes_from_hex(text)
