"""``anju freeze | commit | announce | recompute anju-draw-1``: the draw, step by step."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.cli.plans import read_plan_or_refuse
from anju.cli.recompute import recompute_app
from anju.resettlement.offline.drawing import announce_plan, draw_id_of, freeze_plan
from anju_rules.draw_records import recompute_draw
from anju_rules.draws import Scheme, commit_secret, read_secret
from anju_rules.values import Refusal

_Plan = Annotated[Path, typer.Argument(metavar="方案文件夹", help="内有 plan.toml 和各表")]
_Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]


def freeze_list(plan: _Plan, *, json: _Json = False) -> None:
    """冻结名单：给每户票号和凭条，公布名单的根；此后改一户都会被发现。"""
    read = read_plan_or_refuse(plan, json=json)
    try:
        public = freeze_plan(plan, read)
    except Refusal as refusal:
        refuse(refusal, json=json)
    strata: list[dict[str, object]] = public["strata"]  # type: ignore[assignment]
    told = [
        {
            "draw_id": draw_id_of(read, place=place, scheme=Scheme.REAL),
            "stratum": row["stratum"],
            "households": row["households"],
            "root": row["root"],
        }
        for place, row in enumerate(strata)
    ]
    answer(
        {"strata": told, "folder": str(plan / "frozen")},
        json=json,
        lines=[
            f"{row['draw_id']}　{row['stratum']}　{row['households']} 户　根 {row['root']}"
            for row in told
        ]
        + [f"名单（公布）和凭条（不公开）在 {plan / 'frozen'}"],
    )


def commit_to_secret(
    draw_id: Annotated[str, typer.Argument(metavar="摇号编号", help="如 YS-2026-D01")],
    who: Annotated[str, typer.Argument(metavar="身份", help="如 notary、rep-1")],
    *,
    secret: Annotated[
        str,
        typer.Option("--secret", prompt="秘密（64 位小写十六进制）", hide_input=True),
    ],
    json: _Json = False,
) -> None:
    """算出一方对其 32 字节秘密的承诺；请在自己的电脑上离线运行。"""
    try:
        commitment = commit_secret(
            scheme=Scheme.REAL, draw_id=draw_id, who=who, secret=read_secret(secret)
        ).hex()
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(
        {"draw_id": draw_id, "who": who, "commitment": commitment}, json=json, lines=[commitment]
    )


def announce_draws(plan: _Plan, *, json: _Json = False) -> None:
    """在信标之前公布一切已定之事：名单的根、各方承诺、时刻和规则，合为一个摘要。"""
    read = read_plan_or_refuse(plan, json=json)
    try:
        announced = announce_plan(plan, read)
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(
        {"announcements": announced},
        json=json,
        lines=[f"{row['draw_id']}　{row['stratum']}　公告摘要 {row['A']}" for row in announced],
    )


@recompute_app.command("anju-draw-1")
def recompute_anju_draw(
    file: Annotated[Path, typer.Argument(metavar="文件", help="公布的摇号输入（JSON）")],
    *,
    rehearsal: Annotated[bool, typer.Option("--rehearsal", help="按演练重算")] = False,
    json: _Json = False,
) -> None:
    """按 anju-draw-1 重算：从公布的输入得出根、公告摘要、种子和次序。"""
    try:
        told = json_module.loads(file.read_text(encoding="utf-8"))
        if isinstance(told, dict) and isinstance(told.get("input"), dict):
            told = told["input"]
        result = recompute_draw(told, scheme=Scheme.REHEARSAL if rehearsal else Scheme.REAL)
    except (OSError, ValueError, RecursionError):
        refuse(Refusal("files.unreadable", file=file.name), json=json)
    except Refusal as refusal:
        refuse(refusal, json=json)
    order: list[str] = result["order"]  # type: ignore[assignment]
    answer(
        result,
        json=json,
        lines=[
            f"R    {result['R']}",
            f"P    {result['P']}",
            f"A    {result['A']}",
            f"seed {result['seed']}",
            *(f"{place:>6} {ticket}" for place, ticket in enumerate(order, start=1)),
        ],
    )


def register(app: typer.Typer) -> None:
    """Add the commands of the draw to the command line."""
    app.command("freeze")(freeze_list)
    app.command("commit")(commit_to_secret)
    app.command("announce")(announce_draws)
