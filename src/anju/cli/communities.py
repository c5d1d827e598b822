"""``anju triage``: a community's plan from what is known of its buildings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.foundation.core.legacy import default_blockers
from anju.foundation.core.words import say
from anju_rules.sheets import fen_from_yuan, yuan_from_fen
from anju_rules.triage.easy_first import Means
from anju_rules.triage.planning import CommunityPlan, plan_community
from anju_rules.triage.reading import read_community
from anju_rules.triage.types import Cleared
from anju_rules.values import Fen, Refusal


def show_plan(
    file: Annotated[
        Path,
        typer.Argument(metavar="文件", help="小区情况（TOML）", exists=True, dir_okay=False),
    ],
    *,
    staff_days: Annotated[int | None, typer.Option("--staff-days", help="可用人力（人天）")] = None,
    money: Annotated[str | None, typer.Option("--money", help="可用经费（元）")] = None,
    separated: Annotated[
        bool, typer.Option("--separated", help="已决定证缴分离：办证不等开发企业补缴")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Print who can get a title now, who how soon, and what to do first."""
    try:
        kinds = default_blockers()
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        plan = plan_community(
            read_community(table, kinds=kinds),
            kinds=kinds,
            means=Means(staff_days, None if money is None else fen_from_yuan(money)),
            is_separated=separated,
        )
    except tomllib.TOMLDecodeError as error:
        refuse(Refusal("policies.not-text", reason=str(error)), json=json)
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(_tell(plan), json=json, lines=_show(plan))


def _tell(plan: CommunityPlan) -> dict[str, object]:
    return {
        "now": list(plan.now),
        "by_separation": list(plan.by_separation),
        "ways": [
            {
                "homes": list(way.homes),
                "working_days": way.working_days,
                "staff_days": way.staff_days,
                "cost_yuan": yuan_from_fen(Fen(way.cost_fen)),
                "steps": [f"{step.blocker}: {step.remedy}" for step in way.steps],
            }
            for way in plan.ways
        ],
        "blocked": {home: list(blockers) for home, blockers in plan.blocked.items()},
        "easy_first": [
            {
                "cleared": [f"{step.blocker}: {step.remedy}" for step in stage.cleared],
                "homes": list(stage.homes),
                "staff_days": stage.staff_days,
                "cost_yuan": yuan_from_fen(Fen(stage.cost_fen)),
            }
            for stage in plan.easy_first.stages
        ],
        "waiting": list(plan.easy_first.waiting),
        "at_most": plan.easy_first.at_most,
        "is_proven": plan.easy_first.is_proven,
        "supposed": list(plan.supposed),
    }


def _show(plan: CommunityPlan) -> Iterator[str]:
    yield say("triage.now", {"homes": len(plan.now)})
    if plan.by_separation:
        yield say("triage.by-separation", {"homes": len(plan.by_separation)})
    for way in plan.ways:
        yield say(
            "triage.way",
            {
                "homes": len(way.homes),
                "days": way.working_days,
                "staff": way.staff_days,
                "cost": yuan_from_fen(Fen(way.cost_fen)),
                "steps": _say_steps(way.steps),
            },
        )
    if plan.blocked:
        yield say("triage.blocked", {"homes": len(plan.blocked)})
    for place, stage in enumerate(plan.easy_first.stages, start=1):
        yield say(
            "triage.stage",
            {
                "place": place,
                "homes": len(stage.homes),
                "staff": stage.staff_days,
                "cost": yuan_from_fen(Fen(stage.cost_fen)),
                "steps": _say_steps(stage.cleared),
            },
        )
    if not plan.easy_first.is_proven:
        yield say("triage.stage-unproven", {"most": plan.easy_first.at_most})
    if plan.supposed:
        yield say("triage.supposed", {"blockers": "、".join(plan.supposed)})


def _say_steps(steps: Iterable[Cleared]) -> str:
    titles = {
        remedy.code: remedy.title.zh
        for kind in default_blockers().values()
        for remedy in kind.remedies
    }
    return "；".join(f"{step.blocker} {titles[step.remedy]}" for step in steps)


def register(app: typer.Typer) -> None:
    """Add ``triage`` to the command line."""
    app.command("triage", help="老小区办证分诊：现在能办的、最快的办法、先易后难。")(show_plan)
