"""Rows of legacy problems into a community as triage sees it, and into what others see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

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
from anju_rules.triage.types import Blocker, Community, Kinds, OwedBy
from anju_rules.values import Fen

_STANDING = frozenset({"open", "working", "blocked"})


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
    blockers = []
    for one in read.blockers:
        label, _, kind = one.code.partition("/")
        found = replace(one, code=f"{labels[label]}/{kind}")
        kept = _narrow(found, answers.get(found.code), numbers, kinds)
        if kept is not None:
            blockers.append(kept)
    return replace(read, code=code, blockers=tuple(blockers))


def _tell_building(
    label: str,
    building: str,
    homes: Sequence[HomeRow],
    answers: Mapping[str, BlockerRow],
    kinds: Kinds,
) -> dict[str, Any]:
    told: dict[str, Any] = {"code": label, "homes": [_tell_home(home) for home in homes]}
    for kind in kinds.values():
        row = answers.get(f"{building}/{kind.code}")
        if row is not None:
            told[kind.question] = row.state not in _STANDING
    return told


def _tell_home(home: HomeRow) -> dict[str, str]:
    told = {"number": home.number}
    if home.unit_code:
        told["unit_code"] = home.unit_code
    if home.contracted_sqm is not None and home.registered_sqm is not None:
        told["contracted_sqm"] = str(home.contracted_sqm)
        told["measured_sqm"] = str(home.registered_sqm)
    return told


def _narrow(
    blocker: Blocker, row: BlockerRow | None, numbers: Mapping[Any, str], kinds: Kinds
) -> Blocker | None:
    """Give a blocker as its row says it is: which homes, who owes; ``None`` once it is settled."""
    if row is None:
        return blocker
    if row.state == "solved" and kinds[blocker.kind].question == AREA_QUESTION:
        return None
    if not row.stands:
        return blocker
    homes = frozenset(numbers[one] for one in row.home_ids if one in numbers)
    return replace(blocker, homes=homes, owed_by=row.owed_by) if homes else None
