"""Every address, every role, every standing: another's answers as what does not exist (T-23)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from anju.foundation.access.permissions import permissions_by_role
from tests.support.absences import Absences, faults_of
from tests.support.databases import Database
from tests.support.matrix import NOWHERE, STANDINGS, City, Standing, Visitor, open_city
from tests.support.routes import Address, addresses

pytestmark = pytest.mark.long

_NAMED_IN_FORM = frozenset(
    {"me/batch/defer/", "me/batch/waive/", "me/choose/confirm/", "me/sign/", "me/sign/drop/"}
)
"""A family's addresses name nothing; but what it sends may name another's turn."""
_A_HOUSEHOLDS = frozenset({"turn", "household_id", "case_id", "document_id"})
"""What is another's in the standing of another household; all else is the project's."""
EYES = "household"
"""The role that looks at what is public in every standing."""


@pytest.fixture
def city(database: Database) -> Iterator[City]:
    with open_city(database) as opened:
        yield opened


def expected(address: Address, visitor: Visitor, standing: Standing) -> str:
    """Say what a cell must be: ``public``, ``open``, ``hidden`` or ``no-token``."""
    if address.is_public:
        return "public"
    if address.path.startswith("api/") and not visitor.token:
        return "no-token"
    if address.permits not in permissions_by_role()[visitor.role]:
        return "hidden"
    is_household = visitor.role in {"household", "proxy"}
    is_others_side = address.path.startswith("desk/" if is_household else "me/")
    if is_others_side:
        return "hidden"
    is_mine = standing == "own" or (standing == "other-household" and not is_household)
    return "open" if is_mine or not names_things(address) else "hidden"


def names_things(address: Address) -> bool:
    """Whether what is sent names things at all, in the address or in the form."""
    is_form = address.method == "POST" and address.path in _NAMED_IN_FORM
    return bool(address.parameters) or is_form


def standings_of(address: Address, role: str) -> tuple[Standing, ...]:
    """Give the standings in which an address differs: without things it is one's own.

    What is public hides nothing: every role sees its own, and a stranger's eyes see the rest. Who
    lacks the permission is refused before anything is looked for, one's own as well. What is only
    read, and is not a household's, has one address for both households of a project.
    """
    if not names_things(address):
        return ("own",)
    may_look = role == EYES if address.is_public else address.permits in permissions_by_role()[role]
    if not may_look:
        return ("own",)
    is_shared = address.method == "GET" and not _A_HOUSEHOLDS.intersection(address.parameters)
    return tuple(one for one in STANDINGS if one != "other-household" or not is_shared)


def walk(city: City) -> tuple[int, list[str]]:
    """Ask for every cell; gives how many were asked for, and what is wrong."""
    tested, faults, absences = 0, [], Absences(nowhere=NOWHERE)
    for address in addresses():
        for visitor in city.visitors:
            absent: tuple[int, bytes] | None = None
            for standing in standings_of(address, visitor.role):
                tested += 1
                want = expected(address, visitor, standing)
                got = visitor.send(address, city.things[standing])
                if absent is None and want in {"hidden", "no-token"}:
                    absent = absences.beside(address, visitor, got)
                cell = f"{address.method} {address.path} × {visitor.role} × {standing}"
                faults += faults_of(cell, want, got, absent or (0, b""))
    return tested, faults


@pytest.mark.req("GOV-1", "SEC-1")
@pytest.mark.threat("T-23")
def test_every_cell_of_the_matrix_is_as_declared(city: City) -> None:
    tested, faults = walk(city)
    existing = sum(
        len(standings_of(address, role))
        for address in addresses()
        for role in permissions_by_role().keys() - {"system"}
    )
    print(f"cells tested {tested} of {existing}")  # noqa: T201
    assert not faults, "\n".join(faults)
    assert tested == existing


@pytest.mark.threat("T-23")
def test_control_without_the_scope_the_matrix_finds_it(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anju.foundation.access.types import Actor

    monkeypatch.setattr(Actor, "sees_project", lambda _self, _project: True)
    visitor = next(one for one in city.visitors if one.role == "street-officer")
    address = next(one for one in addresses() if one.path == "api/projects/<code>")
    got = visitor.send(address, city.things["other-street"])
    absent = visitor.send(address, NOWHERE)
    assert faults_of("cell", "hidden", got, absent)
