"""The simulated departments: a program of its own that speaks the published contract."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from anju.cli.app import app
from anju.cli.demo_departments import (
    departments_folder,
    departments_program,
    keep_demo_departments,
    write_demo_register,
)
from anju.cli.serve import programs_of
from anju.config.environment import read_environment
from anju.foundation.core.clock import read_clock
from anju.foundation.core.keys import read_key_pair
from anju.foundation.exchange.departments import asking
from anju.foundation.exchange.departments.addresses import (
    Address,
    addresses_file,
    exchange_key_file,
    read_addresses,
)
from anju.foundation.exchange.departments.asking import ask_over_http
from anju.foundation.exchange.departments.judging import judge_reply
from anju_departments.keys import DepartmentKey, keep_keys, new_key
from anju_departments.main import ASKER, DEPARTMENTS, KEYS, REGISTER
from anju_departments.register import read_register, write_register
from anju_departments.trouble import Failing, Trouble, second_opinion
from anju_rules.departments.kinds import QUESTIONS, QuestionKind
from anju_rules.departments.messages import Signed, show_request
from anju_rules.values import Refusal
from tests.support.departments import PERSON, RECORDS, TITLE
from tests.support.ports import free_ports

READY_SECONDS = 60
LIMIT = timedelta(hours=24)
EXAMPLE = Path(__file__).parents[2] / "examples/liuan-village"


@dataclass(frozen=True, slots=True)
class Running:
    """Simulated departments that run, and the key they answer to."""

    port: int
    asker: DepartmentKey
    keys: dict[str, DepartmentKey]
    process: subprocess.Popen[bytes]

    def address(self, department: str) -> Address:
        """Give where a department is asked."""
        return Address(
            department=department,
            url=f"http://127.0.0.1:{self.port}/{department}/requests",
            public_key=self.keys[department].public,
        )

    def request(self, *, number: int = 1, kind: QuestionKind = QuestionKind.TITLE_RECORD) -> Signed:
        """Sign a request of now, as the platform does."""
        at = read_clock()
        message = show_request(
            request_id=UUID(int=number),
            department=QUESTIONS[kind].department,
            kind=kind,
            fields=PERSON,
            salt=bytes(16),
            is_urgent=False,
            asked_at=at,
            answer_by=at + LIMIT,
        )
        return self.asker.sign(message)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Run the simulator as ``anju demo run`` does, without any trouble."""
    (port,) = free_ports(1)
    asker = new_key()
    (tmp_path / ASKER).write_text(asker.public.hex(), encoding="ascii")
    write_register(tmp_path / REGISTER, RECORDS)
    keys = keep_keys(tmp_path / KEYS, DEPARTMENTS)
    command = [sys.executable, "-m", "anju_departments", str(tmp_path), "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Running(port, asker, dict(keys), process)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.req("EXC-1")
def test_the_program_answers_by_the_contract_and_nobody_else_than_the_platform(
    running: Running,
) -> None:
    request, address = running.request(), running.address("registration")
    reply = ask_over_http(address=address, request=request)
    judge_reply(reply, request=request.message, key=address.public_key, at=read_clock())
    (answer,) = reply.answers
    assert answer.message["facts"] == {"found": "yes", **TITLE}
    assert ask_over_http(address=address, request=request) == reply, "the same again"

    unknown = running.request(number=2, kind=QuestionKind.HARDSHIP_RECORD)
    (nothing,) = ask_over_http(address=running.address("civil-affairs"), request=unknown).answers
    assert nothing.message["facts"] == {"found": "no"}

    message = request.message
    refused = {
        403: new_key().sign(message),
        409: running.asker.sign({**message, "is_urgent": True}),
        404: running.asker.sign({**message, "department": "housing"}),
        400: running.asker.sign({**message, "fields": {**PERSON, "name": "别人"}}),
        413: running.asker.sign({**message, "fields": {**PERSON, "name": "长" * 70_000}}),
    }
    for status, wrong in refused.items():
        with pytest.raises(Refusal, match=r"departments\.refused") as found:
            ask_over_http(address=address, request=wrong)
        assert found.value.facts["status"] == status
    away = replace(address, url=address.url.replace(str(running.port), "1"))
    with pytest.raises(Refusal, match=r"departments\.away"):
        ask_over_http(address=away, request=request)

    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=READY_SECONDS) == 0


def test_a_department_that_drips_its_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                for sign in b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" * 99:
                    line.sendall(bytes([sign]))
                    time.sleep(0.01)

        dripping = threading.Thread(target=drip)
        dripping.start()
        address = Address(
            department="tax",
            url=f"http://127.0.0.1:{server.getsockname()[1]}/",
            public_key=b"",
        )
        with pytest.raises(Refusal, match=r"departments\.(away|message-malformed)"):
            ask_over_http(address=address, request=Signed(message={}, signature=b""))
        dripping.join(timeout=READY_SECONDS)
        assert not dripping.is_alive()


def test_troubles_follow_from_the_seed_in_the_share_that_was_asked_for() -> None:
    trouble = Trouble(seed="7", delay=timedelta(seconds=100), errors=20, contradictions=10)
    requests = [str(UUID(int=number)) for number in range(2_000)]
    failing = Counter(trouble.failing(one, attempt=1) for one in requests)
    assert {kind for kind in failing if kind} == set(Failing)
    assert 0.17 < 1 - failing[None] / len(requests) < 0.23
    delays = [trouble.delay_of(one) for one in requests]
    assert min(delays) == timedelta(seconds=1), "nobody who was asked to be late answers at once"
    assert max(delays) == timedelta(seconds=100)
    twice = sum(trouble.contradicts(QuestionKind.TITLE_RECORD, one) for one in requests)
    assert 150 < twice < 250
    assert [trouble.failing(one, attempt=1) for one in requests] == [
        Trouble(seed="7", errors=20).failing(one, attempt=1) for one in requests
    ]
    assert Trouble().failing("x", attempt=1) is None
    assert second_opinion({"found": "yes", **TITLE}) != TITLE
    assert second_opinion({"found": "yes", "grade": "低保", "valid_until": ""}) == {"found": "no"}


def test_the_demo_runs_them_with_a_register_about_its_own_people(tmp_path: Path) -> None:
    environment = read_environment({"ANJU_HOME": str(tmp_path), "ANJU_PEAK_PORT": "9001"})
    keep_demo_departments(environment)
    plan = tmp_path / "plan"
    plan.mkdir()
    (plan / "households.csv").write_bytes((EXAMPLE / "households.csv").read_bytes())
    write_demo_register(tmp_path)
    register = read_register(departments_folder(tmp_path) / REGISTER)
    found = Counter(kind for kinds in register.records.values() for kind in kinds)
    assert found["household-register"] == found["title-record"] == len(register.records)
    assert 0 < found["hardship-record"] < len(register.records)

    listed = read_addresses(addresses_file(tmp_path).read_text(encoding="utf-8"))
    assert set(listed) == DEPARTMENTS
    assert all(":9002/" in address.url for address in listed.values())
    keep_demo_departments(replace(environment, departments_port=9100))
    moved = read_addresses(addresses_file(tmp_path).read_text(encoding="utf-8"))
    assert {one.public_key for one in moved.values()} == {one.public_key for one in listed.values()}
    assert all(":9100/" in address.url for address in moved.values())
    real = f'[tax]\nurl = "https://tax.example/x"\nkey = "{new_key().public.hex()}"\n'
    addresses_file(tmp_path).write_text(real, encoding="utf-8")
    keep_demo_departments(environment)
    assert addresses_file(tmp_path).read_text(encoding="utf-8") == real

    programs = {each.name: each for each in programs_of(environment, is_demo=True)}
    assert programs["departments"] == departments_program(environment)
    assert "departments" not in {each.name for each in programs_of(environment)}


@pytest.mark.parametrize(
    "text", ["[", "[]", json.dumps({"1": {"weather": {}}}), json.dumps({"1": {"title-record": {}}})]
)
def test_a_register_beside_the_contract_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / REGISTER).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match=r"simulator\.register-malformed"):
        read_register(tmp_path / REGISTER)


def test_the_platforms_key_is_made_once_and_kept_to_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANJU_HOME", str(tmp_path))
    shown = CliRunner().invoke(app, ["departments", "key"])
    pair = read_key_pair(exchange_key_file(tmp_path))
    assert (shown.exit_code, shown.output.strip()) == (0, pair.public.hex())
    file = exchange_key_file(tmp_path)
    file.write_text("{}", encoding="ascii")
    with pytest.raises(Refusal, match=r"keys\.pair-malformed"):
        read_key_pair(file)
    file.chmod(0o644)
    with pytest.raises(Refusal, match=r"keys\.readable-by-others"):
        read_key_pair(file)


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    write_register(tmp_path / REGISTER, {})
    asked = CliRunner().invoke(app, ["simulate", "departments", "--folder", str(tmp_path)])
    assert asked.exit_code == 1
    assert "平台的公钥" in asked.output
