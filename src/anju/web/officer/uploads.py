"""Files that come with a form: read whole, within a bound, and kept as documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpRequest

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.documents.operations import store_document
from anju.foundation.documents.types import OwnerKind
from anju.foundation.exchange.sheets import MOST_BYTES
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came."""

    name: str
    content: bytes = field(repr=False)


def read_upload(request: HttpRequest, *, name: str) -> Upload:
    """Give the file of a form's field.

    Refuses with ``web.no-file`` and ``exchange.file-too-large``.
    """
    file = request.FILES.get(name)
    if file is None or not file.size:
        raise Refusal("web.no-file")
    if file.size > MOST_BYTES:
        raise Refusal("exchange.file-too-large", most=MOST_BYTES)
    return Upload(name=file.name or name, content=file.read())


def take_in_paper(
    request: HttpRequest,
    *,
    name: str,
    project_id: UUID,
    owner_kind: OwnerKind,
    owner_id: UUID,
    by: Actor,
    household_id: UUID | None = None,
) -> UUID:
    """Keep the file of a form's field, brought to the desk; gives its document.

    Refuses as :func:`read_upload` and
    :func:`~anju.foundation.documents.operations.store_document` do.
    """
    upload = read_upload(request, name=name)
    return store_document(
        project_id=project_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        household_id=household_id,
        name=upload.name,
        content=upload.content,
        channel="desk",
        by=by,
        at=read_clock(),
    ).id
