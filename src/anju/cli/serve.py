"""``anju serve``: everything the platform needs, under one supervisor."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Annotated

import typer

from anju.cli.answers import refuse
from anju.cli.demo_departments import departments_program, keep_demo_departments
from anju.cli.demo_witnesses import NAMES, keep_demo_witnesses, witness_folder
from anju.cli.supervisor import (
    Program,
    Supervisor,
    hold_home,
    is_listening,
    reachable_host,
    refuse_taken_port,
)
from anju.config.environment import Environment, read_environment
from anju.foundation.core.postgres.launcher import Cluster
from anju_rules.values import Refusal

WEB_WORKERS = 2
MOST_LINES = 4096
"""Lines one process of the web server holds. A browser keeps its line open for half a minute and
more after its page; at Granian's own 512 the thousandth reader waited until somebody else left."""
MOST_FILES = 65_536
"""Open files that every program may have, as far as the machine lets it: each line is one."""
READY_SECONDS = 60.0
"""How long the first page may take before it is said that something is wrong."""
MOST_MIGRATION_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """One run of the supervisor: where it lives and how it speaks."""

    environment: Environment
    say: Callable[[str], None]
    is_demo: bool = False

    @property
    def logs(self) -> Path:
        """The folder of what the programs say."""
        return self.environment.home / "logs"


def programs_of(environment: Environment, *, is_demo: bool = False) -> list[Program]:
    """List what runs beside the database, in the order of starting."""
    anju = (sys.executable, "-m", "anju.cli.children")
    granian = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "3"),
    )
    listens = ("--host", environment.bind, "--port")
    programs = [
        *(
            Program(name=name, command=(*anju, name))
            for name in ("sequencer", "signer", "worker", "messenger")
        ),
        publisher_program(environment, command=(*anju, "publisher")),
        Program(
            name="web",
            command=(
                *granian,
                *("--blocking-threads", "1"),
                *("--workers", str(WEB_WORKERS)),
                *("--backlog", str(MOST_LINES), "--backpressure", str(MOST_LINES)),
                *(*listens, str(environment.web_port), "anju.config.wsgi:application"),
            ),
        ),
        Program(
            name="peak",
            command=(
                *(sys.executable, "-m", "anju.peak"),
                *(environment.bind, str(environment.peak_port)),
            ),
        ),
    ]
    if is_demo:
        programs.append(Program(name="autoplay", command=(*anju, "autoplay")))
        programs += [witness_program(environment, name) for name in NAMES]
        programs.append(departments_program(environment))
    return programs


def publisher_program(environment: Environment, *, command: tuple[str, ...]) -> Program:
    """Give what lays out the wall: the one program that may read a replica.

    It writes files and nothing else. Every other program decides, and a decision reads the primary
    only: they are never told of a replica (T-42).
    """
    replica = environment.replica_database_url
    told = {"DATABASE_URL": replica} if replica else {}
    return Program(name="publisher", command=command, environment=told)


def witness_program(environment: Environment, name: str) -> Program:
    """Give one of the demo's witnesses: it knows its own folder and the public address, no more."""
    folder = witness_folder(environment.home, name)
    return Program(
        name=f"witness-{name}",
        command=(
            *(sys.executable, "-m", "anju_witness", "run", str(folder)),
            *("--url", public_url(environment)),
        ),
    )


def public_url(environment: Environment) -> str:
    """Give the address under which this machine reaches its own pages."""
    return f"http://{reachable_host(environment.bind)}:{environment.web_port}"


def allow_files() -> None:
    """Let this process and its programs open as many files as the machine lets them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


@contextmanager
def run_database(hall: Hall) -> Iterator[Callable[[], None]]:
    """Run the embedded database, unless another is named; gives what looks after it."""
    if hall.environment.database_url:
        yield lambda: None
        return
    cluster = Cluster(hall.environment.home / "postgres")
    cluster.start()

    def look_after() -> None:
        if cluster.status().state != "running":
            hall.say("数据库停了，正在重新启动。")
            cluster.start()

    try:
        yield look_after
    finally:
        cluster.stop()


def migrate_database(hall: Hall) -> None:
    """Bring the schema up to date. Refuses with ``serve.migration-failed``."""
    hall.logs.mkdir(parents=True, exist_ok=True)
    log = hall.logs / "migrate.log"
    with log.open("wb") as stream:
        done = subprocess.run(
            (sys.executable, "-m", "anju.cli.children", "migrate"),
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=child_environment(hall.environment),
            timeout=MOST_MIGRATION_SECONDS,
            check=False,
        )
    if done.returncode:
        raise Refusal("serve.migration-failed", log=str(log))


def child_environment(environment: Environment) -> dict[str, str]:
    """Give the programs the environment, with the home folder spelled out."""
    return {
        **os.environ,
        "ANJU_HOME": str(environment.home),
        "DJANGO_SETTINGS_MODULE": "anju.config.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def serve_hall(
    hall: Hall,
    *,
    prepare: Callable[[], None] = lambda: None,
    tell_more: Callable[[], None] = lambda: None,
) -> None:
    """Run everything until a signal ends it.

    ``prepare`` is called when the schema is there, before anything is served; ``tell_more`` once
    the first page can be opened.

    Refuses with ``serve.already-running``, ``serve.port-in-use`` or ``serve.migration-failed``.
    """
    environment = hall.environment
    allow_files()
    with hold_home(environment.home):
        refuse_taken_port(environment.bind, environment.web_port, variable="ANJU_WEB_PORT")
        refuse_taken_port(environment.bind, environment.peak_port, variable="ANJU_PEAK_PORT")
        with run_database(hall) as look_after:
            migrate_database(hall)
            if hall.is_demo:
                keep_demo_witnesses(environment.home, url=public_url(environment))
                keep_demo_departments(environment)
            prepare()
            supervisor = Supervisor(
                programs=programs_of(environment, is_demo=hall.is_demo),
                logs=hall.logs,
                environment=child_environment(environment),
                say=hall.say,
                watch=look_after,
            )
            supervisor.start()
            try:
                _await_pages(environment, supervisor, hall)
                _tell_addresses(hall)
                tell_more()
                supervisor.run()
            finally:
                supervisor.stop()
        hall.say("已停止。")


def _await_pages(environment: Environment, supervisor: Supervisor, hall: Hall) -> None:
    """Wait until the first page was answered: the servers' first answer takes the longest."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and not supervisor.is_stopping:
        if is_listening(environment.bind, environment.peak_port) and _answers(environment):
            return
        time.sleep(0.1)
    if not supervisor.is_stopping:
        hall.say(f"{READY_SECONDS:g} 秒内没有打开网页，原因见 {hall.logs}")


def _answers(environment: Environment) -> bool:
    host = reachable_host(environment.bind)
    connection = HTTPConnection(host, environment.web_port, timeout=READY_SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": environment.hosts[0]})
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def _tell_addresses(hall: Hall) -> None:
    environment = hall.environment
    where = f"http://{environment.bind}:{environment.web_port}"
    hall.say(f"网页与接口   {where}/    接口说明 {where}/api/docs    状态 {where}/health")
    hall.say(f"阳光公示墙   {environment.peak_url}/    只读，由内存直接送出")
    database = "外部数据库（DATABASE_URL）"
    if not environment.database_url:
        database = f"内置 PostgreSQL，数据在 {environment.home / 'postgres'}"
    hall.say(f"数据库       {database}")
    hall.say(f"日志         {hall.logs}    按 Ctrl-C 停止")


def serve(
    port: Annotated[int | None, typer.Option("--port", help="网页端口", min=1, max=65535)] = None,
    peak_port: Annotated[
        int | None, typer.Option("--peak-port", help="公示墙端口", min=1, max=65535)
    ] = None,
) -> None:
    """运行整个平台：数据库、网页、公示墙、后台任务、存证，由一个进程照看；Ctrl-C 停止。"""
    try:
        serve_hall(Hall(environment=read_ports(port, peak_port), say=typer.echo))
    except Refusal as refusal:
        refuse(refusal, json=False)


def read_ports(port: int | None, peak_port: int | None) -> Environment:
    """Read the environment, with the ports of the command line over it for the programs too."""
    if port is not None:
        os.environ["ANJU_WEB_PORT"] = str(port)
    if peak_port is not None:
        os.environ["ANJU_PEAK_PORT"] = str(peak_port)
    return read_environment()


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("serve")(serve)
