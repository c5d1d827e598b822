"""Which claims of a household the hardship record proves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from anju_rules.departments.kinds import FOUND, YES, QuestionKind
from anju_rules.eligibility.sheet import Answers

_PROVEN_BY_GRADE: Mapping[str, frozenset[str]] = {
    "低保": frozenset({"is_low_income"}),
    "特困": frozenset({"is_low_income"}),
}
"""What a grade of the hardship record proves, as the facts that rule sets ask for."""


def proven_claims(answers: Answers, *, on: date) -> frozenset[str]:
    """Give the claims that the hardship record proves on a day."""
    told = answers.of(QuestionKind.HARDSHIP_RECORD)
    if told is None or told.get(FOUND) != YES or told.get("valid_until", "") < on.isoformat():
        return frozenset()
    return _PROVEN_BY_GRADE.get(told.get("grade", ""), frozenset())
