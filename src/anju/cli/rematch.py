"""``anju verify-rematch``: derive a published re-match again from its list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.cli.verify import conclude, show_check, tell_check
from anju_rules.rematch_records import LARGEST_BYTES, verify_rematch
from anju_rules.values import Refusal


def verify_file(
    file: Annotated[Path, typer.Argument(metavar="调剂文件", help="公示页上下载的 JSON")],
    *,
    digest: Annotated[str | None, typer.Option("--digest", help="公开的名单指纹，须一致")] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """从公开的名单把动态调剂重新推一遍；有一项不符就说出第几项，退出码 1。"""
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST_BYTES)
    except OSError:
        refuse(Refusal("files.unreadable", file=str(file)), json=json)
    checks = verify_rematch(raw, list_digest=digest)
    valid = all(check.met for check in checks)
    answer(
        {"valid": valid, "checks": [show_check(check) for check in checks]},
        json=json,
        lines=[*(tell_check(check, kind="rematch-check") for check in checks), conclude(checks)],
    )
    if not valid:
        raise typer.Exit(code=1)


def register(app: typer.Typer) -> None:
    """Add ``verify-rematch`` to the command line."""
    app.command("verify-rematch")(verify_file)
