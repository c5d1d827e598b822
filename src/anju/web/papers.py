"""Papers: those that people handed in, as they are handed out, and those that are printed here.

What is printed is HTML set by WeasyPrint with the machine's own Chinese fonts; nothing is fetched.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import segno
from django.http import HttpResponse
from django.template.loader import render_to_string

from anju.foundation.documents.kinds import DocumentKind
from anju.foundation.documents.types import DocumentRow

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

_PICTURES = frozenset({DocumentKind.JPEG, DocumentKind.PNG})
_one_at_a_time = Lock()
"""Fonts as they are read serve one paper at a time."""


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


def answer_paper(made: bytes, *, name: str) -> HttpResponse:
    """Answer with a PDF that was printed here; it opens in the browser."""
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def set_paper(template: str, facts: Mapping[str, object], **options: object) -> bytes:
    """Set a page as a PDF; it loads nothing, not even from this machine.

    ``options`` are WeasyPrint's own, e.g. ``pdf_variant``.
    """
    # Here, not above: loading them takes a second that only who prints should wait.
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    own_only = URLFetcher(allowed_protocols=["data"])
    page = HTML(string=render_to_string(template, dict(facts)), url_fetcher=own_only)
    with _one_at_a_time, warnings.catch_warnings():
        # Its colour profile for PDF/A is opened and left to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        return bytes(page.write_pdf(font_config=_fonts(), **options) or b"")


@cache
def _fonts() -> FontConfiguration:
    """Read the machine's fonts, once.

    Read anew for each paper, they would lie about until the collector comes, forty megabytes a
    time.
    """
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    return FontConfiguration()


def code_image(text: str) -> str:
    """Draw a QR code; gives a data address for a picture."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=4))
