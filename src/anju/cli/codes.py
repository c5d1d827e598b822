"""``anju check``: whether a number or code is well formed, and if not, why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from anju.cli.answers import answer
from anju.foundation.core.words import say
from anju_rules import identifiers
from anju_rules.values import Refusal

Code = Annotated[str, typer.Argument(metavar="号码", help="要核对的号码，全角、空格均可")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]

check_app = typer.Typer(
    help="核对号码格式：身份证号、统一社会信用代码、不动产单元代码、不动产权证号。",
    no_args_is_help=True,
)


@check_app.command("id", help="核对公民身份号码（GB 11643）：校验码、出生日期、省份。")
def check_identity(code: Code, *, json: AsJson = False) -> None:
    """Check an identity number."""
    _tell(code, read=_read_identity, json=json)


@check_app.command("credit", help="核对统一社会信用代码（GB 32100）。")
def check_credit(code: Code, *, json: AsJson = False) -> None:
    """Check a unified social credit code."""
    _tell(code, read=_read_credit, json=json)


@check_app.command("unit", help="核对 28 位不动产单元代码（GB/T 37346）。")
def check_unit(code: Code, *, json: AsJson = False) -> None:
    """Check a real-estate unit code."""
    _tell(code, read=_read_unit, json=json)


@check_app.command("certificate", help="核对不动产权证号，如 鲁(2019)济南市不动产权第0000001号。")
def check_certificate(code: Code, *, json: AsJson = False) -> None:
    """Check the number of a real-estate certificate."""
    _tell(code, read=_read_certificate, json=json)


def _tell(
    code: str, *, read: Callable[[str], tuple[str, Mapping[str, object]]], json: bool
) -> None:
    """Say whether ``code`` is well formed, and leave with 0 or 1."""
    try:
        shown, parts = read(code)
    except Refusal as refusal:
        message = say(refusal.code, refusal.facts)
        told = {"valid": False, "reason": refusal.code, "message": message}
        answer(told, json=json, lines=[message])
        raise typer.Exit(code=1) from refusal
    message = say("identifier.valid", {"shown": shown})
    answer({"valid": True, "reason": None, "message": message, **parts}, json=json, lines=[message])


def _read_identity(code: str) -> tuple[str, Mapping[str, object]]:
    number = identifiers.check_identity_number(code)
    return number, {"code": number}


def _read_credit(code: str) -> tuple[str, Mapping[str, object]]:
    number = identifiers.check_credit_code(code)
    return number, {"code": number}


def _read_unit(code: str) -> tuple[str, Mapping[str, object]]:
    unit = identifiers.check_unit_code(code)
    parts = {
        "county": unit.county,
        "cadastral_area": unit.cadastral_area,
        "sub_area": unit.sub_area,
        "parcel_kind": unit.parcel_kind,
        "parcel_number": unit.parcel_number,
        "fixture": unit.fixture,
        "building": unit.building,
        "home": unit.home,
    }
    return unit.shown, {"code": unit.text, "shown": unit.shown, "parts": parts}


def _read_certificate(code: str) -> tuple[str, Mapping[str, object]]:
    number = identifiers.check_certificate_number(code)
    parts = {
        "province": number.province,
        "year": number.year,
        "place": number.place,
        "serial": number.serial,
    }
    return number.text, {"code": number.text, "parts": parts}


def register(app: typer.Typer) -> None:
    """Add ``check`` to the command line."""
    app.add_typer(check_app, name="check")
