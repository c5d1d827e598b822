"""Rows of legacy problems into a community as triage sees it, and into what others see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from anju.titles.communities.types import HomeRow
from anju.titles.legacy.models import (
    ArchiveRecord,
    BlockerRecord,
    ExpenseRecord,
    PlanRecord,
)
from anju.titles.legacy.types import (
    ArchiveRow,
    BlockerRow,
    BlockerState,
    ExpenseRow,
    ExpenseState,
    PlanRow,
    SpentOn,
)
from anju_rules.triage.reading import AREA_QUESTION, read_community
from anju_rules.triage.types import Blocker, BlockerKind, Community, Kinds, OwedBy
from anju_rules.values import Fen


def blocker_from(record: BlockerRecord) -> BlockerRow:
    """Give an answer's frozen row."""
    return BlockerRow(
        project_id=record.project_id,
        id=record.id,
        building=record.building,
        kind=record.kind,
        state=cast("BlockerState", record.state),
        home_ids=frozenset(record.home_ids),
        owed_by=OwedBy(record.owed_by),
        facts=record.facts,
        found_by=record.found_by,
        found_at=record.found_at,
        case_id=record.case_id,
        solved_at=record.solved_at,
    )


def plan_from(record: PlanRecord) -> PlanRow:
    """Give a frozen plan's row."""
    money = record.money_fen
    return PlanRow(
        project_id=record.project_id,
        id=record.id,
        version=record.version,
        is_separated=record.is_separated,
        staff_days=record.staff_days,
        money_fen=None if money is None else Fen(money),
        content=record.content,
        digest=record.digest,
        public_digest=record.public_digest,
        frozen_at=record.frozen_at,
        frozen_by=record.frozen_by,
        second_id=record.second_id,
        event_id=record.event_id,
    )


def expense_from(record: ExpenseRecord) -> ExpenseRow:
    """Give a cost's frozen row."""
    return ExpenseRow(
        id=record.id,
        blocker_id=record.blocker_id,
        spent_on=cast("SpentOn", record.spent_on),
        words=record.words,
        amount_fen=Fen(record.amount_fen),
        paid_on=record.paid_on,
        document_id=record.document_id,
        state=cast("ExpenseState", record.state),
        claim=record.claim,
        claimed_at=record.claimed_at,
        recovered_fen=Fen(record.recovered_fen),
    )


def archive_from(record: ArchiveRecord) -> ArchiveRow:
    """Give an archived paper's frozen row."""
    return ArchiveRow(
        id=record.id,
        blocker_id=record.blocker_id,
        paper=record.paper,
        source=record.source,
        document_id=record.document_id,
        digest=record.digest,
        entered_at=record.entered_at,
    )


def homes_to_title(homes: Iterable[HomeRow]) -> list[HomeRow]:
    """Give the homes that a plan is about: what is owned in common, or titled already, is not."""
    return [home for home in homes if home.use != "common" and home.title_state != "titled"]


def community_from(
    *, code: str, homes: Sequence[HomeRow], rows: Iterable[BlockerRow], kinds: Kinds
) -> Community:
    """Read a community as triage sees it; ``rows`` are the newest answers of each building.

    What nobody has answered is supposed; areas that lie apart, and land marked as disputed, count
    whatever was answered, but areas that have been settled once are settled.
    """
    answers = {row.code: row for row in rows}
    buildings: dict[str, list[HomeRow]] = {}
    for home in homes:
        buildings.setdefault(home.building, []).append(home)
    labels = {f"b{place}": building for place, building in enumerate(buildings)}
    numbers = {home.id: home.number for home in homes}
    read = read_community(
        {
            "code": "community",
            "buildings": [
                _tell_building(label, building, buildings[building], answers, kinds)
                for label, building in labels.items()
            ],
        },
        kinds=kinds,
    )
    shown = {one.code: one for one in read.blockers}
    blockers = []
    for label, building in labels.items():
        for kind in kinds.values():
            row = answers.get(f"{building}/{kind.code}")
            found = _join(shown.get(f"{label}/{kind.code}"), row, kind, numbers)
            if found is not None:
                blockers.append(replace(found, code=f"{building}/{kind.code}"))
    return replace(read, code=code, blockers=tuple(blockers))


def shown_by_homes(homes: Sequence[HomeRow], *, kind: BlockerKind) -> list[UUID]:
    """Give the homes of a building whose own figures or unit codes show a problem of ``kind``."""
    building = {"code": "b", "homes": [_tell_home(home) for home in homes], kind.question: True}
    read = read_community({"code": "community", "buildings": [building]}, kinds={kind.code: kind})
    struck = {number for one in read.blockers for number in one.homes}
    return sorted(home.id for home in homes if home.number in struck)


def _tell_building(
    label: str,
    building: str,
    homes: Sequence[HomeRow],
    answers: Mapping[str, BlockerRow],
    kinds: Kinds,
) -> dict[str, Any]:
    told: dict[str, Any] = {"code": label, "homes": [_tell_home(home) for home in homes]}
    for kind in kinds.values():
        # What was answered leaves only what the homes themselves show; rows tell the rest.
        if f"{building}/{kind.code}" in answers:
            told[kind.question] = True
    return told


def _tell_home(home: HomeRow) -> dict[str, str]:
    told = {"number": home.number}
    if home.unit_code:
        told["unit_code"] = home.unit_code
    if home.contracted_sqm is not None and home.registered_sqm is not None:
        told["contracted_sqm"] = str(home.contracted_sqm)
        told["measured_sqm"] = str(home.registered_sqm)
    return told


def _join(
    shown: Blocker | None, row: BlockerRow | None, kind: BlockerKind, numbers: Mapping[UUID, str]
) -> Blocker | None:
    """Join what homes show or is supposed with a problem's row; ``None`` once it is settled."""
    if row is None:
        return shown
    if row.state == "solved" and kind.question == AREA_QUESTION:
        return None
    if not row.stands:
        return shown
    homes = frozenset(numbers[one] for one in row.home_ids if one in numbers)
    if shown is not None:
        homes |= shown.homes
    return Blocker(code="", kind=kind.code, homes=homes, owed_by=row.owed_by) if homes else None
