"""The forms of a case's page, read into the act that they ask for."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, QueryDict

from anju.foundation.access.operations import countersign
from anju.foundation.access.types import Actor
from anju.foundation.casework.types import AskedPoint, CaseRow, HandedIn, NewAction
from anju.foundation.core.clock import read_clock
from anju.web.officer.uploads import take_in_paper
from anju.web.once import read_id
from anju_rules.clocks import PauseReason
from anju_rules.procedures.states import ActionKind
from anju_rules.procedures.types import Procedure, Source
from anju_rules.values import Refusal

LONGEST = 4000
OTHER_POINT = "other"
"""A point of a correction that is about no material of the procedure."""


def read_act(request: HttpRequest, *, case: CaseRow, procedure: Procedure, by: Actor) -> NewAction:
    """Read what a form of the case's page asks for; its papers are taken in first.

    Refuses with ``web.not-a-choice``, ``web.not-a-count`` and as documents are taken in.
    """
    told = request.POST
    kind, reason = told.get("kind", ""), told.get("reason", "")
    if kind not in set(ActionKind):
        raise Refusal("web.not-a-choice")
    if reason and reason not in set(PauseReason):
        raise Refusal("web.not-a-choice")
    step = told.get("step", "")
    return NewAction(
        kind=ActionKind(kind),
        step=step,
        outcome=told.get("outcome", ""),
        materials=read_materials(request, case=case, procedure=procedure, by=by),
        points=tuple(_points(told, procedure)),
        reason=PauseReason(reason) if reason else None,
        clauses=read_clauses(told),
        why=told.get("why", "")[:LONGEST],
        note=told.get("note", "")[:LONGEST],
        facts=_facts(told),
        id=read_id(told.get("id", "")),
    )


def read_clauses(told: QueryDict) -> tuple[str, ...]:
    """Read the clauses that an act rests on, one a line; none leaves the definition's own."""
    return tuple(line.strip() for line in told.get("clauses", "").splitlines() if line.strip())


def read_expected(told: QueryDict) -> int | None:
    """Read how long the log was that its reader saw."""
    length = told.get("expects", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 9 else None


def read_second(told: QueryDict, *, by: Actor) -> Actor | None:
    """Read who signs beside the officer: login, password and code, checked; nobody if empty.

    Refuses as :func:`~anju.foundation.access.operations.countersign` does.
    """
    login = told.get("second_login", "").strip()
    if not login:
        return None
    return countersign(
        login=login,
        password=told.get("second_password", ""),
        code=told.get("second_code", "").strip(),
        by=by,
        at=read_clock(),
    )


def require_second(told: QueryDict, *, by: Actor) -> Actor:
    """Read who signs beside; refuses with ``access.second-person-missing`` where nobody does."""
    found = read_second(told, by=by)
    if found is None:
        raise Refusal("access.second-person-missing")
    return found


def asked_materials(procedure: Procedure) -> list[str]:
    """Give the materials that may be asked of the applicant at all."""
    return [
        code
        for code, material in procedure.materials.items()
        if material.source in (Source.ASKED, Source.COMMITTED)
    ]


def read_materials(
    request: HttpRequest, *, case: CaseRow, procedure: Procedure, by: Actor
) -> tuple[HandedIn, ...]:
    """Read which materials come in with a form, and take their papers in.

    Refuses as documents are taken in.
    """
    return tuple(_materials(request, case=case, procedure=procedure, by=by))


def _materials(
    request: HttpRequest, *, case: CaseRow, procedure: Procedure, by: Actor
) -> Iterator[HandedIn]:
    for code in procedure.materials:
        field = f"paper-{code}"
        if request.FILES.get(field):
            document_id = take_in_paper(
                request,
                name=field,
                project_id=case.project_id,
                owner_kind="case",
                owner_id=case.id,
                household_id=case.household_id,
                by=by,
            )
            yield HandedIn(code=code, document_id=document_id)
        elif f"got-{code}" in request.POST:
            yield HandedIn(code=code)


def _points(told: QueryDict, procedure: Procedure) -> Iterator[AskedPoint]:
    for code in (*asked_materials(procedure), OTHER_POINT):
        if f"point-{code}" in told:
            yield AskedPoint(
                code=code,
                text=told.get(f"text-{code}", "").strip()[:LONGEST],
                arose_from=told.get(f"from-{code}", ""),
            )


def _facts(told: QueryDict) -> dict[str, int]:
    return {
        name.removeprefix("count-"): _count(told.get(name, ""))
        for name in told
        if name.startswith("count-")
    }


def _count(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Refusal("web.not-a-count", value=text)
    return int(text)
