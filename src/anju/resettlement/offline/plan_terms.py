"""The terms of a plan: its project, and how its draw is held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from anju.resettlement.offline.plan_text import Section
from anju.resettlement.projects.kinds import default_kinds
from anju_rules.batches import PLAN_DAYS
from anju_rules.draws import Scheme
from anju_rules.kinds import Kind, Option, OptionTerms, judge_allocation
from anju_rules.policy.types import Basis, Certainty
from anju_rules.queue import LARGEST_BATCH, Mode

EVERYONE = "全部"
"""The one stratum of a plan that names none."""
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00"
_COMMITMENT = re.compile(r"[0-9a-f]{64}")
PROJECT_KEYS = ("code", "name", "division", "type", "mode", "options", "strata", "batch_size")
OPTION_KEYS = ("option", "clause", "source", "certainty", "note")
MOST_PLAN_DAYS = 90
DRAW_KEYS = (
    "scheme",
    "freeze_at",
    "beacon_at",
    "beacon_rule",
    "redraw_rule",
    "committers",
    "rehearsal",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A resettlement project as its plan states it.

    ``strata`` stand in the order in which they choose; ``mode`` is ``score``, ``lottery`` or
    ``negotiated``.
    """

    code: str
    name: str
    division: str
    mode: Mode
    strata: tuple[str, ...]
    batch_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """How a plan gives its homes: its kind, its mode and its options (PLN-1)."""

    kind: Kind | None
    mode: Mode
    is_default_mode: bool
    """The plan says nothing of it: the kind's own."""
    options: tuple[OptionTerms, ...]
    are_default_options: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawTerms:
    """How the draw is held: its instants (``…+08:00``), its beacon and who committed to what.

    ``committers``: (who, one commitment a stratum, in the order of the project's strata).
    """

    freeze_at: str
    beacon_at: str
    beacon_rule: str
    redraw_rule: str
    committers: tuple[tuple[str, tuple[str, ...]], ...]
    rehearsal_beacon_at: str
    rehearsal_beacon: tuple[str, ...]


def read_project(section: Section, *, has_draw: bool = False) -> Project:
    """Read ``[project]``; ``has_draw``: whether the plan holds one."""
    section.refuse_unknown(PROJECT_KEYS)
    strata = section.texts("strata", default=(EVERYONE,))
    if not strata or len(set(strata)) < len(strata):
        section.note("strata", "plan.strata-unclear", value="、".join(strata))
    return Project(
        code=section.text("code", pattern=r"[A-Z0-9-]{1,24}"),
        name=section.text("name"),
        division=section.text("division", default="", pattern=r"[0-9]{6}"),
        mode=read_allocation(section, has_draw=has_draw).mode,
        strata=strata or (EVERYONE,),
        batch_size=section.integer(
            "batch_size", default=LARGEST_BATCH, least=1, most=LARGEST_BATCH
        ),
    )


def read_allocation(section: Section, *, has_draw: bool = False) -> Allocation:
    """Read kind, mode and options of ``[project]``; what is left out is the kind's own.

    Notes what does not go together as :func:`anju_rules.kinds.judge_allocation` finds it.
    """
    kinds = default_kinds()
    told = section.text("type", default="", pattern="|".join(kinds))
    kind = kinds.get(told)
    default = None if kind is None else kind.mode
    mode = cast("Mode", section.text("mode", default=default, pattern="|".join(get_args(Mode))))
    has_options = "options" in section.values
    by_default = () if kind is None else kind.options
    options = tuple(_options(section)) if has_options else by_default
    verdict = judge_allocation(kind=kind, mode=mode, options=options, has_draw=has_draw)
    for finding in verdict.unmet:
        section.note("options", finding.code, **finding.facts)
    return Allocation(
        kind=kind,
        mode=mode,
        is_default_mode="mode" not in section.values,
        options=options,
        are_default_options=not has_options,
    )


def _options(section: Section) -> Iterator[OptionTerms]:
    listed = section.values.get("options", [])
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        section.note("options", "plan.not-a-table", value=listed)
        return
    for place, entry in enumerate(listed, start=1):
        one = Section(name=f"{section.name}.options[{place}]", values=entry, faults=section.faults)
        one.refuse_unknown(OPTION_KEYS)
        told = one.text("option", pattern="|".join(Option))
        certainty = one.text("certainty", default="", pattern="C|M|P|U")
        basis = Basis(
            clause=one.text("clause"),
            source=one.text("source", default=""),
            certainty=cast("Certainty", certainty) if certainty else None,
        )
        if told in set(Option):
            note = one.text("note", default="", most=500)
            yield OptionTerms(option=Option(told), basis=basis, note=note)


def read_plan_days(section: Section) -> int:
    """Read ``[batches]``: how many calendar days before its batch a plan is out."""
    section.refuse_unknown(("plan_days",))
    return section.integer("plan_days", default=PLAN_DAYS, least=1, most=MOST_PLAN_DAYS)


def read_draw_terms(section: Section, *, strata: tuple[str, ...]) -> DrawTerms:
    """Read ``[draw]``: the beacon comes after the freeze, that of a rehearsal before it."""
    section.refuse_unknown(DRAW_KEYS)
    section.text("scheme", pattern=re.escape(Scheme.REAL))
    freeze_at = _moment(section, "freeze_at")
    beacon_at = _moment(section, "beacon_at")
    rehearsal_at = ""
    rehearsal_beacon: tuple[str, ...] = ()
    if "rehearsal" in section.values:
        rehearsal = section.section("rehearsal")
        rehearsal.refuse_unknown(("beacon_at", "beacon"))
        rehearsal_at = _moment(rehearsal, "beacon_at")
        rehearsal_beacon = rehearsal.texts("beacon")
        # All moments are spelt alike and in one zone, so their texts compare as they do.
        if rehearsal_at and freeze_at and rehearsal_at >= freeze_at:
            rehearsal.note(
                "beacon_at",
                "plan.rehearsal-beacon-not-past",
                value=rehearsal_at,
                freeze_at=freeze_at,
            )
    if freeze_at and beacon_at and beacon_at <= freeze_at:
        section.note("beacon_at", "plan.beacon-before-freeze", value=beacon_at, freeze_at=freeze_at)
    return DrawTerms(
        freeze_at=freeze_at,
        beacon_at=beacon_at,
        beacon_rule=section.text("beacon_rule", most=500),
        redraw_rule=section.text("redraw_rule"),
        committers=_committers(section, strata=strata),
        rehearsal_beacon_at=rehearsal_at,
        rehearsal_beacon=rehearsal_beacon,
    )


def _moment(section: Section, key: str) -> str:
    """Give a moment as ``YYYY-MM-DDTHH:MM:SS+08:00``, the one lawful spelling, or an empty text."""
    before = len(section.faults)
    moment = section.text(key, pattern=_MOMENT)
    if len(section.faults) > before:
        return ""
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        section.note(key, "plan.unlawful-value", value=moment, pattern=_MOMENT)
        return ""
    return moment


def _committers(
    section: Section, *, strata: tuple[str, ...]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    listed = section.values.get("committers", [])
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        section.note("committers", "plan.not-a-table", value=listed)
        return ()
    committers: list[tuple[str, tuple[str, ...]]] = []
    for place, entry in enumerate(listed, start=1):
        one = Section(
            name=f"{section.name}.committers[{place}]", values=entry, faults=section.faults
        )
        one.refuse_unknown(("who", "commitments"))
        who, commitments = one.text("who"), one.texts("commitments")
        if who in {earlier for earlier, _ in committers}:
            one.note("who", "plan.committer-twice", value=who)
        if len(commitments) != len(strata):
            one.note(
                "commitments", "plan.commitment-count", value=len(commitments), strata=len(strata)
            )
        for commitment in commitments:
            if _COMMITMENT.fullmatch(commitment) is None:
                one.note("commitments", "plan.commitment-unreadable", value=commitment)
        committers.append((who, commitments))
    return tuple(committers)
