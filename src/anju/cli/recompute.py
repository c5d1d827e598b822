"""``anju recompute``: make a published draw again from what was published."""

from __future__ import annotations

from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju_rules.rfc3797 import SCHEME, select_by_rfc3797
from anju_rules.values import Refusal

recompute_app = typer.Typer(help="依公开数据重算抽签结果，任何人都可核对。", no_args_is_help=True)


@recompute_app.command(
    "rfc3797", help="按 RFC 3797 重算：每行一个名单序号（从 1 起），依抽出先后。"
)
def recompute_rfc3797(
    *,
    key: Annotated[str, typer.Option("--key", help="种子串，如 9319./2.5.8.10.12./")],
    pool: Annotated[int, typer.Option("--pool", help="名单人数（1—65535）")],
    picks: Annotated[int, typer.Option("--picks", help="抽取人数")],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Make an RFC 3797 draw again from its key string."""
    try:
        chosen = select_by_rfc3797(key=key, pool=pool, picks=picks)
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(
        {"scheme": SCHEME, "key": key, "pool": pool, "picks": list(chosen)},
        json=json,
        lines=(str(place) for place in chosen),
    )


def register(app: typer.Typer) -> None:
    """Add ``recompute`` to the command line; other schemes add their command to it."""
    app.add_typer(recompute_app, name="recompute")
