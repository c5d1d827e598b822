"""``anju db``: the embedded database, by hand. ``anju serve`` starts it by itself."""

from __future__ import annotations

import os
import subprocess
from typing import Annotated, NoReturn

import typer

from anju.cli.answers import answer, refuse
from anju.config.environment import Environment, read_environment
from anju.foundation.core.clock import read_clock
from anju.foundation.core.postgres.binaries import find_program
from anju.foundation.core.postgres.launcher import Cluster, ClusterStatus
from anju.foundation.core.postgres.record import APPLICATION, OWNER, SUPERUSER
from anju.foundation.core.postgres.urls import FOLDER
from anju_rules.values import Refusal

_STATES = {"absent": "还没有建立", "stopped": "已停止", "running": "运行中"}
_Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]

db = typer.Typer(help="内置数据库：启动、停止、查看、升级表结构。", no_args_is_help=True)


@db.command("start")
def start_database(
    *,
    json: _Json = False,
) -> None:
    """启动数据库；第一次会先建立它。"""
    try:
        status = _own_cluster(read_environment()).start()
    except Refusal as refusal:
        refuse(refusal, json=json)
    _tell(status, json=json)


@db.command("stop")
def stop_database(*, json: _Json = False) -> None:
    """停止数据库；正在进行的会话会被断开，已提交的数据不受影响。"""
    try:
        status = _own_cluster(read_environment()).stop()
    except Refusal as refusal:
        refuse(refusal, json=json)
    _tell(status, json=json)


@db.command("status")
def show_status(*, json: _Json = False) -> None:
    """查看数据库是否在运行、数据在哪里。"""
    try:
        status = _own_cluster(read_environment()).status()
    except Refusal as refusal:
        refuse(refusal, json=json)
    _tell(status, json=json)


@db.command("shell")
def open_shell(
    *,
    role: Annotated[str, typer.Option(help="用哪个角色：anju_app、anju_owner、anju_ledger")] = (
        APPLICATION
    ),
) -> None:
    """用 psql 打开数据库。默认用应用的角色，因此看不到个人数据的行。"""
    try:
        environment = read_environment()
        psql = find_program("psql")
        if psql is None:
            raise Refusal("postgres.no-psql")
        url = _address(environment, role=role)
    except Refusal as refusal:
        refuse(refusal, json=False)
    _become_psql(str(psql), url)


@db.command("migrate")
def migrate_database(*, json: _Json = False) -> None:
    """把表结构升级到本版本。等锁超过 4 秒或一条语句超过 5 秒就放弃，不会卡住选房。"""
    from anju.config.startup import start_django  # noqa: PLC0415  the others need no Django

    try:
        environment = read_environment()
        if not environment.owner_database_url:
            _own_cluster(environment).start()
        start_django()
        _migrate()
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer({"migrated": True}, json=json, lines=["表结构已是本版本。"])


def _migrate() -> None:
    """Run the migrations, and make the ledger's coming months.

    Refuses with ``postgres.migration-gave-up`` when the database does not let them through.
    """
    from django.core.management import call_command  # noqa: PLC0415  Django is awake by now
    from django.db import DatabaseError, connections  # noqa: PLC0415

    from anju.foundation.ledger.sequencing import make_partitions  # noqa: PLC0415

    try:
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        make_partitions(first=read_clock().date())
    except DatabaseError as error:
        raise Refusal("postgres.migration-gave-up", reason=str(error).strip()) from error
    finally:
        connections.close_all()


def _own_cluster(environment: Environment) -> Cluster:
    return Cluster(environment.home / FOLDER)


def _address(environment: Environment, *, role: str) -> str:
    """Give the database's address for ``role``: the city's own server, or the embedded one."""
    told = {
        APPLICATION: environment.database_url,
        OWNER: environment.owner_database_url,
    }.get(role, environment.ledger_database_url)
    if told:
        return told
    cluster = _own_cluster(environment)
    if role not in cluster.record.passwords or role == SUPERUSER:
        raise Refusal("postgres.no-such-role", role=role)
    if cluster.status().state != "running":
        raise Refusal("postgres.not-running")
    return cluster.url(role)


def _become_psql(psql: str, url: str) -> NoReturn:
    """Leave the terminal to psql; the password goes by the environment, where ``ps`` shows none."""
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    told = conninfo_to_dict(url)
    environment = dict(os.environ) | {
        variable: str(told[name])
        for name, variable in (names | {"password": "PGPASSWORD"}).items()
        if told.get(name)
    }
    ran = subprocess.run([psql], env=environment, check=False)  # noqa: S603  found above
    raise typer.Exit(code=ran.returncode)


def _tell(status: ClusterStatus, *, json: bool) -> None:
    answer(
        {
            "state": status.state,
            "pid": status.pid,
            "version": status.major,
            "sockets": str(status.sockets),
            "data": str(status.data),
        },
        json=json,
        lines=[
            f"数据库：{_STATES[status.state]}"
            + (f"（PostgreSQL {status.major}，进程 {status.pid}）" if status.pid else ""),
            f"数据：{status.data}",
            f"套接字：{status.sockets}",
        ],
    )


def register(app: typer.Typer) -> None:
    """Add ``db`` to the command line."""
    app.add_typer(db, name="db")
