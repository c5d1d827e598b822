"""Cards of a ceremony: what a committer's device printed, as it is typed or scanned here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from anju_rules.hashing import digest
from anju_rules.values import Refusal

DEVICE_PAGE = Path(__file__).parent / "standalone" / "device.html"
"""One file that runs from a stick: it makes the 32 bytes and their commitment, loading nothing."""
_VALUE = re.compile(r"[0-9a-f]{64}")
_WITH_CHECK = re.compile(r"([0-9a-f]{64})([0-9a-f]{4})")
_HEAD = 4
"""Words of a QR code before the digits: kind, scheme, draw, committer."""
_MOST = 400
"""Longer than any card: nobody makes the reader work on a novel."""


class CardKind(StrEnum):
    """What a card bears."""

    SECRET = "secret"  # noqa: S105 - a kind of card, no password
    COMMITMENT = "commitment"


def read_card(told: str, *, kind: CardKind, scheme: str, draw_number: str, who: str) -> str:
    """Give the 64 hexadecimal digits of a card, or refuse what is not this card.

    ``told`` is what its QR code says, or its digits as people type them: in groups, in capitals,
    with or without the four check digits. Nothing of what was told stands in a refusal: it may be
    a secret.

    Raises:
        Refusal: ``ceremony.secret-shown`` where a commitment belongs; ``ceremony.card-of-another``
        draw or committer; ``ceremony.card-mistyped`` (check digits); ``ceremony.card-malformed``.
    """
    words = told[:_MOST].lower().split()
    facts = {"draw_number": draw_number, "who": who}
    if words and words[0].startswith("anju-"):
        if words[0] == f"anju-{CardKind.SECRET}" and kind is CardKind.COMMITMENT:
            raise Refusal("ceremony.secret-shown", **facts)
        if words[:4] != [f"anju-{kind}", scheme, draw_number.lower(), who]:
            raise Refusal("ceremony.card-of-another", **facts)
        words = words[4:]
    digits = "".join(words)
    if _VALUE.fullmatch(digits):
        return digits
    checked = _WITH_CHECK.fullmatch(digits)
    if checked is None:
        raise Refusal("ceremony.card-malformed", **facts)
    value, check = checked.groups()
    if check != check_digits(
        kind=kind, scheme=scheme, draw_number=draw_number, who=who, value=value
    ):
        raise Refusal("ceremony.card-mistyped", **facts)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretCard:
    """A card from the box: whose it is, for which draw, and its 64 digits."""

    draw_number: str
    who: str
    value: str = field(repr=False)


def read_card_of(told: str, *, scheme: str, draw_number: str, who: str) -> SecretCard:
    """Read a card from the box: its QR code says whose it is, else ``draw_number`` and ``who`` do.

    Refuses like :func:`read_card`; where both say whose it is and differ, with
    ``ceremony.card-of-another``.
    """
    words = told[:_MOST].split()
    if len(words) > _HEAD and words[0].lower() == f"anju-{CardKind.SECRET}":
        draw_number, who = draw_number or words[2].upper(), who or words[3].lower()
    if not draw_number or not who:
        raise Refusal("ceremony.card-unnamed")
    value = read_card(told, kind=CardKind.SECRET, scheme=scheme, draw_number=draw_number, who=who)
    return SecretCard(draw_number=draw_number, who=who, value=value)


def check_digits(*, kind: CardKind, scheme: str, draw_number: str, who: str, value: str) -> str:
    """Give the four digits by which a slip of the hand is seen before it voids a draw."""
    told = f"{kind} {scheme} {draw_number} {who} {value}"
    return digest(told.encode()).hex()[:4]


def card_text(*, kind: CardKind, scheme: str, draw_number: str, who: str, value: str) -> str:
    """Give what a card's QR code says."""
    check = check_digits(kind=kind, scheme=scheme, draw_number=draw_number, who=who, value=value)
    return f"anju-{kind} {scheme} {draw_number} {who} {value} {check}"
