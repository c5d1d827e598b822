"""Everyone at once on one home: one gets it, the others are told; whatever fails or is killed.

Turns let one household choose at a time, so a race on a home cannot come up in service. Here all
are called at once by force, so that what stands behind the turns is tested too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore
from uuid import UUID

import psycopg
import pytest

from anju.foundation.ledger.queries import entries_with_action
from anju.resettlement.selection import queries
from anju.resettlement.selection.auto_play import choose_by_wishes
from anju.resettlement.selection.operations import holding
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.types import ChoiceRow
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.selections import (
    LATER,
    Selected,
    call_everyone,
    call_first,
    drawn_project,
    drop_home_constraint,
    free_homes,
    officer,
)

pytestmark = pytest.mark.long

CONNECTIONS = 60
"""A hundred ask at once; as behind a web server, so many connections take them."""


def choose_at_once(
    database: Database, project: Selected, asked: Sequence[tuple[UUID, UUID]]
) -> Counter[str]:
    """Let (turn, home) be asked for all at once; count the answers."""
    admitted = BoundedSemaphore(CONNECTIONS)

    def ask(turn_id: UUID, unit_id: UUID) -> Callable[[], ChoiceRow]:
        def work() -> ChoiceRow:
            from django.db import connections

            with admitted:
                try:
                    return choose_homes(
                        project_id=project.id,
                        turn_id=turn_id,
                        unit_ids=[unit_id],
                        by=officer(),
                        at=LATER,
                    )
                finally:
                    connections.close_all()

        return work

    told = database.in_threads([ask(*one) for one in asked])
    for one in told:
        assert isinstance(one, ChoiceRow | Refusal), repr(one)
    return Counter(one.code if isinstance(one, Refusal) else "chosen" for one in told)


def without_application_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away every check of the application on whether a home is still free."""
    monkeypatch.setattr(holding, "refuse_held", lambda *_, **__: None)
    monkeypatch.setattr(holding, "move_units", lambda **_: None)
    monkeypatch.setattr(holding, "OFFERED", ALL_STATES)


ALL_STATES = frozenset({"free", "held", "taken", "reserved"})


def last_home(project: Selected) -> UUID:
    """Give the one home of the layout 大三居."""
    return next(
        project.units[str(number)]
        for number, home in project.plan.homes.items()
        if home.layout == "大三居"
    )


@pytest.mark.pitfall("P9")
@pytest.mark.pitfall("P13")
@pytest.mark.threat("T-40")
@pytest.mark.req("SEL-2")
def test_of_a_hundred_at_once_on_the_last_home_of_a_type_one_gets_it(database: Database) -> None:
    project = drawn_project(households=100, homes=104, last_layout=1, batch_size=30)
    turns = call_everyone(project, database)
    asked = [(turn, last_home(project)) for turn in turns]
    told = choose_at_once(database, project, asked)
    assert told == {"chosen": 1, "selection.unit-already-held": 99}
    outcomes = Counter(entry.outcome for entry in entries_with_action("selection.home.chosen"))
    assert outcomes == {"done": 1, "refused:selection.unit-already-held": 99}


@pytest.mark.pitfall("P11")
def test_the_constraint_alone_keeps_a_home_from_going_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = drawn_project(households=24, homes=24, last_layout=1)
    turns = call_everyone(project, database)
    without_application_checks(monkeypatch)
    told = choose_at_once(database, project, [(turn, last_home(project)) for turn in turns])
    assert told == {"chosen": 1, "selection.unit-already-held": 23}


@pytest.mark.pitfall("P11")
def test_control_without_constraint_and_checks_a_home_goes_to_everyone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = drawn_project(households=24, homes=24, last_layout=1)
    turns = call_everyone(project, database)
    without_application_checks(monkeypatch)
    drop_home_constraint(database)
    told = choose_at_once(database, project, [(turn, last_home(project)) for turn in turns])
    assert told == {"chosen": 24}


@pytest.mark.pitfall("P11")
def test_the_database_refuses_a_home_twice_whoever_writes_it(database: Database) -> None:
    project = drawn_project(households=8, homes=12)
    (first, owner), (second, stranger) = list(call_everyone(project, database).items())[:2]
    home = last_or_any(project)
    give = (
        "INSERT INTO selection_choice"
        " (project_id, id, turn_id, household_id, place, unit_id, chosen_at, event_id)"
        " VALUES (%s, gen_random_uuid(), %s, %s, 1, %s, now(), gen_random_uuid())"
    )
    connection = database.connect("anju_app")
    connection.execute(give, [project.id, first, owner, home])
    with pytest.raises(psycopg.errors.UniqueViolation, match="selection_choice_unit_once"):
        connection.execute(give, [project.id, second, stranger, home])
    connection.close()


@pytest.mark.pitfall("P14")
def test_automatic_choices_at_once_all_succeed_while_homes_last(database: Database) -> None:
    project = drawn_project(households=20, homes=20)
    turns = list(call_everyone(project, database))
    told = auto_choose_at_once(database, project, turns)
    # Homes 1 and 2 are kept for a need, and nobody of the first stratum but one may have them.
    board = queries.selection_board(project_id=project.id)
    assert told["chosen"] == board.counts.homes_taken >= 18
    assert told["chosen"] + told["waived"] == 20


@pytest.mark.pitfall("P10")
def test_desk_and_phone_at_once_take_one_turn_once(database: Database) -> None:
    project = drawn_project()
    turn = call_first(project)
    unit_id = free_homes(project, turn.household_id)[0]

    def choose(by_household: bool) -> Callable[[], ChoiceRow]:
        by = project.household(turn.household_id) if by_household else project.officer
        return lambda: choose_homes(
            project_id=project.id, turn_id=turn.id, unit_ids=[unit_id], by=by, at=LATER
        )

    told = database.in_threads([choose(by_household=True), choose(by_household=False)])
    (refusal,) = [one for one in told if isinstance(one, BaseException)]
    assert isinstance(refusal, Refusal)
    assert refusal.code == "selection.not-your-turn"
    assert queries.selection_board(project_id=project.id).counts.homes_taken == 1


@pytest.mark.pitfall("P10")
def test_desk_and_phone_at_once_on_one_home_give_it_once(database: Database) -> None:
    project = drawn_project(households=8, homes=12)
    turns = call_everyone(project, database)
    (at_desk, _), (at_home, household_id) = list(turns.items())[:2]
    unit_id = project.units["1-1-103"]

    def choose(turn_id: UUID, by: object) -> Callable[[], ChoiceRow]:
        return lambda: choose_homes(
            project_id=project.id,
            turn_id=turn_id,
            unit_ids=[unit_id],
            by=by,  # type: ignore[arg-type]
            at=LATER,
        )

    told = database.in_threads(
        [
            choose(at_desk, project.officer),
            choose(at_home, project.household(household_id)),
        ]
    )
    codes = [one.code for one in told if isinstance(one, Refusal)]
    assert codes == ["selection.unit-already-held"]


@pytest.mark.pitfall("P8")
def test_two_processes_and_a_restart_give_a_home_once(database: Database) -> None:
    project = drawn_project(households=8, homes=12, last_layout=1)
    turns = list(call_everyone(project, database))[:3]
    home = last_home(project)
    with client(database, project) as first, client(database, project) as second:
        for process, turn in zip((first, second), turns, strict=False):
            tell(process, turn, home)
        told = {answer(first), answer(second)}
    with client(database, project) as third:  # nothing is remembered in a process
        tell(third, turns[2], home)
        told.add(answer(third))
    assert sorted(word.split()[0] for word in told) == [
        "ok",
        "selection.unit-already-held",
        "selection.unit-already-held",
    ]


@pytest.mark.pitfall("P12")
@pytest.mark.threat("T-44")
def test_a_killed_server_process_loses_no_acknowledged_choice(database: Database) -> None:
    kills = 4
    project = drawn_project(households=60, homes=64, batch_size=30)
    turns = iter(call_everyone(project, database).items())
    acknowledged: set[str] = set()
    free = [unit for number, unit in project.units.items() if number > "1-1-102"]
    asked = iter(zip(turns, free, strict=False))
    for _ in range(kills):
        with client(database, project) as process:
            for _ in range(8):
                (turn_id, _), unit_id = next(asked)
                tell(process, turn_id, unit_id)
            for _ in range(3):
                told = answer(process)
                assert told.startswith("ok ")
                acknowledged.add(told.split()[1])
            process.kill()
    assert len(acknowledged) == 3 * kills
    with database.connect("anju_app") as connection:
        rows = connection.execute(
            "SELECT turn_id::text, event_id FROM selection_choice WHERE project_id = %s",
            [project.id],
        ).fetchall()
        ended = connection.execute(
            "SELECT id::text FROM selection_turn WHERE project_id = %s AND state = 'chosen'",
            [project.id],
        ).fetchall()
        events = connection.execute(
            "SELECT target, id FROM ledger_event WHERE action = 'selection.home.chosen'"
        ).fetchall()
    assert acknowledged <= {turn for turn, _ in rows}
    # Both or none: choice, end of the turn and entry stand together.
    assert sorted(rows) == sorted(events)
    assert {turn for turn, _ in rows} == {turn for (turn,) in ended}


def auto_choose_at_once(
    database: Database, project: Selected, turns: Sequence[UUID]
) -> Counter[str]:
    """Let everyone be chosen for at once."""

    def work(turn_id: UUID) -> Callable[[], str]:
        def choose() -> str:
            turn = queries.turn_by_id(project_id=project.id, turn_id=turn_id)
            return choose_by_wishes(turn=turn, by=officer(), at=LATER)

        return choose

    told = database.in_threads([work(turn) for turn in turns])
    assert all(isinstance(one, str) for one in told), told
    return Counter(str(one) for one in told)


def last_or_any(project: Selected) -> UUID:
    """Give one home of the project."""
    return next(iter(project.units.values()))


@contextmanager
def client(database: Database, project: Selected) -> Iterator[subprocess.Popen[str]]:
    """Start a process of its own that chooses, and end it."""
    environment = {
        **os.environ,
        "DATABASE_URL": database.url("anju_app"),
        "ANJU_OWNER_DATABASE_URL": database.url("anju_owner"),
        "ANJU_LEDGER_DATABASE_URL": database.url("anju_ledger"),
    }
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "tests.support.choosing_client", str(project.id)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
        )
        stack.callback(process.kill)
        assert answer(process) == "ready"
        yield process


def tell(process: subprocess.Popen[str], turn_id: UUID, unit_id: UUID) -> None:
    """Ask a process for a home."""
    assert process.stdin is not None
    process.stdin.write(f"{turn_id} {unit_id}\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> str:
    """Read a process's next answer."""
    assert process.stdout is not None
    return process.stdout.readline().strip()
