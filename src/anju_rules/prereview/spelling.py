"""From letters as a machine read them to values, or to nothing: no guess becomes a value.

What a standard rules out is put right, and nothing else: a unit code has no letter O and only
digits in its first twelve places, so an O there is a nought. A check digit that fails stays failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from anju_rules.identifiers import (
    check_certificate_number,
    check_identity_number,
    check_unit_code,
)
from anju_rules.masking import mask_identity_number, mask_name
from anju_rules.prereview.types import Field
from anju_rules.values import Refusal

_SPELLING: dict[int, str | int | None] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    0x3000: 0x20,
    ord("〔"): "(",
    ord("〕"): ")",
    ord("［"): "(",
    ord("］"): ")",
    ord("【"): "(",
    ord("】"): ")",
    ord("•"): "·",
    ord("・"): "·",
    ord("￥"): "¥",
}
_DIGIT_LIKE = str.maketrans("OoQDIl|!SsBZz", "0000111155822")
_LETTER_LIKE = str.maketrans("68", "GB")
_NAME = re.compile(r"[\u3400-\u9fff]{1,15}(?:·[\u3400-\u9fff]{1,15})*")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9OoQDIl|!SsBZz]{15,19}[Xx]?(?![0-9A-Za-z])")
_UNIT = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z|]{27,29}(?![0-9A-Za-z])")
_CERTIFICATE = re.compile(r".\([0-9]{4}\)[\u4e00-\u9fff]{2,20}不动产权第[0-9OoIl]{5,9}号")
_AREA = re.compile(r"(?<![0-9.,])([0-9]{1,6})(?:\.([0-9]{1,4})|[,·]([0-9]{2}))(?![0-9.,元])")
"""A comma that was read for a point has two figures behind it, as areas have."""
_WHOLE_AREA = re.compile(r"(?<![0-9.,])([0-9]{1,6})(?=平方米|㎡|m2|m²)")
_AMOUNT = re.compile(
    r"(?<![0-9.,])([0-9]{1,3}(?:[,.][0-9]{3})+|[0-9]{1,12})(?:[.,]([0-9]{2}))?(?![0-9])"
)
_DATE = re.compile(r"([12][0-9]{3})[年.\-/]([01]?[0-9])[月.\-/]([0-3]?[0-9])日?")
_YUAN = ("元", "圆")
_NO_END = "长期"
_FOREVER = date(9999, 12, 31)
_CAPITALS = {word: value for value, word in enumerate("零壹贰叁肆伍陆柒捌玖")}
_TENS = {"拾": 10, "佰": 100, "仟": 1000}
_NOT_NAMES = frozenset({"签字", "签章", "盖章", "签名", "先生", "女士", "无", "姓名", "名称"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A value in its one normal spelling, or what stands there instead of one."""

    value: object = field(repr=False)
    """Text, ``Decimal`` m², whole fen or a date; None: something stands there that is none."""
    shown: str = field(repr=False)
    """As it may be shown: names and numbers of people masked."""


def normal_text(text: str) -> str:
    """Give half-width text without blanks, brackets and dots of one kind."""
    return "".join(text.translate(_SPELLING).split())


def read_values(text: str, *, field: Field) -> tuple[Reading, ...]:
    """Give every value of a field that stands in ``text``, in order; none: nothing like one."""
    return tuple(_READERS[field](normal_text(text)))


def show_value(value: object, *, field: Field) -> str:
    """Write a value as it may be shown."""
    if field is Field.NAME:
        return mask_name(str(value))
    if field is Field.IDENTITY_NUMBER:
        return mask_identity_number(str(value))
    if field is Field.AMOUNT and isinstance(value, int):
        return f"{value // 100:,}.{value % 100:02d}"
    if field is Field.VALID_UNTIL and value == _FOREVER:
        return _NO_END
    return str(value)


def _names(text: str) -> Iterator[Reading]:
    for match in _NAME.finditer(text):
        name = match[0]
        if len(name) > 1 and name not in _NOT_NAMES:
            yield Reading(name, mask_name(name))


def _identity_numbers(text: str) -> Iterator[Reading]:
    for match in _LONG_NUMBER.finditer(text):
        number = match[0].translate(_DIGIT_LIKE)
        try:
            yield Reading(check_identity_number(number), mask_identity_number(number))
        except Refusal:
            yield Reading(None, mask_identity_number(number))


def _unit_codes(text: str) -> Iterator[Reading]:
    for match in _UNIT.finditer(text.replace("-", "")):
        read = match[0].upper()
        code = (
            read[:12].translate(_DIGIT_LIKE)
            + read[12:14].translate(_LETTER_LIKE)
            + read[14:19].translate(_DIGIT_LIKE)
            + read[19:20]
            + read[20:].translate(_DIGIT_LIKE)
        )
        try:
            unit = check_unit_code(code)
        except Refusal:
            yield Reading(None, code)
        else:
            yield Reading(unit.text, unit.text)


def _certificate_numbers(text: str) -> Iterator[Reading]:
    for match in _CERTIFICATE.finditer(text):
        try:
            number = check_certificate_number(match[0]).text
        except Refusal:
            yield Reading(None, match[0])
        else:
            yield Reading(number, number)


def _areas(text: str) -> Iterator[Reading]:
    for match in _AREA.finditer(text):
        area = Decimal(f"{match[1]}.{match[2] or match[3]}")
        yield Reading(area, str(area))
    for match in _WHOLE_AREA.finditer(text):
        yield Reading(Decimal(match[1]), match[1])


def _amounts(text: str) -> Iterator[Reading]:
    # "元" says which of several figures is the money; where none says so, the first is.
    figures = list(_AMOUNT.finditer(text))
    paid = [match for match in figures if text[match.end() : match.end() + 1] in _YUAN] or figures
    for match in paid[:1]:
        yuan = int(re.sub(r"[,.]", "", match[1]))
        fen = yuan * 100 + int(match[2] or 0)
        yield Reading(fen, show_value(fen, field=Field.AMOUNT))
    if (in_words := read_capitals(text)) is not None:
        yield Reading(in_words, show_value(in_words, field=Field.AMOUNT))


def _dates(text: str) -> Iterator[Reading]:
    for match in _DATE.finditer(text):
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            yield Reading(None, match[0])
        else:
            yield Reading(day, str(day))


def _ends(text: str) -> Iterator[Reading]:
    """Give the day on which a card's time ends: the later of two, or never."""
    if _NO_END in text:
        yield Reading(_FOREVER, _NO_END)
        return
    days = [read.value for read in _dates(text) if isinstance(read.value, date)]
    # One day alone is when the card was issued, or half of what stands there.
    if len(days) > 1:
        yield Reading(max(days), str(max(days)))


def read_capitals(text: str) -> int | None:
    """Read an amount in capitals (大写) as whole fen; None where none stands.

    >>> read_capitals("陆拾捌万贰仟叁佰肆拾伍元伍角整"), read_capitals("壹仟零伍元整")
    (68234550, 100500)
    """
    match = re.search(r"([零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{2,30})[元圆](.{0,5})", text)
    if match is None:
        return None
    total, group, digit = 0, 0, 0
    for word in match[1]:
        if word in _CAPITALS:
            digit = _CAPITALS[word]
        elif word in _TENS:
            # 拾 alone at the beginning is one ten.
            group, digit = group + (digit or 1) * _TENS[word], 0
        else:
            total, group, digit = (total + group + digit) * 10_000, 0, 0
            if word == "亿":
                total *= 10_000
    fen = (total + group + digit) * 100
    for word, worth in (("角", 10), ("分", 1)):
        part = re.search(f"([壹贰叁肆伍陆柒捌玖]){word}", match[2])
        fen += _CAPITALS[part[1]] * worth if part else 0
    return fen


_READERS = {
    Field.NAME: _names,
    Field.IDENTITY_NUMBER: _identity_numbers,
    Field.UNIT_CODE: _unit_codes,
    Field.CERTIFICATE_NUMBER: _certificate_numbers,
    Field.AREA: _areas,
    Field.AMOUNT: _amounts,
    Field.DATE: _dates,
    Field.VALID_UNTIL: _ends,
}
