"""From what arrived to what may be kept."""

from __future__ import annotations

from anju.foundation.documents.images import redraw_image
from anju.foundation.documents.kinds import DocumentKind, kind_of
from anju.foundation.documents.papers import require_plain_ofd, require_plain_pdf
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
    if kind is DocumentKind.PDF:
        return Harmless(kind=kind, content=content, pages=require_plain_pdf(content))
    if kind is DocumentKind.OFD:
        return Harmless(kind=kind, content=content, pages=require_plain_ofd(content))
    drawn_kind, drawn = redraw_image(content, kind=kind)
    return Harmless(kind=drawn_kind, content=drawn, pages=1)
