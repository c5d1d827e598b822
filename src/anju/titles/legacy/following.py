"""What a case of a problem may not do by itself, whoever moves it: the desk, the API, a job.

Its procedure says who decides what within which time. Here is what it cannot know: what must be
solved before it, and what becomes of the problem when it ends.
"""

from __future__ import annotations

from anju.foundation.casework.events import CaseEvent, EventKind, listen
from anju.foundation.casework.types import CaseRow
from anju.foundation.core.legacy import default_blockers
from anju.titles.legacy import events
from anju.titles.legacy.mapping import blocker_from
from anju.titles.legacy.models import DISPUTE, STANDING, BlockerRecord
from anju.titles.legacy.queries import waits_for
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.values import Refusal

SUBJECT = "legacy-problem"
PROCEDURE = "legacy-{kind}"
_WORKS = frozenset({ActionKind.TAKE_UP, ActionKind.DECIDE})


@listen(EventKind.OPENED)
def require_problem(event: CaseEvent) -> None:
    """Refuse with ``legacy.case-without-problem`` a case that no problem of the file has opened."""
    case = event.case
    if case is None or not case.procedure.startswith("legacy-"):
        return
    if _blocker_of(case) is None:
        raise Refusal("legacy.case-without-problem")


@listen(EventKind.ACTED)
def follow_work(event: CaseEvent) -> None:
    """Hold a case back that waits for another problem; note that a problem is worked on.

    Refuses with ``legacy.waits-first`` a remedy before what must come first is solved, and lets a
    problem stand again whose case is revoked.
    """
    case, act = event.case, event.action
    record = None if case is None else _blocker_of(case)
    if case is None or act is None or record is None:
        return
    row = blocker_from(record)
    if act.kind is ActionKind.DECIDE:
        remedies = {one.code for one in default_blockers()[row.kind].remedies}
        if act.outcome in remedies:
            waits = waits_for(project_id=row.project_id, blocker=row, remedy=act.outcome)
            if waits:
                titles = [default_blockers()[kind].title for kind in waits]
                raise Refusal(
                    "legacy.waits-first",
                    clause=default_blockers()[row.kind].basis.clause,
                    first="、".join(title.zh for title in titles),
                    first_en=", ".join(title.en for title in titles),
                )
    if act.kind is ActionKind.REVOKE:
        _stand_again(event, record)
    elif case.status.is_open and record.state == "open" and act.kind in _WORKS:
        record.state = "working"
        record.save(update_fields=["state"])


@listen(EventKind.CLOSED)
def follow_end(event: CaseEvent) -> None:
    """Solve the problem whose case is done; one whose case ended otherwise stands as before."""
    case = event.case
    if case is None:
        return
    record = _blocker_of(case)
    if record is None:
        return
    if case.status is not Status.DONE:
        record.state = "blocked" if record.kind == DISPUTE else "open"
        record.case_id = None
        record.save(update_fields=["state", "case_id"])
        return
    record.state, record.solved_at = "solved", event.at
    record.save(update_fields=["state", "solved_at"])
    events.tell(
        events.ProblemEvent(
            kind=events.EventKind.SOLVED, row=blocker_from(record), by=event.by, at=event.at
        )
    )


def _stand_again(event: CaseEvent, record: BlockerRecord) -> None:
    """Let a problem stand again; one found anew meanwhile stands already."""
    others = BlockerRecord.objects.filter(
        project_id=record.project_id,
        building=record.building,
        kind=record.kind,
        state__in=STANDING,
    )
    if others.exists():
        return
    record.state = "blocked" if record.kind == DISPUTE else "open"
    record.case_id, record.solved_at = None, None
    record.save(update_fields=["state", "case_id", "solved_at"])
    events.tell(
        events.ProblemEvent(
            kind=events.EventKind.FOUND, row=blocker_from(record), by=event.by, at=event.at
        )
    )


def _blocker_of(case: CaseRow) -> BlockerRecord | None:
    if case.subject_kind != SUBJECT:
        return None
    found = BlockerRecord.objects.filter(project_id=case.project_id, id=case.subject_id)
    return found.select_for_update(no_key=True).first()
