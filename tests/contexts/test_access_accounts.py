"""Organisations, accounts, signing in, tokens, erasure: on a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import psycopg
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import override_settings

from anju.foundation.access import operations, sign_in
from anju.foundation.access.codes import ALPHABET, check_household_code, new_household_code, new_pin
from anju.foundation.access.operations import (
    HouseholdKey,
    create_household_accounts,
    erase_household,
    issue_token,
    revoke_token,
)
from anju.foundation.access.queries import actor_by_id, actor_of_token, list_accounts
from anju.foundation.access.types import Tier
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import open_field, seal_field
from anju.foundation.ledger.queries import entries_of
from anju_rules.values import Refusal
from tests.support.access import (
    AT,
    PASSWORD,
    SYSTEM,
    Family,
    Person,
    open_family,
    open_officer,
    open_scope,
    open_tier,
    recorded,
)
from tests.support.databases import Database


def enter(person: Person, **told: object) -> object:
    asked: dict[str, object] = {
        "login": person.login,
        "password": PASSWORD,
        "code": person.code(),
        "address": "10.1.2.3",
        "request_id": "r",
        "at": AT,
    }
    return operations.sign_in(**asked | told)  # type: ignore[arg-type]


def open_family_door(family: Family, **told: object) -> object:
    asked: dict[str, object] = {
        "login": family.code,
        "password": family.pin,
        "code": "",
        "address": "120.1.2.3",
        "request_id": "r",
        "at": AT,
    }
    return operations.sign_in(**asked | told)  # type: ignore[arg-type]


def outcomes(database: Database) -> list[str]:
    with psycopg.connect(database.superuser_url) as all_seeing:
        rows = all_seeing.execute(
            "SELECT outcome FROM ledger_event WHERE action = 'access.signed-in'"
        ).fetchall()
    return [row[0] for row in rows]


@pytest.mark.req("GOV-1")
def test_a_higher_tier_sees_what_is_under_it_and_never_the_reverse(database: Database) -> None:
    del database
    places = {"3701": open_tier("3701"), "370105": open_tier("370105")}
    places |= {"370105001": open_tier("370105001"), "370112": open_tier("370112")}
    roles = {4: "city-officer", 6: "district-officer", 9: "street-officer"}
    people = {
        code: open_officer(f"o{code}", role=roles[len(code)], organisation_id=organisation)
        for code, organisation in places.items()
    }
    projects = {code: open_scope(code) for code in ("3701", "370105", "370105001", "370112")}
    seen = {
        code: sorted(
            name for name, project in projects.items() if person.actor.sees_project(project)
        )
        for code, person in people.items()
    }
    assert seen == {
        "3701": ["3701", "370105", "370105001", "370112"],
        "370105": ["370105", "370105001"],
        "370105001": ["370105001"],
        "370112": ["370112"],
    }


@pytest.mark.req("GOV-1")
def test_an_officer_posted_to_a_project_sees_that_project_alone(database: Database) -> None:
    del database
    street = open_tier("370105001")
    project, other = open_scope("370105001"), open_scope("370105001")
    person = open_officer(
        "desk", role="selection-officer", organisation_id=street, project_id=project
    )
    assert person.actor.projects == frozenset({project})
    assert not person.actor.sees_project(other)


@pytest.mark.req("GOV-1")
def test_nobody_opens_accounts_organisations_or_projects_above_or_beside_their_own(
    database: Database,
) -> None:
    del database
    city, district, beside = open_tier("3701"), open_tier("370105"), open_tier("370112")
    chief = open_officer("chief", role="district-officer", organisation_id=district)
    for organisation in (city, beside, new_id()):
        with pytest.raises(Refusal, match=r"access\.not-found"):
            open_officer("x", role="street-officer", organisation_id=organisation, by=chief.actor)
    for role, code in (
        ("city-officer", "access.role-not-appointed"),
        ("administrator", "access.role-not-appointed"),
        ("household", "access.role-unknown"),
        ("system", "access.role-unknown"),
        ("king", "access.role-unknown"),
    ):
        with pytest.raises(Refusal) as refused:
            open_officer("x", role=role, organisation_id=district, by=chief.actor)
        assert refused.value.code == code
    for division, tier in (("3701", Tier.CITY), ("370112003", Tier.STREET)):
        with pytest.raises(Refusal, match=r"access\.not-found"):
            operations.open_organisation(
                division=division, name="x", tier=tier, by=chief.actor, at=AT
            )
    with pytest.raises(Refusal, match=r"access\.not-found"):
        open_scope("370112", by=chief.actor)
    open_scope("370105", by=chief.actor)
    open_officer("y", role="street-officer", organisation_id=district, by=chief.actor)
    assert [row.login for row in list_accounts(by=chief.actor)] == ["chief", "y"]
    assert {row.name for row in list_accounts(by=chief.actor)} == {"王chief", "王y"}


def test_what_is_there_already_or_malformed_is_refused_with_its_code(database: Database) -> None:
    del database
    city = open_tier("3701")
    open_officer("li", role="city-officer", organisation_id=city)
    with pytest.raises(Refusal, match=r"access\.login-taken"):
        open_officer("LI ", role="city-officer", organisation_id=city)
    with pytest.raises(Refusal, match=r"access\.organisation-exists"):
        open_tier("3701")
    with pytest.raises(Refusal, match=r"access\.division-malformed"):
        operations.open_organisation(division="37", name="x", tier=Tier.CITY, by=SYSTEM, at=AT)
    with pytest.raises(Refusal, match=r"access\.password-short"):
        operations.create_account(
            login="x",
            password="short",  # noqa: S106
            name="x",
            role="city-officer",
            organisation_id=city,
            by=SYSTEM,
            at=AT,
        )
    family = open_family(open_scope("3701"))
    with pytest.raises(Refusal, match=r"access\.login-taken"):
        create_household_accounts(
            project_id=family.project_id,
            keys=[HouseholdKey(household_id=new_id(), code=family.code, pin="000000")],
            by=SYSTEM,
            at=AT,
        )


def test_an_officer_signs_in_with_password_and_code_of_the_minute(database: Database) -> None:
    person = open_officer("zhang", role="city-officer", organisation_id=open_tier("3701"))
    account = enter(person, login=" Zhang ")
    assert getattr(account, "id", None) == person.id
    actor = actor_by_id(account_id=person.id)
    assert actor.has_second_factor
    assert actor.name == "王zhang"
    operations.sign_out(by=actor, at=AT)
    assert [row.action for row in entries_of(target=str(person.id))][-2:] == [
        "access.signed-in",
        "access.signed-out",
    ]
    assert outcomes(database) == ["done"]


def test_a_code_serves_once(database: Database) -> None:
    del database
    person = open_officer("zhang", role="city-officer", organisation_id=open_tier("3701"))
    enter(person)
    with pytest.raises(Refusal, match=r"access\.sign-in-refused"):
        enter(person)
    later = AT + timedelta(seconds=30)
    assert enter(person, at=later, code=person.code(later))


@pytest.mark.threat("T-33")
def test_whatever_is_wrong_the_answer_is_the_same(database: Database) -> None:
    person = open_officer("zhang", role="city-officer", organisation_id=open_tier("3701"))
    family = open_family(open_scope("3701"))
    wrong: list[dict[str, object]] = [
        {"login": "nobody"},
        {"password": "wrong"},
        {"password": PASSWORD + "x" * 300},
        {"code": ""},
        {"code": "000000"},
        {"code": "１２３４５６"},
        {"code": person.code(AT - timedelta(minutes=2))},
    ]
    answers = []
    for told in wrong:
        with pytest.raises(Refusal) as refused:
            enter(person, **told)
        answers.append((refused.value.code, refused.value.facts))
    typed: list[dict[str, object]] = [{"password": "wrong"}, {"login": new_household_code()}]
    typed += [{"login": ""}]
    for told in typed:
        with pytest.raises(Refusal) as refused:
            open_family_door(family, **told)
        answers.append((refused.value.code, refused.value.facts))
    assert answers == [("access.sign-in-refused", {})] * len(answers)
    assert outcomes(database) == ["refused:access.sign-in-refused"] * len(answers)
    assert open_family_door(family)
    assert enter(person)


class _CountedHasher(PBKDF2PasswordHasher):
    """The ordinary hasher, which notes how often it hashes round."""

    rounds: ClassVar[list[int]] = []

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        self.rounds.append(iterations or self.iterations)
        return super().encode(password, salt, iterations)


def _rounds_for(person: Person, login: str) -> list[int]:
    """Give the hashing that a wrong password costs for ``login``."""
    _CountedHasher.rounds.clear()
    with pytest.raises(Refusal):
        enter(person, login=login, password="wrong")  # noqa: S106
    return list(_CountedHasher.rounds)


@pytest.mark.threat("T-33")
def test_an_unknown_login_costs_as_much_hashing_as_a_known_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    del database
    city = open_tier("3701")
    with override_settings(PASSWORD_HASHERS=[f"{__name__}._CountedHasher"]):
        person = open_officer("zhang", role="city-officer", organisation_id=city)
        assert _rounds_for(person, "nobody") == _rounds_for(person, "zhang") != []
        # Control: without the idle hash an unknown login answers at once.
        monkeypatch.setattr(sign_in, "make_password", lambda _password: "")
        assert _rounds_for(person, "nobody") != _rounds_for(person, "zhang")


@pytest.mark.threat("T-33")
def test_after_ten_tries_one_waits_and_then_may_again(database: Database) -> None:
    person = open_officer("zhang", role="city-officer", organisation_id=open_tier("3701"))

    def knock() -> object:
        return enter(person, password="wrong")  # noqa: S106

    # All at once: a hundred in flight are a hundred tries.
    answers = database.in_threads([knock] * 30)
    codes = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert sorted(codes) == ["access.sign-in-refused"] * 10 + ["access.sign-in-wait"] * 20
    with pytest.raises(Refusal, match=r"access\.sign-in-wait"):
        enter(person)
    later = AT + sign_in.WAIT + timedelta(seconds=1)
    assert enter(person, at=later, code=person.code(later))


@pytest.mark.threat("T-33")
def test_control_without_the_counter_nobody_ever_waits(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    del database
    monkeypatch.setattr(sign_in, "TRIES_A_LOGIN", 10**6)
    person = open_officer("zhang", role="city-officer", organisation_id=open_tier("3701"))
    for _ in range(12):
        with pytest.raises(Refusal, match=r"access\.sign-in-refused"):
            enter(person, password="wrong")  # noqa: S106
    assert enter(person)


@pytest.mark.req("SEC-5")
def test_a_household_has_one_code_and_one_account_whoever_asks(database: Database) -> None:
    assert database.name
    family = open_family(open_scope("370105"))
    for household_id, code in (
        (family.id, new_household_code()),
        (new_id(), family.code),
    ):
        key = HouseholdKey(household_id=household_id, code=code, pin=new_pin())
        with pytest.raises(Refusal, match=r"access\.login-taken"):
            create_household_accounts(project_id=family.project_id, keys=[key], by=SYSTEM, at=AT)


@pytest.mark.req("SEC-5")
def test_a_household_signs_in_with_its_code_and_pin(database: Database) -> None:
    family = open_family(open_scope("370105"))
    typed = family.code.lower().replace("-", " ")
    assert open_family_door(family, login=typed)
    assert family.actor.kind == "household"
    assert family.actor.household_id == family.id
    assert family.actor.sees_project(family.project_id)
    assert family.actor.projects == frozenset({family.project_id})
    with psycopg.connect(database.superuser_url) as all_seeing:
        rows = all_seeing.execute("SELECT account::text FROM access_account account").fetchall()
    assert family.code not in str(rows)
    assert family.code.replace("-", "") not in str(rows)


def test_codes_are_checked_and_far_apart() -> None:
    codes = {new_household_code() for _ in range(2_000)}
    assert len(codes) == 2_000
    assert all(check_household_code(code) == code for code in codes)
    code = next(iter(codes))
    letters = code.replace("-", "")
    found = tried = 0
    for place, right in enumerate(letters):
        for wrong in ALPHABET:
            tried += wrong != right
            found += is_refused(letters[:place] + wrong + letters[place + 1 :])
    for place in range(len(letters) - 1):
        first, second = letters[place], letters[place + 1]
        tried += first != second
        found += is_refused(letters[:place] + second + first + letters[place + 2 :])
    assert found == tried
    assert all(
        is_refused(text) for text in ("", "ABCD", letters + "2", "O" + letters[1:], "安" * 12)
    )
    assert all(len(new_pin()) == 6 and new_pin().isdigit() for _ in range(50))


def is_refused(text: str) -> bool:
    try:
        check_household_code(text)
    except Refusal as refusal:
        return refusal.code == "access.code-mistyped"
    return False


def test_a_token_is_known_by_its_digest_until_it_ends(database: Database) -> None:
    person = open_officer("zhang", role="city-officer", organisation_id=open_tier("3701"))
    token = issue_token(label="报表", lifetime=timedelta(days=1), by=person.actor, at=AT)

    def holder(text: str, **later: float) -> object:
        return actor_of_token(
            token=text, address="10.0.0.1", request_id="r", at=AT + timedelta(**later)
        )

    assert getattr(holder(token), "id", None) == person.id
    assert holder(token[:-1] + "0") is None or token.endswith("0")
    assert holder("anju_") is None
    assert holder(token, days=1) is None
    with psycopg.connect(database.superuser_url) as all_seeing:
        row = all_seeing.execute("SELECT id, token::text FROM access_token token").fetchone()
    assert row is not None
    assert token.removeprefix("anju_") not in row[1]
    other = open_officer("li", role="city-officer", organisation_id=open_tier("370105"))
    with pytest.raises(Refusal, match=r"access\.not-found"):
        revoke_token(token_id=row[0], by=other.actor, at=AT)
    revoke_token(token_id=row[0], by=person.actor, at=AT)
    assert holder(token) is None
    with pytest.raises(Refusal, match=r"access\.token-lifetime"):
        issue_token(label="x", lifetime=timedelta(days=400), by=person.actor, at=AT)


@pytest.mark.req("SEC-2")
@pytest.mark.threat("T-22")
def test_two_persons_erase_a_household_and_nothing_of_it_opens_or_signs_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    del database
    monkeypatch.setattr(operations, "_erasers", [])
    told: list[object] = []
    operations.on_erasure(told.append)
    city = open_tier("3701")
    first = open_officer("zhang", role="city-officer", organisation_id=city)
    second = open_officer("li", role="city-officer", organisation_id=city)
    family = open_family(open_scope("370105"))
    place = {"table": "t", "row_id": new_id(), "column": "name", "subject_id": family.id}
    with recorded(project_id=family.id):
        sealed = seal_field(**place, text="欧阳建国")  # type: ignore[arg-type]
    asked = {"project_id": family.project_id, "household_id": family.id, "at": AT}
    with pytest.raises(Refusal, match=r"access\.same-person"):
        erase_household(
            **asked,  # type: ignore[arg-type]
            ground="撤回同意",
            by=first.actor,
            second=replace(first.actor, address="10.9.9.9"),
        )
    assert open_field(**place, sealed=sealed)  # type: ignore[arg-type]
    erase_household(
        **asked,  # type: ignore[arg-type]
        ground="撤回同意",
        by=first.actor,
        second=second.actor,
    )
    assert told == [family.id]
    with pytest.raises(Refusal, match=r"sealing\.key-destroyed"):
        open_field(**place, sealed=sealed)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"access\.sign-in-refused"):
        open_family_door(family)
    with pytest.raises(Refusal, match=r"access\.not-found"):
        actor_by_id(account_id=family.account_id)
    last = entries_of(target=str(family.id))[-1]
    assert (last.action, last.outcome) == ("access.household.redacted", "done")
