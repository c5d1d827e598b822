"""Handing homes over: who may, what must stand before, and that it happens once (DLV-1 in part)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
import pytest

from anju.foundation.ledger.queries import entries_of
from anju.resettlement.delivery.operations import (
    prepare_hand_over,
    sign_hand_over,
    withdraw_hand_over,
)
from anju.resettlement.delivery.queries import hand_overs_of, homes_to_hand_over
from anju.resettlement.delivery.types import HandOverRow, MeterReadings
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.delivery import HANDED_ON, READINGS, Held, held_home

pytestmark = pytest.mark.usefixtures("database")


def refused(held: Held, **change: object) -> str:
    told = {
        "project_id": held.project.id,
        "unit_id": held.unit_id,
        "accepted_on": date(2026, 8, 20),
        "promised_on": None,
        "keys": 4,
        "readings": READINGS,
        "by": held.office(),
        "at": HANDED_ON,
    }
    with pytest.raises(Refusal) as caught:
        prepare_hand_over(**(told | change))  # type: ignore[arg-type]
    return caught.value.code


@pytest.mark.req("DLV-1", "TTL-10")
def test_a_home_is_handed_over_once_both_sides_have_signed() -> None:
    held = held_home()
    (waiting,) = homes_to_hand_over(project_id=held.project.id)
    assert (waiting.household_id, waiting.missing) == (held.household_id, ())
    row = held.prepare()
    assert homes_to_hand_over(project_id=held.project.id) == ()
    assert held.sign(row, held.office()).state == "prepared"
    done = held.sign(row, held.family)
    assert (done.state, done.late_days, done.readings.water) == ("handed-over", 1, "12.5")
    actions = [one.action for one in entries_of(str(row.id))]
    assert actions == [
        "delivery.hand-over.prepared",
        "delivery.hand-over.signed",
        "delivery.home.handed-over",
    ]
    own = hand_overs_of(project_id=held.project.id, household_id=held.household_id)
    assert [one.id for one in own] == [row.id]


@pytest.mark.req("DLV-1")
def test_what_may_not_be_handed_over_is_refused_with_its_reason() -> None:
    held = held_home(is_ready=False)
    assert refused(held) == "inventory.signature-missing"
    held = replace(held, unit_id=next(u for u in held.project.units.values() if u != held.unit_id))
    assert refused(held) == "delivery.nobody-holds-it"


@pytest.mark.req("DLV-1")
def test_keys_meters_and_the_day_of_acceptance_are_asked_for() -> None:
    held = held_home()
    assert refused(held, accepted_on=date(2026, 9, 2)) == "delivery.not-accepted"
    assert refused(held, keys=0) == "delivery.keys-unclear"
    for wrong in ("", "-1", "1e3", "十二", "1.2345"):
        readings = MeterReadings(water=wrong, power="1")
        assert refused(held, readings=readings) == "delivery.reading-malformed"
    held.prepare()
    assert refused(held) == "delivery.begun-already"


@pytest.mark.req("DLV-1")
@pytest.mark.threat("T-23")
def test_nobody_signs_for_another_side_or_family_or_twice() -> None:
    held = held_home()
    row = held.prepare()

    def code_of(by: object) -> str:
        with pytest.raises(Refusal) as caught:
            held.sign(row, by)  # type: ignore[arg-type]
        return caught.value.code

    strangers = [h for h in held.project.households.values() if h != held.household_id]
    assert code_of(held.project.household(strangers[0])) == "delivery.unknown-hand-over"
    assert code_of(held.office("notary")) == "access.not-permitted"
    held.sign(row, held.office())
    assert code_of(held.office()) == "delivery.signed-already"
    held.sign(row, held.family)
    assert code_of(held.family) == "delivery.ended"
    with pytest.raises(Refusal, match=r"delivery\.ended"):
        withdraw(held, row)


def withdraw(held: Held, row: HandOverRow, reason: str = "表底数抄错") -> HandOverRow:
    return withdraw_hand_over(
        project_id=held.project.id,
        hand_over_id=row.id,
        reason=reason,
        by=held.office(),
        at=HANDED_ON,
    )


@pytest.mark.req("DLV-1")
def test_a_wrong_one_is_withdrawn_with_its_reason_and_prepared_anew(database: Database) -> None:
    held = held_home()
    first = held.prepare()
    with pytest.raises(Refusal, match=r"delivery\.reason-missing"):
        withdraw(held, first, " ")
    withdraw(held, first)
    second = held.hand_over()
    states = {one.id: one.state for one in hand_overs_of(project_id=held.project.id)}
    assert states == {first.id: "withdrawn", second.id: "handed-over"}
    for change in ("SET keys = 9", "SET state = 'prepared'"):
        with (
            database.connect("anju_app") as connection,
            pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="signed-is-fixed"),
        ):
            connection.execute(f"UPDATE delivery_hand_over {change}".encode())
    assert second in hand_overs_of(project_id=held.project.id)


@pytest.mark.req("DLV-1")
def test_days_are_the_citys_also_before_eight_in_the_morning() -> None:
    held = held_home()
    early = datetime(2026, 9, 1, 23, 30, tzinfo=UTC)  # half past seven on 2 September in the city
    row = prepare_hand_over(
        project_id=held.project.id,
        unit_id=held.unit_id,
        accepted_on=date(2026, 9, 2),
        promised_on=date(2026, 9, 1),
        keys=4,
        readings=READINGS,
        by=held.office(),
        at=early,
    )
    told = {"project_id": held.project.id, "hand_over_id": row.id}
    sign_hand_over(by=held.office(), at=early, **told)
    assert sign_hand_over(by=held.family, at=early, **told).late_days == 1
