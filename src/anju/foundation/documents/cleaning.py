"""From what arrived to what may be kept."""

from __future__ import annotations

from anju.foundation.documents.images import redraw_image
from anju.foundation.documents.kinds import DocumentKind, kind_of
from anju.foundation.documents.types import Harmless
from anju_rules.values import Refusal

MOST_BYTES = 40 << 20
"""One scan of a hundred pages at 300 dots an inch stays below."""


def make_harmless(content: bytes) -> Harmless:
    """Judge a file by its content and give what may be kept of it.

    Pictures are drawn anew; PDF and OFD are kept as they are, and only if they are plain paper.
    Refuses with ``documents.empty``, ``documents.too-large`` and as :mod:`.kinds`, :mod:`.images`
    and :mod:`.papers` say.
    """
    if not content:
        raise Refusal("documents.empty")
    if len(content) > MOST_BYTES:
        raise Refusal("documents.too-large", most=MOST_BYTES >> 20)
    kind = kind_of(content)
    if kind in {DocumentKind.PDF, DocumentKind.OFD}:
        # Its library is a fifth of all that a program loads to start, and few ever see a PDF.
        from anju.foundation.documents import papers  # noqa: PLC0415

        is_pdf = kind is DocumentKind.PDF
        count_pages = papers.require_plain_pdf if is_pdf else papers.require_plain_ofd
        return Harmless(kind=kind, content=content, pages=count_pages(content))
    drawn_kind, drawn = redraw_image(content, kind=kind)
    return Harmless(kind=drawn_kind, content=drawn, pages=1)
