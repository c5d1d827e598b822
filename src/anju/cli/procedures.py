"""``anju procedures``: judge the definitions, compare two, print as a table, a diagram or BPMN."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from anju.cli.answers import answer, refuse
from anju.foundation.access.permissions import permissions_by_role
from anju.foundation.core.definitions import (
    find_faults,
    read_default_changes,
    read_default_procedures,
)
from anju.foundation.core.words import say
from anju_rules.procedures.bpmn import to_bpmn
from anju_rules.procedures.printing import diagram_lines, document_lines, table_rows
from anju_rules.procedures.types import Procedure
from anju_rules.process_diff import (
    ProcessChange,
    Saved,
    count_saved,
    judge_change,
    picture_lines,
)
from anju_rules.values import Finding, Refusal

_NARROWEST = 150
"""Columns of the printed table, at least."""

Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]


def check(*, json: Json = False) -> None:
    """判断每个办理程序：有无死路、走不到的步骤、无用的材料、超过法定的承诺；有错退出码 1。"""
    try:
        procedures = read_default_procedures()
    except Refusal as refusal:
        refuse(refusal, json=json)
    roles = permissions_by_role()
    faults = {code: find_faults(one, roles=roles) for code, one in procedures.items()}
    told = [
        {"procedure": code, "code": fault.code, "message": say(fault.code, fault.facts)}
        for code, found in faults.items()
        for fault in found
    ]
    lines = [
        f"{code} {procedures[code].version} "
        + ("有误" if found else say("procedure.sound", {"steps": len(procedures[code].steps)}))
        for code, found in faults.items()
    ]
    answer(
        {"procedures": sorted(procedures), "faults": told, "sound": not told},
        json=json,
        lines=[*lines, *(f"{one['procedure']}: {one['message']}" for one in told)],
    )
    if told:
        raise typer.Exit(code=1)


def show(
    name: Annotated[str, typer.Argument(metavar="程序", help="程序代码，如 plan-approval")],
    *,
    diagram: Annotated[bool, typer.Option("--diagram", help="打印流程图（Mermaid）")] = False,
    bpmn: Annotated[bool, typer.Option("--bpmn", help="打印 BPMN 2.0")] = False,
    json: Json = False,
) -> None:
    """打印一个办理程序：步骤、岗位、时限、材料、结果和依据。"""
    try:
        procedure = _find(name)
    except Refusal as refusal:
        refuse(refusal, json=json)
    if bpmn:
        typer.echo(to_bpmn(procedure), nl=False)
    elif diagram:
        for line in diagram_lines(procedure):
            typer.echo(line)
    elif json:
        answer(_tell(procedure), json=True, lines=[])
    else:
        _print_table(procedure)


def _find(name: str) -> Procedure:
    procedures = read_default_procedures()
    if name not in procedures:
        raise Refusal("procedure.unknown", name=name, known=", ".join(sorted(procedures)))
    return procedures[name]


def _tell(procedure: Procedure) -> dict[str, object]:
    """Say a procedure for a machine: the same columns as the table, by name."""
    heads, *rows = table_rows(procedure, language="en")
    return {
        "code": procedure.code,
        "version": procedure.version,
        "effective_on": procedure.effective_on.isoformat(),
        "title": {"zh": procedure.title.zh, "en": procedure.title.en},
        "clause": procedure.basis.clause,
        "pauses": {ground.reason.value: ground.basis.clause for ground in procedure.grounds},
        "steps": [
            {
                **dict(zip(heads, row, strict=True)),
                "code": step.code,
                "role": step.role,
                "tier": step.tier,
                "after": list(step.after),
                "needs": list(step.needs),
                "produces": list(step.produces),
                "outcomes": {outcome.code: outcome.effect.value for outcome in step.outcomes},
            }
            for step, row in zip(procedure.steps.values(), rows, strict=True)
        ],
        "materials": {
            material.code: {
                "source": material.source.value,
                "tolerable": material.is_tolerable,
                "clause": material.basis.clause,
            }
            for material in procedure.materials.values()
        },
    }


def _print_table(procedure: Procedure) -> None:
    heads, *rows = table_rows(procedure)
    named = f"{procedure.code} {procedure.version}，{procedure.basis.clause}"
    table = Table(title=f"{procedure.title.zh}（{named}）", show_lines=True)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console = Console()
    # A narrow terminal or a pipe would break every word: wide lines can still be searched.
    console.width = max(console.width, _NARROWEST)
    console.print(table)


def compare(
    name: Annotated[str, typer.Argument(metavar="改革", help="如 title-12-to-8")],
    *,
    diagram: Annotated[bool, typer.Option("--diagram", help="打印对照图（Mermaid）")] = False,
    json: Json = False,
) -> None:
    """对照两个办理程序：每个旧环节、旧材料的去向和依据，逐项核对；有不实退出码 1。"""
    try:
        change = _find_change(name)
    except Refusal as refusal:
        refuse(refusal, json=json)
    old, new = _find(change.old), _find(change.new)
    if diagram:
        for line in picture_lines(change, old=old, new=new):
            typer.echo(line)
        return
    faults = judge_change(change, old=old, new=new).unmet
    answer(
        _tell_change(change, faults, count_saved(old, new)),
        json=json,
        lines=_show_change(change, faults, count_saved(old, new)),
    )
    if faults:
        raise typer.Exit(code=1)


def _find_change(name: str) -> ProcessChange:
    changes = read_default_changes()
    if name not in changes:
        raise Refusal("procedure.unknown", name=name, known=", ".join(sorted(changes)))
    return changes[name]


def _tell_change(
    change: ProcessChange, faults: Sequence[Finding], saved: Saved
) -> dict[str, object]:
    return {
        "code": change.code,
        "old": change.old,
        "new": change.new,
        "saved": {"steps": saved.steps, "materials": saved.materials, "days": saved.days},
        **{
            name: [
                {
                    "old": row.old,
                    "fate": row.fate.value,
                    "new": row.new,
                    "source": row.source,
                    "clause": row.basis.clause,
                }
                for row in rows
            ]
            for name, rows in (("steps", change.steps), ("materials", change.materials))
        },
        "faults": [{"code": one.code, "message": say(one.code, one.facts)} for one in faults],
        "sound": not faults,
    }


def _show_change(change: ProcessChange, faults: Sequence[Finding], saved: Saved) -> Iterator[str]:
    pairs = (("steps", saved.steps), ("materials", saved.materials), ("days", saved.days))
    yield say("process.saved", {name: f"{old} → {new}" for name, (old, new) in pairs})
    for row in (*change.steps, *change.materials):
        source = f"（{row.source}）" if row.source else ""
        yield f"{row.old} → {row.fate.value} {row.new}{source}〔{row.basis.clause}〕"
    for one in faults:
        yield say(one.code, one.facts)
    if not faults:
        yield say("process.sound", {})


def document() -> None:
    """打印文档中的“程序”一页（docs/domain/procedures.md）。"""
    for line in document_lines(read_default_procedures().values()):
        typer.echo(line)


def register(app: typer.Typer) -> None:
    """Add ``procedures`` to the command line."""
    group = typer.Typer(no_args_is_help=True, help="办理程序：核对、打印。")
    group.command("check")(check)
    group.command("show")(show)
    group.command("compare")(compare)
    group.command("document")(document)
    app.add_typer(group, name="procedures")
