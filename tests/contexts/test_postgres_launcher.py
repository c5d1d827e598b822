"""The launcher: a private server, never root's, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from anju.foundation.core.postgres import accounts, binaries, record
from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.urls import embedded_url
from anju.foundation.core.words import read_words, say
from anju_rules.values import Refusal
from tests.support.databases import empty_folder, installed_versions

VERSIONS = installed_versions()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give an empty folder, and stop in the end what a test left running in it."""
    with empty_folder() as empty:
        yield empty


@pytest.fixture(scope="module", params=VERSIONS)
def served(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Serve a cluster that the tests of this file share; one run with each PostgreSQL here."""
    with empty_folder() as empty:
        cluster = Cluster(empty / "postgres", binaries=VERSIONS[request.param], is_durable=False)
        cluster.start()
        yield cluster


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal_of(cluster: Cluster) -> Refusal:
    with pytest.raises(Refusal) as caught:
        cluster.start()
    assert "[" not in say(caught.value.code, caught.value.facts)  # every fact it names is told
    assert caught.value.code in read_words()
    return caught.value


def test_nothing_is_served_as_root(served: Cluster) -> None:
    pid = served.status().pid
    assert pid is not None
    assert Path(f"/proc/{pid}").stat().st_uid not in {0} - {os.geteuid() or -1}
    assert served.status().data.stat().st_uid == accounts.serving_account().uid != 0


def test_only_its_own_account_enters_its_folders(served: Cluster) -> None:
    assert rights(served.status().data) == 0o700
    assert rights(served.status().sockets) == 0o700
    assert rights(served.record.log) == 0o600
    assert rights(served.record.seat / "server.json") == 0o600


def test_it_asks_for_passwords_keeps_checksums_and_listens_on_no_network(served: Cluster) -> None:
    with psycopg.connect(served.url("postgres")) as connection:
        told = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("listen_addresses", "data_checksums", "server_encoding", "lc_collate")
            if name != "lc_collate"
        }
        methods = connection.execute(
            "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules"
        ).fetchone()
    assert told == {
        "listen_addresses": ("",),
        "data_checksums": ("on",),
        "server_encoding": ("UTF8",),
    }
    assert methods == (["scram-sha-256"],)


def test_a_wrong_password_and_none_are_turned_away(served: Cluster) -> None:
    url = served.url("anju_app")
    with psycopg.connect(url):
        pass
    for password in ("wrong", ""):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(make_conninfo(url, password=password, passfile=os.devnull))


def test_a_running_cluster_is_left_running(served: Cluster) -> None:
    assert served.start() == served.status() == served.start()


def test_a_stopped_cluster_starts_again_with_its_rows(served: Cluster) -> None:
    with psycopg.connect(served.url("anju_owner")) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    assert served.stop().state == "stopped"
    assert served.stop().state == "stopped"
    assert served.start().state == "running"
    with psycopg.connect(served.url("anju_app")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_failed_row_does_not_reach_the_log(served: Cluster) -> None:
    with psycopg.connect(served.url("anju_owner"), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS people (name text PRIMARY KEY)")
        connection.execute("TRUNCATE people")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO people VALUES ('张三丰')")
            except psycopg.errors.UniqueViolation:
                break
    log = served.record.log.read_text(encoding="utf-8")
    assert "duplicate key value" in log  # the failure is there
    assert "张三丰" not in log


def test_the_address_is_known_before_two_starts_at_once_give_one_server(folder: Path) -> None:
    url = embedded_url(folder, role="anju_app")
    assert url == embedded_url(folder, role="anju_app")
    assert not (folder / "postgres" / "data").exists()
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(
            lambda _: Cluster(folder / "postgres", is_durable=False).start(), range(2)
        )
    assert first.pid == second.pid is not None
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("anju_app",)


def test_two_first_calls_at_once_make_one_record(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        urls = set(pool.map(lambda _: embedded_url(folder, role="anju_app"), range(8)))
    assert len(urls) == 1
    assert sorted(path.name for path in (folder / "postgres").iterdir()) == ["server.json"]


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="asks /proc who works where")
def test_a_number_left_by_a_killed_server_that_now_is_anothers_is_no_server(
    served: Cluster,
) -> None:
    served.stop()
    place = served.status()
    lines = [str(os.getpid()), str(place.data), "1700000000", "5432", str(place.sockets), "", ""]
    for file in (place.data / "postmaster.pid", place.sockets / ".s.PGSQL.5432.lock"):
        file.write_text("\n".join(lines) + "\n")
    assert served.status().state == "stopped"
    assert served.start().state == "running"


def test_data_of_another_version_are_refused_and_left_alone(folder: Path) -> None:
    data = Cluster(folder / "postgres").record.data
    data.mkdir()
    (data / "PG_VERSION").write_text("14\n")
    refusal = refusal_of(Cluster(folder / "postgres"))
    assert (refusal.code, refusal.facts["made"]) == ("postgres.other-version", 14)
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_other_files_is_refused_and_left_alone(folder: Path) -> None:
    data = Cluster(folder / "postgres").record.data
    data.mkdir()
    (data / "holiday.jpg").write_text("not a database")
    assert refusal_of(Cluster(folder / "postgres")).code == "postgres.not-a-cluster"
    assert (data / "holiday.jpg").exists()


def test_a_folder_without_the_programs_is_refused(folder: Path) -> None:
    refusal = refusal_of(Cluster(folder / "postgres", binaries=folder))
    assert refusal.code == "postgres.binaries-missing"


def test_a_damaged_record_is_refused_rather_than_replaced(folder: Path) -> None:
    Cluster(folder / "postgres").record  # noqa: B018  made here
    file = folder / "postgres" / "server.json"
    file.write_text("{}")
    assert refusal_of(Cluster(folder / "postgres")).code == "postgres.record-unreadable"
    assert file.read_text() == "{}"


def test_a_server_that_another_hand_started_on_our_data_is_refused(served: Cluster) -> None:
    file = served.status().data / "postmaster.pid"
    told = file.read_text()
    file.write_text(told.replace(str(served.status().sockets), "/run/elsewhere"))
    try:
        refusal = refusal_of(served)
        assert refusal.code == "postgres.folder-in-use"
        assert refusal.facts["socket"] == "/run/elsewhere"
    finally:
        file.write_text(told)


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder_and_half_data_are_made_good(
    folder: Path,
) -> None:
    cluster = Cluster(folder / ("long" * 30) / "postgres", is_durable=False)
    half = cluster.record.seat / "data.new"  # of a start that was cut short
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert cluster.start().state == "running"
    sockets = cluster.status().sockets
    assert sockets.parent == Path("/tmp")  # noqa: S108
    assert rights(sockets) == 0o700
    with psycopg.connect(cluster.url("anju_app")):
        pass


def test_a_stranger_who_made_that_short_folder_first_is_refused(folder: Path) -> None:
    cluster = Cluster(folder / ("long" * 30) / "postgres", is_durable=False)
    sockets = cluster.status().sockets
    trap = folder / "trap"
    trap.mkdir()
    sockets.symlink_to(trap)
    try:
        assert refusal_of(cluster).code == "postgres.folder-of-another"
        assert list(trap.iterdir()) == []
    finally:
        sockets.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")
def test_root_whose_own_folders_are_shut_serves_from_one_that_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_ELSEWHERE", folder / "elsewhere")
    # The programs lie in root's own folder too, as they do with an environment in /root.
    monkeypatch.setattr(binaries, "may_enter", lambda *_: False)
    shut = folder / "shut"
    shut.mkdir(mode=0o700)
    cluster = Cluster(shut / "postgres", is_durable=False)
    status = cluster.start()
    assert status.state == "running"
    assert status.data.is_relative_to(folder / "elsewhere")
    assert list((shut / "postgres").iterdir()) != []  # the record stays with its home
    copied = [path.name for path in status.data.parent.glob("programs-*")]
    assert len(copied) == 1
    # Rights that change later do not make the data seem lost.
    shut.chmod(0o755)
    assert cluster.status() == status


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")
def test_a_machine_without_a_plain_account_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "UNPRIVILEGED", ("root", "no-such-account"))
    assert refusal_of(Cluster(folder / "postgres")).code == "postgres.no-account"


AS_ANOTHER = """
import os, sys
from pathlib import Path
import psycopg
from anju.foundation.core.postgres.launcher import Cluster

cluster = Cluster(Path(sys.argv[1]), is_durable=False)
status = cluster.start()
owner = Path(f"/proc/{status.pid}").stat().st_uid
with psycopg.connect(cluster.url("anju_app")) as connection:
    role = connection.execute("SELECT current_user").fetchone()[0]
rights = oct(status.data.stat().st_mode & 0o777), oct(Path(sys.argv[1]).stat().st_mode & 0o777)
print(os.geteuid() == owner != 0, role, *rights, cluster.stop().state)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test of this file runs as one")
def test_an_ordinary_user_runs_it_as_themselves(folder: Path) -> None:
    """With the same packages under a Python that an ordinary user may enter."""
    nobody = accounts.serving_account()
    sources, packages = Path(accounts.__file__).parents[4], Path(psycopg.__file__).parents[1]

    def run_as_nobody(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which("python3", path="/usr/bin") or "false", "-c", code, *arguments],
            user=nobody.uid,
            group=nobody.gid,
            extra_groups=[],
            cwd="/",
            env={"PYTHONPATH": f"{sources}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    if run_as_nobody("import anju.foundation.core.postgres.launcher").returncode:
        pytest.skip("no Python here that an ordinary user may enter runs these packages")
    os.chown(folder, nobody.uid, nobody.gid)
    ran = run_as_nobody(AS_ANOTHER, str(folder / "postgres"))
    assert ran.stdout.split() == ["True", "anju_app", "0o700", "0o700", "stopped"], ran.stderr
