"""A household's slip: what it needs to check its own line and its own key, without a network.

The slip is one line of text, in the letters a QR code packs most tightly (capitals, digits and
``*``), so that a printed code stays coarse enough for an old telephone::

    (
        ANJU
        - SLIP
        - 1 * scheme * draw * ticket * place * size * index * seed * key * root * commitment * path
    )

``scheme`` is ``REAL`` or ``REHEARSAL``; ``place`` counts from 1 in the drawn order, ``index`` from
0 in the list sorted by ticket, ``size`` is the list's; digests are 64 capital hex digits, the path
any number of them without a separator, lowest first (RFC 9162 section 2.1.3.1).

Two checks follow from a slip alone: the key from seed and ticket, and the root from the line and
its path. That seed and root are those of the draw is seen by comparing them with the announcement;
the place rests on everybody's key, and needs the whole bundle.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from anju_rules.draws import Line, Scheme, derive_key
from anju_rules.hashing import DIGEST_BYTES, digest, encode
from anju_rules.merkle import prove_inclusion, verify_inclusion
from anju_rules.values import Finding, Refusal, Ticket, Verdict

FORMAT = "ANJU-SLIP-1"
_SCHEMES = {"REAL": Scheme.REAL, "REHEARSAL": Scheme.REHEARSAL}
_NAMES = {scheme: name for name, scheme in _SCHEMES.items()}
_DIGEST = "[0-9A-F]{64}"
_COUNT = "(?:0|[1-9][0-9]{0,8})"
_SLIP = re.compile(
    rf"{FORMAT}\*(REAL|REHEARSAL)\*([A-Z0-9-]{{1,32}})\*([A-Z0-9-]{{1,32}})"
    rf"\*({_COUNT})\*({_COUNT})\*({_COUNT})"
    rf"\*({_DIGEST})\*({_DIGEST})\*({_DIGEST})\*({_DIGEST})\*((?:{_DIGEST}){{0,32}})",
    re.ASCII,
)
_PLAIN = re.compile(rb"[A-Za-z0-9/-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What a slip says."""

    scheme: Scheme
    draw_id: str
    ticket: Ticket
    place: int
    """In the drawn order of its stratum, from 1."""
    size: int
    index: int
    """In the list sorted by ticket, from 0."""
    seed: bytes
    key: bytes
    root: bytes
    commitment: bytes
    path: tuple[bytes, ...]


def fill_slip(
    *,
    scheme: Scheme,
    draw_id: str,
    line: Line,
    place: int,
    index: int,
    leaves: Sequence[bytes],
    root: bytes,
    seed: bytes,
) -> Slip:
    """Fill in a household's slip: its key from the seed, its path through the list's ``leaves``.

    ``leaves`` are those of the whole list, sorted by ticket (:func:`hash_line`).
    """
    return Slip(
        scheme=scheme,
        draw_id=draw_id,
        ticket=line.ticket,
        place=place,
        size=len(leaves),
        index=index,
        seed=seed,
        key=derive_key(scheme=scheme, seed=seed, ticket=line.ticket),
        root=root,
        commitment=line.commitment,
        path=prove_inclusion(leaves=leaves, index=index),
    )


def write_slip(slip: Slip) -> str:
    """Write a slip as its QR code holds it."""
    return "*".join(
        [
            FORMAT,
            _NAMES[slip.scheme],
            slip.draw_id,
            slip.ticket,
            str(slip.place),
            str(slip.size),
            str(slip.index),
            *(part.hex().upper() for part in (slip.seed, slip.key, slip.root, slip.commitment)),
            b"".join(slip.path).hex().upper(),
        ]
    )


def read_slip(text: str) -> Slip:
    """Read a slip's text; one spelling only, else ``draw.slip-malformed``."""
    found = _SLIP.fullmatch(text)
    if found is None:
        raise Refusal("draw.slip-malformed")
    scheme, draw_id, ticket, place, size, index, seed, key, root, commitment, path = found.groups()
    nodes = bytes.fromhex(path)
    return Slip(
        scheme=_SCHEMES[scheme],
        draw_id=draw_id,
        ticket=Ticket(ticket),
        place=int(place),
        size=int(size),
        index=int(index),
        seed=bytes.fromhex(seed),
        key=bytes.fromhex(key),
        root=bytes.fromhex(root),
        commitment=bytes.fromhex(commitment),
        path=tuple(nodes[at : at + DIGEST_BYTES] for at in range(0, len(nodes), DIGEST_BYTES)),
    )


def judge_slip(slip: Slip) -> Verdict:
    """Judge what follows from a slip alone: ``draw.slip-key`` and ``draw.slip-line``."""
    key = derive_key(scheme=slip.scheme, seed=slip.seed, ticket=slip.ticket)
    leads = verify_inclusion(
        leaf=hash_line(Line(slip.ticket, slip.commitment)),
        index=slip.index,
        size=slip.size,
        path=slip.path,
        root=slip.root,
    )
    return Verdict(
        (
            Finding(code="draw.slip-key", clause="draw#7", met=key == slip.key),
            Finding(
                code="draw.slip-line",
                clause="draw#2",
                met=leads and 1 <= slip.place <= slip.size,
            ),
        )
    )


def hash_line(line: Line) -> bytes:
    """Give the leaf of a line in the list's tree."""
    return digest(b"\x00" + encode(line.ticket, line.commitment))


def write_key_command(*, scheme: Scheme, seed: bytes, ticket: Ticket) -> str:
    r"""Write the one line by which anybody recomputes a key with OpenSSL in a POSIX shell.

    Bytes that are not plain letters stand as octal: every ``printf`` knows that spelling.

    >>> write_key_command(scheme=Scheme.REAL, seed=bytes(32), ticket=Ticket("A-1"))[:40]
    "printf '\\000\\000\\000\\020anju-draw-1/rank"
    """
    message = encode(f"{scheme}/rank", seed, ticket)
    text = "".join(_spell(byte) for byte in message)
    return f"printf '{text}' | openssl dgst -sm3"


def _spell(byte: int) -> str:
    raw = bytes([byte])
    return raw.decode() if _PLAIN.fullmatch(raw) else f"\\{byte:03o}"
