"""Whether somebody far away is who they say: the question, the answer, and what follows from it.

The contract ``anju-identity-1``: who checks is asked whether it has met a person (a live video with
one of its people, or a check of its own) and answers in one word. No picture of a face comes here.
A face is never the only way (SPC face rules 4 and 10): whatever is not the same, or not clear, or
not wanted, goes to an officer who meets the person.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from anju_rules.hashing import canonical
from anju_rules.shapes import fits
from anju_rules.values import Refusal

CONTRACT = "anju-identity-1"
MOST_BYTES = 4_096
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_ANSWER = {
    "contract": str,
    "form": str,
    "id": str,
    "outcome": str,
    "method": str,
    "checked_at": str,
}
_LONGEST_METHOD = 60


class Outcome(StrEnum):
    """What came of a check."""

    SAME = "same"
    OTHER = "other"
    UNCLEAR = "unclear"


class Way(StrEnum):
    """How somebody is met."""

    REMOTE = "remote"
    """By a provider, from afar; only with a consent of its own (PIPL 29)."""
    VIDEO = "video"
    """By an officer on the telephone, with a picture."""
    WINDOW = "window"
    VISIT = "visit"
    """At home, for who cannot come."""


HUMAN = frozenset({Way.VIDEO, Way.WINDOW, Way.VISIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityQuestion:
    """One question about one person, as it goes over the line."""

    id: str
    name: str = field(repr=False)
    identity_number: str = field(repr=False)
    asked_at: datetime

    def write(self) -> bytes:
        """Give it as it goes over the line, and as it is signed."""
        return canonical(
            {
                "contract": CONTRACT,
                "form": "question",
                "id": self.id,
                "name": self.name,
                "identity_number": self.identity_number,
                "asked_at": self.asked_at.astimezone(UTC).strftime(_MOMENT),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAnswer:
    """What a provider says of one person."""

    outcome: Outcome
    method: str
    checked_at: datetime


def show_answer(*, question_id: str, answer: IdentityAnswer) -> bytes:
    """Write an answer as it goes over the line, and as it is signed."""
    return canonical(
        {
            "contract": CONTRACT,
            "form": "answer",
            "id": question_id,
            "outcome": answer.outcome.value,
            "method": answer.method,
            "checked_at": answer.checked_at.astimezone(UTC).strftime(_MOMENT),
        }
    )


def read_answer(raw: bytes, *, question: IdentityQuestion) -> IdentityAnswer:
    """Read an answer to ``question``; its signature was looked at before.

    Refuses with ``identity.answer-malformed`` and ``identity.answer-of-another``.
    """
    try:
        told: Any = json.loads(raw)
        if not fits(told, _ANSWER) or (told["contract"], told["form"]) != (CONTRACT, "answer"):
            raise Refusal("identity.answer-malformed")
        checked_at = datetime.strptime(told["checked_at"], _MOMENT).replace(tzinfo=UTC)
        outcome = Outcome(told["outcome"])
    except ValueError as error:
        raise Refusal("identity.answer-malformed") from error
    if told["id"] != question.id:
        raise Refusal("identity.answer-of-another")
    if not 0 < len(told["method"]) <= _LONGEST_METHOD:
        raise Refusal("identity.answer-malformed")
    return IdentityAnswer(outcome=outcome, method=told["method"], checked_at=checked_at)


def judge_answers(outcomes: Sequence[Outcome]) -> Outcome:
    """Judge what was said of all owners of a home: all must be who they say.

    >>> judge_answers([Outcome.SAME, Outcome.UNCLEAR]).value
    'unclear'
    >>> judge_answers([]).value
    'unclear'
    """
    if Outcome.OTHER in outcomes:
        return Outcome.OTHER
    is_clear = bool(outcomes) and all(one is Outcome.SAME for one in outcomes)
    return Outcome.SAME if is_clear else Outcome.UNCLEAR
