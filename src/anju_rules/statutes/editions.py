"""A new edition of a law: which clauses it changes, and what those touch."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from anju_rules.statutes.types import Clause, Statute


class Change(StrEnum):
    """What happens to a clause."""

    NEW = "new"
    CHANGED = "changed"
    REPEALED = "repealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseChange:
    """A clause that a new edition changes."""

    clause: Clause
    """As it will be; a repealed one as it was."""
    change: Change


def compare_editions(before: Statute | None, after: Statute) -> tuple[ClauseChange, ...]:
    """Say which clauses differ, in the law's order, repealed ones last; without ``before`` all."""
    known = before.clauses if before else {}
    changes = [
        ClauseChange(clause=clause, change=Change.CHANGED if code in known else Change.NEW)
        for code, clause in after.clauses.items()
        if known.get(code) != clause
    ]
    changes += [
        ClauseChange(clause=clause, change=Change.REPEALED)
        for code, clause in known.items()
        if code not in after.clauses
    ]
    return tuple(changes)


def touched_by(
    changes: Iterable[ClauseChange], *, cited: Collection[str], parts: Collection[str]
) -> tuple[ClauseChange, ...]:
    """Give the changes that concern somebody who cites ``cited`` and has ``parts``.

    A citation of one item of a clause (``order-590/10#2``) is one of the clause.
    """
    named = {*cited, *(one.partition("#")[0] for one in cited)}
    return tuple(
        one
        for one in changes
        if one.clause.names & named or not {*parts}.isdisjoint(one.clause.touches)
    )
