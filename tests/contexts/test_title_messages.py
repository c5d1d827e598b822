"""Owners are told of every change of their case (TTL-6), in the same transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from anju.foundation.casework import events
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.types import HandedIn, NewAction
from anju.foundation.messages.queries import due_messages
from anju.foundation.messages.types import DueMessage
from anju.jobs.messages import send_messages
from anju.titles.cases.operations import (
    hand_in_papers,
    note_lapsed_materials,
    warn_of_owed_materials,
)
from anju.titles.cases.telling import tell_ended, tell_filed, tell_moved
from anju_rules.messages import Outgoing
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal
from tests.contexts.test_messages import Line
from tests.support.access import SYSTEM
from tests.support.communities import AT, open_town
from tests.support.title_cases import (
    accept,
    decide,
    default_papers,
    file_first,
    file_transfer,
)

pytestmark = pytest.mark.usefixtures("database")
MORNING = AT + timedelta(hours=23)


def told() -> list[str]:
    """Give the kinds of the messages that wait, in the order they were laid."""
    return [one.kind for one in sorted(due_messages(by=SYSTEM, at=MORNING), key=_laid)]


def _laid(one: DueMessage) -> datetime:
    return one.laid_at


@pytest.mark.req("TTL-6")
def test_owners_are_told_of_every_change_and_the_number_is_opened_only_to_send() -> None:
    town = open_town(homes=2)
    file_first(town)
    case = file_transfer(town, town.homes[0], at=AT)
    accept(town, case.id, at=AT + timedelta(minutes=1))
    decide(town, case.id, "intake", "taken-in", at=AT + timedelta(minutes=2))
    assert told() == ["title-filed", "title-moved", "title-moved"]
    line = Line()
    send_messages(at=MORNING, gateway=line)
    sent: list[Outgoing] = line.sent
    assert {one.to for one in sent} == {"13800000000"}
    assert all(case.number in one.text and "王" not in one.text for one in sent)


@pytest.mark.req("TTL-6")
def test_what_is_refused_tells_nobody() -> None:
    town = open_town(homes=2)
    file_first(town)
    case = file_transfer(town, town.homes[0], at=AT)
    with pytest.raises(Refusal):
        take_action(
            project_id=town.project_id,
            case_id=case.id,
            act=NewAction(kind=ActionKind.DECIDE, step="issue", outcome="issued"),
            by=town.officer(),
            at=AT,
        )
    assert told() == ["title-filed"]


@pytest.mark.req("TTL-6")
def test_control_without_the_listener_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, listener in (
        (events.EventKind.OPENED, tell_filed),
        (events.EventKind.ACTED, tell_moved),
        (events.EventKind.CLOSED, tell_ended),
    ):
        left = {one: hear for one, hear in events._listeners[kind].items() if one is not listener}
        monkeypatch.setitem(events._listeners, kind, left)
    town = open_town(homes=2)
    file_first(town)
    file_transfer(town, town.homes[0], at=AT)
    assert told() == []


@pytest.mark.req("TTL-2", "TTL-6")
def test_owners_are_reminded_before_a_paper_is_due_and_told_what_follows_when_it_has_not_come(
) -> None:  # fmt: skip
    town = open_town(homes=2)
    file_first(town)
    owing = default_papers("title-6-steps", without=("floor-sketch",))
    late, healed = (file_transfer(town, home, materials=owing) for home in town.homes)
    for case in (late, healed):
        accept(town, case.id)
        decide(town, case.id, "intake", "taken-in-owing")
    # Three working days end on 21 September; the working day before is a Sunday that is worked.
    day = timedelta(days=1)
    assert warn_of_owed_materials(by=SYSTEM, at=AT + 2 * day) == ()
    assert set(warn_of_owed_materials(by=SYSTEM, at=AT + 3 * day)) == {late.id, healed.id}
    assert warn_of_owed_materials(by=SYSTEM, at=AT + 4 * day) == (), "of each limit once"
    hand_in_papers(
        project_id=town.project_id,
        case_id=healed.id,
        materials=[HandedIn(code="floor-sketch")],
        by=town.officer(),
        at=AT + 4 * day,
    )
    assert note_lapsed_materials(by=SYSTEM, at=AT + 5 * day) == (late.id,)
    line = Line()
    send_messages(at=AT + 5 * day, gateway=line)
    about = {
        number: [one.text for one in line.sent if number in one.text and "欠" in one.text]
        for number in (late.number, healed.number)
    }
    before, after = sorted(about[late.number], key=lambda text: "没有补来" in text)
    assert "9 月 21 日前补来" in before
    assert "分户图" in before
    assert "会被不予登记" in before
    assert "没有补来，现在不能核准" in after
    assert len(about[healed.number]) == 1, "whoever brought it hears no more of it"
