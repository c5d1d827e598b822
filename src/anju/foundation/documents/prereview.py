"""A pre-review of one stored document: read, and held against what the case knows."""

from __future__ import annotations

from anju.foundation.documents.reading import ChildReader, TextReader
from anju_rules.prereview.reviewing import review_paper
from anju_rules.prereview.types import Known, PaperKind, PreReview


def prereview_document(
    *, content: bytes, kind: PaperKind, known: Known, reader: TextReader | None = None
) -> PreReview:
    """Say what a machine finds in a paper, for the officer who decides (PIPL 24).

    ``content``: a document as it is kept, made harmless before. Call it outside any transaction:
    it takes seconds. Refuses with ``documents.no-reader`` and ``documents.not-readable``; then
    nothing was found, and people look as they would without it.
    """
    paper = (reader or ChildReader()).read_text(content=content)
    return review_paper(paper=paper, kind=kind, known=known)
