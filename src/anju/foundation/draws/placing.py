"""Who may be let in from a disputed list: higher contexts know whom they decided on.

A higher context registers a plain function; what it refuses, refuses the placing.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from anju_rules.values import Ticket

Judge = Callable[[UUID, Ticket], None]
"""Asked with the project and the ticket, inside the operation; refuses or says nothing."""
_judges: list[Judge] = []


def judge_placing(judge: Judge) -> Judge:
    """Have a function asked before an entry that was undecided is placed."""
    if judge not in _judges:
        _judges.append(judge)
    return judge


def require_placeable(*, project_id: UUID, ticket: Ticket) -> None:
    """Ask everybody who registered."""
    for judge in _judges:
        judge(project_id, ticket)
