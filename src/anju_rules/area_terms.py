"""What a contract's clause on differences in area says (面积差异约定), read from what is typed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from anju_rules.area import (
    LAW,
    SALES_RULE,
    AreaTerms,
    TermsFrom,
    settle_at_actual,
    settle_nothing,
)
from anju_rules.sheets import EXACT
from anju_rules.values import Refusal, exact_decimal

TIMES: Mapping[str, str] = {
    "within": "界限以内，按单价的几倍结算",
    "larger_beyond": "超出部分，面积大了补几倍",
    "smaller_beyond": "超出部分，面积小了退几倍",
}
"""How often a square metre is paid for: within the bound, beyond it when larger, when smaller."""
MOST_TIMES = 9
_MOST_PLACES = 4
_HUNDRED = Decimal(100)


def read_terms(told: Mapping[str, str], *, source: TermsFrom) -> AreaTerms:
    """Read the terms that a form states.

    ``told["rule"]`` is ``silent`` (the contract says nothing), ``actual``, ``fixed`` or ``bounds``;
    but for the first, ``clause`` names the paper and its article. With ``bounds`` come ``percent``
    (above 0, below 100, four places at most), the three :data:`TIMES` as whole numbers up to nine,
    and ``may_withdraw`` (``yes`` or nothing).

    Refuses, each with its field: ``area.rule-unknown``, ``area.clause-missing``,
    ``area.percent-malformed``, ``area.times-malformed``; a plan is never silent.

    >>> terms = read_terms(
    ...     {
    ...         "rule": "bounds",
    ...         "clause": "合同第八条",
    ...         "percent": "2.5",
    ...         "within": "1",
    ...         "larger_beyond": "0",
    ...         "smaller_beyond": "2",
    ...         "may_withdraw": "yes",
    ...     },
    ...     source=TermsFrom.CONTRACT,
    ... )
    >>> terms.tolerance, terms.smaller_beyond, terms.may_withdraw
    (Decimal('0.025'), 2, True)
    """
    rule, clause = told.get("rule", ""), told.get("clause", "").strip()
    if rule == "silent" and source is TermsFrom.CONTRACT:
        return LAW
    if rule not in {"actual", "fixed", "bounds"}:
        raise Refusal("area.rule-unknown", clause=SALES_RULE, field="rule", value=rule)
    if not clause:
        raise Refusal("area.clause-missing", clause=SALES_RULE, field="clause")
    if rule == "actual":
        return settle_at_actual(source=source, clause=clause)
    if rule == "fixed":
        return settle_nothing(source=source, clause=clause)
    within, larger, smaller = (_read_times(told, field) for field in TIMES)
    return AreaTerms(
        source=source,
        clause=clause,
        tolerance=_read_percent(told.get("percent", "").strip()),
        within=within,
        larger_beyond=larger,
        smaller_beyond=smaller,
        may_withdraw=told.get("may_withdraw", "") == "yes",
    )


def _read_percent(text: str) -> Decimal:
    refusal = Refusal("area.percent-malformed", clause=SALES_RULE, field="percent", value=text)
    try:
        percent = exact_decimal(text)
    except Refusal:
        raise refusal from None
    places = -int(percent.as_tuple().exponent)
    if not 0 < percent < _HUNDRED or places > _MOST_PLACES:
        raise refusal
    return EXACT.divide(percent, _HUNDRED)


def _read_times(told: Mapping[str, str], field: str) -> int:
    text = told.get(field, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) == 1 and int(text) <= MOST_TIMES):
        raise Refusal(
            "area.times-malformed",
            clause=SALES_RULE,
            field=field,
            field_zh=TIMES[field],
            value=text,
            most=MOST_TIMES,
        )
    return int(text)
