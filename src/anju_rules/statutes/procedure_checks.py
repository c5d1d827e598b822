"""Checks of procedures: what the law asks of the way in which things are decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from anju_rules.clocks import Unit
from anju_rules.procedures.types import Procedure, Source
from anju_rules.statutes.types import Guard, Statute
from anju_rules.values import Finding, Verdict

Procedures = Mapping[str, Procedure]
ProcedureCheck = Callable[[Procedures], Iterable[str]]
_PLAN, _NOTICE = "plan-approval", "notice"
_LEAST_NOTICE = 30


def _short_plan_notice(procedures: Procedures) -> Iterator[str]:
    window = procedures[_PLAN].steps[_NOTICE].lasts_at_least
    is_long = window is not None and window.unit is not Unit.HOURS
    if not is_long or window is None or window.length < _LEAST_NOTICE:
        yield f"{_PLAN}.{_NOTICE}"


def _unpublished_comments(procedures: Procedures) -> Iterator[str]:
    plan = procedures[_PLAN]
    for code in plan.steps[_NOTICE].produces:
        if plan.materials[code].is_published:
            return
    yield f"{_PLAN}.{_NOTICE}"


def _plan_without_hearing(procedures: Procedures) -> Iterator[str]:
    plan = procedures[_PLAN]
    if _NOTICE not in plan.resting_on("hearing"):
        yield f"{_PLAN}.hearing"


def _shared_and_asked(procedures: Procedures) -> Iterator[str]:
    """Find materials that one procedure gets from a department and another asks of the family."""
    shared = {
        code
        for procedure in procedures.values()
        for code, material in procedure.materials.items()
        if material.source is Source.SHARED
    }
    for procedure in procedures.values():
        for code, material in procedure.materials.items():
            if code in shared and material.source is Source.ASKED:
                yield f"{procedure.code}.{code}"


PROCEDURE_CHECKS: Mapping[str, ProcedureCheck] = {
    "plan-notice-30-days": _short_plan_notice,
    "plan-comments-published": _unpublished_comments,
    "plan-hearing": _plan_without_hearing,
    "shared-not-asked": _shared_and_asked,
}
"""By the name that an item gives."""


def judge_procedures(procedures: Procedures, *, statutes: Iterable[Statute]) -> Verdict:
    """Hold the procedures to every item that asks something of them (``statute.forbidden``)."""
    return Verdict(
        tuple(
            Finding(
                "statute.forbidden",
                item.code.partition("#")[0],
                met=not (paths := tuple(PROCEDURE_CHECKS[item.check](procedures))),
                facts={"item": item.code, "path": "、".join(paths), "text": item.text.zh},
            )
            for statute in statutes
            for item in statute.items
            if item.guard is Guard.PROCEDURE
        )
    )
