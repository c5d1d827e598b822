"""Who comes for a household: a proxy with a signed mandate, or its wishes (SEL-2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from django.test.utils import override_settings

from anju.foundation.access.context import reading
from anju.foundation.access.operations import erase_household, sign_in
from anju.foundation.access.queries import actor_by_id
from anju.foundation.access.types import Actor
from anju.foundation.ledger.queries import find_entry
from anju.resettlement.selection import attendance
from anju.resettlement.selection.attendance_types import ProxyKey
from anju.resettlement.selection.operations.absences import declare_absence, end_absence
from anju.resettlement.selection.operations.mandates import (
    NewMandate,
    register_mandate,
    revoke_mandate,
)
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.hostile_files import plain_pdf
from tests.support.selections import AT, Selected, drawn_project, officer

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.req("SEL-2")]
NAME, IDENTITY = "赵代理", "11010119900307803X"


@pytest.fixture
def project(database: Database) -> Iterator[Selected]:
    assert database.name
    with override_settings(SCANNER="off"):
        yield drawn_project()


def first_household(project: Selected) -> UUID:
    """Give a household that handed in wishes."""
    return project.households["H0002"]


def register(
    project: Selected,
    household_id: UUID,
    *,
    until: date = date(2026, 6, 30),
    second: Actor | None = None,
) -> ProxyKey:
    return register_mandate(
        project_id=project.id,
        household_id=household_id,
        mandate=NewMandate(
            proxy_name=NAME,
            identity_number=IDENTITY,
            valid_until=until,
            paper_name="委托书.pdf",
            paper=plain_pdf(),
        ),
        by=project.officer,
        second=second or officer("selection-officer"),
        at=AT,
    )


def enter(key: ProxyKey) -> Actor:
    """Sign in with what the proxy was given."""
    account = sign_in(
        login=key.code, password=key.pin, code="", address="120.1.2.3", request_id="t", at=AT
    )
    return actor_by_id(account_id=account.id)


def test_a_proxy_signs_in_and_may_choose_for_its_household_and_nothing_else(
    project: Selected,
) -> None:
    household_id = first_household(project)
    proxy = enter(register(project, household_id))
    assert (proxy.kind, proxy.role) == ("household", "proxy")
    assert (proxy.household_id, proxy.project_id) == (household_id, project.id)
    with pytest.raises(Refusal, match=r"selection\.not-by-proxy"):
        declare_absence(project_id=project.id, household_id=household_id, by=proxy, at=AT)


def test_what_names_a_proxy_is_sealed_and_shown_masked(
    project: Selected, database: Database
) -> None:
    household_id = first_household(project)
    register(project, household_id)
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute("SELECT m::text FROM selection_mandate m").fetchone()
    assert row is not None
    assert NAME not in row[0]
    assert IDENTITY not in row[0]
    with reading(by=project.officer):
        (shown,) = attendance.mandates_of(project_id=project.id)
    assert NAME not in repr(shown)
    assert IDENTITY not in repr(shown)
    assert shown.proxy_name.startswith("赵")


def test_a_mandate_needs_two_officers(project: Selected) -> None:
    with pytest.raises(Refusal, match=r"access\.same-person"):
        register(project, first_household(project), second=project.officer)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"proxy_name": " "}, "selection.mandate-incomplete"),
        ({"identity_number": "110101199003078031"}, "identifier.id-check-digit"),
        ({"valid_until": date(2026, 5, 31)}, "selection.mandate-over"),
        ({"paper": b"no paper"}, "documents.kind-not-taken"),
    ],
)
def test_a_mandate_that_is_not_whole_is_refused_and_opens_no_account(
    project: Selected, database: Database, changed: dict[str, object], code: str
) -> None:
    told = NewMandate(
        proxy_name=NAME,
        identity_number=IDENTITY,
        valid_until=date(2026, 6, 30),
        paper_name="委托书.pdf",
        paper=plain_pdf(),
    )
    with pytest.raises(Refusal) as refused:
        register_mandate(
            project_id=project.id,
            household_id=first_household(project),
            mandate=replace(told, **changed),  # type: ignore[arg-type]
            by=project.officer,
            second=officer(),
            at=AT,
        )
    assert refused.value.code == code
    with psycopg.connect(database.superuser_url) as connection:
        found = connection.execute("SELECT 1 FROM access_account WHERE role = 'proxy'").fetchall()
    assert not found


def test_a_household_revokes_its_mandate_itself_and_the_proxy_is_out_at_once(
    project: Selected,
) -> None:
    household_id = first_household(project)
    key = register(project, household_id)
    proxy = enter(key)
    with pytest.raises(Refusal, match=r"selection\.not-by-proxy"):
        revoke_mandate(project_id=project.id, mandate_id=key.mandate_id, by=proxy, at=AT)
    own = project.household(household_id)
    revoke_mandate(project_id=project.id, mandate_id=key.mandate_id, by=own, at=AT)
    with pytest.raises(Refusal, match=r"access\.not-found"):
        actor_by_id(account_id=proxy.id)
    with pytest.raises(Refusal, match=r"access\.sign-in-refused"):
        enter(key)
    again = register(project, household_id)
    assert enter(again).id != proxy.id


def test_another_household_cannot_revoke_a_mandate(project: Selected) -> None:
    key = register(project, first_household(project))
    stranger = project.household(project.households["H0003"])
    with pytest.raises(Refusal, match=r"selection\.mandate-unknown"):
        revoke_mandate(project_id=project.id, mandate_id=key.mandate_id, by=stranger, at=AT)
    assert enter(key).role == "proxy"


def test_a_household_has_one_proxy_at_a_time(project: Selected) -> None:
    register(project, first_household(project))
    with pytest.raises(Refusal, match=r"selection\.mandate-stands"):
        register(project, first_household(project))


def test_a_mandate_ends_with_its_last_day(project: Selected) -> None:
    household_id = first_household(project)
    register(project, household_id, until=date(2026, 6, 1))
    with reading(by=project.officer):
        row = attendance.find_mandate(project_id=project.id, household_id=household_id)
        assert row is not None
        for day, may in ((date(2026, 6, 1), True), (date(2026, 6, 2), False)):
            assert row.holds_on(day) is may
            assert (
                attendance.may_act_by_mandate(
                    project_id=project.id, account_id=row.account_id, day=day
                )
                is may
            )


def test_of_an_erased_household_no_proxy_is_left_to_show(project: Selected) -> None:
    household_id = first_household(project)
    key = register(project, household_id)
    erase_household(
        project_id=project.id,
        household_id=household_id,
        ground="本人申请",
        by=project.officer,
        second=officer(),
        at=AT + timedelta(days=1),
    )
    with reading(by=project.officer):
        (shown,) = attendance.mandates_of(project_id=project.id)
    assert (shown.proxy_name, shown.identity_number) == ("", "")
    with pytest.raises(Refusal, match=r"access\.sign-in-refused"):
        enter(key)


def test_a_household_has_its_wishes_followed_and_takes_it_back(project: Selected) -> None:
    household_id = first_household(project)
    own = project.household(household_id)
    told = {"project_id": project.id, "household_id": household_id, "by": own, "at": AT}
    absence = declare_absence(**told)  # type: ignore[arg-type]
    assert not absence.is_by_paper
    with pytest.raises(Refusal, match=r"selection\.absence-stands"):
        declare_absence(**told)  # type: ignore[arg-type]
    with reading(by=own):
        found = attendance.find_absence(project_id=project.id, household_id=household_id)
    assert found == absence
    end_absence(**told)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"selection\.absence-unknown"):
        end_absence(**told)  # type: ignore[arg-type]
    entry = find_entry(event_id=absence.event_id)
    assert entry is not None
    assert entry.action == "selection.absence.declared"


def test_nobody_is_absent_by_wishes_it_never_had(project: Selected) -> None:
    household_id = project.households["H0001"]
    with pytest.raises(Refusal, match=r"selection\.absence-without-wishes"):
        declare_absence(
            project_id=project.id,
            household_id=household_id,
            by=project.household(household_id),
            at=AT,
        )


def test_at_the_window_an_absence_needs_the_signed_paper(project: Selected) -> None:
    told = {
        "project_id": project.id,
        "household_id": first_household(project),
        "by": officer("selection-officer"),
        "at": AT,
    }
    with pytest.raises(Refusal, match=r"selection\.absence-without-paper"):
        declare_absence(**told)  # type: ignore[arg-type]
    absence = declare_absence(**told, paper_name="委托单.pdf", paper=plain_pdf())  # type: ignore[arg-type]
    assert absence.is_by_paper


def test_an_absence_is_not_shown_to_another_household(project: Selected) -> None:
    household_id = first_household(project)
    declare_absence(
        project_id=project.id,
        household_id=household_id,
        by=project.household(household_id),
        at=AT,
    )
    with reading(by=project.household(project.households["H0003"])):
        assert not attendance.absences_of(project_id=project.id)
