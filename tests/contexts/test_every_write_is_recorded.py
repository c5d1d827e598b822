"""No address changes a row without an entry in the same transaction (T-16, from the URL list)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.operations import issue_token
from anju.foundation.access.queries import find_actor
from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from anju.foundation.policies.queries import editions
from anju.resettlement.selection.queries import desk, options_of
from anju.titles.partners.board import rating_token
from tests.support.access import PASSWORD
from tests.support.ceremonies import lay_out_for
from tests.support.databases import Database
from tests.support.hostile_files import plain_pdf
from tests.support.legacy import lay_file
from tests.support.planning import NEW_LAW
from tests.support.routes import Address, addresses
from tests.support.site import Seeds, seed_project

LIFETIME = timedelta(days=1)
_LEGACY = "desk/titles/communities/<code>/legacy/<act>/"
_ACTS = {"desk/<code>/agreements/<act>/": "draft", _LEGACY: "answer"}
"""What an address that takes many acts is asked for; the hall calls where nothing else is said."""
_OWN = {
    "desk/<code>/agreements/<act>/",
    "desk/policies/load/",
    "desk/policies/prompt/",
    "desk/titles/partners/register/",
    "rate/<token>/give/",
    _LEGACY,
}
"""Addresses that are told what they alone ask for, so that each of them writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one request did."""

    address: str
    status: int
    changed: tuple[str, ...]
    """Business tables whose content changed."""
    entries: int

    @property
    def is_recorded(self) -> bool:
        """Whether there is an entry where rows changed."""
        return not self.changed or self.entries > 0


class Recorder:
    """Looks at every table that owes an entry, before and after a request."""

    def __init__(self, database: Database) -> None:
        self._admin = psycopg.connect(database.superuser_url, autocommit=True)
        owing = self._admin.execute(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'ledger_owe' ORDER BY 1"
        )
        self.tables = [str(name) for (name,) in owing.fetchall()]

    def close(self) -> None:
        """Give the connection back."""
        self._admin.close()

    def contents(self) -> dict[str, str]:
        """Give a digest of each table's rows."""
        told = {}
        for table in self.tables:
            row = self._admin.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"  # noqa: S608
                f" FROM {table} t"
            ).fetchone()
            assert row is not None
            told[table] = str(row[0])
        return told

    def entries(self) -> int:
        """Count the ledger's entries."""
        row = self._admin.execute("SELECT count(*) FROM ledger_event").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def seeds(database: Database, tmp_path: Path) -> Iterator[Seeds]:
    """Give a project whose rules wait to be frozen: every step is still to be taken."""
    assert database.name
    with override_settings(ALLOWED_HOSTS=["testserver"], SCANNER="off"):
        planted = seed_project(tmp_path / "plan", homes=60, households=40)
        planted.register()
        lay_file(project_id=planted.project_id, code=planted.code)
        yield planted


@pytest.fixture
def recorder(database: Database) -> Iterator[Recorder]:
    looking = Recorder(database)
    yield looking
    looking.close()


class Walker:
    """Sends one request to every address that writes, in an order in which each can succeed."""

    def __init__(self, seeds: Seeds) -> None:
        self.seeds = seeds
        self.ceremony_id = lay_out_for(seeds.project_id).id
        self.officer = Client()
        found = find_actor(account_id=seeds.city.id)
        assert found is not None
        self.officer.force_login(found[0])
        token = issue_token(label="t16", lifetime=LIFETIME, by=seeds.officer, at=read_clock())
        self.headers = {"Authorization": f"Bearer {token}"}

    def called(self) -> tuple[UUID, UUID]:
        """Give the called turn and its household; nobody: ids of nothing."""
        told = desk(project_id=self.seeds.project_id, by=self.seeds.officer)
        if told.called is None:
            return new_id(), new_id()
        return told.called.id, told.called.household_id

    def send(self, address: Address) -> int:
        """Send what the address asks for; gives the status."""
        turn, household = self.called()
        numbers, units = self._homes(household)
        path = address.fill(
            code=self.seeds.code,
            turn=turn,
            batch=1,
            act=_ACTS.get(address.path, "call"),
            ceremony_id=self.ceremony_id,
            household_id=household,
            case_id=new_id(),
            correction_id=new_id(),
            certificate_id=new_id(),
            document_id=new_id(),
            home_id=new_id(),
            batch_id=new_id(),
            settlement_id=new_id(),
            party_id=new_id(),
            token=rating_token(project_id=self.seeds.project_id, service_id=new_id(), kind="visit"),
        )
        if address.path.startswith("api/"):
            return self._send_to_api(path, numbers)
        if address.path.startswith("me/"):
            return self._send_as_family(path, turn, household, units)
        form: dict[str, Any] = {
            "login": "city",
            "password": PASSWORD,
            "code": self.seeds.city.code(read_clock()),
            "turn": str(turn),
            "home": units[:1],
            "batch": "1",
            "kind": "wishes",
            "table": SimpleUploadedFile("wishes.csv", self.seeds.table("wishes")),
            **self._own_fields(address.path),
        }
        client = Client() if address.path.startswith(("sign-", "rate/")) else self.officer
        return int(client.post(path, form).status_code)

    def _own_fields(self, path: str) -> dict[str, Any]:
        """Give what one address alone is told."""
        if path == "desk/policies/load/":
            return {"edition": SimpleUploadedFile("law.toml", NEW_LAW.encode())}
        if path == "desk/policies/prompt/":
            return {"edition": str(editions()[0].id)}
        if path == "desk/<code>/agreements/<act>/":
            paper = SimpleUploadedFile("draft.pdf", plain_pdf(), content_type="application/pdf")
            return {"department": "registration", "paper": paper}
        if path == "desk/titles/partners/register/":
            return {"kind": "developer", "name": "甲公司", "credit": "91110000600037341L"}
        if path == _LEGACY:
            return {"building": "L", "stands-encumbrance": "no"}
        return {"level": "2"} if path == "rate/<token>/give/" else {}

    def _homes(self, household: UUID) -> tuple[list[str], list[str]]:
        try:
            options = options_of(
                project_id=self.seeds.project_id, household_id=household, by=self.seeds.officer
            )
        except Exception:  # noqa: BLE001 - nobody is called yet
            return ["1"], [str(new_id())]
        lawful = [option.tile for option in options if option.is_lawful]
        return [tile.number for tile in lawful[:1]], [str(tile.unit_id) for tile in lawful]

    def _send_to_api(self, path: str, numbers: list[str]) -> int:
        if path.endswith("/imports"):
            table = SimpleUploadedFile("wishes.csv", self.seeds.table("wishes"))
            body = {"kind": "wishes", "table": table}
            return int(Client().post(path, body, headers=self.headers).status_code)
        plan = (self.seeds.folder / "plan.toml").read_text(encoding="utf-8")
        bodies: dict[str, object] = {
            "projects": {"plan": plan.replace(f'"{self.seeds.code}"', '"NEW-1"')},
            "choose": {"homes": numbers},
            "name": {"homes": numbers},
            "sign": {},
            "drop": {},
            "waive": {},
        }
        answer = Client().post(
            path,
            bodies.get(path.rpartition("/")[2]),
            content_type="application/json",
            headers=self.headers,
        )
        return int(answer.status_code)

    def _send_as_family(self, path: str, turn: UUID, household: UUID, units: list[str]) -> int:
        client = Client()
        if turn is not None and len(units) > 1:
            family = self.seeds.family(household)
            found = find_actor(account_id=family.account_id)
            assert found is not None
            client.force_login(found[0])
        return int(client.post(path, {"turn": str(turn), "unit": units[:1]}).status_code)


ORDER = (
    "api/projects",
    "api/projects/<code>/rules/freeze",
    "api/projects/<code>/scores",
    "api/projects/<code>/draw/rehearsal",
    "api/projects/<code>/batches/<batch>/open",
    "api/projects/<code>/turns/next",
    "api/projects/<code>/turns/<turn>/choose",
    "desk/<code>/turns/<act>/",
    "desk/<code>/turns/choose/",
    "api/projects/<code>/turns/next",
    "me/choose/confirm/",
    "api/projects/<code>/turns/next",
    "api/projects/<code>/turns/<turn>/name",
    "api/projects/<code>/turns/<turn>/drop",
    "api/projects/<code>/turns/<turn>/name",
    "api/projects/<code>/turns/<turn>/sign",
    "api/projects/<code>/turns/next",
    "api/projects/<code>/turns/<turn>/waive",
)
"""Steps that must change rows, as they follow one another; the rest comes afterwards."""


def walk(seeds: Seeds, recorder: Recorder) -> list[Effect]:
    """Send to every address that writes; gives what each did."""
    walker = Walker(seeds)
    writing = {address.path: address for address in addresses() if address.method == "POST"}
    rest = [path for path in sorted(writing) if path not in ORDER]
    effects = []
    for path in (*ORDER, *rest):
        before, counted = recorder.contents(), recorder.entries()
        status = walker.send(writing[path])
        after = recorder.contents()
        changed = tuple(table for table in recorder.tables if before[table] != after[table])
        effects.append(
            Effect(
                address=path, status=status, changed=changed, entries=recorder.entries() - counted
            )
        )
    return effects


@pytest.mark.req("SEC-3")
@pytest.mark.threat("T-16")
def test_every_address_that_changes_a_row_writes_an_entry(seeds: Seeds, recorder: Recorder) -> None:
    effects = walk(seeds, recorder)
    writing = {address.path for address in addresses() if address.method == "POST"}
    assert {effect.address for effect in effects} == writing
    assert [effect for effect in effects if not effect.is_recorded] == []
    steps = effects[: len(ORDER)]
    assert [effect for effect in steps if not effect.changed or effect.status >= 400] == []
    written = {effect.address for effect in effects if effect.changed}
    assert written >= _OWN, "what is told all that it asks for really writes"
    refused = [effect for effect in effects if effect.status == 409]
    silent = [effect.address for effect in refused if not effect.entries]
    assert silent == [], "a refusal is an act too"
    print(f"addresses that write: {len(writing)} of {len(writing)}")  # noqa: T201


@pytest.mark.threat("T-16")
def test_a_row_changed_by_hand_is_refused_without_an_entry(
    seeds: Seeds, database: Database
) -> None:
    assert seeds.code
    with database.connect("anju_app") as connection:
        connection.execute("SELECT set_config('anju.projects', '*', true)")
        connection.execute("UPDATE inventory_unit SET state = 'held' WHERE state = 'free'")
        with pytest.raises(psycopg.errors.IntegrityError, match="change-without-entry"):
            connection.commit()
        connection.rollback()


@pytest.mark.threat("T-16")
def test_control_without_the_trigger_it_goes_by_unseen(
    seeds: Seeds, recorder: Recorder, database: Database
) -> None:
    assert seeds.code
    with psycopg.connect(database.superuser_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE ledger_owed DISABLE TRIGGER ledger_owed_settle")
    before, counted = recorder.contents(), recorder.entries()
    with database.connect("anju_app") as connection:
        connection.execute("SELECT set_config('anju.projects', '*', true)")
        connection.execute("UPDATE inventory_unit SET state = 'held' WHERE state = 'free'")
    changed = tuple(table for table, told in recorder.contents().items() if before[table] != told)
    effect = Effect(
        address="by hand", status=0, changed=changed, entries=recorder.entries() - counted
    )
    assert changed == ("inventory_unit",)
    assert not effect.is_recorded
