"""The plan of a batch: how long before its day it must be out (SEL-1).

The day it came out is not counted (Civil Code 201): a plan published on the 1st has been out for
fifteen days on the 16th. The days are calendar days, as long as people have to prepare.
"""

from __future__ import annotations

from datetime import date

from anju_rules.values import Refusal

PLAN_DAYS = 15
"""How many days before its batch a plan is out, where the project's plan does not say."""


def days_out(*, published_on: date, on: date) -> int:
    """Give how many days a plan has been out.

    >>> days_out(published_on=date(2026, 9, 1), on=date(2026, 9, 16))
    15
    """
    return (on - published_on).days


def check_plan_out(*, published_on: date, on: date, least_days: int, batch: int) -> None:
    """Refuse with ``selection.batch-plan-too-young`` a plan that has not been out long enough.

    >>> day = date(2026, 9, 15)
    >>> check_plan_out(published_on=date(2026, 9, 1), on=day, least_days=15, batch=1)
    Traceback (most recent call last):
    anju_rules.values.Refusal: selection.batch-plan-too-young (batch=1, days=14, least=15)
    """
    days = days_out(published_on=published_on, on=on)
    if days < least_days:
        raise Refusal(
            "selection.batch-plan-too-young",
            clause="plan/selection",
            batch=batch,
            days=days,
            least=least_days,
        )
