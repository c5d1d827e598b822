"""``anju replay``: recorded choices, judged one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from anju.cli.answers import answer, refuse
from anju.cli.plans import read_plan_or_refuse
from anju.foundation.core.words import say
from anju.resettlement.offline.plan import Plan
from anju.resettlement.offline.replaying import judge_plan
from anju_rules.replay import Judgement, ReplayReport
from anju_rules.values import Refusal

MOST_SHOWN = 50
"""How many refused choices are listed; the counts always hold all."""
_SHOW_EVERY = 500


def replay_choices(
    plan: Annotated[Path, typer.Argument(metavar="方案文件夹", help="内有 plan.toml 和各表")],
    *,
    units: Annotated[
        Path | None, typer.Option("--units", help="改用另一份房源表（列名按方案）")
    ] = None,
    households: Annotated[
        Path | None, typer.Option("--households", help="改用另一份户册（列名按方案）")
    ] = None,
    choices: Annotated[
        Path | None, typer.Option("--choices", help="改用另一份选房记录（列名按方案）")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """逐条核对选房记录：是否轮到、房源是否已被选、是否超出指标和小区限制。"""
    given = {"units": units, "households": households, "choices": choices}
    overrides = {table: path for table, path in given.items() if path is not None}
    read = read_plan_or_refuse(plan, json=json, overrides=overrides)
    try:
        report = _judge_with_progress(read, quiet=json)
    except Refusal as refusal:
        refuse(refusal, json=json)
    refusals = [one for one in report.judgements if not one.is_accepted][:MOST_SHOWN]
    answer(
        {
            "choices": report.choices,
            "accepted": report.accepted,
            "refused": dict(report.refused),
            "refusals": [show_refusal(one) for one in refusals],
        },
        json=json,
        lines=[*_count_lines(report), *(_line_of(one) for one in refusals)],
    )


def show_refusal(judgement: Judgement) -> dict[str, object]:
    """Give a refused choice as plain values, with its words in Chinese."""
    choice, refusal = judgement.choice, judgement.refusal
    return {
        "seq": choice.seq,
        "household": choice.household,
        "unit": choice.unit,
        "code": refusal.code if refusal else None,
        "clause": refusal.clause if refusal else None,
        "message": say(refusal.code, refusal.facts) if refusal else "",
    }


def _judge_with_progress(plan: Plan, *, quiet: bool) -> ReplayReport:
    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as shown:
        task = shown.add_task("逐条核对", total=len(plan.choices))

        def advance(done: int) -> None:
            if done % _SHOW_EVERY == 0 or done == len(plan.choices):
                shown.update(task, completed=done)

        return judge_plan(plan, progress=advance)


def _count_lines(report: ReplayReport) -> list[str]:
    lines = [f"选房记录 {report.choices} 条：符合规则 {report.accepted} 条。"]
    lines += [f"  不符合 {count} 条：{code}" for code, count in report.refused.items()]
    hidden = report.choices - report.accepted - MOST_SHOWN
    if hidden > 0:
        lines.append(f"（下面只列前 {MOST_SHOWN} 条，另有 {hidden} 条）")
    return lines


def _line_of(judgement: Judgement) -> str:
    shown = show_refusal(judgement)
    return f"  第 {shown['seq']} 条，户 {shown['household']}：{shown['message']}"


def register(app: typer.Typer) -> None:
    """Add ``replay`` to the command line."""
    app.command("replay")(replay_choices)
