"""A session names an account; whoever it names is read anew with every request."""

from __future__ import annotations

import pytest
from django.contrib.auth import login, logout
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from anju.foundation.access.middleware import ActorMiddleware
from anju.foundation.access.models import Account
from anju.foundation.access.queries import find_actor
from anju.foundation.access.types import Actor
from tests.support.access import (
    Family,
    open_family,
    open_officer,
    open_scope,
    open_tier,
    recorded,
)
from tests.support.databases import Database


@pytest.fixture
def family(database: Database) -> Family:
    """Give a household with an account."""
    del database
    return open_family(open_scope("370105"))


def begin(family: Family) -> SessionStore:
    """Begin a session as Django does it after ``sign_in``."""
    found = find_actor(account_id=family.account_id)
    assert found is not None
    request = RequestFactory().post("/sign-in/")
    request.session = SessionStore()
    login(request, found[0])
    request.session.save()
    return request.session


def whoever_asks(session_key: str | None) -> Actor | None:
    """Send a request with a session through the middleware; give whom the view sees."""
    seen: list[Actor | None] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(getattr(request, "actor", None))
        assert getattr(request, "request_id", "")
        return HttpResponse()

    request = RequestFactory().get("/me/", REMOTE_ADDR="120.1.2.3")
    request.session = SessionStore(session_key)
    ActorMiddleware(view)(request)
    return seen[0]


def change(family: Family, **values: object) -> None:
    with recorded():
        assert Account.objects.filter(id=family.account_id).update(**values) == 1


@pytest.mark.threat("T-32")
def test_a_session_leads_to_its_actor_until_it_ends(family: Family) -> None:
    session = begin(family)
    actor = whoever_asks(session.session_key)
    assert actor is not None
    assert (actor.household_id, actor.address) == (family.id, "120.1.2.3")
    request = RequestFactory().post("/sign-out/")
    request.session = session
    key = session.session_key
    logout(request)
    assert whoever_asks(key) is None


@pytest.mark.threat("T-32")
@pytest.mark.parametrize("values", [{"password": "!"}, {"is_active": False}])
def test_what_was_taken_away_is_gone_with_the_next_request(
    family: Family, values: dict[str, object]
) -> None:
    session = begin(family)
    assert whoever_asks(session.session_key) is not None
    change(family, **values)
    assert whoever_asks(session.session_key) is None


def test_rights_are_those_of_now_not_of_the_sign_in(database: Database) -> None:
    del database
    person = open_officer("zhang", role="district-officer", organisation_id=open_tier("370105"))
    before = person.actor.projects
    project = open_scope("370105")
    after = person.actor.projects
    assert before is not None
    assert after == before | {project}


def test_without_a_session_or_with_a_made_up_one_nobody_asks(database: Database) -> None:
    del database
    assert whoever_asks(None) is None
    assert whoever_asks("0" * 32) is None
    forged = SessionStore()
    forged["_auth_user_id"] = "' OR true --"
    forged.save()
    assert whoever_asks(forged.session_key) is None
