"""``anju``: the command line's entry point."""

from __future__ import annotations

import typer

from anju.cli import (
    batches,
    certificates,
    codes,
    communities,
    community_tables,
    dates,
    db,
    demo,
    departments,
    draws,
    example,
    keys,
    ledger,
    policies,
    procedures,
    recompute,
    rematch,
    replay,
    run,
    serve,
    settlements,
    simulate,
    title_fees,
    verify,
)

app = typer.Typer(
    name="anju",
    help="安居：从拆迁协议到不动产权证，每一步都可以核对。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for _commands in (
    demo,
    serve,
    db,
    ledger,
    example,
    run,
    verify,
    rematch,
    replay,
    draws,
    dates,
    codes,
    settlements,
    title_fees,
    batches,
    certificates,
    communities,
    community_tables,
    policies,
    procedures,
    recompute,
    keys,
    departments,
    simulate,
):
    _commands.register(app)


def main() -> None:
    """Run the command line."""
    app()
