"""A seeded project for each test, copied from a database in which it was seeded once.

To seed a project takes seconds, to copy its database a moment. What a test does to its copy no
other test sees; who and what is in it has the same ids everywhere. Nobody is called in any of them:
a turn has a limit, which would pass while the copies wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import IntEnum
from itertools import count
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg.sql import SQL, Identifier

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import OWNER, SUPERUSER
from anju.foundation.core.postgres.roles import admit_roles
from tests.support.databases import TEMPLATE, pointing
from tests.support.site import Edits, Seeds, seed_project


class Stage(IntEnum):
    """How far a project has come; each stage holds what those before it did."""

    OPENED = 0
    """The project stands, and an officer of each kind."""
    REGISTERED = 1
    SCORED = 2
    """With its rules frozen."""
    DRAWN = 3
    """By rehearsal."""
    CHOOSING = 4
    """The first batch is open."""


_seeded: dict[tuple[Path, int, int, Edits, Stage], tuple[str, Seeds]] = {}
"""Database and project, by server, homes, households, edits and stage; they go with the run's
server."""
_numbers = count(1)


@contextmanager
def staged_project(
    cluster: Cluster, stage: Stage, *, homes: int = 60, households: int = 40, edits: Edits = ()
) -> Iterator[Seeds]:
    """Give a project at a stage, in a fresh database of its own that Django leads to.

    ``edits``: what the example's plan says, and what it is to say instead.
    """
    template, seeds = _seed(cluster, stage, homes=homes, households=households, edits=edits)
    name = f"staged_{next(_numbers)}"
    _copy(cluster, template, name)
    try:
        with pointing(cluster, name):
            yield replace(seeds)
    finally:
        with _administering(cluster) as admin:
            admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _seed(
    cluster: Cluster, stage: Stage, *, homes: int, households: int, edits: Edits
) -> tuple[str, Seeds]:
    key = (cluster.record.seat, homes, households, edits, stage)
    if key not in _seeded:
        name = f"stage_{homes}_{households}_{stage.name.lower()}_{next(_numbers)}"
        if stage is Stage.OPENED:
            _copy(cluster, TEMPLATE, name)
            folder = Path(settings.HOME) / name
            with pointing(cluster, name):
                seeds = seed_project(folder, homes=homes, households=households, edits=edits)
        else:
            before, seeds = _seed(
                cluster, Stage(stage - 1), homes=homes, households=households, edits=edits
            )
            _copy(cluster, before, name)
            with pointing(cluster, name):
                _LEADS_TO[stage](seeds)
        _seeded[key] = name, seeds
    return _seeded[key]


def _freeze_and_score(seeds: Seeds) -> None:
    seeds.freeze()
    seeds.score()


_LEADS_TO: dict[Stage, Callable[[Seeds], object]] = {
    Stage.REGISTERED: Seeds.register,
    Stage.SCORED: _freeze_and_score,
    Stage.DRAWN: Seeds.draw,
    Stage.CHOOSING: Seeds.open,
}


def _copy(cluster: Cluster, template: str, name: str) -> None:
    with _administering(cluster) as admin:
        admin.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
                Identifier(name), Identifier(template), Identifier(OWNER)
            )
        )
        admit_roles(admin, database=name)


def _administering(cluster: Cluster) -> psycopg.Connection:
    return psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True)
