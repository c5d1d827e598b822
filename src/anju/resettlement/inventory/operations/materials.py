"""Pictures and papers of homes: a layout's panorama, what lies in one home's file (INV-1, 7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.operations import lay_document
from anju.foundation.documents.panoramas import make_panorama
from anju.resettlement.inventory.mapping import material_from
from anju.resettlement.inventory.models import MaterialRecord, UnitRecord
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import MaterialRow
from anju_rules.notices import refuse_personal_text
from anju_rules.values import Refusal

LONGEST_TITLE = 80
LONGEST_REASON = 200


@operation(
    permits="inventory.plan",
    action="inventory.panorama.kept",
    clauses=("plan/stock",),
    level=Secrecy.PUBLIC,
)
def keep_panorama(
    *,
    project_id: UUID,
    community: str,
    layout: str,
    name: str,
    content: bytes,
    by: Actor,
    at: datetime,
) -> MaterialRow:
    """Show a panorama of a layout from now on; one that was shown before stays in the history.

    The picture is drawn anew. Refuses with ``inventory.unknown-layout`` where no home of the
    community has the layout, with ``documents.not-a-panorama``, and as
    :func:`~anju.foundation.documents.operations.lay_document` does.
    """
    homes = UnitRecord.objects.filter(project_id=project_id, community=community, layout=layout)
    if not layout or not homes.exists():
        raise Refusal("inventory.unknown-layout", layout=layout)
    document = lay_document(
        project_id=project_id,
        owner_kind="home",
        owner_id=project_id,
        household_id=None,
        name=name,
        content=content,
        channel="desk",
        by=by,
        at=at,
        clean=make_panorama,
    )
    made = MaterialRecord(
        project_id=project_id,
        id=new_id(),
        document_id=document.id,
        title=f"{layout}全景",
        is_panorama=True,
        community=community,
        layout=layout,
        kept_at=at,
    )
    earlier = MaterialRecord.objects.filter(
        project_id=project_id,
        community=community,
        layout=layout,
        unit_id__isnull=True,
        removed_at__isnull=True,
    )
    replaced = list(earlier.values_list("id", flat=True))
    record(
        target=made.id,
        project_id=project_id,
        body={
            "community": community,
            "layout": layout,
            "digest": document.digest,
            "replaces": [str(one) for one in replaced],
        },
    )
    earlier.update(removed_at=at)
    made.save(force_insert=True)
    return material_from(made)


@operation(
    permits="inventory.plan",
    action="inventory.attachment.kept",
    clauses=("plan/stock",),
    level=Secrecy.PUBLIC,
)
def keep_attachment(
    *,
    project_id: UUID,
    unit_id: UUID,
    title: str,
    name: str,
    content: bytes,
    by: Actor,
    at: datetime,
) -> MaterialRow:
    """Lay a picture or a paper in one home's file, for everybody to see (INV-1).

    Refuses with ``inventory.text-wrong``, ``notices.personal-text``, ``inventory.unknown-unit``,
    and as :func:`~anju.foundation.documents.operations.lay_document` does.
    """
    _check_text(title, most=LONGEST_TITLE)
    (unit,) = units_by_ids(project_id=project_id, unit_ids=[unit_id])
    document = lay_document(
        project_id=project_id,
        owner_kind="home",
        owner_id=unit_id,
        household_id=None,
        name=name,
        content=content,
        channel="desk",
        by=by,
        at=at,
    )
    made = MaterialRecord(
        project_id=project_id,
        id=new_id(),
        document_id=document.id,
        title=title,
        is_panorama=False,
        unit_id=unit_id,
        kept_at=at,
    )
    record(
        target=unit_id,
        project_id=project_id,
        body={
            "material": str(made.id),
            "unit": str(unit.number),
            "title": title,
            "digest": document.digest,
        },
    )
    made.save(force_insert=True)
    return material_from(made)


@operation(
    permits="inventory.plan",
    action="inventory.material.removed",
    clauses=("plan/stock",),
    level=Secrecy.PUBLIC,
)
def remove_material(
    *, project_id: UUID, material_id: UUID, reason: str, by: Actor, at: datetime
) -> None:
    """Show a picture or a paper no longer; that it was there, and why it went, stays.

    Refuses with ``inventory.text-wrong``, ``notices.personal-text`` and
    ``inventory.unknown-material`` (one that is not there, or is no longer shown).
    """
    del by
    _check_text(reason, most=LONGEST_REASON)
    kept = MaterialRecord.objects.filter(
        project_id=project_id, id=material_id, removed_at__isnull=True
    ).first()
    if kept is None:
        raise Refusal("inventory.unknown-material")
    record(
        target=kept.unit_id or kept.id,
        project_id=project_id,
        body={"material": str(kept.id), "title": kept.title, "reason": reason},
    )
    kept.removed_at = at
    kept.reason = reason
    kept.save(update_fields=["removed_at", "reason"])


def _check_text(text: str, *, most: int) -> None:
    if not text.strip() or len(text) > most:
        raise Refusal("inventory.text-wrong", most=most)
    refuse_personal_text(text, where="text")
