"""A community's tables as clerks keep them: its homes with their owners, and a survey.

One row an owner: a home of two owners has two rows, which say the same of the home. What is wrong
is said with its row, column and rule; a table with one fault gives nothing at all (INV-8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.sheets import Source
from anju.foundation.exchange.tables import Row, TableSpec, find_repeats, read_table
from anju.titles.communities.columns import (
    HEADERS,
    HOME_COLUMNS,
    STATES,
    SURVEY_COLUMNS,
    USES,
    fault_at,
)
from anju.titles.communities.told_owners import read_people
from anju.titles.communities.types import SurveyedHome, TableHome
from anju_rules.identifiers import check_unit_code
from anju_rules.values import Refusal

_FEET = ("合计", "总计", "小计")
LONGEST_NUMBER = 64
_FEN = 100
_BUILDING = re.compile(r"([0-9A-Za-z]+)\s*(?:号楼|栋|幢|#楼?|号)\Z")
_OF_HOME = ("use", "floor", "unit_code", "contracted_sqm", "price", "title_state")


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesTable:
    """A table of homes as read, or the faults that forbid it."""

    homes: tuple[TableHome, ...] = ()
    rows_total: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyTable:
    """A survey as read, or the faults that forbid it."""

    homes: tuple[SurveyedHome, ...] = ()
    rows_total: int = 0
    faults: tuple[Fault, ...] = ()


def number_of(building: str, room: str) -> str:
    """Compose a home's number in its community: building and room, unless the room says both.

    >>> number_of("3", "0101"), number_of("3", "3-0101")
    ('3-0101', '3-0101')
    """
    return room if room.startswith(f"{building}-") else f"{building}-{room}"


def plain_building(told: str) -> str:
    """Give a building's number as the file keeps it.

    >>> plain_building("3号楼"), plain_building("3 幢"), plain_building("滨河苑东楼")
    ('3', '3', '滨河苑东楼')
    """
    match = _BUILDING.match(told)
    return match[1] if match else told


def read_homes_table(source: Source, *, parcel: str, file: str) -> HomesTable:
    """Read a table of homes.

    Decided here: rows of one building and room are one home, and say the same of it; a unit code
    lies on the file's ``parcel`` (where it has one) and stands at one home; papers hold; nobody
    owns a home twice; shares come to exactly the whole, or nobody has one (joint ownership).
    """
    read = read_table(source, TableSpec(columns=HOME_COLUMNS, feet=_FEET), file=file)
    faults = list(read.faults)
    by_number: dict[str, list[Row]] = {}
    for row in read.rows:
        number = number_of(plain_building(row.text("building")), row.text("room"))
        by_number.setdefault(number, []).append(row)
    homes = []
    for number, rows in by_number.items():
        home, found = _read_home(number, rows, parcel=parcel, file=file)
        homes.append(home)
        faults += found
    codes = [(home.row, home.unit_code) for home in homes if home.unit_code]
    faults += find_repeats(
        codes, file=file, column=HEADERS["unit_code"], rule="communities.code-repeated"
    )
    if faults:
        return HomesTable(rows_total=len(read.rows), faults=_in_order(faults))
    return HomesTable(homes=tuple(homes), rows_total=len(read.rows))


def read_survey_table(source: Source, *, parcel: str, file: str) -> SurveyTable:
    """Read a survey: one row a home, each named by its code, or by building and number."""
    read = read_table(source, TableSpec(columns=SURVEY_COLUMNS, feet=_FEET), file=file)
    faults = list(read.faults)
    homes = []
    for row in read.rows:
        code, found = _read_code(row, parcel=parcel, file=file)
        faults += found
        building, room = plain_building(row.text("building")), row.text("room")
        number = (number_of(building, room) if building else room) if room else ""
        if not (row.text("unit_code") or number):
            faults.append(Fault(file=file, row=row.number, rule="communities.survey-names-no-home"))
        homes.append(
            SurveyedHome(
                row=row.number,
                number=number,
                unit_code=code,
                floor=_integer(row, "floor"),
                registered_sqm=_decimal(row, "registered_sqm"),
            )
        )
    for key in ("number", "unit_code"):
        entries = [(one.row, getattr(one, key)) for one in homes if getattr(one, key)]
        header = HEADERS["room" if key == "number" else key]
        faults += find_repeats(entries, file=file, column=header)
    if faults:
        return SurveyTable(rows_total=len(read.rows), faults=_in_order(faults))
    return SurveyTable(homes=tuple(homes), rows_total=len(read.rows))


def _read_home(
    number: str, rows: Sequence[Row], *, parcel: str, file: str
) -> tuple[TableHome, list[Fault]]:
    first = rows[0]
    faults: list[Fault] = []
    if len(number) > LONGEST_NUMBER:
        rule = "communities.number-too-long"
        faults.append(fault_at(first, "room", rule, value=number, file=file, most=LONGEST_NUMBER))
    for key, known in (("use", USES), ("title_state", STATES)):
        told = first.text(key)
        if told not in {"", *known.values()}:
            rule, words = "communities.unknown-word", "、".join(known)
            faults.append(fault_at(first, key, rule, value=told, file=file, known=words))
    code, found = _read_code(first, parcel=parcel, file=file)
    faults += found
    # Another owner's row may leave the home's cells empty; what it says must be the same.
    faults += [
        fault_at(
            row,
            key,
            "communities.rows-differ",
            value=row.values[key],
            file=file,
            first_row=first.number,
        )
        for row in rows[1:]
        for key in _OF_HOME
        if row.values.get(key) not in {None, "", first.values.get(key)}
    ]
    people, found = read_people(rows, file=file)
    faults += found
    price = _decimal(first, "price")
    return (
        TableHome(
            row=first.number,
            building=plain_building(first.text("building")),
            number=number,
            use=first.text("use"),
            floor=_integer(first, "floor"),
            unit_code=code,
            contracted_sqm=_decimal(first, "contracted_sqm"),
            price_fen_per_sqm=None if price is None else int(price * _FEN),
            title_state=first.text("title_state"),
            people=people,
        ),
        faults,
    )


def _read_code(row: Row, *, parcel: str, file: str) -> tuple[str, list[Fault]]:
    told = row.text("unit_code")
    if not told:
        return "", []
    try:
        code = check_unit_code(told).text
    except Refusal as refusal:
        facts = dict(refusal.facts)
        return "", [fault_at(row, "unit_code", refusal.code, value=told, file=file, **facts)]
    if parcel and not code.startswith(parcel):
        rule = "communities.other-parcel"
        return "", [fault_at(row, "unit_code", rule, value=told, file=file, parcel=parcel)]
    return code, []


def _integer(row: Row, key: str) -> int | None:
    told = row.values.get(key)
    return told if isinstance(told, int) else None


def _decimal(row: Row, key: str) -> Decimal | None:
    told = row.values.get(key)
    return told if isinstance(told, Decimal) else None


def _in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.row or 0))
