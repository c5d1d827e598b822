"""The register behind the certificates: a status folded from entries that are only ever added.

The register prevails over the paper (Civil Code 217): what a certificate says of itself never
decides whether it is in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from anju_rules.values import Refusal

REGISTER_PREVAILS = "civil-code/217"


class Status(StrEnum):
    """How a certificate stands."""

    IN_FORCE = "in-force"
    LIMITED = "limited"
    """In force, and something stands against the home: it may not be freely disposed of."""
    SUSPENDED = "suspended"
    """Whether it holds is being dealt with."""
    REVOKED = "revoked"
    REPLACED = "replaced"
    """Another certificate stands in its place."""


class Entry(StrEnum):
    """What is entered."""

    ISSUE = "issue"
    SUSPEND = "suspend"
    RESUME = "resume"
    LIMIT = "limit"
    """A restriction stands against the home; another one's clause takes the place of the first."""
    RELEASE = "release"
    """Nothing stands against the home any more."""
    REVOKE = "revoke"
    REPLACE = "replace"


_STANDS = frozenset({Status.IN_FORCE, Status.LIMITED})
_LIVES = _STANDS | {Status.SUSPENDED}
_FOLLOWS: dict[Entry, frozenset[Status]] = {
    Entry.SUSPEND: _STANDS,
    Entry.RESUME: frozenset({Status.SUSPENDED}),
    Entry.LIMIT: _LIVES,
    Entry.RELEASE: frozenset({Status.LIMITED, Status.SUSPENDED}),
    Entry.REVOKE: _LIVES,
    Entry.REPLACE: _STANDS,
}
"""What each entry may follow; an issue follows nothing."""
_ENDS = {Entry.REVOKE: Status.REVOKED, Entry.REPLACE: Status.REPLACED}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One entry about one certificate."""

    kind: Entry
    number: str
    digest: str
    """Of the content that was issued."""
    at: datetime
    clause: str
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterState:
    """How a certificate stands in the register at a moment."""

    number: str
    digest: str
    status: Status
    since: datetime
    clause: str
    as_of: datetime
    """The moment up to which the register was read."""
    replaced_by: str = ""
    limit: str = ""
    """The clause of what stands against the home, also while suspended; empty: nothing does."""


def fold_register(entries: Iterable[RegisterEntry], *, as_of: datetime) -> RegisterState | None:
    """Fold the entries about one certificate; None where it was never issued.

    What limits a home and what suspends its certificate come and go by themselves: resumed, it is
    limited where something still stands against the home.

    Refuses with ``certificates.unlawful-entry`` what cannot follow: a second issue, anything after
    a revocation or a replacement, a replacement while suspended, a release of what nothing limits,
    another content, time that runs back, a replacement by nothing, an entry without its clause.
    """
    state: RegisterState | None = None
    last: datetime | None = None
    for entry in entries:
        if entry.at > as_of:
            break
        runs_back = last is not None and entry.at < last
        if runs_back or not _may_follow(state, entry):
            raise Refusal(
                "certificates.unlawful-entry",
                clause=entry.clause,
                number=entry.number,
                entry=entry.kind.value,
                status=state.status.value if state else "",
            )
        state, last = _after(state, entry, as_of=as_of), entry.at
    return state


def _may_follow(state: RegisterState | None, entry: RegisterEntry) -> bool:
    names_other = bool(entry.replaced_by) is (entry.kind is Entry.REPLACE)
    if not names_other or entry.replaced_by == entry.number or not entry.clause.strip():
        return False
    if state is None or entry.kind is Entry.ISSUE:
        return state is None and entry.kind is Entry.ISSUE
    is_limited_first = entry.kind is not Entry.RELEASE or bool(state.limit)
    return (
        state.status in _FOLLOWS[entry.kind]
        and is_limited_first
        and (entry.number, entry.digest) == (state.number, state.digest)
    )


def _after(state: RegisterState | None, entry: RegisterEntry, *, as_of: datetime) -> RegisterState:
    limit = state.limit if state is not None else ""
    if entry.kind in (Entry.LIMIT, Entry.RELEASE):
        limit = entry.clause if entry.kind is Entry.LIMIT else ""
        if state is not None and state.status is Status.SUSPENDED:
            return replace(state, limit=limit, as_of=as_of)
    status = _ENDS.get(entry.kind, Status.LIMITED if limit else Status.IN_FORCE)
    if entry.kind is Entry.SUSPEND:
        status = Status.SUSPENDED
    return RegisterState(
        number=entry.number,
        digest=entry.digest,
        status=status,
        since=entry.at,
        clause=limit if status is Status.LIMITED else entry.clause,
        as_of=as_of,
        replaced_by=entry.replaced_by,
        limit=limit,
    )
