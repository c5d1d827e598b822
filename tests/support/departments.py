"""Departments for tests: the simulator's own office, asked without a line in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.test.utils import override_settings

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.exchange.departments.addresses import (
    Address,
    addresses_file,
    exchange_key,
    write_addresses,
)
from anju.foundation.exchange.departments.operations import ask_department
from anju.foundation.exchange.departments.queries import answers_of
from anju.foundation.exchange.departments.types import Answer, QuestionRow
from anju_departments.answering import Office
from anju_departments.keys import DepartmentKey, new_key
from anju_departments.main import DEPARTMENTS
from anju_departments.register import Register
from anju_departments.trouble import Trouble
from anju_rules.departments.kinds import QuestionKind
from anju_rules.departments.messages import Reply, Signed, read_reply
from anju_rules.hashing import canonical
from anju_rules.values import Refusal
from tests.support.access import SYSTEM

PERSON = {"identity_number": "370102199003077773", "name": "孙丰峰"}
TITLE = {
    "title_number": "鲁（2011）济南市不动产权第0000001号",
    "holder_name": "孙丰峰",
    "holder_identity_number": "370102199003077773",
    "address": "柳岸村 1 号",
    "area_sqm": "120.50",
    "is_seized": "no",
}
RECORDS = {PERSON["identity_number"]: {"title-record": TITLE}}


@dataclass(slots=True, kw_only=True)
class Departments:
    """All departments of a test, at a moment of its choosing."""

    office: Office
    now: datetime
    is_away: bool = False
    asked: list[str] = field(default_factory=list)
    """Which department each attempt went to."""

    def __call__(self, *, address: Address, request: Signed) -> Reply:
        """Answer as over the line."""
        self.asked.append(address.department)
        if self.is_away:
            raise Refusal("departments.away", department=address.department)
        status, body = self.office.reply(
            address.department, canonical(request.write()), at=self.now
        )
        if not status:
            raise Refusal("departments.away", department=address.department)
        if status != 200:
            raise Refusal("departments.refused", department=address.department, status=status)
        return read_reply(body)


@contextmanager
def open_departments(
    home: Path,
    *,
    at: datetime,
    trouble: Trouble | None = None,
    records: Mapping[str, Mapping[str, Mapping[str, str]]] = RECORDS,
) -> Iterator[Departments]:
    """List departments in an installation's home, and stand in for them."""
    with override_settings(HOME=home):
        keys = {code: new_key() for code in DEPARTMENTS}
        list_departments(home, keys)
        yield Departments(
            office=Office(
                keys=keys,
                register=Register(records),
                asker=exchange_key().public,
                trouble=trouble or Trouble(),
            ),
            now=at,
        )


def list_departments(
    home: Path, keys: Mapping[str, DepartmentKey], *, base: str = "http://127.0.0.1:9"
) -> None:
    """Write the addresses of departments with these keys."""
    addresses_file(home).write_text(
        write_addresses(
            {
                code: Address(department=code, url=f"{base}/{code}/requests", public_key=key.public)
                for code, key in keys.items()
            }
        ),
        encoding="utf-8",
    )


def ask_about(
    *,
    project_id: UUID,
    household_id: UUID,
    by: Actor,
    at: datetime,
    kind: QuestionKind = QuestionKind.TITLE_RECORD,
    fields: Mapping[str, str] = PERSON,
    is_urgent: bool = False,
) -> QuestionRow:
    """Ask about a household, as its review does."""
    return ask_department(
        project_id=project_id,
        kind=kind,
        subject_kind="household",
        subject_id=household_id,
        household_id=household_id,
        fields=fields,
        is_urgent=is_urgent,
        by=by,
        at=at,
    )


def answers_about(question: QuestionRow, *, by: Actor = SYSTEM) -> tuple[Answer, ...]:
    """Give what was said to a question's subject so far, as far as a reader sees it."""
    with reading(by=by):
        return answers_of(
            project_id=question.project_id,
            subject_kind=question.subject_kind,
            subject_id=question.subject_id,
        )
