"""What a database must refuse even where the program would not: redraws, late entries, ranks."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from anju.foundation.draws.queries import order_of
from anju.foundation.draws.types import NewList
from anju_rules.ceremony import Step
from anju_rules.values import Refusal
from tests.support.ceremonies import (
    Cast,
    Play,
    gather,
    make_line,
    make_lists,
    open_play,
)
from tests.support.databases import Database

AT_ONCE = 100
THREADS = 25
"""The test server has a hundred connections; each thread lays out four ceremonies in turn."""
ONE_THAT_COUNTS = "draws_ceremony_one_that_counts"
ROLES = ("anju_owner", "anju_app", "anju_ledger", "superuser")


@pytest.fixture
def cast(database: Database) -> Cast:
    assert database.name
    return gather()


# --------------------------------------------------------------------------- T-02: draw again


def lay_out_at_once(database: Database, cast: Cast) -> tuple[int, list[str]]:
    """Lay out a hundred ceremonies of one list at once; gives how many won, and the refusals."""
    lists = make_lists(size=2)

    def lay_out() -> list[str]:
        told = []
        for _ in range(AT_ONCE // THREADS):
            try:
                open_play(cast, lists=lists)
                told.append("won")
            except Refusal as refusal:
                told.append(refusal.code)
        return told

    outcomes: list[str] = []
    for told in database.in_threads([lay_out] * THREADS):
        assert isinstance(told, list), told
        outcomes += told
    assert len(outcomes) == AT_ONCE
    return outcomes.count("won"), [outcome for outcome in outcomes if outcome != "won"]


@pytest.mark.req("DRW-1")
@pytest.mark.threat("T-02")
@pytest.mark.pitfall("P1")
def test_of_a_hundred_layouts_at_once_one_wins_and_ninety_nine_leave_their_entries(
    database: Database, cast: Cast
) -> None:
    won, refused = lay_out_at_once(database, cast)
    assert won == 1
    assert refused == ["draws.already-open"] * (AT_ONCE - 1)
    with psycopg.connect(database.superuser_url) as admin:
        entries = admin.execute(
            "SELECT outcome, count(*) FROM ledger_event WHERE action = 'draws.ceremony.opened'"
            " GROUP BY outcome ORDER BY outcome"
        ).fetchall()
    assert entries == [("done", 1), ("refused:draws.already-open", AT_ONCE - 1)]
    print(f"one of {AT_ONCE} won, {len(refused)} of {AT_ONCE - 1} refused")  # noqa: T201


@pytest.mark.threat("T-02")
def test_control_without_the_index_the_list_is_drawn_again(database: Database, cast: Cast) -> None:
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute(f"DROP INDEX {ONE_THAT_COUNTS}")
    open_play(cast, lists=make_lists(size=2))
    open_play(cast, lists=make_lists(size=2))


# --------------------------------------------------------------------------- T-04: late entries


def connect(database: Database, role: str) -> psycopg.Connection:
    url = database.superuser_url if role == "superuser" else database.url(role)
    return psycopg.connect(url)


def late_writes(play: Play) -> dict[str, tuple[str, list[object]]]:
    """Give the ways to write to a list that is frozen, each with its values."""
    row, ticket = play.row, "T1-0000"
    values = [row.project_id, row.id, row.draws[0].id, b"\x01" * 32]
    return {
        "insert": (
            (
                "INSERT INTO draws_entry (project_id, ceremony_id, draw_id, commitment, ticket,"
                " masked_name, street, is_disputed, is_decided)"
                " VALUES (%s, %s, %s, %s, 'LATE-1', '', '', false, true)"
            ),
            values,
        ),
        "update": (
            "UPDATE draws_entry SET commitment = %s WHERE ceremony_id = %s AND ticket = %s",
            [b"\x02" * 32, row.id, ticket],
        ),
        "move": (
            "UPDATE draws_entry SET is_disputed = NOT is_disputed WHERE ceremony_id = %s",
            [row.id],
        ),
        "delete": (
            "DELETE FROM draws_entry WHERE ceremony_id = %s AND ticket = %s",
            [row.id, ticket],
        ),
        "truncate": ("TRUNCATE draws_entry CASCADE", []),
        "unfreeze": ("UPDATE draws_ceremony SET step = 'opened' WHERE id = %s", [row.id]),
        "list": ("UPDATE draws_draw SET root = %s WHERE ceremony_id = %s", ["0" * 64, row.id]),
        "forget": ("DELETE FROM draws_ceremony WHERE id = %s", [row.id]),
    }


@pytest.mark.req("DRW-2")
@pytest.mark.threat("T-04")
@pytest.mark.pitfall("P16")
def test_after_the_freeze_no_role_of_the_database_writes_an_entry(
    database: Database, cast: Cast
) -> None:
    play = open_play(cast)
    play.play(until=Step.FROZEN)
    refused, tried = 0, 0
    for role in ROLES:
        for name, (statement, values) in late_writes(play).items():
            for setting in ("origin", "replica") if role == "superuser" else ("origin",):
                if setting == "replica" and name not in {"insert", "update", "move", "delete"}:
                    continue
                tried += 1
                with connect(database, role) as connection:
                    if role == "superuser":
                        connection.execute(f"SET session_replication_role = {setting}")
                    with pytest.raises(
                        (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)
                    ):
                        connection.execute(statement.encode(), values)
                    connection.rollback()
                    refused += 1
    print(f"late writes refused {refused} of {tried}")  # noqa: T201
    assert refused == tried == len(ROLES) * 8 + 4
    before = play.row.draws[0].root
    assert play.look().draws[0].root == before


@pytest.mark.threat("T-04")
def test_control_without_the_trigger_an_entry_is_slipped_in(database: Database, cast: Cast) -> None:
    play = open_play(cast)
    play.play(until=Step.FROZEN)
    statement, values = late_writes(play)["insert"]
    with connect(database, "superuser") as connection:
        connection.execute("ALTER TABLE draws_entry DISABLE TRIGGER draws_entry_frozen")
        connection.execute("ALTER TABLE ledger_owed DISABLE TRIGGER ledger_owed_settle")
        assert connection.execute(statement.encode(), values).rowcount == 1
    # Past the trigger it still comes no further than the root that was frozen.
    play.play(until=Step.COMMITTED)
    play.sign(Step.ANNOUNCED, "operator")
    with pytest.raises(Refusal) as refused:
        play.sign(Step.ANNOUNCED, "notary")
    assert refused.value.code == "draws.list-differs"


@pytest.mark.threat("T-04")
def test_a_writer_that_races_the_freeze_sees_it(database: Database, cast: Cast) -> None:
    """An entry that is written while the freeze is under way waits, and is then refused."""
    play = open_play(cast)
    play.wait_until(play.row.freeze_at)
    play.sign(Step.FROZEN, "operator")
    statement, values = late_writes(play)["insert"]
    with connect(database, "superuser") as freezing, connect(database, "superuser") as late:
        freezing.execute("SELECT 1 FROM draws_ceremony WHERE id = %s FOR UPDATE", [play.row.id])
        late.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            late.execute(statement.encode(), values)
        freezing.rollback()
        late.rollback()


# --------------------------------------------------------------------- T-06: ghost households


@pytest.mark.threat("T-06")
def test_a_list_with_entries_nobody_decided_does_not_freeze_and_they_are_named(
    cast: Cast,
) -> None:
    """Six entries with consecutive numbers and no decision: the six that once won."""
    (good,) = make_lists(size=12)
    ghosts = [make_line(f"T1-07{n:02d}", street="玉泉街道", is_decided=False) for n in range(6)]
    play = open_play(cast, lists=[NewList(stratum="甲", lines=(*good.lines, *ghosts))])
    play.wait_until(play.row.freeze_at)
    with pytest.raises(Refusal) as refused:
        play.sign(Step.FROZEN, "operator")
    assert refused.value.code == "draws.entries-undecided"
    assert refused.value.facts["count"] == 6
    named = str(refused.value.facts["tickets"]).split(", ")
    assert named == [line.ticket for line in ghosts]
    assert play.look().step is Step.OPENED
    # Control: decided by two people, the same list freezes.
    decided = [make_line(line.ticket, street="玉泉街道") for line in ghosts]
    other = open_play(cast, batch="2", lists=[NewList(stratum="甲", lines=(*good.lines, *decided))])
    assert other.play(until=Step.FROZEN).step is Step.FROZEN


# -------------------------------------------------------------- P7: no way to a rank but the draw


def ranks_by_hand(play: Play) -> list[tuple[str, list[object]]]:
    """Give the ways to write a rank past the derivation."""
    row, draw = play.row, play.row.draws[0]
    return [
        (
            (
                "INSERT INTO draws_place (project_id, draw_id, place, ticket, ceremony_id)"
                " VALUES (%s, %s, 1, 'T1-0000', %s)"
            ),
            [row.project_id, draw.id, row.id],
        ),
        ("UPDATE draws_place SET place = place + 100 WHERE ceremony_id = %s", [row.id]),
        ("DELETE FROM draws_place WHERE ceremony_id = %s", [row.id]),
        ("UPDATE draws_draw SET seed = %s WHERE id = %s", ["0" * 64, draw.id]),
        ("UPDATE draws_commitment SET secret = %s WHERE ceremony_id = %s", ["0" * 64, row.id]),
        (
            "UPDATE draws_ceremony SET step = 'void', void_cause = 'custody' WHERE id = %s",
            [row.id],
        ),
        ("UPDATE draws_ceremony SET step = 'beacon' WHERE id = %s", [row.id]),
    ]


@pytest.mark.pitfall("P7")
@pytest.mark.threat("T-02")
def test_once_derived_no_role_writes_a_rank_a_seed_or_a_void(
    database: Database, cast: Cast
) -> None:
    play = open_play(cast, lists=make_lists(size=4))
    play.play(until=Step.DERIVED)
    order = order_of(**play.ids)
    for role in ROLES:
        for statement, values in ranks_by_hand(play):
            with connect(database, role) as connection:
                with pytest.raises(
                    (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)
                ):
                    connection.execute(statement.encode(), values)
                connection.rollback()
    assert order_of(**play.ids) == order


@pytest.mark.pitfall("P7")
def test_before_the_cards_are_open_no_role_writes_a_rank(database: Database, cast: Cast) -> None:
    play = open_play(cast, lists=make_lists(size=4))
    statement, values = ranks_by_hand(play)[0]
    for role in ROLES:
        with connect(database, role) as connection:
            with pytest.raises(
                (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)
            ):
                connection.execute(statement.encode(), values)
            connection.rollback()


@pytest.mark.pitfall("P1")
def test_what_happened_is_neither_rewritten_nor_deleted(database: Database, cast: Cast) -> None:
    play = open_play(cast, lists=make_lists(size=2))
    play.play(until=Step.COMMITTED)
    kept = ("event", "signature", "commitment", "party", "street_count", "draw", "ceremony")
    for table in kept:
        name = sql.Identifier(f"draws_{table}")
        for role in ("anju_app", "anju_owner", "superuser"):
            with connect(database, role) as connection:
                with pytest.raises(
                    (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)
                ):
                    connection.execute(sql.SQL("DELETE FROM {}").format(name))
                connection.rollback()
