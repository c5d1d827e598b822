"""An installation of a benchmark's own: home, environment, server; nothing of it stays behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp

import django
from django.core.management import call_command

from anju.foundation.core.postgres.launcher import Cluster
from tests.support.databases import (
    Database,
    fresh_database,
    make_home,
    remove_cluster,
    serve_template,
)
from tests.support.migrated import remove_made

_OTHERS = ("DATABASE_URL", "ANJU_OWNER_DATABASE_URL", "ANJU_LEDGER_DATABASE_URL")
"""Settings that would lead to another installation's server."""


@contextmanager
def leaving_nothing() -> Iterator[None]:
    """Remove in the end what was migrated once, to be copied."""
    try:
        yield
    finally:
        remove_made()


@contextmanager
def own_home(*, ground: Path | None = None, **told: str) -> Iterator[Path]:
    """Make a home and let this process and its children know no other; removed in the end.

    It lies on ``ground``, else in memory where the machine allows it. ``told`` are further
    variables of the environment.
    """
    home = make_home(ground=ground)
    for name in _OTHERS:
        os.environ.pop(name, None)
    os.environ.update(ANJU_HOME=str(home), DJANGO_SETTINGS_MODULE="anju.config.settings", **told)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def durable_server() -> Iterator[Cluster]:
    """Serve a migrated, empty database that waits for the disk, and set up Django on it."""
    with own_home(ground=Path(gettempdir())) as home:
        cluster = Cluster(home / "postgres")
        cluster.start()
        try:
            django.setup()
            call_command("migrate", database="owner", verbosity=0)
            yield cluster
        finally:
            cluster.stop()
            remove_cluster(cluster)


@contextmanager
def quick_database(*, ground: Path | None = None, **told: str) -> Iterator[Database]:
    """Serve a migrated, empty database that does not wait for the disk, as the tests do.

    ``ground`` and ``told`` are those of :func:`own_home`. Django is set up on it.
    """
    with (
        leaving_nothing(),
        own_home(ground=ground, **told) as home,
        serve_template(home) as cluster,
        fresh_database(cluster) as database,
    ):
        yield database


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder for files that a benchmark makes; removed in the end."""
    folder = Path(mkdtemp(prefix="anju-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
