"""``anju departments``: the platform's key, and how departments keep their limits."""

from __future__ import annotations

from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.config.environment import read_environment
from anju.config.startup import start_django
from anju.foundation.core.keys import read_key_pair
from anju_rules.departments.kinds import DEPARTMENTS
from anju_rules.values import Refusal

departments = typer.Typer(help="部门信息共享：平台公钥、各部门履责情况。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@departments.command("key")
def show_key(*, json: Json = False) -> None:
    """显示平台请求所用的 SM2 公钥；签订责任书时交给各部门。"""
    from anju.foundation.exchange.departments.addresses import exchange_key_file  # noqa: PLC0415

    try:
        public = read_key_pair(exchange_key_file(read_environment().home)).public.hex()
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer({"public": public}, json=json, lines=[public])


@departments.command("list")
def list_departments(*, json: Json = False) -> None:
    """列出九个部门：接口是否登记，问了多少、按时答复多少、违约多少。"""
    start_django()
    from anju.foundation.access.types import system_actor  # noqa: PLC0415 - Django is awake by now
    from anju.foundation.exchange.departments.addresses import known_addresses  # noqa: PLC0415
    from anju.foundation.exchange.departments.queries import department_record  # noqa: PLC0415

    by = system_actor(request_id="cli")
    try:
        listed = known_addresses()
        records = [department_record(department=code, by=by) for code in DEPARTMENTS]
    except Refusal as refusal:
        refuse(refusal, json=json)
    told = [
        {
            "department": one.department,
            "url": listed[one.department].url if one.department in listed else "",
            "asked": one.asked,
            "within_limit": one.within_limit,
            "waiting": one.waiting,
            "breaches": one.breaches,
        }
        for one in records
    ]
    lines = [
        f"{one.title.zh}\t{'已登记' if one.department in listed else '未登记'}"
        f"\t问 {one.asked}\t按时 {one.within_limit}\t在等 {one.waiting}\t违约 {one.breaches}"
        for one in records
    ]
    answer({"departments": told}, json=json, lines=lines)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(departments, name="departments")
