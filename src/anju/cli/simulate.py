"""``anju simulate``: what stands in for the world outside."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import refuse
from anju.cli.demo_departments import HOST, departments_folder
from anju.config.environment import read_environment
from anju.foundation.messages.gateways import gateway_file
from anju_departments.gateway import run_gateway
from anju_departments.main import Stage, run
from anju_departments.trouble import Trouble
from anju_rules.values import Refusal

GATEWAY_PORT = 8020
simulate = typer.Typer(help="模拟外部机构，供演示和联调。", no_args_is_help=True)


@simulate.callback()
def group() -> None:
    """模拟外部机构，供演示和联调。"""


@simulate.command("departments")
def simulate_departments(
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="密钥、登记数据和平台公钥所在的文件夹，默认在安装目录下"),
    ] = None,
    port: Annotated[int | None, typer.Option("--port", help="端口", min=1, max=65535)] = None,
    seed: Annotated[str, typer.Option("--seed", help="决定哪些请求出问题；相同则重现")] = "0",
    delay: Annotated[float, typer.Option("--delay", help="最长多少秒后答复", min=0)] = 0,
    errors: Annotated[int, typer.Option("--errors", help="百分之几的请求出错", min=0, max=100)] = 0,
    contradictions: Annotated[
        int, typer.Option("--contradictions", help="百分之几的答复自相矛盾", min=0, max=100)
    ] = 0,
) -> None:
    """模拟各部门的信息共享接口，按公布的接口约定签名答复；Ctrl-C 停止。"""
    try:
        environment = read_environment()
        run(
            Stage(
                folder=folder or departments_folder(environment.home),
                host=HOST,
                port=port or environment.departments_port,
            ),
            trouble=Trouble(
                seed=seed,
                delay=timedelta(seconds=delay),
                errors=errors,
                contradictions=contradictions,
            ),
        )
    except Refusal as refusal:
        refuse(refusal, json=False)


@simulate.command("messages")
def simulate_messages(
    *,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="网关密钥和收发记录所在的文件夹")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="端口", min=1, max=65535)] = GATEWAY_PORT,
) -> None:
    """模拟短信语音网关：照接口约定收下消息、给出回执，不真的发送；Ctrl-C 停止。"""
    try:
        home = read_environment().home
        run_gateway(
            folder=folder or home / "gateway",
            address_file=gateway_file(home),
            host=HOST,
            port=port,
        )
    except Refusal as refusal:
        refuse(refusal, json=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(simulate, name="simulate")
