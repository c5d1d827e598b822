"""``anju fees``: what a title costs, fee by fee, with clause and certainty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.cli.dates import read_start
from anju.foundation.core.rates import title_fees
from anju.foundation.core.words import say
from anju_rules.fees.reckoning import FeeSheet, reckon_fees
from anju_rules.fees.types import FEE_FACTS
from anju_rules.sheets import SheetLine, yuan_from_fen
from anju_rules.values import Fact, Fen, Refusal, exact_decimal

_PLAIN_HOME: dict[str, Fact] = {
    "is_home": True,
    "is_parking": False,
    "is_first_sale": False,
    "homes_owned": 1,
    "further_copies": 0,
    "is_allocated_land": False,
    "is_for_expropriated": False,
    "signed_early": False,
}


def show_fees(
    on: Annotated[str, typer.Option("--on", help="哪一天办理，如 2026-06-01")],
    *,
    fact: Annotated[
        list[str],
        typer.Option(
            "--fact",
            metavar="名=值",
            help="房屋情况，如 area_sqm=89.5 price_fen=71200000 homes_owned=2 is_home=yes",
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Print what a title costs; what is not told is that of an only home on granted land."""
    try:
        day = read_start(on)
        facts = {**_PLAIN_HOME, **dict(_read_fact(one) for one in fact)}
        sheets = reckon_fees(policy=title_fees(), facts=facts, on=day)
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(_tell(sheets, day), json=json, lines=_show(sheets))


def _read_fact(text: str) -> tuple[str, Fact]:
    name, _, value = text.partition("=")
    expected = FEE_FACTS.get(name)
    told: Fact
    if expected == "flag" and value in {"yes", "no"}:
        told = value == "yes"
    elif expected == "integer" and value.isascii() and value.isdigit():
        told = int(value)
    elif expected == "area":
        told = exact_decimal(value)
    else:
        raise Refusal("fees.fact-wrong", fact=name, value=value)
    return name, told


def _tell(sheets: Sequence[FeeSheet], on: date) -> dict[str, object]:
    return {
        "on": on.isoformat(),
        "due_yuan": yuan_from_fen(_sum(sheets)[0]),
        "refund_yuan": yuan_from_fen(_sum(sheets)[1]),
        "fees": {
            sheet.kind.value: {
                "due_yuan": yuan_from_fen(sheet.due_fen),
                "refund_yuan": yuan_from_fen(sheet.refund_fen),
                "unconfirmed": sheet.is_unconfirmed,
                "lines": [
                    {"code": line.code, "clause": line.clause, "text": say(line.code, line.facts)}
                    for line in sheet.lines
                ],
            }
            for sheet in sheets
        },
    }


def _sum(sheets: Sequence[FeeSheet]) -> tuple[Fen, Fen]:
    due = sum(sheet.due_fen for sheet in sheets)
    return Fen(due), Fen(sum(sheet.refund_fen for sheet in sheets))


def _show(sheets: Sequence[FeeSheet]) -> Iterator[str]:
    for sheet in sheets:
        for line in sheet.lines:
            yield _show_line(line)
    due, refund = _sum(sheets)
    yield say("fees.sum", {"due": yuan_from_fen(due), "refund": yuan_from_fen(refund)})


def _show_line(line: SheetLine) -> str:
    mark = say("fees.to-confirm", {}) if line.is_unconfirmed else ""
    return f"{say(line.code, line.facts)}〔{line.clause}〕{mark}"


def register(app: typer.Typer) -> None:
    """Add ``fees`` to the command line."""
    app.command("fees", help="办证税费：契税、登记费、维修资金、土地出让金，逐项列明依据。")(
        show_fees
    )
