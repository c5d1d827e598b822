"""The report of a batch as a spreadsheet: a row a home, all faults, and what is predicted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from anju.foundation.core.words import say
from anju.foundation.exchange.faults import Fault, describe_fault
from anju.titles.cases.batches.reading import manifest_columns
from anju.titles.cases.batches.terms import procedure_of
from anju.titles.cases.batches.types import BatchLine, BatchReport, BatchTerms, RowReport
from anju_rules.sheets import yuan_from_fen
from anju_rules.values import Fen

_HOMES = (
    "行",
    "房号",
    "结果",
    "要改",
    "提示",
    "契税（元）",
    "税费合计（元）",
    "可退补贴（元）",
    "待核实",
    "面积差（㎡）",
    "业主应补（负数为应退，元）",
    "可以退房",
    "预计办结",
)
_HEAD = {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True}
_FAULTS = ("行", "房号", "列", "现在的值", "要改什么", "规则", "依据")


def write_report(
    rows: Sequence[RowReport | BatchLine], *, faults: Sequence[Fault], notes: Sequence[Fault]
) -> bytes:
    """Give a report as an .xlsx: homes with what is predicted, and every fault and note."""
    told = io.BytesIO()
    with xlsxwriter.Workbook(told, {"in_memory": True, "strings_to_formulas": False}) as book:
        head = book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True}
        )
        homes = book.add_worksheet("逐户")
        _write(homes, _HOMES, (_home_line(row) for row in rows), head)
        homes.set_column(0, len(_HOMES) - 1, 13)
        found = book.add_worksheet("要改和提示")
        _write(found, _FAULTS, _fault_lines(rows, faults=faults, notes=notes), head)
        found.set_column(0, 3, 14)
        found.set_column(4, 4, 60)
        found.set_column(5, 6, 26)
    return told.getvalue()


def write_template(terms: BatchTerms) -> bytes:
    """Give an empty manifest with the columns of a procedure, as a clerk fills it in."""
    told = io.BytesIO()
    columns = manifest_columns(procedure_of(terms))
    with xlsxwriter.Workbook(told, {"in_memory": True}) as book:
        head = book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True}
        )
        sheet = book.add_worksheet("清单")
        sheet.write_row(0, 0, [column.header for column in columns], head)
        sheet.freeze_panes(1, 1)
        # Text: a number of eighteen digits would lose its last three.
        sheet.set_column(0, len(columns) - 1, 18, book.add_format({"num_format": "@"}))
    return told.getvalue()


def tell_report(report: BatchReport) -> dict[str, object]:
    """Give the report as plain values, for ``--json``."""
    return {
        "manifest": report.manifest,
        "digest": report.digest,
        "procedure": report.terms.procedure,
        "on": report.on.isoformat(),
        "homes": len(report.rows),
        "ready": len(report.ready),
        "faulty": len(report.faulty),
        "faults": [fault.as_json() for fault in report.faults],
        "notes": [note.as_json() for note in report.notes],
        "sums": sums_of(report.rows),
        "rows": [_tell_row(row) for row in report.rows],
    }


def sums_of(rows: Iterable[RowReport | BatchLine]) -> dict[str, str]:
    """Give what all homes without a fault come to together, in yuan."""
    told = [row.figures for row in rows if row.figures is not None and not row.faults]
    owed = [one.buyer_pays_fen for one in told if one.buyer_pays_fen is not None]
    return {
        "due_yuan": yuan_from_fen(Fen(sum(one.due_fen for one in told))),
        "deed_tax_yuan": yuan_from_fen(Fen(sum(one.deed_tax_fen for one in told))),
        "refund_yuan": yuan_from_fen(Fen(sum(one.refund_fen for one in told))),
        "buyers_pay_yuan": yuan_from_fen(Fen(sum(fen for fen in owed if fen > 0))),
        "buyers_get_yuan": yuan_from_fen(Fen(-sum(fen for fen in owed if fen < 0))),
    }


def _tell_row(row: RowReport) -> dict[str, object]:
    told: dict[str, object] = {
        "row": row.place,
        "home": row.number,
        "digest": row.digest,
        "ready": not row.faults,
        "faults": [fault.as_json() for fault in row.faults],
        "notes": [note.as_json() for note in row.notes],
    }
    figures = row.figures
    if figures is not None:
        owed = figures.buyer_pays_fen
        told["forecast"] = {
            "due_yuan": yuan_from_fen(Fen(figures.due_fen)),
            "deed_tax_yuan": yuan_from_fen(Fen(figures.deed_tax_fen)),
            "refund_yuan": yuan_from_fen(Fen(figures.refund_fen)),
            "unconfirmed": figures.is_unconfirmed,
            "buyer_pays_yuan": None if owed is None else yuan_from_fen(Fen(owed)),
            "buyer_may_withdraw": figures.may_withdraw,
            "due_on": figures.due_on or None,
            "provisional": figures.is_provisional,
        }
    return told


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    headers: Sequence[str],
    lines: Iterable[Sequence[object]],
    head: object,
) -> None:
    sheet.write_row(0, 0, headers, head)
    sheet.freeze_panes(1, 2)
    for at, line in enumerate(lines, start=1):
        for column, value in enumerate(line):
            # Always as text: what a table holds must never be read as a formula.
            sheet.write_string(at, column, str(value))


def _home_line(row: RowReport | BatchLine) -> Sequence[object]:
    line: list[object] = [
        row.place,
        row.number,
        say(_code_of(row), {}),
        len(row.faults),
        len(row.notes),
    ]
    told = row.figures
    if told is None:
        return [*line, *[""] * (len(_HOMES) - len(line))]
    owed = told.buyer_pays_fen
    return [
        *line,
        yuan_from_fen(Fen(told.deed_tax_fen)),
        yuan_from_fen(Fen(told.due_fen)),
        yuan_from_fen(Fen(told.refund_fen)),
        "是" if told.is_unconfirmed else "",
        told.difference_sqm,
        "" if owed is None else yuan_from_fen(Fen(owed)),
        "是" if told.may_withdraw else "",
        f"{told.due_on}（暂定）" if told.is_provisional else told.due_on,
    ]


def _code_of(row: RowReport | BatchLine) -> str:
    if row.faults:
        return "batches.row-faulty"
    if isinstance(row, BatchLine) and row.state == "done":
        return "batches.row-taken" if row.is_new else "batches.row-unchanged"
    return "batches.row-ready"


def _fault_lines(
    rows: Sequence[RowReport | BatchLine], *, faults: Sequence[Fault], notes: Sequence[Fault]
) -> Iterable[Sequence[object]]:
    for fault in faults:
        yield _fault_line("整批", fault)
    for row in rows:
        for fault in (*row.faults, *row.notes):
            yield _fault_line(row.number, fault)
    for note in notes:
        yield _fault_line("", note)


def _fault_line(number: str, fault: Fault) -> Sequence[object]:
    return (
        "" if fault.row is None else fault.row,
        number,
        fault.column,
        fault.value,
        describe_fault(fault),
        fault.rule,
        fault.facts.get("clause", ""),
    )
