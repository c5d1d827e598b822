"""``anju verify``: check a published result or one published draw, by numbered checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.foundation.core.crypto import tested_provider
from anju.foundation.core.words import say
from anju.resettlement.offline.bundle import read_bundle
from anju_rules.draw_bundle import CHECKS, LARGEST_BYTES, judge_bundle
from anju_rules.draws import Scheme
from anju_rules.values import Refusal
from anju_rules.verify.bundle import Check, Pins, verify_bundle


def verify_result(
    bundle: Annotated[
        Path,
        typer.Argument(metavar="结果文件夹或摇号文件", help="anju run 写出的文件夹，或 draw.json"),
    ],
    *,
    root: Annotated[str | None, typer.Option("--root", help="您手里的存证根，须一致")] = None,
    key: Annotated[str | None, typer.Option("--key", help="公告上的公钥，须由它签名")] = None,
    receipts: Annotated[
        Path | None, typer.Option("--receipts", help="凭条文件：打开每户的承诺")
    ] = None,
    announcement: Annotated[
        str | None, typer.Option("--announcement", help="张贴的公告摘要，摇号文件须一致")
    ] = None,
    rehearsal: Annotated[bool, typer.Option("--rehearsal", help="按演练核验摇号文件")] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """逐项核验公开的结果或一次摇号；有一项不符就说出第几项、什么意思，退出码 1。"""
    if bundle.is_file():
        scheme = Scheme.REHEARSAL if rehearsal else Scheme.REAL
        _verify_draw(bundle, scheme=scheme, announcement=announcement, json=json)
        return
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
        {"valid": valid, "checks": [show_check(check) for check in checks]},
        json=json,
        lines=[*(tell_check(check) for check in checks), conclude(checks)],
    )
    if not valid:
        raise typer.Exit(code=1)


def _verify_draw(file: Path, *, scheme: Scheme, announcement: str | None, json: bool) -> None:
    try:
        with file.open("rb") as opened:
            judgement = judge_bundle(
                opened.read(LARGEST_BYTES + 1), scheme=scheme, announcement=announcement
            )
    except OSError:
        refuse(Refusal("files.unreadable", file=str(file)), json=json)
    failed = judgement.number
    checks = [
        Check(number, name, number != failed, judgement.code, judgement.facts)
        for number, name in enumerate(CHECKS[: failed or len(CHECKS)], start=1)
    ]
    answer(
        {
            "valid": judgement.is_valid,
            "rehearsal": scheme is Scheme.REHEARSAL,
            "order_digest": judgement.order_digest,
            "checks": [show_check(check) for check in checks],
        },
        json=json,
        lines=[
            *(tell_check(check, kind="draw-check") for check in checks),
            conclude(checks),
            *([f"次序的摘要 SM3：{judgement.order_digest}"] if judgement.is_valid else []),
            *(["这是演练，不作数。"] if scheme is Scheme.REHEARSAL else []),
        ],
    )
    if not judgement.is_valid:
        raise typer.Exit(code=1)


def show_check(check: Check) -> dict[str, object]:
    """Give a check for a program to read."""
    told: dict[str, object] = {"number": check.number, "name": check.name, "met": check.met}
    if not check.met:
        told["code"] = check.code
        told["message"] = say(check.code, check.facts)
    return told


def tell_check(check: Check, *, kind: str = "check") -> str:
    """Say a check in a line, and where it failed why."""
    mark = "✓" if check.met else "✗"
    line = f"{mark} {check.number:>2} {say(f'verify.{kind}-{check.name}', {})}"
    return line if check.met else f"{line}\n     {say(check.code, check.facts)}"


def conclude(checks: list[Check]) -> str:
    """Say what the checks come to together."""
    failed = [check for check in checks if not check.met]
    if failed:
        return f"不成立：第 {failed[0].number} 项不符。"
    return f"成立：{len(checks)} 项全部相符。"


def register(app: typer.Typer) -> None:
    """Add ``verify`` to the command line."""
    app.command("verify")(verify_result)
