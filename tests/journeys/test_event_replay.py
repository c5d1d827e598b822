"""The real event, chosen again over HTTP from three desks: it ends with the free stock it had.

A slice of it runs with the suite; all of it with ``ANJU_REPLAY_BATCHES=42``, and at a hundred times
the recorded speed with ``ANJU_REPLAY_SPEED=100`` (half an hour).
"""

from __future__ import annotations

import os

import psycopg
import pytest

from anju_rules.entitlement import judge_homes
from anju_rules.values import HouseholdNumber, UnitNumber
from tests.support.choice_mutations import SelectionEvent, read_selection_event
from tests.support.databases import Database
from tests.support.real_event import DESKS, Desk, Replay, desk_token, order_of, ready_event
from tests.support.site import serve_site

pytestmark = pytest.mark.long

BATCHES = int(os.environ.get("ANJU_REPLAY_BATCHES", "1"))
SPEED = float(os.environ.get("ANJU_REPLAY_SPEED", "0"))


@pytest.fixture(scope="module")
def event() -> SelectionEvent:
    return read_selection_event()


def unlawful_asks(event: SelectionEvent) -> dict[HouseholdNumber, list[tuple[list[str], str]]]:
    """Give some of the first households something they may not have, and the rules' own code."""
    order = order_of(event)
    by_community: dict[str, list[UnitNumber]] = {}
    taken = {choice.unit for choice in event.choices}
    for number, home in event.homes.items():
        if number not in taken:
            by_community.setdefault(home.community, []).append(number)
    largest = sorted(event.homes, key=lambda number: -event.homes[number].area_sqm)
    wrong = (
        by_community["小区D"][:2],
        [by_community["小区E"][0], by_community["小区F"][0]],
        [number for number in largest if number not in taken][:5],
    )
    asks: dict[HouseholdNumber, list[tuple[list[str], str]]] = {}
    for household in order[3:24]:
        for homes in wrong:
            verdict = judge_homes(
                household=event.households[household],
                homes=[event.homes[number] for number in homes],
                opened_needs=frozenset(),
                rules=event.rules,
            )
            for finding in verdict.unmet[:1]:
                asks.setdefault(household, []).append(
                    ([str(number) for number in homes], finding.code)
                )
    first = next(choice.unit for choice in event.choices)
    for household in order[24:30]:
        asks.setdefault(household, []).append(([str(first)], "selection.unit-already-held"))
    return asks


@pytest.mark.req("SEL-2")
@pytest.mark.req("SEL-4")
@pytest.mark.pitfall("P8")
@pytest.mark.pitfall("P13")
def test_the_real_event_chosen_again_from_three_desks_ends_with_its_free_stock(
    event: SelectionEvent, database: Database
) -> None:
    project = ready_event(event)
    with serve_site() as site:
        desks = [Desk(site, desk_token(project, desk)) for desk in range(1, DESKS + 1)]
        replay = Replay(event, desks, speed=SPEED, unlawful=unlawful_asks(event))
        replay.run(batches=BATCHES)
        _, board = desks[0].ask("GET", "board")
    order = order_of(event)
    chosen = {home for one in order[: 30 * BATCHES] for home in replay.homes_of(one)}
    assert replay.faults == []
    free = {home["number"] for home in board["homes"] if home["state"] == "free"}
    assert free == {str(number) for number in event.homes} - {str(home) for home in chosen}
    assert set(replay.refused) == {
        "selection.over-area-budget",
        "selection.community-limit",
        "selection.community-excluded",
        "selection.unit-already-held",
    }
    with psycopg.connect(database.superuser_url) as admin:
        told = admin.execute(
            "SELECT count(*), count(DISTINCT unit_id) FROM selection_choice"
            " WHERE released_at IS NULL"
        ).fetchone()
        entries = admin.execute(
            "SELECT count(*) FROM ledger_event"
            " WHERE action = 'selection.home.chosen' AND outcome = 'done'"
        ).fetchone()
    assert told == (len(chosen), len(chosen))
    assert entries == (sum(1 for one in order[: 30 * BATCHES] if replay.homes_of(one)),)
