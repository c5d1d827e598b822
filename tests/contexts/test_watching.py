"""Wall, tables and ledger held against each other; a day that stops its clocks; calls and proof."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from anju.foundation.access.context import reading
from anju.foundation.ledger.queries import entries_of, read_body
from anju.jobs import watching
from anju.jobs.calls import look_for_calls
from anju.jobs.messages import send_messages
from anju.jobs.publishing import publish_wall
from anju.jobs.watching import watch_walls
from anju.resettlement.selection import rebuild
from anju.resettlement.selection.auto_play import play_step
from anju.resettlement.selection.calling import calls_of_turn
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.operations.pausing import pause_selection, resume_selection
from anju.resettlement.selection.operations.signing import sign_choice
from anju.resettlement.selection.operations.turns import call_next, miss_turn
from anju.resettlement.selection.overdue import drop_unsigned
from anju.resettlement.selection.queries import selection_board, turn_by_id
from anju.resettlement.selection.record import record_of_turns
from anju.resettlement.selection.troubles import latest_watch, troubles_of
from anju.resettlement.selection.types import TurnRow
from anju_rules.calls import CallLine, check_calls
from anju_rules.selection import LiveTurn, TurnState, next_turn
from anju_rules.values import Refusal
from anju_rules.watching import ON_ITS_WAY, Watched, WatchState, judge_roots
from tests.contexts.test_messages import Line
from tests.support.access import SYSTEM
from tests.support.databases import Database
from tests.support.selections import AT, LATER, Selected, call_first, drawn_project, free_homes

LONG_AFTER = LATER + ON_ITS_WAY * 2
SECOND = timedelta(seconds=1)


def serve_file(address: str) -> bytes | None:
    """Give what the peak would serve under an address."""
    file = Path(settings.PUBLIC_FOLDER) / urlsplit(address).path.lstrip("/")
    return file.read_bytes() if file.is_file() else None


def choose_some(count: int = 3) -> Selected:
    """Give a project in which some households have chosen, and publish its wall."""
    project = drawn_project(households=16)
    turn = call_first(project)
    for number in range(count):
        if number:
            turn = call_next(project_id=project.id, by=project.officer, at=LATER)
        take_first(project, turn, at=LATER)
    publish_wall(project.plan.project.code)
    return project


def take_first(project: Selected, turn: TurnRow, *, at: datetime) -> None:
    choose_homes(
        project_id=project.id,
        turn_id=turn.id,
        unit_ids=free_homes(project, turn.household_id)[:1],
        by=project.officer,
        at=at,
    )


_looks = count()


def look() -> WatchState:
    """Look at the roots, each time a minute later."""
    at = LONG_AFTER + next(_looks) * timedelta(minutes=1)
    (found,) = watch_walls(at=at, fetch=serve_file).values()
    return found


def change_shard(project: Selected, change: Callable[[list[dict[str, object]]], None]) -> None:
    """Change what households look themselves up in, on the disk of the public plane."""
    code = project.plan.project.code
    file = Path(settings.PUBLIC_FOLDER) / "live" / code / "find" / "all.json"
    told = json.loads(file.read_bytes())
    change(told["rows"])
    file.write_text(json.dumps(told), encoding="utf-8")


def swap_homes(rows: list[dict[str, object]]) -> None:
    first, second = [row for row in rows if row["homes"]][:2]
    first["homes"], second["homes"] = second["homes"], first["homes"]


def give_a_home_back(project: Selected) -> None:
    """Paint a taken home free on the published façades."""
    file = Path(settings.PUBLIC_FOLDER) / "live" / project.plan.project.code / "wall.json"
    told = json.loads(file.read_bytes())
    file.write_text(json.dumps({**told, "homes": told["homes"].replace("t", "f", 1)}))


def as_superuser(database: Database, statement: str) -> None:
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(statement)


TABLE = """
UPDATE selection_choice SET unit_id = (
    SELECT id FROM inventory_unit u WHERE u.state = 'free'
      AND NOT EXISTS (SELECT 1 FROM selection_choice c WHERE c.unit_id = u.id) LIMIT 1)
WHERE id = (SELECT id FROM selection_choice ORDER BY id LIMIT 1)
"""
LEDGER = """
UPDATE ledger_secret SET body = decode(repeat('00', 64), 'hex') WHERE event_id = (
    SELECT event_id FROM selection_choice ORDER BY id LIMIT 1)
"""


@pytest.mark.req("PUB-3", "SEL-4")
@pytest.mark.threat("T-11")
def test_a_wall_a_table_or_a_ledger_that_was_changed_is_found_and_the_wall_says_so(
    database: Database,
) -> None:
    project = choose_some()
    code = project.plan.project.code
    assert look() is WatchState.OK
    assert latest_watch(project_id=project.id) is None, "nothing new, no entry"

    change_shard(project, swap_homes)
    assert look() is WatchState.DIFFERS
    noted = troubles_of(project_id=project.id).differs
    assert noted is not None
    assert len(noted.homes) == 2
    assert look() is WatchState.DIFFERS
    told = [entry for entry in entries_of(str(project.id)) if "roots" in entry.action]
    assert len(told) == 1, "said once"
    publish_wall(code)
    page = (Path(settings.PUBLIC_FOLDER) / "live" / code / "wall.html").read_text(encoding="utf-8")
    assert "公示与账本不一致，工作人员正在核对" in page
    assert look() is WatchState.OK, "published anew, it is right"
    publish_wall(code)
    page = (Path(settings.PUBLIC_FOLDER) / "live" / code / "wall.html").read_text(encoding="utf-8")
    assert "公示与账本不一致" not in page

    give_a_home_back(project)
    assert look() is WatchState.DIFFERS, "the façade says another thing than the list"
    (Path(settings.PUBLIC_FOLDER) / "live" / code / "wall.json").unlink()
    assert look() is WatchState.UNSEEN
    publish_wall(code)
    assert look() is WatchState.OK

    for statement in (LEDGER, TABLE):
        as_superuser(database, statement)
        assert look() is WatchState.DIFFERS
    looked = json.loads((Path(settings.PUBLIC_FOLDER) / "live" / code / "watch.json").read_bytes())
    assert looked["state"] == "differs"
    assert looked["ledger_differences"] > 0


@pytest.mark.threat("T-12")
@pytest.mark.parametrize("is_digest_true", [True, False])
def test_the_ledger_is_opened_again_only_where_a_byte_of_it_is_another(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, is_digest_true: bool
) -> None:
    opened = Mock(side_effect=rebuild._rebuild)
    monkeypatch.setattr(rebuild, "_rebuild", opened)
    project = choose_some(2)
    if not is_digest_true:
        monkeypatch.setattr(rebuild, "digest_entries", lambda _: b"")
    assert (look(), look(), opened.call_count) == (WatchState.OK, WatchState.OK, 1)
    as_superuser(database, LEDGER)
    if not is_digest_true:
        assert look() is WatchState.OK, "control: without the digest a changed body goes unseen"
        return
    assert (look(), look(), opened.call_count) == (WatchState.DIFFERS, WatchState.DIFFERS, 3)
    take_first(project, call_next(project_id=project.id, by=project.officer, at=LATER), at=LATER)
    publish_wall(project.plan.project.code)
    look()
    assert opened.call_count == 4, "what was chosen since"
    as_superuser(database, TABLE)
    assert look() is WatchState.DIFFERS
    assert opened.call_count == 4, "a table alone is held against what is kept"


@pytest.mark.threat("T-11")
@pytest.mark.usefixtures("database")
def test_control_a_watcher_that_holds_a_thing_against_itself_finds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = choose_some()
    change_shard(project, swap_homes)

    def hold_against_itself(**told: object) -> Watched:
        return judge_roots(**{**told, "published": told["stored"]})  # type: ignore[arg-type]

    monkeypatch.setattr(watching, "judge_roots", hold_against_itself)
    assert look() is WatchState.OK, "blind"
    monkeypatch.undo()
    assert look() is WatchState.DIFFERS


def test_what_is_on_its_way_is_late_and_all_else_differs() -> None:
    stored = {"1": "A e1", "2": "B e2"}
    own = {"stored": stored, "ledger_differences": 0}
    for published, fresh, state in (
        (stored, (), "ok"),
        ({"1": "A e1"}, ("2",), "late"),
        ({"1": "A e1"}, (), "differs"),
        ({"1": "A e1", "2": "B e2", "3": "C e3"}, (), "differs"),
        ({"1": "B e2", "2": "B e2"}, ("2",), "differs"),
        (None, (), "unseen"),
    ):
        found = judge_roots(published=published, on_their_way=fresh, **own)  # type: ignore[arg-type]
        assert found.state == state
    assert (
        judge_roots(published=None, stored={}, on_their_way=(), ledger_differences=1).state
        is WatchState.DIFFERS
    )


@pytest.mark.req("SEL-2")
@pytest.mark.usefixtures("database")
def test_a_pause_stops_every_clock_and_gives_back_what_was_left() -> None:
    project = drawn_project(households=8)
    turn = call_first(project)
    own: dict[str, Any] = {"project_id": project.id, "by": project.officer}
    with pytest.raises(Refusal) as strange:
        pause_selection(**own, reason="tea", at=LATER)
    assert strange.value.code == "selection.pause-reason"
    pause_selection(**own, reason="network", at=AT + 60 * SECOND)
    during = AT + 600 * SECOND
    acts: list[tuple[Callable[..., object], dict[str, Any]]] = [
        (call_next, {}),
        (miss_turn, {"turn_id": turn.id}),
        (choose_homes, {"turn_id": turn.id, "unit_ids": free_homes(project, turn.household_id)}),
        (pause_selection, {"reason": "other"}),
    ]
    for act, more in acts:
        with pytest.raises(Refusal) as refused:
            act(**own, **more, at=AT + 90 * SECOND)
        assert refused.value.code == "selection.paused", act
    resume_selection(**own, at=during)
    with pytest.raises(Refusal) as again:
        resume_selection(**own, at=during)
    assert again.value.code == "selection.not-paused"
    moved = turn_by_id(project_id=project.id, turn_id=turn.id)
    assert moved.limit_at == AT + (180 + 540) * SECOND
    with pytest.raises(Refusal) as early:
        miss_turn(**own, turn_id=turn.id, at=AT + 700 * SECOND)
    assert early.value.code == "selection.turn-still-running"
    take_first(project, turn, at=AT + 719 * SECOND)
    lines = [row.line for row in record_of_turns(project.id)]
    assert [line.what for line in lines] == ["called", "chosen"]
    assert lines[0].limit_at == moved.limit_at, "the published call lasts as long as it did"


@pytest.mark.req("SEL-2", "SEL-3")
@pytest.mark.usefixtures("database")
def test_what_waits_for_a_signature_waits_through_a_pause() -> None:
    project = drawn_project(households=8, turns="signatures = 2")
    turn = call_first(project)
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id}
    homes = free_homes(project, turn.household_id)[:1]
    name_homes(**own, unit_ids=homes, by=project.officer, at=LATER)
    sign_by = turn_by_id(**own).sign_by
    assert sign_by is not None
    pause_selection(project_id=project.id, reason="power", by=project.officer, at=LATER + SECOND)
    assert drop_unsigned(project_id=project.id, by=SYSTEM, at=sign_by + SECOND) == 0
    family = project.household(turn.household_id)
    with pytest.raises(Refusal) as refused:
        sign_choice(**own, by=family, at=LATER + 2 * SECOND)
    assert refused.value.code == "selection.paused"
    resume_selection(project_id=project.id, by=project.officer, at=LATER + 601 * SECOND)
    assert turn_by_id(**own).sign_by == sign_by + 600 * SECOND
    for person in (family, project.officer):
        sign_choice(**own, by=person, at=sign_by + 599 * SECOND)
    assert turn_by_id(**own).state == "chosen"


@pytest.mark.req("SEL-2")
@pytest.mark.threat("T-43")
@pytest.mark.usefixtures("database")
def test_nobody_is_skipped_without_a_logged_miss_that_quotes_the_proof_of_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The folder is one for all tests of a run, and so is the project's code.
    monkeypatch.setattr(settings, "PUBLIC_FOLDER", str(tmp_path))
    project = drawn_project(households=8, late="refused", batch_size=8)
    turn = call_first(project)
    assert turn.limit_at is not None
    assert look_for_calls(at=AT, fetch=serve_file) == 0, "no wall is served yet"
    publish_wall(project.plan.project.code)
    assert look_for_calls(at=AT, fetch=serve_file) == 1
    assert look_for_calls(at=AT, fetch=serve_file) == 0, "noted once"
    line = Line()
    assert send_messages(at=AT, gateway=line) == {"undeliverable": 4}, (
        "the called one, and the one that is near"
    )
    miss_turn(project_id=project.id, turn_id=turn.id, by=project.officer, at=turn.limit_at)
    with reading(by=SYSTEM):
        (call,) = calls_of_turn(project_id=project.id, turn_id=turn.id)
    assert call.revision is not None
    assert [row.state for row in call.messages] == ["undeliverable"] * 2
    (missed,) = [one for one in entries_of(str(turn.id)) if one.action.endswith("missed")]
    quoted = read_body(event_id=missed.event_id)["call"]
    assert isinstance(quoted, Mapping)
    assert quoted["revision"] == call.revision
    assert quoted["event"] == str(call.event_id)
    assert len(quoted["messages"]) == 2
    at = turn.limit_at
    while play_step(project_id=project.id, by=project.officer, at=at) != "done":
        at += SECOND
    lines = [CallLine(row.line.place, row.line.what) for row in record_of_turns(project.id)]
    places = [place for place in range(1, 9) if place in {one.place for one in lines}]
    check_calls(lines, places=places, desks=1)
    jumped = [one for one in lines if one.place != 2]
    with pytest.raises(Refusal) as refused:
        check_calls(jumped, places=places, desks=1)
    assert refused.value.code == "live.turn-jumped"
    assert selection_board(project_id=project.id).counts.missed == 1


RUNS = int(os.environ.get("ANJU_CALL_RUNS", "1000"))


@pytest.mark.threat("T-43")
def test_in_every_run_a_place_is_called_before_the_next_or_has_a_logged_skip() -> None:
    """``ANJU_CALL_RUNS=100000`` for as many as the threat asks for."""
    for seed in range(RUNS):
        chance = random.Random(seed)
        size, desks = chance.randint(1, 7), chance.randint(1, 3)
        lines = run_batch(chance, size=size, desks=desks)
        check_calls(lines, places=list(range(1, size + 1)), desks=desks)


@pytest.mark.threat("T-43")
def test_control_a_jumped_place_is_seen() -> None:
    found = 0
    for seed in range(300):
        chance = random.Random(seed)
        size, desks = chance.randint(3, 7), chance.randint(1, 3)
        lines = run_batch(chance, size=size, desks=desks, jumps=True)
        with pytest.raises(Refusal) as refused:
            check_calls(lines, places=list(range(1, size + 1)), desks=desks)
        found += refused.value.code == "live.turn-jumped"
    assert found == 300


def run_batch(
    chance: random.Random, *, size: int, desks: int, jumps: bool = False
) -> list[CallLine]:
    """Let a batch run by the rules of turns to its end; with ``jumps`` place 2 is passed over."""
    turns = {place: LiveTurn(place=place, state=TurnState.WAITING) for place in range(1, size + 1)}
    lines: list[CallLine] = []

    def become(place: int, state: TurnState) -> None:
        back = turns[place].has_come_back or state is TurnState.RETURNED
        turns[place] = LiveTurn(place=place, state=state, has_come_back=back)
        lines.append(CallLine(place, state.value))

    while True:
        called = [turn.place for turn in turns.values() if turn.state is TurnState.CALLED]
        callable_turns = [turn for turn in turns.values() if not (jumps and turn.place == 2)]
        following = None if len(called) >= desks else next_turn(callable_turns, desks=desks)
        if following is not None and (not called or chance.random() < 0.5):
            become(following.place, TurnState.CALLED)
        elif called:
            ends = (TurnState.CHOSEN, TurnState.MISSED, TurnState.WAIVED)
            become(chance.choice(called), chance.choice(ends))
        else:
            late = [
                turn.place
                for turn in turns.values()
                if turn.state is TurnState.MISSED and not turn.has_come_back
            ]
            if not late or chance.random() < 0.3:
                return lines
            for place in late:
                become(place, TurnState.RETURNED)
