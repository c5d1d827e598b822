"""``anju ledger``: verify and export the log; the loops that place and sign its entries."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Annotated, NoReturn

import django
import segno
import typer

from anju.cli.answers import answer, refuse
from anju.config.environment import read_environment
from anju.foundation.core.clock import read_clock
from anju.foundation.core.words import say
from anju_rules.log_audit import Audit, Policy, Standing
from anju_rules.notes import NoteKey, read_key
from anju_rules.values import Refusal
from anju_rules.witnessing import read_policy

_CALLS_A_DAY = timedelta(days=1)
_LONGEST_WAIT = 5.0
"""Seconds between tries while the database does not answer."""

Key = Annotated[str, typer.Option("--key", help="公告上的存证公钥，或存有它的文件；从不向服务器取")]
From = Annotated[
    Path | None, typer.Option("--from", help="核对导出的文件夹，而不是数据库", metavar="文件夹")
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Witnesses = Annotated[
    Path | None,
    typer.Option(
        "--witness-policy", metavar="文件", help="您自己的见证名单（公告或公证处给的）；不用平台的"
    ),
]
Waiting = Annotated[
    int, typer.Option("--unwitnessed", min=0, help="最新的几条可以还在等见证（平台正忙时）")
]
Kept = Annotated[
    list[Path] | None,
    typer.Option("--head", metavar="文件", help="见证人手里的存证点，可写多次；对不上就是分叉"),
]


def verify(
    *,
    key: Key,
    folder: From = None,
    witness_policy: Witnesses = None,
    unwitnessed: Waiting = 0,
    head: Kept = None,
    json: Json = False,
) -> None:
    """逐条重算存证日志。退出码：0 相符，10 未及时，20 见证不足，30 分叉，40 不符。"""
    _verify(
        key,
        folder=folder,
        witness_policy=witness_policy,
        unwitnessed=unwitnessed,
        kept=head or [],
        json=json,
    )


def verify_diff(
    old: Annotated[Path, typer.Argument(metavar="旧存证", help="以前留下的 checkpoint.txt")],
    *,
    key: Key,
    folder: From = None,
    json: Json = False,
) -> None:
    """核对日志是否只增不改：以前留下的存证须是现在日志的开头，否则退出码 30。"""
    _verify(key, folder=folder, witness_policy=None, unwitnessed=0, kept=[old], json=json)


def export(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="写到这里；不含任何内容正文")],
    *,
    json: Json = False,
) -> None:
    """导出存证日志（条目头、承诺和存证点），谁都可以离线核对。"""
    _set_up()
    from anju.foundation.ledger.export import export_log  # noqa: PLC0415 - after Django is set up

    try:
        size = export_log(folder=folder)
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer({"folder": str(folder), "size": size}, json=json, lines=[f"已导出 {size} 条到 {folder}"])


def head(
    *,
    qr: Annotated[bool, typer.Option("--qr", help="在终端画出二维码")] = False,
    image: Annotated[
        Path | None, typer.Option("--image", metavar="文件", help="二维码存成图片（.png 或 .svg）")
    ] = None,
    json: Json = False,
) -> None:
    """打印最新的已签存证点；没有网络时，把它的二维码贴出来或抄走，就是当天的见证。"""
    _set_up()
    from anju.foundation.ledger.cosigning import note_with_cosignatures  # noqa: PLC0415
    from anju.foundation.ledger.queries import latest_checkpoint  # noqa: PLC0415

    newest = latest_checkpoint(signed=True)
    if newest is None or newest.note is None:
        refuse(Refusal("ledger.no-signed-head"), json=json)
    # The code holds the log's own lines alone: with all witnesses' it would be too fine to scan.
    code = segno.make(newest.note, error="m", boost_error=False, micro=False)
    if image is not None:
        code.save(str(image), scale=6)
    note = note_with_cosignatures(size=newest.size) or newest.note
    answer({"size": newest.size, "note": note}, json=json, lines=note.rstrip("\n").split("\n"))
    if qr and not json:
        code.terminal(compact=True)


def sequence() -> None:
    """不断给新条目编号、写存证点；Ctrl+C 停止。"""
    _set_up()
    from anju.foundation.ledger import sequencing  # noqa: PLC0415

    made_at = read_clock() - _CALLS_A_DAY

    def turn() -> bool:
        nonlocal made_at
        at = read_clock()
        if at - made_at >= _CALLS_A_DAY:
            sequencing.make_partitions(first=at.date())
            made_at = at
        return sequencing.drain_inbox(at=at).taken == sequencing.MOST_A_TURN

    _repeat(turn, seconds=sequencing.SECONDS_BETWEEN)


def sign() -> None:
    """不断重算并签署新的存证点；算出来不符就报警，不签。"""
    _set_up()
    from anju.foundation.ledger import signing  # noqa: PLC0415
    from anju.foundation.ledger.keys import read_log_key  # noqa: PLC0415

    try:
        signer = signing.Signer(read_log_key(read_environment().home))
    except Refusal as refusal:
        refuse(refusal, json=False)
    typer.echo(f"存证公钥：{signer.key.public_keys[0].public.hex()}")

    def turn() -> bool:
        signer.sign_next()
        return False

    _repeat(turn, seconds=signing.SECONDS_BETWEEN)


def _repeat(turn: Callable[[], bool], *, seconds: float) -> None:
    """Repeat ``turn`` until told to stop; a turn that has more to do is followed at once.

    A database that is away is waited for. A refusal is an alarm: it is said, and the process ends
    with exit code 40, so that whoever supervises it sees it.
    """
    from django.db import OperationalError, connections  # noqa: PLC0415

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    wait = 0.0
    while not stop.wait(wait):
        try:
            wait = 0.0 if turn() else seconds
        except OperationalError:
            connections.close_all()
            wait = min(_LONGEST_WAIT, max(seconds, wait * 2))
        except Refusal as refusal:
            sys.stderr.write(f"{say(refusal.code, refusal.facts)}\n")
            raise typer.Exit(code=Standing.INVALID) from refusal


def _verify(
    key: str,
    *,
    folder: Path | None,
    witness_policy: Path | None,
    unwitnessed: int,
    kept: list[Path],
    json: bool,
) -> NoReturn:
    try:
        policy = Policy(
            key=_pinned(key),
            earlier=[_read(file) for file in kept],
            witnesses=None if witness_policy is None else read_policy(_read(witness_policy)),
            unwitnessed=unwitnessed,
        )
        audit = _audit(folder, policy)
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(_show(audit), json=json, lines=_tell(audit))
    raise typer.Exit(code=audit.standing)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refusal("files.unreadable", file=str(file)) from error


def _audit(folder: Path | None, policy: Policy) -> Audit:
    _set_up()
    from anju.foundation.ledger.export import verify_export  # noqa: PLC0415
    from anju.foundation.ledger.verification import verify_ledger  # noqa: PLC0415

    if folder is not None:
        return verify_export(folder=folder, policy=policy)
    return verify_ledger(at=read_clock(), policy=policy)


def _pinned(told: str) -> NoteKey:
    """Read a key as it was typed, or from the file that was named."""
    try:
        return read_key(told)
    except Refusal:
        try:
            return read_key(Path(told).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refusal("ledger.key-malformed") from error


def _show(audit: Audit) -> dict[str, object]:
    return {
        "standing": audit.standing.name.lower().replace("_", "-"),
        "size": audit.size,
        "root": audit.root.hex(),
        "signed_size": audit.signed_size,
        "cosigned_size": audit.cosigned_size,
        "findings": [
            {
                "code": finding.code,
                "facts": {name: str(value) for name, value in finding.facts.items()},
                "message": say(finding.code, finding.facts),
            }
            for finding in audit.findings
        ],
    }


def _tell(audit: Audit) -> list[str]:
    told = [f"✗ {say(finding.code, finding.facts)}" for finding in audit.findings]
    if audit.standing is Standing.OK:
        told = [f"✓ {audit.size} 条逐条重算，全部相符。"]
    counts = f"条数 {audit.size}，已签 {audit.signed_size}"
    if audit.cosigned_size:
        counts += f"，已见证 {audit.cosigned_size}"
    return [*told, f"{counts}，存证根 {audit.root.hex()}"]


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anju.config.settings")
    django.setup()


def register(app: typer.Typer) -> None:
    """Add ``ledger`` to the command line."""
    commands = typer.Typer(help="存证日志：核对、导出、编号、签署。", no_args_is_help=True)
    commands.command("verify")(verify)
    commands.command("verify-diff")(verify_diff)
    commands.command("export")(export)
    commands.command("head")(head)
    commands.command("sequence")(sequence)
    commands.command("sign")(sign)
    app.add_typer(commands, name="ledger")
