"""Notices for tests: one to publish, and what is served of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from anju.foundation.notices.types import NewColumn, NewNotice
from anju.jobs.notices import watch_notices
from anju_rules.notices import CellKind, NoticeKind, Term

PUBLISHED_AT = datetime(2026, 9, 17, 1, 0, tzinfo=UTC)
"""Thursday 17 September 2026, nine in the morning in China."""
DAY = timedelta(days=1)
HOUSEHOLDS = (
    ("H0001", "王秀兰", "11010519491231002X", "通过"),
    ("H0002", "欧阳娜娜", "110105194912310038", "通过"),
    ("H0003", "张伟", "110105194912310046", "不通过：异地已安置"),
)
NOTICE = NewNotice(
    kind=NoticeKind.ELIGIBILITY,
    title="柳岸新村安置资格审核结果（第一批）",
    issuer="柳岸街道办事处",
    place="柳岸新村",
    paragraphs=("经街道初审，下列各户的安置资格现予公示。", "对结果有意见的，请在公示期内提出。"),
    term=Term(length=7, clause="plan/eligibility#1"),
    channel="柳岸街道便民服务中心 3 号窗口，工作日 9:00–17:00，电话 0531-88881234",
    clauses=("plan/eligibility#1", "plan/publication"),
    columns=(
        NewColumn(label="户号"),
        NewColumn(label="姓名", kind=CellKind.NAME),
        NewColumn(label="证件号", kind=CellKind.IDENTITY),
        NewColumn(label="结果"),
    ),
    rows=HOUSEHOLDS,
)


def notice(**changes: object) -> NewNotice:
    """Give a notice of seven calendar days with three households, changed as told."""
    return replace(NOTICE, **changes)  # type: ignore[arg-type]


def served(address: str) -> bytes | None:
    """Give what a server of the public folder would; None where there is no file."""
    path = urlsplit(address).path.lstrip("/")
    file = Path(settings.PUBLIC_FOLDER) / path
    file = file / "index.html" if file.is_dir() else file
    return file.read_bytes() if file.is_file() else None


def nothing_there(address: str) -> bytes | None:
    """Stand for a server that has no such page."""
    del address
    return None


def nobody_answers(address: str) -> bytes | None:
    """Stand for a server that is down."""
    raise ConnectionRefusedError(address)


def watch(days: int, *, first: datetime = PUBLISHED_AT) -> list[Mapping[str, str]]:
    """Let the platform look at its notices once on each of so many days, all of them served."""
    return [watch_notices(at=first + place * DAY, fetch=served) for place in range(days)]
