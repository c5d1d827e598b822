"""Messages: laid with what they tell of, sent once, proven by a receipt; a number is never kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.test.utils import override_settings

from anju.foundation.access.context import reading
from anju.foundation.access.operations import erase_household
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import seal_field
from anju.foundation.exchange.signed_post import SignedLine
from anju.foundation.messages.gateways import HttpGateway, gateway_file, known_gateway
from anju.foundation.messages.laying import lay_messages
from anju.foundation.messages.queries import count_sending, messages_about
from anju.foundation.messages.types import MessageRow, NewMessage
from anju.jobs.messages import MOST_AWAY, send_messages
from anju_departments.gateway import Exchange, open_gateway
from anju_rules.messages import (
    FIRST_WAIT,
    LONGEST_TEXT,
    LONGEST_WAIT,
    Channel,
    GatewayReceipt,
    MessageState,
    Outgoing,
    digest_text,
    fill_text,
    next_attempt,
    next_waking_moment,
    read_receipt,
    show_receipt,
)
from anju_rules.values import Refusal
from tests.support.access import SYSTEM, recorded
from tests.support.databases import Database
from tests.support.selections import AT, Selected, drawn_project

PHONE = "10012345678"
FACTS: dict[str, str | int] = {
    "project": "柳岸",
    "ticket": "A-07",
    "place": 7,
    "until": "10:03",
    "ahead": 3,
}
KEY = bytes(range(32))
BOTH = (Channel.SMS, Channel.VOICE)


@dataclass(slots=True)
class Line:
    """A gateway of a test; ``faults`` are what it answers with first."""

    faults: list[str] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)

    def __call__(self, *, message: Outgoing) -> GatewayReceipt:
        """Take a message, or not."""
        if self.faults:
            raise Refusal(self.faults.pop(0))
        self.sent.append(message)
        return GatewayReceipt(
            receipt=f"R-{len(self.sent)}", accepted_at=AT, text_digest=digest_text(message.text)
        )


@pytest.fixture
def project(database: Database) -> Selected:
    """Give a project with one household that has a telephone."""
    drawn = drawn_project(households=8)
    give_phone(database, drawn)
    return drawn


def give_phone(database: Database, project: Selected) -> None:
    """Put a sealed number where the register keeps it."""
    with recorded():
        sealed = seal_field(
            subject_id=family_of(project),
            table="households_household",
            row_id=family_of(project),
            column="phone_sealed",
            text=PHONE,
        )
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE households_household SET phone_sealed = %s WHERE id = %s",
            [sealed, family_of(project)],
        )


def family_of(project: Selected) -> UUID:
    return project.households["H0001"]


def lay(project: Selected, *, household: UUID | None = None, minutes: int | None = None) -> UUID:
    subject = new_id()
    with recorded():
        message = NewMessage(
            household_id=household or family_of(project),
            kind="turn-called",
            subject_id=subject,
            facts=FACTS,
            useful_until=None if minutes is None else AT + timedelta(minutes=minutes),
        )
        lay_messages(project_id=project.id, messages=[message], channels=BOTH, at=AT)
    return subject


def told(project: Selected, subject: UUID) -> tuple[MessageRow, ...]:
    with reading(by=SYSTEM):
        return messages_about(project_id=project.id, subject_id=subject)


@pytest.mark.req("SVC-3", "SEL-2")
def test_a_message_is_sent_once_over_each_channel_and_its_receipt_is_kept(
    project: Selected, database: Database
) -> None:
    subject, line = lay(project), Line()
    assert send_messages(at=AT, gateway=line) == {"sent": 2}
    assert send_messages(at=AT + timedelta(hours=1), gateway=line) == {}, "nothing is left to send"
    assert {one.channel for one in line.sent} == set(BOTH)
    assert {one.to for one in line.sent} == {PHONE}
    assert all("A-07" in one.text and "10:03" in one.text for one in line.sent)
    rows = told(project, subject)
    assert {row.state for row in rows} == {MessageState.SENT}
    assert all(row.receipt and row.accepted_at == AT and row.event_id for row in rows)
    with psycopg.connect(database.superuser_url) as admin:
        for table in ("messages_message", "messages_dispatch", "ledger_event", "ledger_secret"):
            rows_told = admin.execute(f"SELECT t::text FROM {table} t").fetchall()  # noqa: S608
            assert not any(PHONE in text for (text,) in rows_told)
        (reads,) = admin.execute(
            "SELECT count(*) FROM ledger_event WHERE action = 'access.personal-data.read'"
        ).fetchone() or (0,)
        assert reads == 1, "one reading of numbers a run"
        for change in (
            "UPDATE messages_message SET state = 'waiting'",
            "DELETE FROM messages_message",
        ):
            with pytest.raises(psycopg.errors.IntegrityError, match="keeps what was told"):
                admin.execute(change)
            admin.rollback()


@pytest.mark.req("SVC-3")
def test_what_is_undone_was_never_told(project: Selected) -> None:
    subject = new_id()
    with pytest.raises(RuntimeError), recorded():  # noqa: PT012 - the undoing is the point
        message = NewMessage(
            household_id=family_of(project), kind="turn-called", subject_id=subject, facts=FACTS
        )
        lay_messages(project_id=project.id, messages=[message], channels=BOTH, at=AT)
        raise RuntimeError
    assert send_messages(at=AT, gateway=Line()) == {}
    assert told(project, subject) == ()


@pytest.mark.req("SVC-3")
def test_without_a_gateway_nothing_is_said_to_be_sent(project: Selected, tmp_path: Path) -> None:
    subject = lay(project)
    with override_settings(HOME=tmp_path):
        assert send_messages(at=AT) == {"messages.no-gateway": 2}
    rows = told(project, subject)
    assert {(row.state, row.fault) for row in rows} == {
        (MessageState.WAITING, "messages.no-gateway")
    }
    assert not any(row.receipt for row in rows)
    with reading(by=SYSTEM):
        sending = count_sending(project_id=project.id)
    assert (sending.waiting, sending.sent, sending.fault) == (2, 0, "messages.no-gateway")
    line = Line()
    useless = lay(project, minutes=3)
    with override_settings(HOME=tmp_path):
        assert send_messages(at=AT) == {"messages.no-gateway": 2}
        late = AT + timedelta(minutes=4)
        assert send_messages(at=late) == {"messages.no-gateway": 4}
        assert send_messages(at=late + timedelta(minutes=1)) == {"messages.no-gateway": 2}
    assert {(row.state, row.fault) for row in told(project, useless)} == {
        (MessageState.WAITING, "messages.no-gateway")
    }
    later = AT + timedelta(minutes=10)
    assert send_messages(at=later, gateway=line) == {"sent": 2}, "sent once there is one"


@pytest.mark.req("SVC-3")
def test_a_gateway_that_is_away_is_asked_again_and_left_in_peace_meanwhile(
    project: Selected,
) -> None:
    for _ in range(MOST_AWAY):
        lay(project)
    away = Line(faults=["messages.gateway-away"] * MOST_AWAY)
    assert send_messages(at=AT, gateway=away) == {"messages.gateway-away": 2 * MOST_AWAY}
    assert away.sent == [], "after so many times nobody is asked any more in this run"
    assert send_messages(at=AT, gateway=away) == {}, "not before its time"
    assert send_messages(at=AT + FIRST_WAIT, gateway=away) == {"sent": 2 * MOST_AWAY}


@pytest.mark.req("SVC-3")
def test_what_is_of_no_use_any_more_or_has_no_number_is_given_up_with_an_entry(
    project: Selected,
) -> None:
    late, numberless = lay(project, minutes=3), lay(project, household=project.households["H0002"])
    line = Line()
    assert send_messages(at=AT + timedelta(minutes=4), gateway=line) == {
        "overdue": 2,
        "undeliverable": 2,
    }
    assert line.sent == []
    for subject, state in ((late, "overdue"), (numberless, "undeliverable")):
        assert {(row.state, row.event_id is not None) for row in told(project, subject)} == {
            (MessageState(state), True)
        }


@pytest.mark.req("SVC-3")
def test_an_erased_household_is_told_nothing_more(project: Selected) -> None:
    lay(project)
    erase_household(
        project_id=project.id,
        household_id=family_of(project),
        ground="本人申请",
        by=project.officer,
        second=replace(project.officer, id=new_id()),
        at=AT,
    )
    line = Line()
    assert send_messages(at=AT, gateway=line) == {}
    assert line.sent == []


@pytest.mark.req("SVC-3")
def test_the_http_gateway_and_the_simulated_one_speak_the_published_contract(
    tmp_path: Path,
) -> None:
    exchange = Exchange(key=KEY, taken=tmp_path / "taken.txt")
    server = open_gateway(exchange, host="127.0.0.1", port=0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/messages"
    gateway_file(tmp_path).write_text(f'url = "{url}"\nkey = "{KEY.hex()}"\n', encoding="utf-8")
    message = Outgoing(
        id=str(new_id()), channel=Channel.VOICE, to=PHONE, text="请签号 A-07 选房", laid_at=AT
    )
    try:
        gateway = known_gateway(tmp_path)
        assert gateway is not None
        first = gateway(message=message)
        assert gateway(message=message) == first, "sent again: the same receipt"
        with pytest.raises(Refusal) as refused:
            HttpGateway(line=SignedLine(owner="messages.gateway", url=url, key=bytes(32)))(
                message=message
            )
        assert refused.value.code == "messages.gateway-refused"
    finally:
        server.shutdown()
        server.server_close()
    taken = (tmp_path / "taken.txt").read_text(encoding="ascii")
    assert taken.count("\n") == 1
    assert PHONE not in taken
    with pytest.raises(Refusal) as away:
        gateway(message=message)
    assert away.value.code == "messages.gateway-away"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('url = "http://sms.example.cn/"\nkey = "' + "0" * 64 + '"', "messages.gateway-open"),
        ('url = "https://sms.example.cn/"\nkey = "short"', "messages.gateway-malformed"),
        ('url = "ftp://127.0.0.1/"\nkey = "' + "0" * 64 + '"', "messages.gateway-malformed"),
        ("url = ", "messages.gateway-malformed"),
    ],
)
def test_a_gateway_that_would_leak_numbers_is_not_used(
    tmp_path: Path, text: str, code: str
) -> None:
    assert known_gateway(tmp_path) is None
    gateway_file(tmp_path).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        known_gateway(tmp_path)
    assert refused.value.code == code


def test_a_receipt_counts_for_its_own_message_and_text_alone() -> None:
    message = Outgoing(id="m-1", channel=Channel.SMS, to=PHONE, text="一", laid_at=AT)
    good = show_receipt(message_id="m-1", receipt="R", accepted_at=AT, text="一")
    assert read_receipt(good, message=message).accepted_at == AT
    for raw, code in (
        (show_receipt(message_id="m-2", receipt="R", accepted_at=AT, text="一"), "of-another"),
        (show_receipt(message_id="m-1", receipt="R", accepted_at=AT, text="二"), "of-another"),
        (show_receipt(message_id="m-1", receipt="", accepted_at=AT, text="一"), "malformed"),
        (b"{}", "malformed"),
        (b"not json", "malformed"),
        (good.replace(b"2026-", b"x026-"), "malformed"),
    ):
        with pytest.raises(Refusal) as refused:
            read_receipt(raw, message=message)
        assert refused.value.code == f"messages.receipt-{code}"


def test_nobody_is_disturbed_by_night_and_waits_grow_to_their_bound() -> None:
    noon = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
    assert next_waking_moment(noon) == noon
    for hour_utc in (13, 18, 23):  # nine in the evening, two at night, seven in the morning
        woken = next_waking_moment(datetime(2026, 6, 1, hour_utc, 0, tzinfo=UTC))
        assert woken == datetime(2026, 6, 2, 0, 0, tzinfo=UTC)
    waits = [next_attempt(attempts=count, at=AT) - AT for count in range(1, 15)]
    assert waits[0] == FIRST_WAIT
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_a_text_is_whole_or_refused() -> None:
    for template in ("{nobody}", "", "字" * (LONGEST_TEXT + 1), "{"):
        with pytest.raises(Refusal) as refused:
            fill_text(template, {"ticket": "A"})
        assert refused.value.code == "messages.text-malformed"
