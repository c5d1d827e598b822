"""``anju titles``: a community's batch checked offline, and an empty manifest to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.cli.dates import read_start
from anju.foundation.core.clock import city_time, read_clock
from anju.foundation.core.words import say
from anju.foundation.exchange.faults import describe_fault
from anju.titles.cases.batches.checking import check_batch
from anju.titles.cases.batches.packs import open_pack
from anju.titles.cases.batches.reports import sums_of, tell_report, write_report, write_template
from anju.titles.cases.batches.types import BatchReport, BatchTerms
from anju_rules.values import Refusal

commands = typer.Typer(help="小区成批办证：清单离线核对、空白清单。", no_args_is_help=True)
_MOST_LINES = 50


@commands.command("check", help="离线核对一个小区的成批材料，并预估税费、面积差和日期。")
def check_pack(
    pack: Annotated[Path, typer.Argument(metavar="文件夹或ZIP", help="清单、材料和 batch.toml")],
    *,
    on: Annotated[str, typer.Option("--on", help="按哪一天受理预估，如 2026-09-17；默认今天")] = "",
    report: Annotated[
        Path | None, typer.Option("--report", help="把逐户结果写成表格（.xlsx）")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Check a pack without a database; leaves with 1 where something is to be mended."""
    try:
        told = check_batch(pack=open_pack(pack), on=_read_day(on))
    except Refusal as refusal:
        refuse(refusal, json=json)
    if report is not None:
        report.write_bytes(write_report(told.rows, faults=told.faults, notes=told.notes))
    answer(tell_report(told), json=json, lines=_show(told))
    if told.faults or told.faulty:
        raise typer.Exit(code=1)


@commands.command("template", help="写一张空白清单（.xlsx）。")
def write_empty(
    file: Annotated[Path, typer.Argument(metavar="文件", help="如 manifest.xlsx")],
    *,
    procedure: Annotated[
        str, typer.Option("--procedure", help="办证流程")
    ] = BatchTerms().procedure,
) -> None:
    """Write an empty manifest with the columns of a procedure."""
    file.write_bytes(write_template(BatchTerms(procedure=procedure)))


def _read_day(told: str) -> date:
    return read_start(told) if told else city_time(read_clock()).date()


def _show(report: BatchReport) -> Iterator[str]:
    yield say(
        "batches.summary",
        {"homes": len(report.rows), "ready": len(report.ready), "faulty": len(report.faulty)},
    )
    every = [*report.faults, *(fault for row in report.rows for fault in row.faults)]
    for fault in every[:_MOST_LINES]:
        yield describe_fault(fault)
    if len(every) > _MOST_LINES:
        yield say("batches.more-faults", {"more": len(every) - _MOST_LINES})
    for note in report.notes[:_MOST_LINES]:
        yield describe_fault(note)
    if report.ready:
        yield say("batches.sums", sums_of(report.rows))


def register(app: typer.Typer) -> None:
    """Add ``titles`` to the command line."""
    app.add_typer(commands, name="titles")
