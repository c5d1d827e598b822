"""Cells: what one cell of a clerk's table says, read strictly and exactly.

Numbers become exact decimals from the digits a person sees, never from a binary float: a
spreadsheet keeps 15 significant digits, so a number is read to 15 and a longer one is a fault, not
a guess. Full-width letters, digits and signs count as their plain forms; invisible characters are
dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

Kind = Literal["text", "integer", "decimal", "flag", "list", "date"]
Number = TypeVar("Number", int, Decimal)
CellValue = str | int | Decimal | bool | date | tuple[str, ...] | None

LONGEST_CELL = 2_000
MOST_DIGITS = 15
"""Significant digits that a spreadsheet keeps."""
_TOO_LONG_FOR_A_NUMBER = 10**MOST_DIGITS

_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Brackets, commas and the like stay as they are: only what stands in numbers and codes is made
# plain.
_PLAIN = {
    code: plain for code, plain in _PLAIN.items() if chr(plain).isalnum() or chr(plain) in "+-.#/"
}
_PLAIN |= {0x3000: 0x20, 0xA0: 0x20, 0x2212: 0x2D}
_INVISIBLE = dict.fromkeys(
    [
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0x2066, 0x206A),
        0xFEFF,
        0xAD,
    ]
)
_TRANSLATION: Mapping[int, int | None] = {**_PLAIN, **_INVISIBLE}
_INTEGER = re.compile(r"([+-]?[0-9]{1,18})(?:\.0+)?\Z")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?\Z")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[,，'’][0-9]{3})+(?:\.[0-9]+)?\Z")
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}\Z")
_ERROR = re.compile(r"#(REF!|DIV/0!|VALUE!|NAME\?|N/A|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LIST_MARKS = re.compile(r"[、,，;；/|\s]+")
_DATE = re.compile(
    r"([0-9]{4})(?:-|/|\.|年)?([0-9]{1,2})(?:-|/|\.|月)?([0-9]{1,2})日?(?: 00:00:00)?\Z"
)
YES = frozenset({"是", "有", "1", "true", "yes", "y", "√", "✓"})
NO = frozenset({"", "否", "无", "没有", "0", "false", "no", "n", "×", "✗"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedCell:
    """A cell that is neither text nor number: a date, a time, or a formula's error."""

    kind: Literal["date", "time", "error"]
    text: str


RawCell = str | int | float | bool | MarkedCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that a table must have.

    ``key`` is our name, ``header`` the clerk's. ``required``: an empty cell is a fault.
    ``may_lack``: a table without this column is lawful, and its rows have no value. ``least`` and
    ``most`` bound numbers, ``most_decimals`` their decimal places. ``words`` turns the clerk's
    words into ours (``无障碍`` → ``barrier-free``), in text and lists.
    """

    key: str
    header: str
    kind: Kind = "text"
    required: bool = False
    may_lack: bool = False
    least: Decimal | int | None = None
    most: Decimal | int | None = None
    most_decimals: int | None = None
    words: Mapping[str, str] | None = None


class UnreadableCell(Exception):
    """A cell breaks a rule: its code and facts, to be placed by the table's reader."""

    def __init__(self, rule: str, **facts: object) -> None:
        super().__init__(rule)
        self.rule = rule
        self.facts = facts


def plain_text(text: str) -> str:
    r"""Make full-width letters, digits and signs plain, drop what nobody can see, and trim.

    >>> plain_text("　６－１２号楼\u200b "), plain_text("建筑面积（㎡）")
    ('6-12号楼', '建筑面积（㎡）')
    """
    return text.translate(_TRANSLATION).strip() if not text.isascii() else text.strip()


def number_text(number: float) -> str:
    """Write a spreadsheet's number with the digits a person sees: at most 15 significant ones.

    >>> number_text(125.53), number_text(31.0), number_text(0.1 + 0.2), number_text(1e14)
    ('125.53', '31', '0.3', '100000000000000')
    """
    if isinstance(number, int):
        return str(number)
    if number.is_integer() and abs(number) < _TOO_LONG_FOR_A_NUMBER:
        return str(int(number))
    return format(Decimal(f"{number:.{MOST_DIGITS}g}"), "f")


def cell_text(raw: RawCell) -> str:
    """Give a cell as a person sees it.

    >>> cell_text(" a "), cell_text(88.5), cell_text(True)
    ('a', '88.5', 'TRUE')
    """
    if isinstance(raw, str):
        return plain_text(raw)
    if isinstance(raw, bool):
        return str(raw).upper()
    return raw.text if isinstance(raw, MarkedCell) else number_text(raw)


def read_cell(raw: RawCell, *, column: Column, null: frozenset[str] = frozenset()) -> CellValue:
    """Read one cell as ``column`` wants it; an empty one is ``None``, ``()`` or False.

    A word of ``null`` counts as empty.

    Raises :class:`UnreadableCell` with the rule that is broken.

    >>> read_cell(125.53, column=Column(key="area_sqm", header="面积", kind="decimal"))
    Decimal('125.53')
    """
    text = cell_text(raw)
    if not text or text in null:
        if column.required:
            raise UnreadableCell("import.value-missing")
        return False if column.kind == "flag" else () if column.kind == "list" else None
    _refuse_spoilt(raw, text, column)
    if column.kind == "date":
        return _read_date(text)
    if column.kind == "integer":
        return _bounded(_read_integer(text), column)
    if column.kind == "decimal":
        return _bounded(_read_decimal(text, column), column)
    if column.kind == "flag":
        return _read_flag(text)
    words = column.words or {}
    if column.kind == "list":
        return tuple(words.get(part, part) for part in _LIST_MARKS.split(text) if part)
    if _SCIENTIFIC.match(text):
        raise UnreadableCell("import.number-too-long", digits=MOST_DIGITS)
    return words.get(text, text)


def _refuse_spoilt(raw: RawCell, text: str, column: Column) -> None:
    """Refuse what no kind can read: errors, and what a spreadsheet has made into something else."""
    if len(text) > LONGEST_CELL:
        raise UnreadableCell("import.cell-too-long", most=LONGEST_CELL)
    if (isinstance(raw, MarkedCell) and raw.kind == "error") or _ERROR.match(text):
        raise UnreadableCell("import.formula-error")
    if isinstance(raw, str):
        if _CONTROL.search(text):
            raise UnreadableCell("import.control-character")
    elif isinstance(raw, MarkedCell):
        if column.kind != "date":
            raise UnreadableCell("import.date-by-mistake")
    elif abs(raw) >= _TOO_LONG_FOR_A_NUMBER:
        raise UnreadableCell("import.number-too-long", digits=MOST_DIGITS)


def _read_integer(text: str) -> int:
    match = _INTEGER.match(text)
    if match is None:
        if _THOUSANDS.match(text):
            raise UnreadableCell("import.thousands-separator")
        raise UnreadableCell(
            "import.not-a-whole-number" if _DECIMAL.match(text) else "import.not-a-number"
        )
    return int(match[1])


def _read_decimal(text: str, column: Column) -> Decimal:
    if _DECIMAL.match(text) is None:
        if _THOUSANDS.match(text):
            raise UnreadableCell("import.thousands-separator")
        raise UnreadableCell("import.not-a-number")
    number = Decimal(text)
    places = column.most_decimals
    if places is not None and number != round(number, places):
        # Such a number comes from a formula; the cell shows it rounded, so the clerk cannot see it.
        raise UnreadableCell("import.too-many-decimals", most=places)
    return number


def _bounded(number: Number, column: Column) -> Number:
    if column.least is not None and number < column.least:
        raise UnreadableCell("import.too-small", least=column.least)
    if column.most is not None and number > column.most:
        raise UnreadableCell("import.too-large", most=column.most)
    return number


def _read_flag(text: str) -> bool:
    word = text.lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise UnreadableCell("import.not-yes-or-no")


def _read_date(text: str) -> date:
    match = _DATE.match(text)
    if match is None:
        raise UnreadableCell("import.not-a-date")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise UnreadableCell("import.not-a-date") from error
