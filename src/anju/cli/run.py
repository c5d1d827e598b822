"""``anju run``: a plan folder in, a result that anyone can check out."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from anju.cli.answers import answer, refuse
from anju.cli.keys import read_signing
from anju.cli.plans import read_plan_or_refuse
from anju.resettlement.offline.allocate import allocate_plan
from anju.resettlement.offline.bundle import write_bundle, write_receipts
from anju.resettlement.offline.drawing import draw_for_real, rehearse_draw
from anju_rules.values import Refusal


def run_plan(
    plan: Annotated[Path, typer.Argument(metavar="方案文件夹", help="内有 plan.toml 和各表")],
    *,
    out: Annotated[Path, typer.Option("--out", help="结果文件夹（须为空或不存在）")],
    rehearsal: Annotated[bool, typer.Option("--rehearsal", help="演练：结果没有效力")] = False,
    reveals: Annotated[
        Path | None, typer.Option("--reveals", help="正式摇号：信标与揭示的秘密（TOML 或 JSON）")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="签名密钥文件（anju key 生成）；可不签")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="覆盖原来的结果文件夹")] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """评分、摇号、按志愿顺序配房，写出结果、评分单、证明和可用浏览器打开的网页。"""
    console = Console(stderr=True, quiet=json)
    try:
        if rehearsal == (reveals is not None):
            raise Refusal("run.rehearsal-or-reveals")
        with _say(console, "读取方案和各表"):
            read = read_plan_or_refuse(plan, json=json)
        with _say(console, "摇号"):
            entries, draws = (
                draw_for_real(plan, read, reveals=reveals) if reveals else rehearse_draw(read)
            )
        with _say(console, "评分、排序、按志愿配房"):
            allocation = allocate_plan(
                read, entries=entries, results=[result for _, result in draws]
            )
        with _say(console, "写出结果和证明"):
            manifest = write_bundle(
                out,
                plan=read,
                draws=draws,
                allocation=allocation,
                replace=replace,
                signing=read_signing(key) if key else None,
            )
            receipts = write_receipts(out, entries)
    except Refusal as refusal:
        refuse(refusal, json=json)
    placed = sum(bool(placement.homes) for placement in allocation.placements)
    page = (out / "index.html").resolve().as_uri()
    answer(
        {
            "households": len(allocation.placements),
            "placed": placed,
            "homes": len(read.homes),
            "homes_given": sum(len(placement.homes) for placement in allocation.placements),
            "batches": allocation.places[-1].batch,
            "rehearsal": manifest["rehearsal"],
            "root": manifest["root"],
            "page": page,
            "receipts": str(receipts),
        },
        json=json,
        lines=[
            *(["这是演练，没有效力。"] if rehearsal else []),
            f"共 {len(allocation.placements)} 户，分 {allocation.places[-1].batch} 批。",
            f"已配房 {placed} 户；等候现场选房 {len(allocation.placements) - placed} 户。",
            f"存证根：{manifest['root']}",
            f"各户凭条（不公开）：{receipts}",
            f"结果网页：{page}",
            f"核验：anju verify {out}",
        ],
    )


def _say(console: Console, what: str) -> AbstractContextManager[object]:
    return nullcontext() if console.quiet else console.status(what)


def register(app: typer.Typer) -> None:
    """Add ``run`` to the command line."""
    app.command("run")(run_plan)
