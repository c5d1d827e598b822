"""The terms of a plan: its project, and how its draw is held."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from anju.resettlement.offline.plan_text import Section
from anju_rules.draws import Scheme
from anju_rules.queue import LARGEST_BATCH, Mode

EVERYONE = "全部"
"""The one stratum of a plan that names none."""
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00"
_COMMITMENT = re.compile(r"[0-9a-f]{64}")
PROJECT_KEYS = ("code", "name", "division", "mode", "strata", "batch_size")
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

    ``strata`` stand in the order in which they choose; ``mode`` is ``score`` or ``lottery``.
    """

    code: str
    name: str
    division: str
    mode: Mode
    strata: tuple[str, ...]
    batch_size: int


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


def read_project(section: Section) -> Project:
    """Read ``[project]``."""
    section.refuse_unknown(PROJECT_KEYS)
    strata = section.texts("strata", default=(EVERYONE,))
    if not strata or len(set(strata)) < len(strata):
        section.note("strata", "plan.strata-unclear", value="、".join(strata))
    return Project(
        code=section.text("code", pattern=r"[A-Z0-9-]{1,24}"),
        name=section.text("name"),
        division=section.text("division", default="", pattern=r"[0-9]{6}"),
        mode=cast("Mode", section.text("mode", pattern="|".join(get_args(Mode)))),
        strata=strata or (EVERYONE,),
        batch_size=section.integer(
            "batch_size", default=LARGEST_BATCH, least=1, most=LARGEST_BATCH
        ),
    )


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
