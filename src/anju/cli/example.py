"""``anju example``: a plan folder to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.resettlement.offline.example import (
    MOST_EXAMPLE_HOMES,
    MOST_EXAMPLE_HOUSEHOLDS,
    write_example,
)
from anju_rules.values import Refusal


def example(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="新文件夹，或空文件夹")],
    seed: Annotated[int, typer.Option(min=0, help="同一个种子写出同样的内容")] = 1,
    homes: Annotated[int, typer.Option(min=1, max=MOST_EXAMPLE_HOMES, help="房源套数")] = 1296,
    households: Annotated[
        int, typer.Option(min=1, max=MOST_EXAMPLE_HOUSEHOLDS, help="户数")
    ] = 1200,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """写出一个示例方案文件夹（人物和房源均为虚构），供修改使用。"""
    try:
        write_example(folder, seed=seed, homes=homes, households=households)
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(
        {"folder": str(folder), "seed": seed, "homes": homes, "households": households},
        json=json,
        lines=[
            f"示例已写入 {folder}：{homes} 套房，{households} 户。",
            f"下一步：anju run {folder} --out 结果文件夹 --rehearsal",
        ],
    )


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("example")(example)
