"""``anju demo``: a city in mid-selection, with people to sign in as."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import refuse
from anju.cli.demo_accounts import READY, account_of, is_prepared, read_accounts
from anju.cli.serve import (
    Hall,
    child_environment,
    migrate_database,
    read_ports,
    run_database,
    serve_hall,
)
from anju.cli.supervisor import hold_home
from anju.config.environment import Environment, read_environment
from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.switches import AUTOPLAY, add_switch, turn
from anju_rules.values import Refusal

demo = typer.Typer(
    help="演示：一座城市、一个正在选房的项目，和可以登录的各种账号。", no_args_is_help=True
)
_OTHERS_ARE_LEFT = frozenset({"demo", "anju-demo"})


@demo.command("run")
def run_demo(
    port: Annotated[int | None, typer.Option("--port", help="网页端口", min=1, max=65535)] = None,
    peak_port: Annotated[
        int | None, typer.Option("--peak-port", help="公示墙端口", min=1, max=65535)
    ] = None,
) -> None:
    """准备演示并运行；再次运行从上次停下的地方继续。"""
    _do_without_scanner()
    try:
        environment = read_ports(port, peak_port)
        hall = Hall(environment=environment, say=typer.echo, is_demo=True)
        serve_hall(
            hall,
            prepare=lambda: _prepare(environment),
            tell_more=lambda: _tell_accounts(environment, typer.echo),
        )
    except Refusal as refusal:
        refuse(refusal, json=False)


@demo.command("prepare")
def prepare() -> None:
    """只准备演示的数据，不运行网页。"""
    _do_without_scanner()
    try:
        environment = read_environment()
        hall = Hall(environment=environment, say=typer.echo, is_demo=True)
        with hold_home(environment.home), run_database(hall):
            migrate_database(hall)
            _prepare(environment)
        _tell_accounts(environment, typer.echo)
    except Refusal as refusal:
        refuse(refusal, json=False)


@demo.command("code")
def show_code(login: Annotated[str, typer.Argument(help="账号，如 desk")]) -> None:
    """显示一个演示账号此刻的六位验证码。"""
    try:
        typer.echo(account_of(read_environment().home, login=login).code_now())
    except Refusal as refusal:
        refuse(refusal, json=False)


@demo.command("autoplay")
def switch_autoplay(
    state: Annotated[str, typer.Argument(help="on 自动选房；off 停下，由人来选")],
) -> None:
    """让选房自动进行，或停下。"""
    if state not in {"on", "off"}:
        raise typer.BadParameter("on | off")
    try:
        turn(read_environment().home, AUTOPLAY, on=state == "on")
    except Refusal as refusal:
        refuse(refusal, json=False)
    typer.echo("自动选房已开启。" if state == "on" else "自动选房已停下。")


@demo.command("reset")
def reset() -> None:
    """删除演示的全部数据，下次从头开始。"""
    try:
        _remove(read_environment())
    except Refusal as refusal:
        refuse(refusal, json=False)
    typer.echo("演示已清空。")


def _do_without_scanner() -> None:
    """Let the demo take files in where no scanner is set: pictures are drawn anew all the same."""
    os.environ.setdefault("ANJU_SCANNER", "off")


def _prepare(environment: Environment) -> None:
    """Make the demo in a process of its own: this one must stay light and without a database."""
    add_switch(environment.home, AUTOPLAY, on=True)
    if is_prepared(environment.home):
        return
    typer.echo("准备演示数据（只做这一次）……")
    done = subprocess.run(
        (sys.executable, "-m", "anju.cli.children", "prepare-demo"),
        env=child_environment(environment),
        check=False,
    )
    if done.returncode:
        raise Refusal("demo.not-made", home=str(environment.home))


def _remove(environment: Environment) -> None:
    """Remove a demo's folder. Refuses with ``demo.not-a-demo`` to remove anything else."""
    home = environment.home
    if not home.exists():
        return
    is_demo = (home / READY).exists() or home.name in _OTHERS_ARE_LEFT
    if not is_demo or environment.database_url:
        raise Refusal("demo.not-a-demo", home=str(home))
    with hold_home(home):
        cluster = Cluster(home / "postgres")
        if (home / "postgres").exists():
            cluster.stop()
            # As root the data may lie elsewhere, where the serving account can reach them.
            for folder in (cluster.record.sockets, cluster.record.seat):
                shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def _tell_accounts(environment: Environment, say: Callable[[str], None]) -> None:
    say("")
    say("演示账号（人物均为虚构）：")
    anju = _command()
    for account in read_accounts(environment.home):
        code = f"    验证码：{anju} demo code {account.login}" if account.totp else ""
        say(f"  {account.title}\t{account.login}\t{account.password}{code}")
    say("家庭用家庭编码和家庭密码登录；工作人员用账号、密码和六位验证码。")
    say("摇号仪式：city（承办）、notary、supervisor、representative 四人在“摇号”页轮流进行；")
    say("  “评估机构”是演练，当天可以走到锁定；“入户监督员”是正式的，信标在明天下午。")
    say("房源的等级、预留、质量和全景图在“房源”页；builder 是施工单位，记整改、签质量。")
    say("小区办证在“办证”页；developer、manager 是一个小区的开发企业和物业企业，业主三户。")
    batch = environment.home / "batch"
    say(f"一包成批材料在 {batch}.zip，不联网核对：{anju} titles check {batch}")
    say(f"这些都记在 {environment.home / 'accounts.txt'}。自动选房：{anju} demo autoplay off")


def _command() -> str:
    """Give how this program is called from here."""
    program = Path(sys.argv[0])
    try:
        return os.fspath(program.absolute().relative_to(Path.cwd()))
    except ValueError:
        return os.fspath(program)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(demo, name="demo")
