"""What a family said beside what departments found, as it reads it; its own lines alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.core.words import say
from anju.resettlement.eligibility.queries import review_file, review_of_household
from anju.resettlement.eligibility.types import ReviewRow
from anju.web.case_words import say_plain
from anju_rules.eligibility.sheet import Check, Line, Result

_CHECKS: Mapping[Check, str] = {
    Check.AGREEMENT: "协议",
    Check.NOTARISED: "协议的公证",
    Check.HOLDER: "签约人和房主是不是一个人",
    Check.FIRST_TIME: "以前有没有安置过",
    Check.PEOPLE: "家里人口",
    Check.SPLIT: "有没有分户",
    Check.TITLE: "产权证",
    Check.AREA: "房子面积",
    Check.FREE: "房子有没有查封",
    Check.RESIDENCE: "是不是住在这里",
}
_RESULTS: Mapping[Result, tuple[str, str]] = {
    Result.AGREES: ("✓", "一致"),
    Result.DIFFERS: ("✕", "对不上"),
    Result.UNKNOWN: ("…", "等部门答复"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRow:
    """One line of the comparisons."""

    title: str
    sign: str
    result: str
    stated: str
    answered: str
    differs: bool
    why: str
    """What does not agree; empty where nothing differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReview:
    """A family's review: what it stated, and what was found."""

    row: ReviewRow
    has_stated: bool
    rows: tuple[CompareRow, ...]

    @property
    def differing(self) -> int:
        """How many lines do not agree."""
        return sum(row.differs for row in self.rows)


def find_own_review(
    *, project_id: UUID, household_id: UUID, by: Actor, at: datetime
) -> OwnReview | None:
    """Give the family's review with its comparisons; ``None`` before there is one."""
    row = review_of_household(project_id=project_id, household_id=household_id, by=by)
    if row is None:
        return None
    file = review_file(project_id=project_id, case_id=row.id, by=by, at=at)
    return OwnReview(
        row=row,
        has_stated=file.statement is not None,
        rows=tuple(_compare(line) for line in file.sheet.lines) if file.statement else (),
    )


def _compare(line: Line) -> CompareRow:
    sign, result = _RESULTS[line.result]
    return CompareRow(
        title=_CHECKS[line.check],
        sign=sign,
        result=result,
        stated=say_plain(line.stated),
        answered=say_plain(line.answered),
        differs=line.result is Result.DIFFERS,
        why=say(line.code, {"check": line.check.value}) if line.result is Result.DIFFERS else "",
    )
