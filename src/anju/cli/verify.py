"""``anju verify``: check a published result, check by numbered check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.foundation.core.crypto import tested_provider
from anju.foundation.core.words import say
from anju.resettlement.offline.bundle import read_bundle
from anju_rules.values import Refusal
from anju_rules.verify.bundle import Check, Pins, verify_bundle


def verify_result(
    bundle: Annotated[Path, typer.Argument(metavar="结果文件夹", help="anju run 写出的文件夹")],
    *,
    root: Annotated[str | None, typer.Option("--root", help="您手里的存证根，须一致")] = None,
    key: Annotated[str | None, typer.Option("--key", help="公告上的公钥，须由它签名")] = None,
    receipts: Annotated[
        Path | None, typer.Option("--receipts", help="凭条文件：打开每户的承诺")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """逐项核验公开的结果；有一项不符就说出第几项、什么意思，退出码 1。"""
    try:
        files = read_bundle(bundle)
        opened = receipts.read_bytes() if receipts else None
    except OSError:
        refuse(Refusal("files.unreadable", file=str(receipts)), json=json)
    except Refusal as refusal:
        refuse(refusal, json=json)
    provider = tested_provider()

    def is_signed(public_key: str, message: bytes, signature: str) -> bool:
        try:
            return provider.sm2_verify(
                public_key=bytes.fromhex(public_key),
                message=message,
                signature=bytes.fromhex(signature),
            )
        except (ValueError, Refusal):
            return False

    checks = verify_bundle(
        files, pins=Pins(root=root, key=key, receipts=opened), is_signed=is_signed
    )
    valid = all(check.met for check in checks)
    answer(
        {"valid": valid, "checks": [_show(check) for check in checks]},
        json=json,
        lines=[*(_tell(check) for check in checks), _conclude(checks)],
    )
    if not valid:
        raise typer.Exit(code=1)


def _show(check: Check) -> dict[str, object]:
    told: dict[str, object] = {"number": check.number, "name": check.name, "met": check.met}
    if not check.met:
        told["code"] = check.code
        told["message"] = say(check.code, check.facts)
    return told


def _tell(check: Check) -> str:
    mark = "✓" if check.met else "✗"
    line = f"{mark} {check.number:>2} {say(f'verify.check-{check.name}', {})}"
    return line if check.met else f"{line}\n     {say(check.code, check.facts)}"


def _conclude(checks: list[Check]) -> str:
    failed = [check for check in checks if not check.met]
    if failed:
        return f"不成立：第 {failed[0].number} 项不符。"
    return f"成立：{len(checks)} 项全部相符。"


def register(app: typer.Typer) -> None:
    """Add ``verify`` to the command line."""
    app.command("verify")(verify_result)
