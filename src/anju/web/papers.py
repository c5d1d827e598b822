"""Papers as they are handed out: a picture opens in the browser, whatever else is saved."""

from __future__ import annotations

from django.http import HttpResponse

from anju.foundation.documents.kinds import DocumentKind
from anju.foundation.documents.types import DocumentRow

_PICTURES = frozenset({DocumentKind.JPEG, DocumentKind.PNG})


def answer_document(row: DocumentRow, content: bytes) -> HttpResponse:
    """Answer with a document: pictures were drawn anew and open, paper is saved (T-30)."""
    shown = "inline" if row.kind in _PICTURES else "attachment"
    return HttpResponse(
        content,
        content_type=row.kind.media_type,
        headers={
            "Content-Disposition": f'{shown}; filename="{row.id}.{row.kind.value}"',
            "Content-Security-Policy": "sandbox",
        },
    )
