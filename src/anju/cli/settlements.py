"""``anju settle``: what a difference between contracted and measured area comes to."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.foundation.core.words import say
from anju_rules.area import (
    AreaSheet,
    AreaTerms,
    TermsFrom,
    choose_terms,
    settle_area,
    settle_at_actual,
    settle_nothing,
)
from anju_rules.policy.types import plain
from anju_rules.sheets import fen_from_yuan, yuan_from_fen
from anju_rules.values import AreaSqm, Fen, Refusal, exact_decimal


class Stated(StrEnum):
    """What the contract states of a difference in area."""

    NOTHING = "silent"
    ACTUAL = "actual"
    FIXED = "fixed"


def show_settlement(
    contracted: Annotated[str, typer.Option("--contracted", help="合同约定面积（平方米），如 100")],
    registered: Annotated[
        str, typer.Option("--registered", help="登记的实测面积（平方米），如 95")
    ],
    price: Annotated[str, typer.Option("--price", help="单价（元/平方米），如 8000")],
    *,
    contract: Annotated[
        Stated,
        typer.Option(
            "--contract",
            help="合同怎样约定面积差：silent 没有约定（3% 规则），actual 据实，fixed 按套",
        ),
    ] = Stated.NOTHING,
    resettled: Annotated[
        bool, typer.Option("--resettled", help="回迁房：--contract 说的是方案或者协议")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Print who pays whom, line by line, each with its clause."""
    try:
        sheet = settle_area(
            contracted_sqm=_read_area(contracted, "contracted"),
            registered_sqm=_read_area(registered, "registered"),
            price_fen_per_sqm=_read_price(price),
            terms=choose_terms(
                is_resettled=resettled, stated=_state_terms(contract, is_resettled=resettled)
            ),
        )
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(_tell(sheet), json=json, lines=_show(sheet))


def _state_terms(contract: Stated, *, is_resettled: bool) -> AreaTerms | None:
    source = TermsFrom.PLAN if is_resettled else TermsFrom.CONTRACT
    clause = f"{source.value}/area#{contract.value}"
    if contract is Stated.ACTUAL:
        return settle_at_actual(source=source, clause=clause)
    if contract is Stated.FIXED:
        return settle_nothing(source=source, clause=clause)
    return None


def _read_area(text: str, which: str) -> AreaSqm:
    try:
        return AreaSqm(exact_decimal(text))
    except Refusal as refusal:
        raise Refusal("area.not-an-area", which=which, value=text) from refusal


def _read_price(text: str) -> Fen:
    try:
        return fen_from_yuan(text)
    except Refusal as refusal:
        raise Refusal("area.not-a-price", value=text) from refusal


def _tell(sheet: AreaSheet) -> dict[str, object]:
    return {
        "buyer_pays_yuan": yuan_from_fen(sheet.buyer_pays_fen),
        "buyer_pays_fen": int(sheet.buyer_pays_fen),
        "buyer_may_withdraw": sheet.may_withdraw,
        "ratio": plain(sheet.area_error_ratio),
        "is_within": sheet.is_within,
        "contracted_sqm": plain(sheet.contracted_sqm),
        "registered_sqm": plain(sheet.registered_sqm),
        "price_yuan_per_sqm": yuan_from_fen(sheet.price_fen_per_sqm),
        "terms": sheet.terms.source.value,
        "clause": sheet.terms.clause,
        "lines": [
            {"code": line.code, "clause": line.clause, "text": say(line.code, line.facts)}
            for line in sheet.lines
        ],
    }


def _show(sheet: AreaSheet) -> Iterator[str]:
    for line in sheet.lines:
        yield f"{say(line.code, line.facts)}〔{line.clause}〕"
    owed = sheet.buyer_pays_fen
    code = "area.nothing-owed"
    if owed:
        code = "area.buyer-pays" if owed > 0 else "area.buyer-gets"
    yield say(code, {"amount": yuan_from_fen(Fen(abs(owed)))})
    if sheet.may_withdraw:
        yield say("area.may-withdraw", {"percent": sheet.terms.percent})


def register(app: typer.Typer) -> None:
    """Add ``settle`` to the command line."""
    app.command(
        "settle",
        help="面积差结算：合同有约定的按约定，没有约定的按《商品房销售管理办法》第二十条。",
    )(show_settlement)
