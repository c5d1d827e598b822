"""Numbers and addresses as they are compared, however they were written."""

from __future__ import annotations

import unicodedata


def normal_text(text: str) -> str:
    """Give a number or an address as it is compared: half-width, upper case, no blanks or signs.

    >>> normal_text("鲁（2020）济南市 不动产权第0001234号")
    '鲁2020济南市不动产权第0001234号'
    """
    spelled = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in spelled if letter.isalnum())
