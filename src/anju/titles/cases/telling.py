"""Owners are told of every change of their case by short message, in the act's own transaction."""

from __future__ import annotations

from collections.abc import Sequence

from anju.foundation.casework.events import CaseEvent, EventKind, listen, listen_to_many
from anju.foundation.messages.laying import lay_messages
from anju.foundation.messages.types import NewMessage
from anju.titles.cases.queries import is_held
from anju.titles.cases.types import PROCEDURES
from anju.titles.communities.queries import community_by_id
from anju_rules.messages import Channel
from anju_rules.procedures.states import ActionKind, Status

ASKED, MOVED, STOPPED, RESUMED = "title-asked", "title-moved", "title-stopped", "title-resumed"
FILED, DONE, NOT_DONE = "title-filed", "title-done", "title-not-done"
_OF_ACTS = {
    ActionKind.ACCEPT: MOVED,
    ActionKind.DECIDE: MOVED,
    ActionKind.ASK_CORRECTION: ASKED,
    ActionKind.STOP: STOPPED,
    ActionKind.RESUME: RESUMED,
}
"""What an owner is told of; what it has done itself it knows."""


@listen_to_many(EventKind.OPENED)
def tell_filed(events: Sequence[CaseEvent]) -> None:
    """Tell the owners that their case is there, whoever filed it."""
    _tell(events, FILED)


@listen(EventKind.ACTED)
def tell_moved(event: CaseEvent) -> None:
    """Tell the owners what an office did; the end is told by :func:`tell_ended`."""
    case, act = event.case, event.action
    if case is None or act is None or not case.status.is_open or event.by.kind == "household":
        return
    if act.kind is ActionKind.RESUME and is_held(case):
        return  # only the ground has changed: the stop that follows is told
    if act.kind in _OF_ACTS:
        _tell([event], _OF_ACTS[act.kind])


@listen(EventKind.CLOSED)
def tell_ended(event: CaseEvent) -> None:
    """Tell the owners how their case ended."""
    if event.case is not None and event.by.kind != "household":
        _tell([event], DONE if event.case.status is Status.DONE else NOT_DONE)


def _tell(events: Sequence[CaseEvent], kind: str) -> None:
    told = [
        (case, event.at, case.household_id)
        for event in events
        if (case := event.case) is not None
        and case.household_id is not None
        and case.procedure in PROCEDURES
    ]
    if not told:
        return
    first, at, _ = told[0]
    community = community_by_id(community_id=first.project_id).name
    lay_messages(
        project_id=first.project_id,
        messages=[
            NewMessage(
                household_id=household_id,
                kind=kind,
                subject_id=case.id,
                facts={"community": community, "number": case.number},
                # The same case tells many things: each its own line.
                round=case.length,
            )
            for case, _, household_id in told
        ],
        channels=(Channel.SMS,),
        at=at,
    )
