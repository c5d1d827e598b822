"""Tables: a clerk's spreadsheet read by its headers, with every fault listed.

Real tables have a merged title, blank rows, headers in one row or two, numbers as text and a line
of totals. The header is the one row (or pair of rows) among the first twenty that names every
wanted column. A row keeps the number that a person sees in the spreadsheet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from anju.foundation.exchange.cells import (
    CellValue,
    Column,
    RawCell,
    UnreadableCell,
    cell_text,
    read_cell,
)
from anju.foundation.exchange.faults import Fault, shown
from anju.foundation.exchange.sheets import Sheet, Source, open_sheet, source_name

HEADER_ROWS = 20
"""Rows from the top among which the header is looked for."""
_FOOT = re.compile(r"(合\s*计|总\s*计|小\s*计|共\s*计)|(制表|填表|审核|备注|说明|注)[人日期]*[:：]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """What a table must look like.

    ``null``: words that mean "nothing" in any cell. ``feet``: words with which a row begins that is
    no data (``合计``); a foot that is not named here is a fault. ``may_be_empty``: no data row is
    lawful.
    """

    columns: Sequence[Column]
    sheet: str = ""
    null: frozenset[str] = frozenset()
    feet: tuple[str, ...] = ()
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """How a clerk's own table is laid out: our key for each column → the clerk's header.

    ``words``: key → the clerk's word → ours. ``number_from``: the keys of which a number is
    composed where the table has none.
    """

    columns: Mapping[str, str]
    sheet: str = ""
    null: frozenset[str] = frozenset()
    feet: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    number_from: tuple[str, ...] = ()

    def spec(self, columns: Sequence[Column], *, may_be_empty: bool = False) -> TableSpec:
        """Give the table's specification with these columns."""
        return TableSpec(
            columns=columns,
            sheet=self.sheet,
            null=self.null,
            feet=self.feet,
            may_be_empty=may_be_empty,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One data row: its number as a person sees it, and a value for every key."""

    number: int
    values: Mapping[str, CellValue]

    def text(self, key: str) -> str:
        """Give a text value, empty where the cell or the column is."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRead:
    """A table as read: the rows without a fault of their own, and all faults.

    Whoever keeps anything of it must first see that ``faults`` is empty.
    """

    file: str
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def plain_header(text: str) -> str:
    r"""Make headers comparable: width, case and blanks do not count.

    >>> plain_header("建筑 面积\n（㎡）") == plain_header("建筑面积(m2)")
    True
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def read_table(source: Source, spec: TableSpec, *, file: str = "") -> TableRead:
    """Read the table in ``source`` as ``spec`` says; everything wrong with it comes back as faults.

    ``file`` is the name shown to the reader, by default the file's own.
    """
    shown_file = file or source_name(source)
    sheet = open_sheet(source, sheet=spec.sheet, file=shown_file)
    if isinstance(sheet, Fault):
        return TableRead(file=shown_file, rows=(), faults=(sheet,))
    header = _find_header(sheet, spec, file=shown_file)
    if isinstance(header, list):
        return TableRead(file=shown_file, rows=(), faults=tuple(header))
    last_header_row, places = header
    rows, faults = _read_rows(sheet, spec, places, start=last_header_row + 1, file=shown_file)
    if not rows and not faults and not spec.may_be_empty:
        faults.append(Fault(file=shown_file, rule="import.no-rows"))
    return TableRead(file=shown_file, rows=tuple(rows), faults=tuple(faults))


def find_repeats(
    entries: Iterable[tuple[int, str]], *, file: str, column: str, rule: str = "import.repeated"
) -> list[Fault]:
    """List each (row, value) whose value stood in an earlier row, with that first row."""
    first: dict[str, int] = {}
    faults = []
    for row, value in entries:
        if value in first:
            faults.append(
                Fault(
                    file=file,
                    row=row,
                    column=column,
                    value=shown(value),
                    rule=rule,
                    facts={"first_row": first[value]},
                )
            )
        else:
            first[value] = row
    return faults


def _find_header(
    sheet: Sheet, spec: TableSpec, *, file: str
) -> tuple[int, list[tuple[Column, int]]] | list[Fault]:
    """Find the last row of the header and where each column stands; or say why not."""
    wanted = {plain_header(column.header): column.header for column in spec.columns}
    needed = {plain_header(one.header): one.header for one in spec.columns if not one.may_lack}
    top = [[plain_header(cell_text(cell)) for cell in row] for row in sheet.rows[:HEADER_ROWS]]
    single = [(at, row) for at, row in enumerate(top) if needed.keys() <= set(row)]
    found = single or _paired_headers(top, wanted, needed)
    if len(found) > 1 and single:
        rows = "、".join(str(at + 1) for at, _ in found)
        return [
            Fault(
                file=file, row=found[1][0] + 1, rule="import.header-ambiguous", facts={"rows": rows}
            )
        ]
    if not found:
        return _missing_headers(top, needed, file=file)
    at, header = found[0]
    faults = [
        Fault(
            file=file,
            row=at + 1,
            column=wanted[name],
            rule="import.header-duplicate",
            facts={"times": header.count(name)},
        )
        for name in wanted
        if header.count(name) > 1
    ]
    places = [
        (column, header.index(plain_header(column.header)))
        for column in spec.columns
        if plain_header(column.header) in header
    ]
    return faults or (at, places)


def _paired_headers(
    top: Sequence[Sequence[str]], wanted: Mapping[str, str], needed: Mapping[str, str]
) -> list[tuple[int, list[str]]]:
    """Find headers over two rows: merged group titles above, some of the wanted names below."""
    found = []
    for at in range(len(top) - 1):
        upper, lower = top[at], top[at + 1]
        width = max(len(upper), len(lower))
        above = [*upper, *[""] * (width - len(upper))]
        below = [*lower, *[""] * (width - len(lower))]
        pair = [a if a in wanted else b for a, b in zip(above, below, strict=True)]
        if needed.keys() <= set(pair):
            found.append((at + 1, pair))
    return found


def _missing_headers(
    top: Sequence[Sequence[str]], wanted: Mapping[str, str], *, file: str
) -> list[Fault]:
    counts = [len(wanted.keys() & set(row)) for row in top]
    best = max(counts, default=0)
    if best == 0:
        names = "、".join(wanted.values())
        return [
            Fault(
                file=file,
                rule="import.header-missing",
                facts={"wanted": shown(names), "most": HEADER_ROWS},
            )
        ]
    at = counts.index(best)
    return [
        Fault(file=file, row=at + 1, column=header, rule="import.column-missing")
        for name, header in wanted.items()
        if name not in top[at]
    ]


def _read_rows(
    sheet: Sheet, spec: TableSpec, places: Sequence[tuple[Column, int]], *, start: int, file: str
) -> tuple[list[Row], list[Fault]]:
    filled = _merged_values(sheet, {place for _, place in places}, start=start)
    headers = [plain_header(column.header) for column, _ in places]
    known: list[dict[RawCell, CellValue]] = [{} for _ in places]
    rows: list[Row] = []
    faults: list[Fault] = []
    for at in range(start, len(sheet.rows)):
        cells = sheet.rows[at]
        first = next((text for cell in cells if (text := cell_text(cell))), "")
        if not first or (spec.feet and first.startswith(spec.feet)):
            continue
        if _FOOT.match(first):
            faults.append(Fault(file=file, row=at + 1, value=shown(first), rule="import.total-row"))
            continue
        values: dict[str, CellValue] = {}
        before = len(faults)
        for (column, place), earlier in zip(places, known, strict=True):
            raw = cells[place] if place < len(cells) else ""
            if raw == "" and (at, place) in filled:
                raw = filled[at, place]
            # Columns repeat themselves. Text and numbers only: True would be found as 1.
            is_plain = raw.__class__ in (str, float)
            if is_plain and raw in earlier:
                values[column.key] = earlier[raw]
                continue
            try:
                value = read_cell(raw, column=column, null=spec.null)
                values[column.key] = value
                if is_plain:
                    earlier[raw] = value
            except UnreadableCell as error:
                faults.append(
                    Fault(
                        file=file,
                        row=at + 1,
                        column=column.header,
                        value=shown(cell_text(raw)),
                        rule=error.rule,
                        facts=error.facts,
                    )
                )
        if len(faults) > before and _repeats_header(cells, places, headers):
            del faults[before:]
            faults.append(
                Fault(file=file, row=at + 1, value=shown(first), rule="import.header-again")
            )
        elif len(faults) == before:
            rows.append(Row(number=at + 1, values=values))
    return rows, faults


def _repeats_header(
    cells: Sequence[RawCell], places: Sequence[tuple[Column, int]], headers: Sequence[str]
) -> bool:
    """Say whether a row is the header once more, as on every page of a printed list."""
    texts = [plain_header(cell_text(cells[at])) if at < len(cells) else "" for _, at in places]
    return texts == list(headers)


def _merged_values(
    sheet: Sheet, columns: set[int], *, start: int
) -> dict[tuple[int, int], RawCell]:
    """Give what a cell shows that lies in a merged range down one column: its top cell's value."""
    filled: dict[tuple[int, int], RawCell] = {}
    for top, left, bottom, right in sheet.merged:
        if left == right and left in columns and start <= top < bottom:
            last = min(bottom, len(sheet.rows) - 1)
            value = sheet.rows[top][left] if left < len(sheet.rows[top]) else ""
            filled.update({(row, left): value for row in range(top + 1, last + 1)})
    return filled
