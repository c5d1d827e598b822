"""``anju key``: the SM2 key with which an office signs its results."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.foundation.core.crypto import CryptoProvider, KeyPair, new_key_pair, tested_provider
from anju.foundation.core.files import write_private
from anju_rules.values import Refusal


def make_key(
    file: Annotated[Path, typer.Argument(metavar="文件", help="新密钥写到这里，只有本人可读")],
    *,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """生成一对 SM2 签名密钥；公钥请事先印在公告上。"""
    try:
        if file.exists():
            raise Refusal("files.file-exists", file=str(file))
        pair = new_key_pair()
        told = {"private": pair.private.hex(), "public": pair.public.hex()}
        write_private(file, json_module.dumps(told))
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(
        {"file": str(file), "public": told["public"]}, json=json, lines=[f"公钥：{told['public']}"]
    )


def read_signing(file: Path) -> tuple[CryptoProvider, KeyPair]:
    """Read a key file and give it with the tested provider."""
    try:
        told = json_module.loads(file.read_text(encoding="utf-8"))
        pair = KeyPair(private=bytes.fromhex(told["private"]), public=bytes.fromhex(told["public"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal("files.key-unreadable", file=file.name) from error
    return tested_provider(), pair


def register(app: typer.Typer) -> None:
    """Add ``key`` to the command line."""
    app.command("key")(make_key)
