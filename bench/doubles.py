"""A million tries for homes that others hold or have just let go: how many homes had two holders.

The statement by which every face gives a home (``GIVE_HOME``) is sent by eight programs at once for
homes and turns drawn by chance. Each lets the oldest of its twenty go when it wins one more, as a
naming is let go that nobody signs: homes are fought for to the end. Whether two hold one is not
asked of the database: the programs count holders in memory that they share. Afterwards the same
without the unique constraint: then doubles must be found, or the count proves nothing.
``ANJU_BENCH_TRIES`` makes it shorter; the yardstick is ``pgbench -N``, as many clients.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing.sharedctypes import SynchronizedArray
from uuid import UUID, uuid4

import psycopg

from bench.installations import durable_server
from bench.measure import report
from bench.pgbench import prepare_pgbench, run_pgbench

TRIES = int(os.environ.get("ANJU_BENCH_TRIES", "1000000"))
CONTROL_TRIES = 4_000
PROGRAMS = 8
HOMES, HOUSEHOLDS = 208, 200
_KEPT = 20
"""Homes a program holds at once: with all of them some three in four are taken at any moment."""
PGBENCH_SECONDS = 6
_LET_GO = "UPDATE selection_choice SET released_at = %s WHERE project_id = %s AND id = %s"
Turn = tuple[UUID, UUID, int]
"""Id, household and place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fight:
    """What is fought for, and by whom."""

    url: str
    project_id: UUID
    turns: Sequence[Turn]
    homes: Sequence[UUID]
    give_home: str
    """The statement."""


_holders: list[SynchronizedArray[int]] = []
"""In each program: how many hold each home, as they all count it."""


def main() -> None:
    """Measure, and report."""
    with durable_server() as cluster:
        superuser = import_module("anju.foundation.core.postgres.record").SUPERUSER
        fight = seed(cluster.url(superuser))
        yardstick = run_pgbench(
            prepare_pgbench(cluster), "-N", clients=PROGRAMS, seconds=PGBENCH_SECONDS
        )
        began = time.perf_counter()
        won, doubles = run(fight, tries=TRIES)
        took = time.perf_counter() - began
        held_twice = count_held_twice(fight)
        with psycopg.connect(fight.url, autocommit=True) as admin:
            admin.execute("DROP INDEX selection_choice_unit_once")
        _, doubles_without = run(fight, tries=CONTROL_TRIES)
    report(
        "doubles",
        round(TRIES / took),
        "tries/s",
        round(yardstick),
        round(TRIES / took / yardstick, 2),
        yardstick_is="pgbench -N, commits a second, as many clients",
        tries=TRIES,
        won=won,
        homes=len(fight.homes),
        programs=PROGRAMS,
        doubles=doubles + held_twice,
        doubles_without_the_constraint=doubles_without,
        tries_without_the_constraint=CONTROL_TRIES,
        load_before=round(os.getloadavg()[2], 1),
    )


def seed(url: str) -> Fight:
    """Make a drawn project; everybody's turn counts as called."""
    selections = import_module("tests.support.selections")
    project = selections.drawn_project(
        code="D-1", homes=HOMES, households=HOUSEHOLDS, batch_size=HOUSEHOLDS
    )
    selections.open_batch(project_id=project.id, batch=1, by=selections.officer(), at=selections.AT)
    with psycopg.connect(url) as admin:
        turns = admin.execute(
            "SELECT id, household_id, place FROM selection_turn WHERE project_id = %s", [project.id]
        ).fetchall()
        homes = admin.execute(
            "SELECT id FROM inventory_unit WHERE project_id = %s", [project.id]
        ).fetchall()
    holding = import_module("anju.resettlement.selection.operations.holding")
    return Fight(
        url=url,
        project_id=project.id,
        turns=[(row[0], row[1], row[2]) for row in turns],
        homes=[row[0] for row in homes],
        give_home=holding.GIVE_HOME,
    )


def run(fight: Fight, *, tries: int) -> tuple[int, int]:
    """Let all programs try; gives how often a home was won, and how often by a second holder."""
    fresh = multiprocessing.get_context("spawn")
    holders = fresh.Array("i", len(fight.homes))
    with ProcessPoolExecutor(
        PROGRAMS, mp_context=fresh, initializer=share, initargs=(holders,)
    ) as programs:
        asked = [
            programs.submit(try_for_homes, fight, tries=tries // PROGRAMS, seed=seed)
            for seed in range(PROGRAMS)
        ]
        found = [one.result() for one in asked]
    return sum(won for won, _ in found), sum(doubles for _, doubles in found)


def share(holders: SynchronizedArray[int]) -> None:
    """Let a program that begins count with the others."""
    _holders.append(holders)


def try_for_homes(fight: Fight, *, tries: int, seed: int) -> tuple[int, int]:
    """Try for one home after the other, and count who holds what was won."""
    chance, (holders,) = random.Random(seed), _holders
    mine: deque[tuple[int, UUID]] = deque()
    won = doubles = 0
    with psycopg.connect(fight.url, autocommit=True) as connection:
        # No entry goes with these tries, and the database refuses a change without one.
        connection.execute("SET session_replication_role = replica")
        for _ in range(tries):
            home = chance.randrange(len(fight.homes))
            turn_id, household_id, place = chance.choice(fight.turns)
            choice_id, at = uuid4(), datetime.now(UTC)
            whose = (fight.project_id, choice_id, turn_id, household_id, place)
            done = connection.execute(
                fight.give_home, [*whose, fight.homes[home], at, None, uuid4(), True, 1]
            )
            if not done.rowcount:
                continue
            won += 1
            with holders.get_lock():
                holders[home] += 1
                doubles += holders[home] > 1
            mine.append((home, choice_id))
            if len(mine) > _KEPT:
                home, choice_id = mine.popleft()
                with holders.get_lock():
                    holders[home] -= 1
                connection.execute(_LET_GO, [at, fight.project_id, choice_id])
    return won, doubles


def count_held_twice(fight: Fight) -> int:
    """Count, in the end, the homes that the table says two hold."""
    with psycopg.connect(fight.url) as admin:
        row = admin.execute(
            "SELECT count(*) FROM (SELECT unit_id FROM selection_choice WHERE project_id = %s"
            " AND released_at IS NULL GROUP BY unit_id HAVING count(*) > 1) AS twice",
            [fight.project_id],
        ).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
