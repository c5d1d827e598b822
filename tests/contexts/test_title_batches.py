"""A community's batch on the database: home by home, once, whatever happens to its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connections
from django.test.utils import CaptureQueriesContext, override_settings

from anju.foundation.access.context import reading
from anju.foundation.access.operations import record_each
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.titles.cases.batches import filing, operations, running
from anju.titles.cases.batches.filing import file_homes
from anju.titles.cases.batches.operations import receive_batch, take_in_batch
from anju.titles.cases.batches.queries import batch_by_id, lines_of
from anju.titles.cases.batches.running import run_batch
from anju.titles.cases.batches.types import BatchLine, BatchRow
from anju.titles.cases.queries import open_title_cases, title_cases_of
from anju.titles.communities.operations import enter_homes
from anju_rules.restrictions import RestrictionKind
from anju_rules.values import Refusal
from tests.contexts.test_title_restrictions import restrict
from tests.support.batches import Row, make_files, packed
from tests.support.communities import AT, Town, new_homes, open_town
from tests.support.databases import Database

HOMES = 6


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    """Give a community whose first registration stands, ready for its owners' titles."""
    assert database.name
    with override_settings(SCANNER="off"):
        yield open_registered(HOMES)


def open_registered(homes: int) -> Town:
    """Open a community with homes that the developer has registered."""
    opened = open_town(homes=0)
    entered = enter_homes(
        project_id=opened.project_id,
        homes=[replace(home, title_state="first") for home in new_homes(homes)],
        by=opened.officer(),
        at=AT,
    )
    return replace(opened, homes=tuple(entered))


def send(
    town: Town, files: Mapping[str, bytes], *, dry: bool = False, run: bool = True
) -> BatchRow:
    """Send a batch and have it worked off."""
    by = town.officer()
    row = receive_batch(
        project_id=town.project_id,
        data=packed(files),
        file_name="槐苑小区.zip",
        is_dry_run=dry,
        by=by,
        at=AT,
    )
    return run_again(town, row) if run else row


def run_again(town: Town, row: BatchRow) -> BatchRow:
    return run_batch(project_id=town.project_id, batch_id=row.id, by=town.officer(), at=AT)


def lines(town: Town, row: BatchRow) -> tuple[BatchLine, ...]:
    with reading(by=town.officer()):
        return lines_of(project_id=town.project_id, batch_id=row.id)


def cases(town: Town) -> set[UUID]:
    with reading(by=town.officer()):
        return {one.id for one in title_cases_of(project_id=town.project_id)}


def spoil(place: int, row: Row) -> None:
    """Make three of six rows wrong: a number, a missing scan, an owner who is another."""
    if place == 1:
        row["papers"] = "370105195201010030"
    if place == 3:
        row["file:identity-proof"] = ""
    if place == 4:
        row["owners"] = "别人"


@pytest.mark.req("TTL-5")
def test_a_batch_opens_a_case_a_home_with_its_papers_and_what_is_shared_once(town: Town) -> None:
    done = send(town, make_files(HOMES))
    assert (done.state, done.done, done.refused) == ("done", HOMES, 0)
    told = lines(town, done)
    assert {one.case_id for one in told} == cases(town)
    assert all(one.figures is not None and one.figures.due_on for one in told)


@pytest.mark.req("TTL-5")
def test_the_cases_of_a_batch_are_listed_by_their_numbers(town: Town) -> None:
    send(town, make_files(HOMES))
    with reading(by=town.officer()):
        told = [one.case.number for one in open_title_cases(project_id=town.project_id) if one.case]
    assert len(told) == HOMES
    assert told == sorted(told)


@pytest.mark.req("TTL-5")
def test_what_is_wrong_with_one_home_stops_no_other_and_is_said_row_by_row(town: Town) -> None:
    done = send(town, make_files(HOMES, mend=spoil))
    told = {one.place: (one.state, one.rule) for one in lines(town, done)}
    assert told == {
        2: ("done", ""),
        3: ("refused", "identifier.id-check-digit"),
        4: ("done", ""),
        5: ("refused", "batches.material-missing"),
        6: ("refused", "batches.owners-differ"),
        7: ("done", ""),
    }
    assert len(cases(town)) == 3


def test_with_the_look_at_each_row_off_one_faulty_home_stops_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_loudly(*_: object, **__: object) -> None:
        raise Refusal("batches.owners-differ", home="1")

    monkeypatch.setattr(operations, "refused", refuse_loudly)
    with pytest.raises(Refusal):
        send(town, make_files(HOMES, mend=spoil))
    assert len(cases(town)) < 3


def seize(town: Town, number: str) -> None:
    """Have a court seize one home."""
    home = next(home for home in town.homes if home.number == number)
    restrict(town, home, RestrictionKind.SEIZURE)


@pytest.mark.req("TTL-5")
def test_a_seized_home_is_refused_alone_and_nothing_of_it_stays(
    town: Town, database: Database
) -> None:
    seize(town, "1-103")
    done = send(town, make_files(HOMES))
    told = {one.number: (one.state, one.rule, one.case_id) for one in lines(town, done)}
    assert told["1-103"] == ("refused", "titlecases.unit-blocked", None)
    assert (done.done, done.refused, len(cases(town))) == (HOMES - 1, 1, HOMES - 1)
    with psycopg.connect(database.superuser_url) as admin:
        kept = admin.execute(
            "SELECT (SELECT count(*) FROM casework_case), (SELECT max(serial) FROM casework_case),"
            " (SELECT count(*) FROM messages_message),"
            " (SELECT count(DISTINCT owner_id) FROM documents_document"
            " WHERE household_id IS NOT NULL)"
        ).fetchone()
    assert kept == (HOMES - 1,) * 4


def test_without_halving_a_seized_home_stops_its_neighbours(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def try_once(homes: Sequence[Any], act: Any) -> Any:
        return list(zip(homes, act(homes), strict=True)), []

    seize(town, "1-103")
    monkeypatch.setattr(operations, "try_together", try_once)
    with pytest.raises(Refusal):
        send(town, make_files(HOMES))
    assert cases(town) == set()


def test_what_the_database_refuses_at_the_very_end_is_found_home_by_home(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_late(*, things: Any) -> object:
        if any(one.body["row"] == 3 and one.outcome == "done" for one in things):
            raise IntegrityError
        return record_each(things=things)

    monkeypatch.setattr(operations, "record_each", refuse_late)
    done = send(town, make_files(HOMES))
    assert (done.done, done.refused) == (HOMES - 1, 1)
    assert [one.rule for one in lines(town, done) if one.rule] == ["batches.failed-unexpectedly"]


@pytest.mark.req("TTL-5")
def test_homes_taken_in_together_take_as_many_statements_as_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements(homes: int, *, first: int) -> int:
        row = send(town, make_files(homes, first=first), run=False)
        with CaptureQueriesContext(connections["default"]) as captured:
            assert run_again(town, row).done == homes
        return len(captured)

    send(town, make_files(1))  # the procedure is stored with its first case
    one = statements(1, first=2)
    assert statements(2, first=3) == one
    monkeypatch.setattr(running, "HOMES_AT_ONCE", 1)
    assert statements(2, first=5) > one


@pytest.mark.req("TTL-5")
def test_mended_and_sent_again_only_what_was_refused_is_new(town: Town) -> None:
    first = send(town, make_files(HOMES, mend=spoil))
    before = cases(town)
    second = send(town, make_files(HOMES))
    assert (second.done, second.unchanged, second.refused) == (HOMES, 3, 0)
    assert before < cases(town)
    assert len(cases(town)) == HOMES
    assert run_again(town, first).done == 3


@pytest.mark.req("TTL-5")
def test_running_a_batch_again_changes_nothing(town: Town) -> None:
    done = send(town, make_files(HOMES))
    before = (lines(town, done), cases(town))
    assert run_again(town, done) == done
    assert (lines(town, done), cases(town)) == before
    with pytest.raises(Refusal) as refused:
        send(town, make_files(HOMES))
    assert refused.value.code == "batches.known-already"


def test_with_the_look_at_earlier_rows_off_the_same_home_is_refused_the_second_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(town, make_files(HOMES, mend=spoil))
    monkeypatch.setattr(operations, "find_known", lambda **_: {})
    monkeypatch.setattr(filing, "case_id_of", lambda **_: new_id())
    again = send(town, make_files(HOMES))
    assert (again.done, again.refused) == (3, 3)


@pytest.mark.req("TTL-5")
def test_a_dry_run_opens_nothing_until_somebody_has_it_taken_in(town: Town) -> None:
    checked = send(town, make_files(HOMES, mend=spoil), dry=True)
    assert (checked.state, checked.waiting, checked.refused) == ("checked", 4, 2)
    assert cases(town) == set()
    assert all(one.figures is not None for one in lines(town, checked) if one.state == "waiting")
    take_in_batch(project_id=town.project_id, batch_id=checked.id, by=town.officer(), at=AT)
    assert run_again(town, checked).done == 3


@pytest.mark.req("TTL-5")
def test_killed_in_the_middle_it_goes_on_where_it_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = send(town, make_files(HOMES), run=False)
    entered: list[object] = []

    def die(**kwargs: Any) -> None:
        file_homes(**kwargs)
        entered.append(kwargs)
        if len(entered) == 2:
            raise KeyboardInterrupt  # the cases are laid and not yet recorded

    monkeypatch.setattr(running, "HOMES_AT_ONCE", 2)
    monkeypatch.setattr(operations, "file_homes", die)
    with pytest.raises(KeyboardInterrupt):
        run_again(town, row)
    monkeypatch.undo()
    half = cases(town)
    assert len(half) == 2
    done = run_again(town, row)
    assert (done.state, done.done, done.unchanged) == ("done", HOMES, 0)
    assert half < cases(town)


def test_what_is_unexpected_in_one_home_is_noted_and_the_others_go_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_one(**kwargs: Any) -> None:
        if any(home.judged.report.place == 3 for home, _ in kwargs["homes"]):
            raise ValueError
        file_homes(**kwargs)

    monkeypatch.setattr(operations, "file_homes", break_one)
    done = send(town, make_files(HOMES))
    assert (done.done, done.refused) == (HOMES - 1, 1)
    assert [one.rule for one in lines(town, done) if one.rule] == ["batches.failed-unexpectedly"]


@pytest.mark.req("TTL-5")
def test_each_home_has_an_entry_of_its_own_refused_or_done(town: Town, database: Database) -> None:
    send(town, make_files(HOMES, mend=spoil))
    with psycopg.connect(database.superuser_url) as admin:
        told = admin.execute(
            "SELECT outcome, count(*) FROM ledger_event"
            " WHERE action = 'titlecases.home.taken-in' GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert told == [
        ("done", 3),
        ("refused:batches.material-missing", 1),
        ("refused:batches.owners-differ", 1),
    ]


@pytest.mark.threat("T-23")
def test_a_batch_of_another_community_does_not_exist(town: Town) -> None:
    row = send(town, make_files(1), run=False)
    stranger: Actor = replace(town.officer(), projects=frozenset(), division="4401")
    with pytest.raises(Refusal) as refused:
        run_batch(project_id=town.project_id, batch_id=row.id, by=stranger, at=AT)
    assert refused.value.code == "batches.unknown"
    with reading(by=town.officer()):
        assert batch_by_id(project_id=town.project_id, batch_id=row.id).state == "received"


def test_a_pack_that_is_none_is_told_and_opens_no_row(town: Town) -> None:
    done = send(town, {"readme.txt": b"nothing"})
    assert (done.state, done.rows_total) == ("failed", 0)
    assert [fault.rule for fault in done.faults] == ["batches.manifest-missing"]
