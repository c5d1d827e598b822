"""The port to who checks identities from afar; without one, an officer meets the person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anju.foundation.exchange.signed_post import SignedLine, known_line
from anju_rules.identity import MOST_BYTES, IdentityAnswer, IdentityQuestion, read_answer

_OWNER = "identity.provider"


class IdentityChecker(Protocol):
    """How somebody is checked from afar."""

    def __call__(self, *, question: IdentityQuestion) -> IdentityAnswer:
        """Ask about one person.

        Refuses with ``identity.provider-away``, ``identity.provider-refused``,
        ``identity.provider-forged``, ``identity.answer-malformed`` or
        ``identity.answer-of-another``.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpChecker:
    """A provider that is reached by HTTP, by the published contract."""

    line: SignedLine

    def __call__(self, *, question: IdentityQuestion) -> IdentityAnswer:
        """Ask about one person; see :class:`IdentityChecker`."""
        return read_answer(self.line.post(question.write(), most=MOST_BYTES), question=question)


def known_checker(home: Path) -> IdentityChecker | None:
    """Give the provider of this installation (``identity.toml``); None where there is none.

    Refuses with ``identity.provider-malformed`` and ``identity.provider-open``.
    """
    line = known_line(home / "identity.toml", owner=_OWNER)
    return None if line is None else HttpChecker(line=line)
