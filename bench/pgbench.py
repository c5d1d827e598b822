"""``pgbench``, the usual measure of small writes, on the server that a benchmark has before it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import psycopg

from anju.foundation.core.postgres.binaries import find_program
from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import SUPERUSER

SCALE = 10
_DATABASE = "yardstick"


def prepare_pgbench(cluster: Cluster) -> str:
    """Make a database of pgbench's own on the server; gives its address."""
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {_DATABASE}".encode())
    url = cluster.url(SUPERUSER, _DATABASE)
    _say("--initialize", "--quiet", "--scale", str(SCALE), url)
    return url


def run_pgbench(url: str, *options: str | Path, clients: int, seconds: int) -> float:
    """Run it for a while, e.g. with ``-N``; gives transactions a second."""
    told = _say("-c", str(clients), "-j", "2", "-T", str(seconds), *options, url)
    found = re.search(r"tps = ([\d.]+)", told)
    if found is None:
        raise SystemExit(f"pgbench said no rate: {told}")
    return float(found[1])


def _say(*arguments: str | Path) -> str:
    program = find_program("pgbench")
    if program is None:
        raise SystemExit("no pgbench beside PostgreSQL's programs, nor on the path")
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout
