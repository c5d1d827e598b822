"""The score sheets that everybody may read: of households that stand in the published order."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import system_actor
from anju.resettlement.scoring.queries import score_sheet
from anju.resettlement.scoring.types import SheetRow
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import PlaceRecord
from anju.resettlement.selection.types import PlaceRow

_PUBLIC = system_actor(request_id="selection.public")


def find_published_sheet(*, project_id: UUID, ticket: str) -> tuple[PlaceRow, SheetRow] | None:
    """Give the place and the sheet of a ticket, for whoever asks; ``None`` where there is none.

    The row is masked; of the sheet only :attr:`SheetRow.public_lines` may leave the page.
    """
    with reading(by=_PUBLIC):
        place = PlaceRecord.objects.filter(project_id=project_id, ticket=ticket).first()
        if place is None:
            return None
        sheet = score_sheet(project_id=project_id, household_id=place.household_id)
        return None if sheet is None else (mapping.place_row(place), sheet)
