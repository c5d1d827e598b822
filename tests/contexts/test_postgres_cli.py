"""``anju db``: the embedded database by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from anju.cli import db as commands
from anju.cli.db import db
from anju.foundation.core.postgres.launcher import Cluster
from tests.support.databases import empty_folder
from tests.support.migrated import lay_migrated


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an installation that has no database yet."""
    with empty_folder() as folder:
        monkeypatch.setenv("ANJU_HOME", str(folder))
        for name in ("DATABASE_URL", "ANJU_OWNER_DATABASE_URL", "ANJU_LEDGER_DATABASE_URL"):
            monkeypatch.delenv(name, raising=False)
        yield folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(db, arguments)


def test_it_is_started_looked_at_and_stopped(home: Path) -> None:
    assert "还没有建立" in run("status").stdout
    started = run("start", "--json")
    assert started.exit_code == 0, started.output
    told = json.loads(started.stdout)
    assert told["state"] == "running"
    assert told["data"] == str(home / "postgres" / "data")
    assert "运行中" in run("status").stdout
    assert "已停止" in run("stop").stdout
    assert json.loads(run("status", "--json").stdout)["pid"] is None


def test_a_refusal_is_said_and_leaves_with_one(home: Path) -> None:
    Cluster(home / "postgres").record.data.mkdir()
    (home / "postgres" / "data" / "other.txt").touch()
    said = run("start")
    assert said.exit_code == 1
    assert "不是数据库" in said.stderr
    told = json.loads(run("start", "--json").stdout)
    assert [refusal["code"] for refusal in told["refused"]] == ["postgres.not-a-cluster"]


def test_a_shell_is_the_applications_and_keeps_the_password_off_the_command_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("start").exit_code == 0
    tell = home / "psql"
    tell.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        "print(os.environ['PGUSER'], len(os.environ['PGPASSWORD']), len(sys.argv))\n"
    )
    tell.chmod(0o755)
    monkeypatch.setattr(commands, "find_program", lambda _: tell)
    assert run("shell").exit_code == 0
    assert capfd.readouterr().out.split() == ["anju_app", "64", "1"]


@pytest.mark.usefixtures("home")
def test_a_shell_is_refused_when_nothing_runs_or_the_role_is_none_of_ours() -> None:
    assert "anju db start" in run("shell").stderr
    for role in ("postgres", "root"):
        assert "没有角色" in run("shell", "--role", role).stderr


@pytest.mark.usefixtures("home")
def test_a_shell_is_refused_without_psql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "find_program", lambda _: None)
    assert "psql" in run("shell").stderr


MIGRATE = "from anju.cli.db import db; db(['migrate', '--json'])"


def migrate() -> subprocess.CompletedProcess[str]:
    """Migrate in a process of its own: settings are read once in each."""
    return subprocess.run(
        [sys.executable, "-c", MIGRATE], capture_output=True, text=True, check=False
    )


def test_a_migration_that_would_wait_behind_a_day_of_choosing_gives_up(home: Path) -> None:
    cluster = lay_migrated(home / "postgres")
    first = migrate()
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout) == {"migrated": True}
    with psycopg.connect(cluster.url("anju_owner")) as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        connection.execute("DROP TABLE django_session")
    with psycopg.connect(cluster.url("anju_owner")) as busy:
        busy.execute("LOCK TABLE django_migrations")
        refused = migrate()
    assert refused.returncode == 1
    (told,) = json.loads(refused.stdout)["refused"]
    assert told["code"] == "postgres.migration-gave-up"
    assert "timeout" in told["facts"]["reason"]
    assert migrate().returncode == 0
