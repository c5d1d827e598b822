"""``anju certificates``: check a certificate without a database, and take the register out."""

from __future__ import annotations

import json as json_format
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import django
import typer

from anju.cli.answers import answer, refuse
from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.types import system_actor
from anju.foundation.core.clock import CHINA, read_clock
from anju.foundation.core.files import write_private
from anju.foundation.core.words import say
from anju.titles.certificates.checking import judge_file, read_pins
from anju_rules.certificates.judging import Answer, CertificateVerdict, Question
from anju_rules.hashing import canonical
from anju_rules.values import Refusal

_QUESTIONS = (("intact", "是不是原样"), ("in_force", "现在有没有效"), ("by_whom", "是谁发的"))
_ANSWERS = {
    Answer.YES: "是",
    Answer.LIMITED: "有效，但有限制",
    Answer.NO: "不是",
    Answer.UNKNOWN: "不知道",
}


def verify_certificate(
    file: Annotated[Path, typer.Argument(help="证书文件，PDF 或者 JSON", exists=True)],
    *,
    keys: Annotated[
        Path, typer.Option("--keys", help="认哪些密钥：/verify/certificate-keys.json", exists=True)
    ],
    state: Annotated[
        Path | None, typer.Option("--state", help="登记簿状态文件，一天内的", exists=True)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """核验一本证书：三个问题，分开回答；不用数据库，不联网。"""
    try:
        verdict = judge_file(
            file.read_bytes(),
            pins=read_pins(_read_keys(keys)),
            at=read_clock(),
            state=state.read_bytes() if state is not None else None,
        )
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(_tell(verdict), json=json, lines=_show(verdict))
    if not verdict.is_good:
        raise typer.Exit(1)


def export_register(
    community: Annotated[str, typer.Argument(help="小区编号")],
    *,
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件（JSON，一行一本）")],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """用 LADM（ISO 19152）的名称导出一个小区的证书；含个人信息，导出留痕。"""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anju.config.settings")
    django.setup()
    # Here, not above: whoever only checks a file needs no database, and its tables no settings.
    from anju.titles.certificates.queries import export_ladm  # noqa: PLC0415
    from anju.titles.communities.queries import community_by_code  # noqa: PLC0415

    by, at = system_actor(name="anju certificates export"), read_clock()
    try:
        with reading(by=by):
            project_id = community_by_code(code=community).id
        with sensitive_reading(
            by=by,
            permits="certificates.see",
            purpose="导出登记簿（LADM）",
            target=str(project_id),
            at=at,
            project_id=project_id,
        ):
            rows = export_ladm(project_id=project_id)
    except Refusal as refusal:
        refuse(refusal, json=json)
    write_private(out, "".join(f"{canonical(row).decode()}\n" for row in rows))
    answer({"certificates": len(rows), "file": str(out)}, json=json, lines=[f"{len(rows)} 本"])


def _read_keys(file: Path) -> object:
    try:
        return json_format.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise Refusal("certificates.keys-malformed") from error


def _tell(verdict: CertificateVerdict) -> Mapping[str, object]:
    told: dict[str, object] = {
        "number": verdict.content.number.text if verdict.content else "",
        "issuer": verdict.issuer.name if verdict.issuer else "",
        "is_good": verdict.is_good,
        "as_of": verdict.as_of.isoformat() if verdict.as_of else "",
    }
    for name, _ in _QUESTIONS:
        question: Question = getattr(verdict, name)
        told[name] = {
            "answer": question.answer.value,
            "because": [one.code for one in question.findings if not one.met],
        }
    return told


def _show(verdict: CertificateVerdict) -> Iterator[str]:
    if verdict.content is not None:
        yield verdict.content.number.text
    for name, title in _QUESTIONS:
        question: Question = getattr(verdict, name)
        yield f"{title}：{_ANSWERS[question.answer]}"
        for one in question.findings:
            if not one.met:
                yield f"  {say(one.code, one.facts)}"
    if verdict.as_of is not None:
        asked = verdict.as_of.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        yield f"“有没有效”是登记簿 {asked} 的话；之后的事，要换一份新的才知道"


def register(app: typer.Typer) -> None:
    """Add ``certificates`` to the command line."""
    commands = typer.Typer(help="不动产权证书：核验一本，导出登记簿。", no_args_is_help=True)
    commands.command("verify")(verify_certificate)
    commands.command("export")(export_register)
    app.add_typer(commands, name="certificates")
