"""``anju communities``: a community's tables into its file, as the desk reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.cli.dates import read_start
from anju.config.startup import start_django
from anju.foundation.access.types import system_actor
from anju.foundation.core.clock import city_time, read_clock
from anju.foundation.core.words import say
from anju.foundation.exchange.faults import describe_fault
from anju.titles.communities.columns import HEADERS
from anju_rules.values import Refusal

if TYPE_CHECKING:
    from anju.titles.communities.types import TableReport

commands = typer.Typer(help="小区档案：导入房屋表和实测表。", no_args_is_help=True)
_MOST_LINES = 200
_TERMS = {**HEADERS, "owners": "权利人", "price_fen_per_sqm": "单价（分）"}


@commands.command("import")
def import_tables(
    community: Annotated[str, typer.Argument(metavar="小区编号", help="如 HY-01")],
    *,
    homes: Annotated[
        Path | None,
        typer.Option("--homes", exists=True, dir_okay=False, help="房屋表（.xlsx 或 .csv）"),
    ] = None,
    survey: Annotated[
        Path | None,
        typer.Option("--survey", exists=True, dir_okay=False, help="实测表（.xlsx 或 .csv）"),
    ] = None,
    surveyor: Annotated[str, typer.Option("--surveyor", help="测绘单位（随实测表）")] = "",
    surveyed_on: Annotated[
        str, typer.Option("--surveyed-on", help="实测日期，如 2026-09-01（随实测表）")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只核对，不写入")] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """把房屋表、实测表读进小区档案：整张写入或者一行不写，逐行说哪里要改。有错时退出码为 1。"""
    start_django()
    try:
        reports = _read_tables(
            community,
            homes=homes,
            survey=survey,
            surveyor=surveyor,
            surveyed_on=read_start(surveyed_on) if surveyed_on else None,
            is_dry_run=dry_run,
        )
    except Refusal as refusal:
        refuse(refusal, json=json)
    told = {kind: _tell(report) for kind, report in reports.items()}
    answer({"community": community, **told}, json=json, lines=_show(reports))
    if any(report.faults for report in reports.values()):
        raise typer.Exit(code=1)


def _read_tables(
    code: str,
    *,
    homes: Path | None,
    survey: Path | None,
    surveyor: str,
    surveyed_on: date | None,
    is_dry_run: bool,
) -> dict[str, TableReport]:
    """Read the homes, then the survey of them; a table of homes with faults ends it there.

    A dry run whose homes would be added cannot try their survey: these homes are not there yet.
    """
    # Here, not above: the tables' models need settings, and the other commands need none.
    from anju.foundation.access.context import reading  # noqa: PLC0415
    from anju.titles.communities.operations import import_homes, import_survey  # noqa: PLC0415
    from anju.titles.communities.queries import community_by_code  # noqa: PLC0415
    from anju.titles.communities.types import NewSurvey  # noqa: PLC0415

    if homes is None and survey is None:
        raise Refusal("communities.nothing-to-import")
    by, at = system_actor(name="anju communities import"), read_clock()
    with reading(by=by):
        project_id = community_by_code(code=code).id
    reports: dict[str, TableReport] = {}
    if homes is not None:
        reports["homes"] = import_homes(
            project_id=project_id,
            data=homes.read_bytes(),
            file_name=homes.name,
            is_dry_run=is_dry_run,
            by=by,
            at=at,
        )
        if reports["homes"].faults or (is_dry_run and reports["homes"].counts.added):
            return reports
    if survey is not None:
        reports["survey"] = import_survey(
            project_id=project_id,
            survey=NewSurvey(surveyed_on=surveyed_on or city_time(at).date(), surveyor=surveyor),
            data=survey.read_bytes(),
            file_name=survey.name,
            is_dry_run=is_dry_run,
            by=by,
            at=at,
        )
    return reports


def _tell(report: TableReport) -> dict[str, object]:
    counts = report.counts
    return {
        "file": report.file,
        "dry_run": report.is_dry_run,
        "written": report.has_written,
        "rows": counts.rows_total,
        "added": counts.added,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "changes": [
            {"home": one.number, "is_new": one.is_new, "terms": {**one.terms}}
            for one in report.changes
        ],
        "faults": [fault.as_json() for fault in report.faults],
    }


def _show(reports: dict[str, TableReport]) -> Iterator[str]:
    for report in reports.values():
        counts = report.counts
        code = "communities.table-faulty" if report.faults else "communities.table-written"
        if report.is_dry_run and not report.faults:
            code = "communities.table-tried"
        facts = {
            "file": report.file,
            "rows": counts.rows_total,
            "added": counts.added,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "faults": len(report.faults),
        }
        yield say(code, facts)
        for fault in report.faults[:_MOST_LINES]:
            yield describe_fault(fault)
        for one in report.changes[:_MOST_LINES]:
            terms = "，".join(
                f"{_TERMS.get(name, name)} {was or '空'} → {now}"
                for name, (was, now) in one.terms.items()
            )
            yield f"  {one.number}：{'新增' if one.is_new else terms}"
        left_out = max(0, len(report.faults) - _MOST_LINES, len(report.changes) - _MOST_LINES)
        if left_out:
            yield say("communities.table-more", {"more": left_out})


def register(app: typer.Typer) -> None:
    """Add ``communities`` to the command line."""
    app.add_typer(commands, name="communities")
