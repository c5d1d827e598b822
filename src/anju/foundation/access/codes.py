"""Household codes (一户一码) and PINs: what a household signs in with.

A code is eleven random characters and one that checks them, ``XXXX-XXXX-XXXX``, out of 31 that no
one mistakes for another: 54 bits, so nobody guesses one. 31 is prime, which makes the check find
every single wrong character and every two swapped.
"""

from __future__ import annotations

from anju.foundation.core.crypto import new_secret
from anju_rules.values import Refusal

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12
_GROUP = 4
PIN_DIGITS = 6
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def new_household_code() -> str:
    """Give a fresh household code, as its letter prints it."""
    left = int.from_bytes(new_secret(), "big")
    letters = ""
    for _ in range(_CODE_LENGTH - 1):
        left, place = divmod(left, len(ALPHABET))
        letters += ALPHABET[place]
    return _grouped(letters + _check_letter(letters))


def new_pin() -> str:
    """Give a fresh PIN of six digits."""
    return f"{int.from_bytes(new_secret(), 'big') % 10**PIN_DIGITS:0{PIN_DIGITS}d}"


def check_household_code(text: str) -> str:
    """Give a typed household code in its normal spelling, or refuse with ``access.code-mistyped``.

    Small letters, blanks, hyphens and full-width characters are forgiven.
    """
    letters = "".join(
        letter
        for letter in text.translate(_FULL_WIDTH).upper()
        if not letter.isspace() and letter != "-"
    )
    if (
        len(letters) != _CODE_LENGTH
        or any(letter not in ALPHABET for letter in letters)
        or _check_letter(letters[:-1]) != letters[-1]
    ):
        raise Refusal("access.code-mistyped")
    return _grouped(letters)


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def _check_letter(letters: str) -> str:
    """Give the letter that makes the sum, weighted by place, a multiple of 31."""
    weighted = sum(
        weight * ALPHABET.index(letter) for weight, letter in enumerate(letters, start=2)
    )
    return ALPHABET[-weighted % len(ALPHABET)]
