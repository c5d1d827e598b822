"""The troubles a simulated department has, decided by a seed: the same run goes the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from anju_rules.departments.kinds import FOUND, NO, QuestionKind
from anju_rules.hashing import digest, encode


class Failing(StrEnum):
    """How one attempt goes wrong."""

    BUSY = "busy"
    """Status 503."""
    HANGS_UP = "hangs-up"
    """The line is cut before anything is said."""
    GARBLED = "garbled"
    """Half of the reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How troublesome departments are; without anything given, not at all."""

    seed: str = "0"
    delay: timedelta = timedelta(0)
    """The longest that an answer takes; each takes its own share of it."""
    errors: int = 0
    """Of 100 attempts so many go wrong."""
    contradictions: int = 0
    """Of 100 questions so many are answered twice, and not the same."""

    def delay_of(self, request_id: str) -> timedelta:
        """Give how long the answer to one request takes: a hundredth of the longest, or more."""
        return self.delay * (self._share("delay", request_id) + 1) / 100

    def failing(self, request_id: str, *, attempt: int) -> Failing | None:
        """Give how an attempt goes wrong; mostly not at all."""
        if self._share("error", request_id, attempt) >= self.errors:
            return None
        kinds = tuple(Failing)
        return kinds[self._share("kind", request_id, attempt) % len(kinds)]

    def contradicts(self, kind: QuestionKind, subject: str) -> bool:
        """Whether a second register of the department says something else of a subject."""
        return self._share("contradiction", kind.value, subject) < self.contradictions

    def _share(self, *parts: str | int) -> int:
        """Give a number from 0 to 99 that seems drawn, and is always the same."""
        return int.from_bytes(digest(encode(self.seed, *parts))[:8], "big") % 100


def second_opinion(facts: Mapping[str, str]) -> dict[str, str]:
    """Give what the second register says instead: another address, or nothing on record."""
    if "address" in facts:
        return {**facts, "address": facts["address"] + "（旧址）"}
    return {FOUND: NO} if facts[FOUND] != NO else dict(facts)
