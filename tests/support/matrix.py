"""What a matrix of addresses needs: three projects, what lies in each, and everybody."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.operations import (
    HouseholdKey,
    create_household_accounts,
    issue_token,
    lay_proxy_account,
)
from anju.foundation.access.permissions import permissions_by_role
from anju.foundation.access.queries import find_actor
from anju.foundation.casework.operations import open_case
from anju.foundation.casework.types import HandedIn
from anju.foundation.core.clock import read_clock
from anju.foundation.core.switches import AUTOPLAY, add_switch
from anju.foundation.documents.operations import store_document
from anju.foundation.exchange.operations import receive_upload
from anju.foundation.notices.operations import publish_notice
from anju.resettlement.selection.queries import desk
from anju.titles.communities.operations import lay_community
from anju.titles.communities.types import CommunityTerms
from anju.titles.partners.operations.parties import register_party
from tests.support.access import SYSTEM, open_officer, open_tier, recorded
from tests.support.ceremonies import lay_out_for
from tests.support.certificates import plant_certificate
from tests.support.databases import Database
from tests.support.hostile_files import plain_pdf
from tests.support.legacy import lay_file
from tests.support.notices import notice
from tests.support.routes import Address
from tests.support.selections import Selected, call_first, drawn_project
from tests.support.title_things import batch_of, titles_of

Standing = Literal["own", "other-street", "other-household", "other-level"]
STANDINGS: tuple[Standing, ...] = ("own", "other-street", "other-household", "other-level")
STREET, OTHER_STREET, OTHER_LEVEL = "370105001", "370105002", "3701"
DIVISIONS: dict[str, str] = {"A": STREET, "B": OTHER_STREET, "C": OTHER_LEVEL}
_DAY = timedelta(days=1)
_MOVES_SESSIONS = frozenset({"sign-in/", "sign-out/"})
_CHANGING = re.compile(rb'value="[A-Za-z0-9]{64}"|name="back" value="[^"]*"|next=[^"&]*')
"""Marks against forgery and the address itself: they differ between any two answers."""
_HARMLESS_ACTS = {
    "desk/<code>/agreements/<act>/": "draft",
    "desk/<code>/draws/<ceremony_id>/act/<act>/": "count",
    "desk/<code>/plan/<act>/": "draft",
    "desk/<code>/rematch/<act>/": "cancel",
    "desk/<code>/reviews/<act>/": "settle",
    "desk/titles/certificates/<certificate_id>/<act>/": "suspend",
    "desk/titles/communities/<code>/legacy/<act>/": "claim",
    "desk/titles/partners/<party_id>/<act>/": "lift",
    "desk/titles/settlements/<code>/<settlement_id>/<act>/": "dispute",
}
"""Acts that refuse an empty form before anything else, whoever sends it."""
_OF_TITLES = ("desk/titles/cases/", "me/title/")
"""Addresses whose case is a title's."""
NO_NOTICE = UUID(int=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """What the parameters of an address may name, in one project."""

    code: str
    turn: UUID
    household_id: UUID
    import_id: UUID
    number: str
    household_number: str
    event_id: UUID
    unit: UUID
    ceremony_id: UUID
    draw_number: str
    who: str = "operator"
    batch: int = 1
    act: str = "call"
    name: str = "nothing.js"
    layout: str = "A"
    notice_id: UUID = NO_NOTICE
    correction_id: UUID = NO_NOTICE
    certificate_id: UUID = NO_NOTICE
    home_id: UUID = NO_NOTICE
    batch_id: UUID = NO_NOTICE
    settlement_id: UUID = NO_NOTICE
    case_id: UUID
    title_case_id: UUID = NO_NOTICE
    document_id: UUID
    law: str = "no-such-law"
    party_id: UUID = NO_NOTICE
    quarter: str = "2026-Q3"
    version: int = 1
    token: str = "-"  # noqa: S105 - a part of an address

    def parts(self) -> dict[str, object]:
        """Give the parameters by the names that addresses use."""
        return {name: getattr(self, name) for name in self.__slots__}


NOWHERE = Things(
    code="NO-SUCH",
    turn=uuid4(),
    household_id=uuid4(),
    import_id=uuid4(),
    number="9-9-99-9999",
    household_number="H9999",
    event_id=uuid4(),
    unit=uuid4(),
    ceremony_id=uuid4(),
    draw_number="YS-NO-SUCH",
    case_id=uuid4(),
    document_id=uuid4(),
)


@dataclass(slots=True, kw_only=True)
class Visitor:
    """Somebody of one role, with a session and, if the role may, a token."""

    role: str
    account_id: UUID
    token: str
    client: Client = field(default_factory=Client)
    is_moved: bool = False
    """Whether the last address may have ended the session."""

    def send(self, address: Address, things: Things) -> tuple[int, bytes]:
        """Ask for an address about these things; gives status and body, without what changes."""
        parts = things.parts()
        if "/households/" in address.path:
            parts["number"] = things.household_number
        if (
            address.path.startswith(("desk/titles/cases/", "me/title/"))
            or "/titles/<" in address.path
        ):
            parts["case_id"] = things.title_case_id
        if address.path.endswith("/import/<name>.csv"):
            parts["name"] = "homes"
        parts["act"] = _HARMLESS_ACTS.get(address.path, "call")
        path = address.fill(**parts)
        if address.path.startswith("api/"):
            headers = {"Authorization": f"Bearer {self.token}"}
            answer = self._send_to_api(address, path, things, headers)
        else:
            self._sign_in(again=address.path in _MOVES_SESSIONS)
            form = {"turn": str(things.turn), "unit": [str(things.unit)], "home": str(things.unit)}
            send: Any = getattr(self.client, address.method.lower())
            answer = send(path, form if address.method == "POST" else None)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer.status_code, _CHANGING.sub(b"", body).replace(path.encode(), b"")

    def _send_to_api(
        self, address: Address, path: str, things: Things, headers: dict[str, str]
    ) -> Any:
        if address.method == "GET":
            return self.client.get(path, headers=headers)
        if address.path.endswith("/imports"):
            table = SimpleUploadedFile("units.csv", b"x")
            return self.client.post(path, {"kind": "units", "table": table}, headers=headers)
        bodies: dict[str, object] = {
            "act": {"kind": "take-up"},
            "cases": {
                "procedure": "objection",
                "household": things.household_number,
                "division": STREET,
            },
            "choose": {"homes": [things.number]},
            "name": {"homes": [things.number]},
            "sign": {},
            "drop": {},
            "waive": {"reason": "household"},
            "projects": {"plan": "[project]"},
            "titles": {"kind": "transfer", "home": "L-101", "materials": []},
        }
        body = bodies.get(path.rpartition("/")[2])
        return self.client.post(path, body, content_type="application/json", headers=headers)

    def _sign_in(self, *, again: bool) -> None:
        if self.client.cookies.get("sessionid") and not again and not self.is_moved:
            return
        self.is_moved = again
        found = find_actor(account_id=self.account_id)
        assert found is not None
        self.client.cookies.clear()
        self.client.force_login(found[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Three projects that lie in one street, another street and the level above; and everybody."""

    things: dict[Standing, Things]
    visitors: list[Visitor]
    own: Selected


@contextmanager
def open_city(database: Database) -> Iterator[City]:
    """Open the projects and everybody's accounts; served at the name of Django's test client."""
    add_switch(settings.HOME, AUTOPLAY, on=False)
    # A session is carried by its cookie here: where it is kept changes no answer.
    kept = "django.contrib.sessions.backends.signed_cookies"
    with override_settings(ALLOWED_HOSTS=["testserver"], SCANNER="off", SESSION_ENGINE=kept):
        projects = {name: drawn_project(code=f"M-{name}") for name in DIVISIONS}
        _move(database, {projects[name].id: code for name, code in DIVISIONS.items()})
        for project in projects.values():
            _open_file(project)
        told = {name: _things(project) for name, project in projects.items()}
        # A company is the whole city's: it is one's own, or there is none.
        told["A"] = replace(told["A"], party_id=_company(projects["A"]))
        turns = desk(project_id=projects["A"].id, by=projects["A"].officer).turns
        other = next(turn for turn in turns if turn.id != told["A"].turn)
        case_id, document_id = _case_of(projects["A"], other.household_id)
        neighbour = replace(
            told["A"],
            turn=other.id,
            household_id=other.household_id,
            case_id=case_id,
            document_id=document_id,
            certificate_id=_certificate_of(projects["A"], other.household_id, home=2),
            **titles_of(projects["A"], other.household_id, home=2),
        )
        yield City(
            things={
                "own": told["A"],
                "other-street": told["B"],
                "other-household": neighbour,
                "other-level": told["C"],
            },
            visitors=_visitors(projects["A"], told["A"].household_id),
            own=projects["A"],
        )
    shutil.rmtree(Path(settings.HOME) / "switches")


def _company(project: Selected) -> UUID:
    credit = "91110000600037341L"
    by = project.officer
    return register_party(
        kind="developer", name="甲公司", credit_code=credit, by=by, at=read_clock()
    ).id


def _move(database: Database, divisions: dict[UUID, str]) -> None:
    """Put projects into their divisions, which only the machine room can."""
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        for project_id, division in divisions.items():
            admin.execute(
                "UPDATE access_project_scope SET division_code = %s WHERE project_id = %s",
                [division, project_id],
            )


def _open_file(project: Selected) -> None:
    """Give a project's homes a community's file of the same code: its titles come next."""
    terms = CommunityTerms(code=project.plan.project.code, name="新居", division=STREET)
    with recorded(project_id=project.id):
        lay_community(community_id=project.id, terms=terms, origin="resettled", at=read_clock())


def _things(project: Selected) -> Things:
    turn = call_first(project, at=read_clock())
    number, unit = next(iter(project.units.items()))
    upload = receive_upload(
        project_id=project.id,
        kind="units",
        data=b"x",
        file_name="units.csv",
        is_dry_run=True,
        by=project.officer,
        at=read_clock(),
    )
    ceremony = lay_out_for(project.id)
    case_id, document_id = _case_of(project, turn.household_id)
    shown = publish_notice(
        project_id=project.id, notice=notice(), by=project.officer, at=read_clock()
    )
    lay_file(project_id=project.id, code=project.plan.project.code)
    return Things(
        code=project.plan.project.code,
        turn=turn.id,
        household_id=turn.household_id,
        import_id=upload.id,
        number=number,
        household_number=next(
            told for told, known in project.households.items() if known == turn.household_id
        ),
        event_id=uuid4(),
        unit=unit,
        ceremony_id=ceremony.id,
        draw_number=ceremony.draws[0].draw_number,
        case_id=case_id,
        document_id=document_id,
        notice_id=shown.id,
        certificate_id=_certificate_of(project, turn.household_id, home=1),
        batch_id=batch_of(project),
        **titles_of(project, turn.household_id, home=1),
    )


def _certificate_of(project: Selected, household_id: UUID, *, home: int) -> UUID:
    """Issue a household's certificate, as its project's community would."""
    row = plant_certificate(
        project.id, household_id, home=home, code=project.plan.project.code, at=read_clock()
    )
    return row.id


def _case_of(project: Selected, household_id: UUID) -> tuple[UUID, UUID]:
    """Open a review of a household, with a paper in it."""
    by = replace(project.officer, role="street-officer", division=STREET)
    case = open_case(
        project_id=project.id,
        procedure="eligibility-review",
        subject_kind="household",
        subject_id=household_id,
        household_id=household_id,
        division=STREET,
        materials=[HandedIn(code=code) for code in ("agreement", "residence-declaration")],
        by=by,
        at=read_clock(),
    )
    paper = store_document(
        project_id=project.id,
        owner_kind="case",
        owner_id=case.id,
        household_id=household_id,
        name="协议.pdf",
        content=plain_pdf(),
        channel="desk",
        by=by,
        at=read_clock(),
    )
    return case.id, paper.id


def _visitors(project: Selected, household_id: UUID) -> list[Visitor]:
    street = open_tier(STREET)
    visitors = []
    for role, permits in sorted(permissions_by_role().items()):
        if role == "system":
            continue
        if role == "household":
            key = HouseholdKey(household_id=household_id, code=new_household_code(), pin=new_pin())
            (account_id,) = create_household_accounts(
                project_id=project.id, keys=[key], by=SYSTEM, at=read_clock()
            )
            visitors.append(Visitor(role=role, account_id=account_id, token=""))
            continue
        if role == "proxy":
            key = HouseholdKey(household_id=household_id, code=new_household_code(), pin=new_pin())
            with recorded(project_id=project.id):
                account_id = lay_proxy_account(project_id=project.id, key=key)
            visitors.append(Visitor(role=role, account_id=account_id, token=""))
            continue
        person = open_officer(f"m-{role}", role=role, organisation_id=street)
        token = ""
        if "tokens.issue" in permits:
            token = issue_token(label="matrix", lifetime=_DAY, by=person.actor, at=read_clock())
        visitors.append(Visitor(role=role, account_id=person.id, token=token))
    return visitors
