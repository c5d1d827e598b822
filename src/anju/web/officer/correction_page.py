"""The page of one correction: what it changes, line by line, and everybody it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.documents.queries import documents_of
from anju.foundation.documents.types import DocumentRow
from anju.resettlement.households.queries import household_numbers, masked_names
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.scoring.previews import preview_correction
from anju.resettlement.scoring.queries import correction_by_id
from anju.resettlement.scoring.types import CorrectionPreview, CorrectionRow
from anju.web.corrections import (
    DIRECTIONS,
    CorrectionCard,
    lay_out_corrections,
    say_moved,
    say_places,
)
from anju.web.refusals import RefusalRow, tell_refusal
from anju_rules.moves import Direction, Move
from anju_rules.scoring import ScoreSheet, published_lines
from anju_rules.values import Refusal, points_from_tenths

_FIRST_MOVES = 20
"""As many as a reader looks through; the others are folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line of the sheet, before and after."""

    label: str
    clause: str
    before: str
    after: str
    is_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """One household that moves."""

    number: str
    masked_name: str
    stratum: str
    before: str
    after: str
    direction: Direction
    told: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What signing would do now."""

    lines: tuple[LineRow, ...]
    moves: tuple[MoveRow, ...]
    more_moves: tuple[MoveRow, ...]
    headline: str
    has_places: bool
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPage:
    """Everything the page shows."""

    card: CorrectionCard
    correction: CorrectionRow
    masked_name: str
    papers: tuple[DocumentRow, ...]
    shows_facts: bool
    """Whether the reader may see what the family told; else totals and folded lines alone."""
    effect: Effect | None
    refusal: RefusalRow | None
    """Why it can no longer be signed."""
    may_sign: bool
    may_withdraw: bool


def lay_out_correction(*, project: ProjectRow, correction_id: UUID, by: Actor) -> CorrectionPage:
    """Lay a correction out, for whoever signs it; refuses with ``scoring.unknown-correction``."""
    correction = correction_by_id(project_id=project.id, correction_id=correction_id)
    shows_facts = is_permitted(by, "scoring.see")
    names = masked_names(project_id=project.id, household_ids=[correction.household_id])
    effect, refusal = None, None
    if correction.is_open:
        try:
            preview = preview_correction(project_id=project.id, correction_id=correction_id)
            effect = _effect(preview, shows_facts=shows_facts)
        except Refusal as refused:
            refusal = tell_refusal(refused)
    is_second = by.id != correction.proposed_by
    return CorrectionPage(
        card=lay_out_corrections([correction], plan=project.plan)[0],
        correction=correction,
        masked_name=names.get(correction.household_id, ""),
        papers=papers_of(correction) if shows_facts else (),
        shows_facts=shows_facts,
        effect=effect,
        refusal=refusal,
        may_sign=correction.is_open and is_second and is_permitted(by, "scoring.countersign"),
        may_withdraw=correction.is_open and is_permitted(by, "scoring.correct"),
    )


def papers_of(correction: CorrectionRow) -> tuple[DocumentRow, ...]:
    """Give the documents that show what a correction says."""
    project_id = correction.project_id
    held = documents_of(
        project_id=project_id, owner_kind="household", owner_id=correction.household_id
    )
    if correction.case_id is not None:
        held += documents_of(project_id=project_id, owner_kind="case", owner_id=correction.case_id)
    return tuple(document for document in held if document.id in correction.document_ids)


def _effect(preview: CorrectionPreview, *, shows_facts: bool) -> Effect:
    moves = _moves(preview)
    return Effect(
        lines=_lines(preview, shows_facts=shows_facts),
        moves=moves[:_FIRST_MOVES],
        more_moves=moves[_FIRST_MOVES:],
        headline=say_moved(preview.comparison.counts),
        has_places=preview.has_places,
        seen=preview.seen,
    )


def _lines(preview: CorrectionPreview, *, shows_facts: bool) -> tuple[LineRow, ...]:
    def lines_of(sheet: ScoreSheet) -> Mapping[str, tuple[str, str, str]]:
        shown = sheet.lines if shows_facts else published_lines(sheet)
        return {
            line.code: (line.label, line.clause, points_from_tenths(line.tenths)) for line in shown
        }

    before, after = lines_of(preview.before), lines_of(preview.after)
    return tuple(
        LineRow(
            label=label,
            clause=clause,
            before=before[code][2],
            after=points,
            is_changed=before[code][2] != points,
        )
        for code, (label, clause, points) in after.items()
    )


def _moves(preview: CorrectionPreview) -> tuple[MoveRow, ...]:
    moves, project_id = preview.comparison.moves, preview.correction.project_id
    ids = household_numbers(project_id=project_id)
    names = masked_names(
        project_id=project_id, household_ids=[ids[move.household] for move in moves]
    )
    own = preview.correction.number
    return tuple(
        _move_row(move, names.get(ids[move.household], ""), is_own=move.household == own)
        for move in sorted(moves, key=lambda move: move.household != own)
    )


def _move_row(move: Move, masked_name: str, *, is_own: bool) -> MoveRow:
    return MoveRow(
        number=move.household,
        masked_name=masked_name,
        stratum=move.stratum,
        before=say_places(move.before),
        after=say_places(move.after),
        direction=move.direction,
        told=DIRECTIONS[move.direction],
        is_own=is_own,
    )
