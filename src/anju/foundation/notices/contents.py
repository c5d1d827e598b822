"""What a notice says: one canonical document, masked before it is stored or shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from anju.foundation.notices.types import AnnexRow, NewAnnex, NewNotice
from anju_rules.hashing import canonical, digest
from anju_rules.notices import (
    CellKind,
    Counting,
    Term,
    mask_rows,
    refuse_personal_text,
    refuse_short_term,
)
from anju_rules.values import Refusal

FORMAT = "anju-notice/1"
MOST_ROWS = 20_000
MOST_ANNEXES = 20
LARGEST_ANNEX = 20 << 20
"""Bytes of one annex."""
_LONGEST_TITLE = 120
_LONGEST_TEXT = 4_000
_MAGIC: Mapping[str, bytes] = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "txt": b""}


def write_document(
    *,
    notice: NewNotice,
    notice_id: UUID,
    project_id: UUID,
    number: str,
    predecessor: tuple[str, str] | None,
    at: datetime,
) -> str:
    """Write what a notice says as canonical JSON; ``predecessor`` is its number and digest.

    Refuses with ``notices.empty``, ``notices.text-too-long``, ``notices.too-many-rows``,
    ``notices.annex-not-taken``, and as :mod:`anju_rules.notices` does: a term too short for its
    kind, a person's number in plain text.
    """
    refuse_short_term(notice.kind, notice.term)
    _require_text(notice)
    if len(notice.rows) > MOST_ROWS:
        raise Refusal("notices.too-many-rows", most=MOST_ROWS, rows=len(notice.rows))
    told = {
        "format": FORMAT,
        "id": str(notice_id),
        "project": str(project_id),
        "number": number,
        "kind": notice.kind.value,
        "title": notice.title.strip(),
        "issuer": notice.issuer.strip(),
        "place": notice.place.strip(),
        "paragraphs": _plain(notice.paragraphs),
        "columns": [
            {"label": column.label.strip(), "kind": column.kind.value} for column in notice.columns
        ],
        "rows": [
            list(row) for row in mask_rows([column.kind for column in notice.columns], notice.rows)
        ],
        "annexes": [
            {"title": row.title, "file": row.file, "digest": row.digest, "size": row.size}
            for row in name_annexes(notice.annexes)
        ],
        "term": {
            "length": notice.term.length,
            "counting": notice.term.counting.value,
            "ends_on_working_day": notice.term.ends_on_working_day,
            "clause": notice.term.clause,
        },
        "channel": notice.channel.strip(),
        "clauses": _plain(notice.clauses),
        "predecessor": predecessor and {"number": predecessor[0], "digest": predecessor[1]},
        "published_at": at.isoformat(),
    }
    return canonical(told).decode()


def _plain(texts: Sequence[str]) -> list[str]:
    return [text.strip() for text in texts if text.strip()]


def _require_text(notice: NewNotice) -> None:
    """Refuse a notice that says nothing, says too much, or names a person in plain text."""
    needed = {
        "title": notice.title,
        "issuer": notice.issuer,
        "place": notice.place,
        "channel": notice.channel,
    }
    for name, text in needed.items():
        if not text.strip():
            raise Refusal("notices.empty", field=name)
    if not _plain(notice.paragraphs) and not notice.rows:
        raise Refusal("notices.empty", field="paragraphs")
    limits = dict.fromkeys(needed, _LONGEST_TITLE) | {"channel": _LONGEST_TEXT}
    texts = list(needed.items()) + [("paragraphs", text) for text in notice.paragraphs]
    texts += [("columns", column.label) for column in notice.columns]
    texts += [("annexes", annex.title) for annex in notice.annexes]
    for name, text in texts:
        most = limits.get(name, _LONGEST_TEXT)
        if len(text) > most:
            raise Refusal("notices.text-too-long", field=name, most=most)
        refuse_personal_text(text, where=name, phones_allowed=name == "channel")


def name_annexes(annexes: Sequence[NewAnnex]) -> tuple[AnnexRow, ...]:
    """Give each annex its file name and digest; refuses with ``notices.annex-not-taken``."""
    if len(annexes) > MOST_ANNEXES:
        raise Refusal("notices.annex-not-taken", place=len(annexes), most=MOST_ANNEXES)
    rows = []
    for place, annex in enumerate(annexes, start=1):
        magic = _MAGIC.get(annex.kind)
        is_taken = magic is not None and annex.content.startswith(magic)
        if not is_taken or not 0 < len(annex.content) <= LARGEST_ANNEX:
            raise Refusal("notices.annex-not-taken", place=place, most=MOST_ANNEXES)
        rows.append(
            AnnexRow(
                title=annex.title.strip() or f"附件 {place}",
                file=f"annex-{place}.{annex.kind}",
                digest=digest(annex.content).hex(),
                size=len(annex.content),
            )
        )
    return tuple(rows)


def read_document(document: str) -> dict[str, Any]:
    """Read a stored document; what we wrote ourselves is taken to be whole."""
    told: dict[str, Any] = json.loads(document)
    return told


def term_from(told: Mapping[str, Any]) -> Term:
    """Read the term of a document."""
    return Term(
        length=told["length"],
        counting=Counting(told["counting"]),
        ends_on_working_day=told["ends_on_working_day"],
        clause=told["clause"],
    )


def kinds_from(told: Mapping[str, Any]) -> list[CellKind]:
    """Read the kinds of a document's columns."""
    return [CellKind(column["kind"]) for column in told["columns"]]
