"""What a simulated department says to a request, told apart from how it travels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from threading import Lock
from typing import Any

from anju_departments.keys import DepartmentKey, is_signed
from anju_departments.register import Register
from anju_departments.trouble import Failing, Trouble, second_opinion
from anju_rules.departments.kinds import QUESTIONS, QuestionKind
from anju_rules.departments.messages import (
    Reply,
    Said,
    Signed,
    judge_request,
    read_signed,
    show_answer,
    show_receipt,
    signing_bytes,
)
from anju_rules.hashing import canonical
from anju_rules.values import Refusal

MAIN_REGISTER, SECOND_REGISTER = "main", "second"


@dataclass(slots=True)
class _Case:
    """One request that came, and what was made of it."""

    content: bytes
    received_at: datetime
    receipt: Signed
    attempts: int = 0
    answers: tuple[Signed, ...] = ()


@dataclass(slots=True, kw_only=True)
class Office:
    """All simulated departments of one run; a request sent again gets the same reply."""

    keys: Mapping[str, DepartmentKey]
    register: Register
    asker: bytes
    """The platform's public key: nobody else is answered."""
    trouble: Trouble = field(default_factory=Trouble)
    _cases: dict[str, _Case] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def reply(self, department: str, raw: bytes, *, at: datetime) -> tuple[int, bytes]:
        """Give status and body for what came; an empty body and status 0: the line is cut."""
        if department not in self.keys:
            return HTTPStatus.NOT_FOUND, canonical({"refused": "departments.unknown"})
        try:
            request = self._read(department, raw, at=at)
        except Refusal as refusal:
            return _STATUSES.get(refusal.code, HTTPStatus.BAD_REQUEST), canonical(
                {"refused": refusal.code}
            )
        with self._lock:
            return self._reply_to(department, request, at=at)

    def _read(self, department: str, raw: bytes, *, at: datetime) -> Signed:
        request = read_signed(raw)
        if not is_signed(request, public=self.asker):
            raise Refusal("departments.signature-wrong")
        judge_request(request.message, department=department, at=at)
        kind = request.message["kind"]
        if kind not in set(QuestionKind) or QUESTIONS[QuestionKind(kind)].department != department:
            raise Refusal("departments.request-elsewhere", department=department)
        return request

    def _reply_to(self, department: str, request: Signed, *, at: datetime) -> tuple[int, bytes]:
        request_id, content = request.message["request_id"], signing_bytes(request.message)
        key = self.keys[department]
        case = self._cases.get(request_id)
        if case is None:
            receipt = key.sign(show_receipt(request.message, received_at=at))
            case = self._cases[request_id] = _Case(content, at, receipt)
        if case.content != content:
            return HTTPStatus.CONFLICT, canonical({"refused": "departments.request-differs"})
        case.attempts += 1
        failing = self.trouble.failing(request_id, attempt=case.attempts)
        if failing is Failing.BUSY:
            return HTTPStatus.SERVICE_UNAVAILABLE, b""
        if failing is Failing.HANGS_UP:
            return 0, b""
        if not case.answers and at >= case.received_at + self.trouble.delay_of(request_id):
            case.answers = self._answers(key, request.message, at=at)
        body = Reply(receipt=case.receipt, answers=case.answers).write()
        return HTTPStatus.OK, body[: len(body) // 2] if failing is Failing.GARBLED else body

    def _answers(
        self, key: DepartmentKey, request: Mapping[str, Any], *, at: datetime
    ) -> tuple[Signed, ...]:
        kind, fields = QuestionKind(request["kind"]), request["fields"]
        facts = self.register.facts_of(kind, fields)
        said = [(MAIN_REGISTER, facts)]
        if self.trouble.contradicts(kind, fields["identity_number"]):
            said.append((SECOND_REGISTER, second_opinion(facts)))
        return tuple(
            key.sign(
                show_answer(request, said=Said.ANSWERED, facts=told, source=source, answered_at=at)
            )
            for source, told in said
        )


_STATUSES: Mapping[str, int] = {
    "departments.signature-wrong": HTTPStatus.FORBIDDEN,
    "departments.request-elsewhere": HTTPStatus.NOT_FOUND,
}
