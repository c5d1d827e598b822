"""The messages between the platform and a department, and whether an answer counts.

A message is a flat JSON object; what is signed is its canonical form (RFC 8785) behind the
contract's name. Its ``form`` says whether it asks, confirms or answers, so that no signature under
one can be shown under another. Signing and verifying themselves are the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from anju_rules.departments.kinds import QuestionKind, are_facts_whole
from anju_rules.hashing import canonical, digest, encode
from anju_rules.shapes import Each, fits
from anju_rules.values import Refusal

CONTRACT = "anju-departments-1"
REQUEST, RECEIPT, ANSWER = "request", "receipt", "answer"
MOST_BYTES = 64 * 1024
MOST_ANSWERS = 8
CLOCKS_APART = timedelta(minutes=5)
"""How much a department's clock may differ from ours."""
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"

_REQUEST = {
    "answer_by": str,
    "asked_at": str,
    "contract": str,
    "department": str,
    "fields": Each(str),
    "form": str,
    "is_urgent": bool,
    "kind": str,
    "request_id": str,
    "salt": str,
    "subject": str,
}
_RECEIPT = {
    "contract": str,
    "department": str,
    "form": str,
    "received_at": str,
    "request_digest": str,
    "request_id": str,
}
_ANSWER = {
    "answered_at": str,
    "contract": str,
    "department": str,
    "facts": Each(str),
    "form": str,
    "kind": str,
    "reason": str,
    "request_digest": str,
    "request_id": str,
    "source": str,
    "state": str,
    "subject": str,
}
_SHAPES = {REQUEST: _REQUEST, RECEIPT: _RECEIPT, ANSWER: _ANSWER}
_ENVELOPE = {"message": dict, "signature": str}
_REPLY = {"receipt": _ENVELOPE, "answers": [_ENVELOPE]}


class Said(StrEnum):
    """What a department says to a question."""

    ANSWERED = "answered"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A message and the signature it came with; nothing of it is believed yet."""

    message: Mapping[str, Any] = field(repr=False)
    signature: bytes = field(repr=False)

    def write(self) -> dict[str, object]:
        """Give it as it goes over the wire."""
        return {"message": dict(self.message), "signature": self.signature.hex()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a department sends to a request: that it has it, and what it has found so far."""

    receipt: Signed
    answers: tuple[Signed, ...]

    def write(self) -> bytes:
        """Give it as it goes over the wire."""
        told = {
            "receipt": self.receipt.write(),
            "answers": [answer.write() for answer in self.answers],
        }
        return canonical(told)


def commit_subject(*, salt: bytes, fields: Mapping[str, str]) -> bytes:
    """Give the 32 bytes that stand for a subject where its name must not."""
    return digest(encode(f"{CONTRACT}/subject", salt, canonical(dict(fields))))


def show_request(
    *,
    request_id: UUID,
    department: str,
    kind: QuestionKind,
    fields: Mapping[str, str],
    salt: bytes,
    is_urgent: bool,
    asked_at: datetime,
    answer_by: datetime,
) -> dict[str, object]:
    """Give the message that asks."""
    return {
        "contract": CONTRACT,
        "form": REQUEST,
        "request_id": str(request_id),
        "department": department,
        "kind": kind.value,
        "subject": commit_subject(salt=salt, fields=fields).hex(),
        "salt": salt.hex(),
        "fields": dict(fields),
        "is_urgent": is_urgent,
        "asked_at": write_moment(asked_at),
        "answer_by": write_moment(answer_by),
    }


def show_receipt(request: Mapping[str, Any], *, received_at: datetime) -> dict[str, object]:
    """Give the message by which a department confirms that it has a request."""
    return {
        "contract": CONTRACT,
        "form": RECEIPT,
        "request_id": request["request_id"],
        "request_digest": digest_of(request).hex(),
        "department": request["department"],
        "received_at": write_moment(received_at),
    }


def show_answer(
    request: Mapping[str, Any],
    *,
    said: Said,
    facts: Mapping[str, str],
    source: str,
    answered_at: datetime,
    reason: str = "",
) -> dict[str, object]:
    """Give the message that answers; ``source`` names the register it comes from."""
    return {
        "contract": CONTRACT,
        "form": ANSWER,
        "request_id": request["request_id"],
        "request_digest": digest_of(request).hex(),
        "department": request["department"],
        "kind": request["kind"],
        "subject": request["subject"],
        "source": source,
        "state": said.value,
        "facts": dict(facts),
        "reason": reason,
        "answered_at": write_moment(answered_at),
    }


def signing_bytes(message: Mapping[str, Any]) -> bytes:
    """Give the bytes that a signature under a message is over."""
    return encode(CONTRACT, canonical(dict(message)))


def digest_of(message: Mapping[str, Any]) -> bytes:
    """Give the SM3 digest by which a receipt and an answer name their request."""
    return digest(canonical(dict(message)))


def read_signed(raw: bytes) -> Signed:
    """Read a signed request; refuses with ``departments.message-malformed``."""
    told = _read_json(raw)
    if not fits(told, _ENVELOPE):
        raise Refusal("departments.message-malformed")
    return _signed(told, form=REQUEST)


def read_reply(raw: bytes) -> Reply:
    """Read a reply; refuses with ``departments.message-malformed``."""
    told = _read_json(raw)
    if not fits(told, _REPLY) or len(told["answers"]) > MOST_ANSWERS:
        raise Refusal("departments.message-malformed")
    return Reply(
        receipt=_signed(told["receipt"], form=RECEIPT),
        answers=tuple(_signed(answer, form=ANSWER) for answer in told["answers"]),
    )


def _read_json(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    if len(raw) > MOST_BYTES:
        raise Refusal("departments.message-malformed")
    try:
        return json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise Refusal("departments.message-malformed") from error


def _signed(told: Mapping[str, Any], *, form: str) -> Signed:
    message = told["message"]
    try:
        signature = bytes.fromhex(told["signature"])
    except ValueError as error:
        raise Refusal("departments.message-malformed") from error
    if not fits(message, _SHAPES[form]) or (message["contract"], message["form"]) != (
        CONTRACT,
        form,
    ):
        raise Refusal("departments.message-malformed")
    return Signed(message=message, signature=signature)


def judge_request(request: Mapping[str, Any], *, department: str, at: datetime) -> None:
    """Refuse, on the department's side, a request that is not for it or not whole.

    Refuses with ``departments.message-malformed``, ``departments.request-elsewhere`` (another
    department's), ``departments.subject-differs`` (the fields do not open the commitment) or
    ``departments.time-wrong``.
    """
    if request["department"] != department:
        raise Refusal("departments.request-elsewhere", department=str(request["department"]))
    try:
        salt = bytes.fromhex(request["salt"])
    except ValueError as error:
        raise Refusal("departments.message-malformed") from error
    if commit_subject(salt=salt, fields=request["fields"]).hex() != request["subject"]:
        raise Refusal("departments.subject-differs")
    if read_moment(request["asked_at"]) > at + CLOCKS_APART:
        raise Refusal("departments.time-wrong")


def judge_receipt(
    receipt: Mapping[str, Any], *, request: Mapping[str, Any], at: datetime
) -> datetime:
    """Give when a department had a request, by its receipt.

    Refuses with ``departments.answer-of-another`` or ``departments.time-wrong``.
    """
    _require_ties(receipt, request, ("request_id", "department"))
    return _judge_moment(receipt["received_at"], request=request, at=at)


def judge_answer(
    answer: Mapping[str, Any], *, request: Mapping[str, Any], at: datetime
) -> datetime:
    """Give when a department answered, by its answer.

    Refuses with ``departments.answer-of-another`` what answers some other request (a replayed
    answer), with ``departments.time-wrong`` what was answered before it was asked or after now,
    and with ``departments.facts-differ`` facts beside the contract.
    """
    _require_ties(answer, request, ("request_id", "department", "kind", "subject"))
    moment = _judge_moment(answer["answered_at"], request=request, at=at)
    state, facts = answer["state"], answer["facts"]
    kind = QuestionKind(request["kind"])
    is_whole = (
        are_facts_whole(kind, facts)
        if state == Said.ANSWERED
        else state == Said.CANNOT and not facts and bool(answer["reason"].strip())
    )
    if not is_whole:
        raise Refusal("departments.facts-differ", kind=kind.value)
    return moment


def _require_ties(
    message: Mapping[str, Any], request: Mapping[str, Any], names: tuple[str, ...]
) -> None:
    same = all(message[name] == request[name] for name in names)
    if not same or message["request_digest"] != digest_of(request).hex():
        raise Refusal("departments.answer-of-another")


def _judge_moment(told: str, *, request: Mapping[str, Any], at: datetime) -> datetime:
    moment = read_moment(told)
    asked_at = read_moment(request["asked_at"])
    if not asked_at - CLOCKS_APART <= moment <= at + CLOCKS_APART:
        raise Refusal("departments.time-wrong")
    return moment


def write_moment(at: datetime) -> str:
    """Write a moment in UTC, to the second.

    >>> write_moment(datetime(2026, 6, 1, 9, 30, tzinfo=UTC))
    '2026-06-01T09:30:00Z'
    """
    return at.astimezone(UTC).strftime(_MOMENT)


def read_moment(text: str) -> datetime:
    """Read a moment in the one spelling; refuses with ``departments.message-malformed``."""
    malformed = Refusal("departments.message-malformed")
    try:
        moment = datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    except ValueError as error:
        raise malformed from error
    if write_moment(moment) != text:
        raise malformed
    return moment
