"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module, util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:  # the rules' own environment has neither Django nor a database nor a browser
    from playwright.sync_api import Browser

    from anju.foundation.core.postgres.launcher import Cluster
    from tests.support.databases import Database

settings.register_profile(
    "ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("thorough", parent=settings.get_profile("ci"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_HAS_DJANGO = util.find_spec("django") is not None
_home = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Give this run an installation of its own, before any settings are read."""
    if not _HAS_DJANGO:
        return
    from tests.support.databases import make_home

    config.stash[_home] = make_home()
    os.environ["ANJU_HOME"] = str(config.stash[_home])
    os.environ["DJANGO_SETTINGS_MODULE"] = "anju.config.settings"
    for name in ("DATABASE_URL", "ANJU_OWNER_DATABASE_URL", "ANJU_LEDGER_DATABASE_URL"):
        os.environ.pop(name, None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the installation of this run, and the server that its workers copied."""
    home = config.stash.get(_home, None)
    if home is not None:
        from tests.support.migrated import remove_made

        shutil.rmtree(home, ignore_errors=True)
        remove_made()


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Set Django up before a file is imported that speaks of a database: it may import models."""
    if _HAS_DJANGO and "database" in module_path.read_text(encoding="utf-8"):
        import_module("django").setup()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files marked ``long``: a worker that began one last would keep all waiting."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def database_cluster(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    """Serve one PostgreSQL for the whole run, with a migrated template.

    Passwords are hashed cheaply in it: what they cost is tested where it is asked for.
    """
    from django.test.utils import override_settings

    from tests.support.databases import FAST_HASHERS, serve_template

    with (
        serve_template(pytestconfig.stash[_home]) as cluster,
        override_settings(PASSWORD_HASHERS=FAST_HASHERS),
    ):
        yield cluster


@pytest.fixture
def database(database_cluster: Cluster) -> Iterator[Database]:
    """Give the test a fresh, migrated database of its own; Django's connections lead to it."""
    from tests.support.databases import fresh_database

    with fresh_database(database_cluster) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once for all tests, or skip and say what is missing."""
    from tests.support.chromium import CHROMIUM, run_chromium

    if not CHROMIUM.exists():
        pytest.skip(
            f"no Chromium at {CHROMIUM}: install it (apt-get install chromium) to test pages"
        )
    with run_chromium() as started:
        yield started
