"""``anju policies``: the policy library, and whether rules and procedures keep to it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from anju.cli.answers import answer, refuse
from anju.foundation.core.definitions import read_default_procedures
from anju.foundation.core.statutes import default_statutes, judge_library
from anju.foundation.core.words import read_words, say
from anju_rules.policy import RuleSet, read_rule_set
from anju_rules.statutes.procedure_checks import judge_procedures
from anju_rules.statutes.rule_checks import judge_rules
from anju_rules.statutes.types import Guard, Item, ItemKind, Statute
from anju_rules.values import Refusal

_NARROWEST = 140
"""Columns of the printed table, at least."""
_KINDS = {
    ItemKind.PERMITS: "可以",
    ItemKind.REQUIRES: "应当",
    ItemKind.FORBIDS: "不得",
    ItemKind.LIMITS: "限度",
}

Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Plan = Annotated[
    Path | None,
    typer.Argument(
        metavar="方案", help="连同方案文件 plan.toml 一起核对", exists=True, dir_okay=False
    ),
]


def show(*, json: Json = False) -> None:
    """打印政策库：每部法规的条款，拆成一项一项的要求，由谁核对。"""
    try:
        statutes = default_statutes()
    except Refusal as refusal:
        refuse(refusal, json=json)
    if json:
        told = {law.code: [_tell(item) for item in law.items] for law in statutes.values()}
        answer({"laws": told}, json=True, lines=[])
        return
    console = Console()
    # A narrow terminal or a pipe would break every word: wide lines can still be searched.
    console.width = max(console.width, _NARROWEST)
    for law in statutes.values():
        console.print(_table(law))


def _tell(item: Item) -> dict[str, object]:
    return {
        "item": item.code,
        "kind": item.kind.value,
        "zh": item.text.zh,
        "en": item.text.en,
        "guard": item.guard.value,
        "check": item.check,
        "certainty": item.certainty,
    }


def _table(law: Statute) -> Table:
    table = Table(title=f"{law.title.zh}（{law.source}，{law.edition.isoformat()} 起）")
    for head in ("项", "", "要求", "核对"):
        table.add_column(head, overflow="fold")
    for item in law.items:
        doubt = "（待核）" if item.is_unconfirmed else ""
        guard = "人" if item.guard is Guard.HUMAN else f"{item.guard.value} {item.check}"
        table.add_row(item.code, _KINDS[item.kind], escape(item.text.zh + doubt), guard)
    return table


def check(plan: Plan = None, *, json: Json = False) -> None:
    """核对政策库本身、全部办理程序，以及（如果给出）一个方案的规则；有违反的退出码 1。"""
    try:
        statutes = tuple(default_statutes().values())
        procedures = read_default_procedures()
        verdicts = [
            judge_library(statutes, refusals=read_words(), procedures=procedures),
            judge_procedures(procedures, statutes=statutes),
        ]
        if plan is not None:
            verdicts.append(judge_rules(_read_rules(plan), statutes=statutes))
    except Refusal as refusal:
        refuse(refusal, json=json)
    items = [item for law in statutes for item in law.items]
    human = sum(item.guard is Guard.HUMAN for item in items)
    figures = {
        "laws": len(statutes),
        "clauses": sum(len(law.clauses) for law in statutes),
        "items": len(items),
        "machine": len(items) - human,
        "human": human,
    }
    faults = [
        {"code": finding.code, "message": say(finding.code, finding.facts)}
        for verdict in verdicts
        for finding in verdict.unmet
    ]
    answer(
        {**figures, "faults": faults, "sound": not faults},
        json=json,
        lines=[say("policies.sound", figures), *(fault["message"] for fault in faults)],
    )
    if faults:
        raise typer.Exit(code=1)


def _read_rules(plan: Path) -> RuleSet:
    try:
        told = tomllib.loads(plan.read_text(encoding="utf-8-sig"))
    except ValueError as fault:  # no UTF-8, or no TOML
        raise Refusal("policies.not-text", reason=str(fault)) from fault
    return read_rule_set({key: told[key] for key in ("facts", "rules") if key in told})


def register(app: typer.Typer) -> None:
    """Add ``policies`` to the command line."""
    group = typer.Typer(no_args_is_help=True, help="政策库：列出、核对。")
    group.command("list")(show)
    group.command("check")(check)
    app.add_typer(group, name="policies")
