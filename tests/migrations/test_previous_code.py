"""The code of the commit before works on the schema of this one: a release rolls out by halves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_files import ROOT
from tests.support.databases import Database
from tests.support.running import SEED_CITY

DEMO = "src/anju/cli/demo_city.py"
"""What brings up a whole city, in which every context writes."""
CITY = ("80", "60", "1", "2", "several-desks")
"""Homes, households, batches and turns that are through: a row of every kind, and not many."""


def previous_source(folder: Path) -> Path:
    """Unpack the source of the commit before; skips where there is none that has tables."""
    known = subprocess.run(
        ["git", "cat-file", "-e", f"HEAD~1:{DEMO}"], cwd=ROOT, check=False, capture_output=True
    )
    if known.returncode:
        pytest.skip("no earlier commit here that writes tables (a first release, or no history)")
    archive = subprocess.run(
        ["git", "archive", "HEAD~1", "src"], cwd=ROOT, check=True, capture_output=True
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder / "src"


def bring_up_city(
    database: Database, *, source: Path, home: Path
) -> subprocess.CompletedProcess[str]:
    """Let some source's own demo fill the database, in a process of its own."""
    home.mkdir()
    return subprocess.run(
        [sys.executable, "-c", SEED_CITY, str(home), *CITY],
        env={
            **os.environ,
            "PYTHONPATH": str(source),
            "ANJU_HOME": str(home),
            "DATABASE_URL": database.url("anju_app"),
            "ANJU_OWNER_DATABASE_URL": database.url("anju_owner"),
            "ANJU_LEDGER_DATABASE_URL": database.url("anju_ledger"),
            "DJANGO_SETTINGS_MODULE": "anju.config.settings",
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


def choices_in(database: Database) -> int:
    """Count the homes that were chosen."""
    with database.connect("anju_owner") as connection:
        connection.execute("SET row_security = on")
        connection.execute("SELECT set_config('anju.projects', '*', false)")
        row = connection.execute("SELECT count(*) FROM selection_choice").fetchone()
    return int(row[0]) if row else 0


def test_the_previous_code_works_on_the_new_schema(database: Database, tmp_path: Path) -> None:
    source = previous_source(tmp_path)
    done = bring_up_city(database, source=source, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr[-4000:]
    assert choices_in(database) > 0


def test_control_a_column_taken_away_is_found(database: Database, tmp_path: Path) -> None:
    with database.connect("anju_owner") as connection:
        connection.execute("ALTER TABLE projects_project DROP COLUMN name CASCADE")
    done = bring_up_city(database, source=ROOT / "src", home=tmp_path / "home")
    assert done.returncode != 0
