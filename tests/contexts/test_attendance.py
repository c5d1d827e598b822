"""The day itself for those that do not simply come: deferred, sent a proxy, stayed away (SEL-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test.utils import override_settings

from anju.foundation.access.operations import sign_in
from anju.foundation.access.queries import actor_by_id
from anju.foundation.access.types import Actor
from anju.resettlement.selection import mapping, queries
from anju.resettlement.selection.lawful import lawful_wishes
from anju.resettlement.selection.operations.absences import declare_absence
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.operations.exchanges import (
    accept_exchange,
    carry_out_exchange,
    propose_exchange,
)
from anju.resettlement.selection.operations.mandates import NewMandate, register_mandate
from anju.resettlement.selection.operations.signing import sign_choice
from anju.resettlement.selection.operations.turns import (
    call_next,
    defer_turn,
    miss_turn,
    return_turn,
    waive_turn,
)
from anju.resettlement.selection.publication import publish_result
from anju.resettlement.selection.rebuild import compare_project
from anju.resettlement.selection.types import TurnRow
from anju_rules.values import Refusal
from tests.contexts.test_selection_published import verify
from tests.support.databases import Database
from tests.support.hostile_files import plain_pdf
from tests.support.selections import (
    AT,
    TOO_LATE,
    Selected,
    call_first,
    drawn_project,
    free_homes,
    officer,
    play_turn,
)

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.req("SEL-2")]


def minutes(number: float) -> datetime:
    return AT + timedelta(minutes=number)


def defer(project: Selected, turn: TurnRow, at: datetime, by: Actor | None = None) -> TurnRow:
    by = by or project.household(turn.household_id)
    return defer_turn(project_id=project.id, turn_id=turn.id, by=by, at=at)


def call(project: Selected, at: datetime) -> TurnRow:
    return call_next(project_id=project.id, by=project.officer, at=at)


def choose(project: Selected, turn: TurnRow, at: datetime) -> None:
    choose_homes(
        project_id=project.id,
        turn_id=turn.id,
        unit_ids=free_homes(project, turn.household_id)[-1:],
        by=project.household(turn.household_id),
        at=at,
    )


def test_a_deferred_household_is_called_after_the_others_of_its_batch() -> None:
    project = drawn_project(households=16, batch_size=4)
    first = call_first(project)
    assert defer(project, first, minutes(1)).state == "returned"
    order = []
    for minute in range(2, 7):
        turn = queries.flow_of(project_id=project.id)
        if not turn.may_call:
            break
        called = call(project, minutes(minute))
        order.append(called.place)
        choose(project, called, minutes(minute + 0.5))
    assert order[-1] == first.place
    assert order == [*sorted(order[:-1]), first.place]
    assert not compare_project(project_id=project.id, by=project.officer)
    verify(publish_result(project_id=project.id, by=project.officer, at=minutes(30)))


def test_a_household_defers_before_it_is_called() -> None:
    project = drawn_project(households=16, batch_size=4)
    first = call_first(project)
    second = queries.flow_of(project_id=project.id).turns[1]
    defer(project, second, minutes(1))
    choose(project, first, minutes(2))
    assert call(project, minutes(3)).place > second.place
    while play_turn(project_id=project.id, by=project.officer, at=minutes(4)) != "done":
        pass
    verify(publish_result(project_id=project.id, by=project.officer, at=minutes(30)))


def test_to_defer_uses_up_the_one_return() -> None:
    project = drawn_project(households=8, batch_size=8)
    turn = call_first(project)
    defer(project, turn, minutes(1))
    with pytest.raises(Refusal, match=r"selection\.turn-state"):
        defer(project, turn, minutes(2))
    while (called := call(project, minutes(2))).place != turn.place:
        waive_turn(project_id=project.id, turn_id=called.id, by=project.officer, at=minutes(2))
    with pytest.raises(Refusal, match=r"selection\.late-turn"):
        defer(project, turn, minutes(3))
    miss_turn(project_id=project.id, turn_id=turn.id, by=project.officer, at=minutes(9))
    with pytest.raises(Refusal, match=r"selection\.late-turn"):
        return_turn(project_id=project.id, turn_id=turn.id, by=project.officer, at=minutes(9))


@pytest.mark.parametrize(
    ("late", "at", "code"),
    [
        ("refused", minutes(1), "selection.late-turn"),
        ("allowed", TOO_LATE, "selection.turn-expired"),
        ("allowed", AT - timedelta(seconds=1), "selection.turn-state"),
    ],
)
def test_a_deferral_the_plan_or_the_clock_does_not_allow_is_refused(
    late: str, at: datetime, code: str
) -> None:
    project = drawn_project(late=late)
    with pytest.raises(Refusal) as refused:
        defer(project, call_first(project), at)
    assert refused.value.code == code


def test_nobody_defers_for_another_household() -> None:
    project = drawn_project()
    turn = call_first(project)
    other = next(one for one in project.households.values() if one != turn.household_id)
    with pytest.raises(Refusal, match=r"selection\.turn-unknown"):
        defer(project, turn, minutes(1), by=project.household(other))


def test_what_a_household_named_is_free_again_when_it_defers(two_signed: Selected) -> None:
    turn = call_first(two_signed)
    homes = free_homes(two_signed, turn.household_id)[:1]
    own = two_signed.household(turn.household_id)
    told: dict[str, Any] = {"project_id": two_signed.id, "turn_id": turn.id, "by": own}
    name_homes(**told, unit_ids=homes, at=minutes(1))
    defer(two_signed, turn, minutes(2))
    following = call(two_signed, minutes(2))
    assert homes[0] in free_homes(two_signed, following.household_id)


# ------------------------------------------------------------------------------- proxies, absentees


@pytest.fixture
def two_signed(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Selected]:
    """Give a project whose choices two sides sign: a rehearsal that is taken for a real draw."""
    assert database.name
    monkeypatch.setattr(mapping, "is_rehearsal", lambda _: False)
    # Plans of batches are another file's: here the batch is open.
    monkeypatch.setattr(
        "anju.resettlement.selection.operations.batches.check_batch_plan", lambda *_, **__: None
    )
    with override_settings(SCANNER="off"):
        yield drawn_project()


def send_proxy(project: Selected, household_id: UUID, *, until: date) -> Actor:
    key = register_mandate(
        project_id=project.id,
        household_id=household_id,
        mandate=NewMandate(
            proxy_name="赵代理",
            identity_number="11010119900307803X",
            valid_until=until,
            paper_name="委托书.pdf",
            paper=plain_pdf(),
        ),
        by=project.officer,
        second=officer(),
        at=AT,
    )
    account = sign_in(
        login=key.code, password=key.pin, code="", address="120.1.2.3", request_id="t", at=AT
    )
    return actor_by_id(account_id=account.id)


def test_a_proxy_names_and_signs_and_the_signature_says_so(two_signed: Selected) -> None:
    turn = call_first(two_signed)
    proxy = send_proxy(two_signed, turn.household_id, until=date(2026, 6, 1))
    told: dict[str, Any] = {"project_id": two_signed.id, "turn_id": turn.id}
    named = choose_homes(
        **told, unit_ids=free_homes(two_signed, turn.household_id)[:1], by=proxy, at=minutes(1)
    )
    assert named.missing[0] == "office"
    (signature,) = named.signatures
    assert (signature.side, signature.is_by_proxy) == ("household", True)
    made = sign_choice(**told, by=two_signed.officer, at=minutes(2))
    assert [one.is_by_proxy for one in made.signatures] == [True, False]


@pytest.mark.threat("T-23")
def test_a_proxy_gives_nothing_up_and_acts_for_no_other_household(two_signed: Selected) -> None:
    turn = call_first(two_signed)
    other = next(one for one in two_signed.households.values() if one != turn.household_id)
    told: dict[str, Any] = {"project_id": two_signed.id, "turn_id": turn.id, "at": minutes(1)}
    proxy = send_proxy(two_signed, turn.household_id, until=date(2026, 6, 1))
    with pytest.raises(Refusal, match=r"selection\.not-by-proxy"):
        waive_turn(**told, by=proxy)
    stranger = send_proxy(two_signed, other, until=date(2026, 6, 1))
    with pytest.raises(Refusal, match=r"selection\.turn-unknown"):
        choose_homes(**told, unit_ids=free_homes(two_signed, turn.household_id)[:1], by=stranger)


def test_a_proxy_whose_mandate_has_run_out_chooses_nothing(two_signed: Selected) -> None:
    turn = call_first(two_signed, at=AT + timedelta(days=1))
    proxy = send_proxy(two_signed, turn.household_id, until=date(2026, 6, 1))
    at = AT + timedelta(days=1, minutes=1)
    told: dict[str, Any] = {"project_id": two_signed.id, "turn_id": turn.id, "by": proxy, "at": at}
    with pytest.raises(Refusal, match=r"selection\.mandate-over"):
        choose_homes(**told, unit_ids=free_homes(two_signed, turn.household_id)[:1])
    with pytest.raises(Refusal, match=r"selection\.mandate-over"):
        defer_turn(**told)


def first_with_wishes(project: Selected) -> TurnRow:
    """Call until a household is called that has wishes it may have."""
    turn = call_first(project)
    while not _has_wishes(project, turn):
        waive_turn(project_id=project.id, turn_id=turn.id, by=project.officer, at=minutes(1))
        turn = call(project, minutes(1))
    return turn


def _has_wishes(project: Selected, turn: TurnRow) -> bool:
    number = next(n for n, known in project.households.items() if known == turn.household_id)
    return number in {str(one) for one in project.plan.wishes}


def test_for_an_absentee_its_wish_is_named_and_a_representative_signs(
    two_signed: Selected,
) -> None:
    turn = first_with_wishes(two_signed)
    own = two_signed.household(turn.household_id)
    told: dict[str, Any] = {"project_id": two_signed.id, "turn_id": turn.id}
    desk, elected = officer("selection-officer"), officer("representative")
    whose: dict[str, Any] = {"project_id": two_signed.id, "household_id": turn.household_id}
    wish = lawful_wishes(**whose, by=desk)[0]
    asked: dict[str, Any] = {"unit_ids": wish, "by_wishes": True, "by": desk, "at": minutes(1)}
    with pytest.raises(Refusal, match=r"selection\.not-absent"):
        choose_homes(**told, **asked)
    declare_absence(**whose, by=own, at=minutes(1))
    named = choose_homes(**told, **asked)
    assert named.missing[0] == "household"
    made = sign_choice(**told, by=elected, at=minutes(1.5))
    if "check" in made.missing:
        made = sign_choice(**told, by=officer("supervisor"), at=minutes(1.5))
    assert made.is_made
    assert {one.account_id for one in made.signatures} >= {desk.id, elected.id}


def test_for_an_absentee_nothing_but_a_wish_is_named_and_its_turn_is_missed_not_waived(
    two_signed: Selected,
) -> None:
    turn = first_with_wishes(two_signed)
    own = two_signed.household(turn.household_id)
    declare_absence(project_id=two_signed.id, household_id=turn.household_id, by=own, at=minutes(1))
    wished = {
        two_signed.units[str(home)]
        for number, wishes in two_signed.plan.wishes.items()
        if two_signed.households[str(number)] == turn.household_id
        for wish in wishes
        for home in wish
    }
    other = next(home for home in free_homes(two_signed, turn.household_id) if home not in wished)
    with pytest.raises(Refusal, match=r"selection\.not-a-wish"):
        choose_homes(
            project_id=two_signed.id,
            turn_id=turn.id,
            unit_ids=[other],
            by_wishes=True,
            by=two_signed.officer,
            at=minutes(1),
        )
    at = minutes(9)
    missed = miss_turn(project_id=two_signed.id, turn_id=turn.id, by=two_signed.officer, at=at)
    assert missed.state == "missed"


# ------------------------------------------------------------------------------------------- record


@pytest.mark.req("MAT-1")
def test_an_exchange_stands_in_the_published_record_and_both_verifiers_follow_it() -> None:
    project = drawn_project(households=16, batch_size=4)
    first = call_first(project)
    choose(project, first, minutes(1))
    second = call(project, minutes(2))
    choose(project, second, minutes(3))
    before = [_homes(project, one) for one in (first, second)]
    exchange = propose_exchange(
        project_id=project.id,
        ticket=second.ticket,
        by=project.household(first.household_id),
        at=minutes(4),
    )
    told: dict[str, Any] = {"project_id": project.id, "exchange_id": exchange.id}
    accept_exchange(**told, by=project.household(second.household_id), at=minutes(4))
    carry_out_exchange(**told, by=project.officer, at=minutes(5))
    assert [_homes(project, one) for one in (second, first)] == before
    assert not compare_project(project_id=project.id, by=project.officer)
    verify(publish_result(project_id=project.id, by=project.officer, at=minutes(6)))
    while play_turn(project_id=project.id, by=project.officer, at=minutes(7)) != "done":
        pass
    assert not compare_project(project_id=project.id, by=project.officer)
    verify(publish_result(project_id=project.id, by=project.officer, at=minutes(30)))


def _homes(project: Selected, turn: TurnRow) -> list[str]:
    choice = queries.find_choice(project_id=project.id, household_id=turn.household_id)
    assert choice is not None
    return [home.number for home in choice.homes]
