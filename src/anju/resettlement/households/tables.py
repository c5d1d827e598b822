"""The register of households as a clerk's table: who is resettled, and the facts the rules ask for.

Two households with the same identity number are always a fault; the same surname, the same initial
or the same whole name never is: siblings share them (a known defect of such systems).
A table that has one fault gives no household at all (INV-8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from anju.foundation.exchange.cells import Column, Kind, UnreadableCell, read_cell
from anju.foundation.exchange.faults import Fault, fault_from_refusal, shown
from anju.foundation.exchange.sheets import Source, source_name
from anju.foundation.exchange.tables import Row, TableLayout, find_repeats, read_table
from anju_rules.identifiers import check_identity_number
from anju_rules.values import Fact, Household, HouseholdNumber, Refusal

BUILT_IN_FACTS: Mapping[str, str] = {"persons": "integer", "confirmed_area_sqm": "area"}
"""Facts that every plan may use without declaring them."""
REGISTER_COLUMNS = (
    "number",
    "name",
    "identity_number",
    "phone",
    "street",
    "stratum",
    "lottery_number",
    "needs",
)
"""The columns that are no facts."""
MOST_PERSONS = 99
LARGEST_AREA_SQM = 100_000
LARGEST_COUNT = 1_000_000_000
LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredHousehold:
    """A household with what only the register may know; pages get it masked."""

    household: Household
    name: str = ""
    identity_number: str = ""
    phone: str = ""
    street: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdTable:
    """The register in table order, or the faults that forbid it."""

    households: Mapping[HouseholdNumber, RegisteredHousehold] = field(default_factory=dict)
    lottery_numbers: Mapping[HouseholdNumber, int] = field(default_factory=dict)
    rows: Mapping[HouseholdNumber, int] = field(default_factory=dict)
    """The row of each household as the spreadsheet shows it."""
    faults: tuple[Fault, ...] = ()


def read_households(
    source: Source,
    *,
    layout: TableLayout,
    fact_types: Mapping[str, str],
    strata: tuple[str, ...],
    needs: frozenset[str] | None = None,
    file: str = "",
) -> HouseholdTable:
    """Read the register.

    Decided here: a number of its own for every household; identity numbers that hold (normalised)
    and stand once; a stratum and needs that the plan knows; every fact present, with
    the type of ``fact_types`` (fact → ``integer``, ``area`` or ``flag``; an empty flag is "no").
    ``lottery_number`` may repeat: two households can have drawn as one.
    """
    shown_file = file or source_name(source)
    columns = [_column(key, header, fact_types, layout) for key, header in layout.columns.items()]
    read = read_table(source, layout.spec(columns), file=shown_file)
    faults = list(read.faults)
    households: dict[HouseholdNumber, RegisteredHousehold] = {}
    lottery_numbers: dict[HouseholdNumber, int] = {}
    identity_numbers: list[tuple[int, str]] = []
    for row in read.rows:
        number = HouseholdNumber(row.text("number"))
        identity_number, row_faults = _identity_number(row, layout, file=shown_file)
        faults += row_faults
        faults += _row_faults(row, layout, strata, needs, file=shown_file)
        if identity_number:
            identity_numbers.append((row.number, identity_number))
        households[number] = _registered(row, identity_number, fact_types, strata)
        lottery_number = row.values.get("lottery_number")
        if isinstance(lottery_number, int):
            lottery_numbers[number] = lottery_number
    faults += find_repeats(
        ((row.number, row.text("number")) for row in read.rows),
        file=shown_file,
        column=layout.columns["number"],
    )
    faults += find_repeats(
        identity_numbers,
        file=shown_file,
        column=layout.columns.get("identity_number", ""),
        rule="households.identity-number-repeated",
    )
    if faults:
        return HouseholdTable(faults=tuple(sorted(faults, key=lambda fault: fault.row or 0)))
    rows = {HouseholdNumber(row.text("number")): row.number for row in read.rows}
    return HouseholdTable(households=households, lottery_numbers=lottery_numbers, rows=rows)


def _column(key: str, header: str, fact_types: Mapping[str, str], layout: TableLayout) -> Column:
    words = layout.words.get(key)
    if key == "lottery_number":
        return Column(key=key, header=header, kind="integer", least=0, most=LARGEST_COUNT)
    if key in REGISTER_COLUMNS:
        kind: Kind = "list" if key == "needs" else "text"
        return Column(key=key, header=header, kind=kind, required=key == "number", words=words)
    return _fact_column(key, header, fact_types.get(key, "integer"))


def _fact_column(key: str, header: str, fact_type: str) -> Column:
    if fact_type == "flag":
        return Column(key=key, header=header, kind="flag")
    # An empty number could mean "none" or "not yet known": the clerk says which, by writing 0.
    if fact_type == "area":
        return Column(
            key=key,
            header=header,
            kind="decimal",
            required=True,
            least=0,
            most=LARGEST_AREA_SQM,
            most_decimals=4,
        )
    # Real registers hold households without a registered person: 0 is lawful.
    return Column(
        key=key,
        header=header,
        kind="integer",
        required=True,
        least=0,
        most=MOST_PERSONS if key == "persons" else LARGEST_COUNT,
    )


def read_fact(told: str, *, fact: str, fact_type: str) -> Fact:
    """Read one fact as the register's table would.

    Refuses with the table's own codes (``import.too-large`` and the like).
    """
    try:
        value = read_cell(told, column=_fact_column(fact, fact, fact_type))
    except UnreadableCell as unreadable:
        facts = {"place": "", "value": shown(told), **unreadable.facts}
        raise Refusal(unreadable.rule, clause="", **facts) from unreadable
    return cast("Fact", value)


def _identity_number(row: Row, layout: TableLayout, *, file: str) -> tuple[str, list[Fault]]:
    told = row.text("identity_number")
    if not told:
        return "", []
    try:
        return check_identity_number(told), []
    except Refusal as refusal:
        return "", [
            fault_from_refusal(
                refusal,
                file=file,
                row=row.number,
                value=told,
                column=layout.columns["identity_number"],
            )
        ]


def _row_faults(
    row: Row,
    layout: TableLayout,
    strata: tuple[str, ...],
    needs: frozenset[str] | None,
    *,
    file: str,
) -> list[Fault]:
    faults = []
    number, stratum = row.text("number"), row.text("stratum")
    if len(number) > LONGEST_NUMBER:
        faults.append(
            Fault(
                file=file,
                row=row.number,
                column=layout.columns["number"],
                value=shown(number),
                rule="households.number-too-long",
                facts={"most": LONGEST_NUMBER},
            )
        )
    if stratum not in strata and (stratum or len(strata) > 1):
        faults.append(
            Fault(
                file=file,
                row=row.number,
                column=layout.columns.get("stratum", ""),
                value=shown(stratum),
                rule="households.unknown-stratum",
                facts={"known": "、".join(strata)},
            )
        )
    return faults + [
        Fault(
            file=file,
            row=row.number,
            column=layout.columns["needs"],
            value=shown(need),
            rule="households.unknown-need",
            facts={"known": "、".join(sorted(needs))},
        )
        for need in _needs(row)
        if needs is not None and need not in needs
    ]


def _needs(row: Row) -> tuple[str, ...]:
    told = row.values.get("needs")
    return told if isinstance(told, tuple) else ()


def _registered(
    row: Row, identity_number: str, fact_types: Mapping[str, str], strata: tuple[str, ...]
) -> RegisteredHousehold:
    facts: dict[str, Fact] = {
        key: value
        for key, value in row.values.items()
        if key in fact_types and isinstance(value, int | Decimal)
    }
    return RegisteredHousehold(
        household=Household(
            number=HouseholdNumber(row.text("number")),
            stratum=row.text("stratum") or strata[0],
            facts=facts,
            needs=frozenset(_needs(row)),
        ),
        name=row.text("name"),
        identity_number=identity_number,
        phone=row.text("phone"),
        street=row.text("street"),
    )
