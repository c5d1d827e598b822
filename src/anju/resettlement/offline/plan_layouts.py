"""How a plan's tables are laid out: ``[tables]`` read into a source and a layout a table."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from anju.foundation.exchange.sheets import Source
from anju.foundation.exchange.tables import TableLayout
from anju.resettlement.households.choosing_tables import CHOICE_COLUMNS, WISH_COLUMNS
from anju.resettlement.households.tables import BUILT_IN_FACTS, REGISTER_COLUMNS
from anju.resettlement.inventory.tables import COLUMNS as UNIT_COLUMNS
from anju.resettlement.offline.plan_text import Section

TABLES = ("units", "households", "wishes", "choices", "floor_differences")
TABLE_KEYS = ("file", "sheet", "null", "columns", "words", "skip_rows")
_NEEDED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "units": ("area_sqm",),
    "households": ("number",),
    "wishes": tuple(WISH_COLUMNS),
    "choices": ("seq", "household", "unit"),
}
_LIKE_A_KNOWN_KEY = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSource:
    """Where a table comes from, the name its reader knows it by, and how it is laid out."""

    source: Source
    shown: str
    layout: TableLayout


def read_table_sources(
    section: Section,
    folder: Path,
    overrides: Mapping[str, Path],
    *,
    fact_types: Mapping[str, str],
    strata: tuple[str, ...],
) -> dict[str, TableSource]:
    """Read ``[tables]``; a table whose own entry is faulty is left out, since it cannot be read."""
    section.refuse_unknown(TABLES)
    for name in ("units", "households"):
        if name not in section.values:
            section.note(name, "plan.key-missing")
    for name, path in overrides.items():
        if name not in section.values:
            section.note(name, "plan.override-without-table", value=path)
    files: dict[str, TableSource] = {}
    for name in TABLES:
        if name not in section.values:
            continue
        before = len(section.faults)
        table = section.section(name)
        layout = TableLayout(columns={})
        if name == "floor_differences":
            table.refuse_unknown(("file",))
        else:
            layout = _read_layout(table, name, fact_types=fact_types, strata=strata)
        told = "" if name in overrides else table.text("file")
        path = overrides[name] if name in overrides else folder / told
        if len(section.faults) == before:
            files[name] = TableSource(source=path, shown=told or path.name, layout=layout)
    return files


def _read_layout(
    table: Section, name: str, *, fact_types: Mapping[str, str], strata: tuple[str, ...]
) -> TableLayout:
    table.refuse_unknown((*TABLE_KEYS, "number_from") if name == "units" else TABLE_KEYS)
    columns = table.names("columns", required=True)
    number_from = table.texts("number_from", default=()) if name == "units" else ()
    map_section = Section(name=f"{table.name}.columns", values=columns, faults=table.faults)
    _check_columns(map_section, name, number_from, fact_types=fact_types)
    if name == "households" and len(strata) > 1 and "stratum" not in columns:
        map_section.note("stratum", "plan.stratum-column-missing", strata="、".join(strata))
    words_section = table.section("words")
    words = {key: words_section.names(key) for key in words_section.values}
    for key in words:
        if key not in columns:
            words_section.note(key, "plan.words-without-column")
    return TableLayout(
        columns=columns,
        sheet=table.text("sheet", default=""),
        null=frozenset(table.texts("null", default=())),
        feet=table.texts("skip_rows", default=()),
        words=words,
        number_from=number_from,
    )


def _check_columns(
    section: Section, name: str, number_from: tuple[str, ...], *, fact_types: Mapping[str, str]
) -> None:
    """Note columns that are missing, unknown or very like a known one."""
    columns = section.values
    for key in _NEEDED_COLUMNS[name]:
        if key not in columns:
            section.note(key, "plan.key-missing")
    if name == "units":
        if "number" not in columns and not number_from:
            section.note("number", "plan.unit-number-missing")
        for key in number_from:
            if key not in columns:
                section.note(key, "plan.number-from-unmapped")
        for key in columns:
            like = difflib.get_close_matches(key, UNIT_COLUMNS, n=1, cutoff=_LIKE_A_KNOWN_KEY)
            if key not in UNIT_COLUMNS and like:
                section.note(key, "plan.unknown-key", like=like[0])
        return
    known: Sequence[str] = {
        "households": (*REGISTER_COLUMNS, *fact_types),
        "wishes": tuple(WISH_COLUMNS),
        "choices": tuple(CHOICE_COLUMNS),
    }[name]
    section.refuse_unknown(known)
    if name == "households":
        for fact in fact_types:
            if fact not in columns and fact not in BUILT_IN_FACTS:
                section.note(fact, "plan.fact-without-column")
