"""Area settlement: who pays whom when a home measures otherwise than its contract says.

What the contract states rules; the 3 % rule of the sales rules, art. 20, holds only where it is
silent. A resettled home is settled by its plan or agreement, and never by the rule for buyers.
Nothing is divided: a ratio is compared by cross-multiplication, so exactly 3 % is inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from anju_rules.entitlement import price_homes
from anju_rules.policy.types import RuleSet, plain
from anju_rules.sheets import EXACT, SheetLine, exact_yuan, sum_lines
from anju_rules.values import AreaSqm, Fen, Home, Household, Refusal

SALES_RULE = "sales-rules/20"
_MOST_SQM = Decimal(10_000_000)
_MOST_PLACES = 6
_MOST_FEN = 10**12
_RATIO_STEP = Decimal("0.000001")


class TermsFrom(StrEnum):
    """Where the terms of a settlement come from."""

    CONTRACT = "contract"
    """The contract of sale (合同约定)."""
    PLAN = "plan"
    """The plan or the agreement of a resettled household."""
    LAW = "law"
    """The default of the law, where the contract is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaTerms:
    """How a difference in area is settled.

    The part of the difference within ``tolerance`` (a share of the contracted area) counts
    ``within`` times the price, what lies beyond it ``larger_beyond`` or ``smaller_beyond`` times.
    """

    source: TermsFrom
    clause: str
    tolerance: Decimal | None
    """A share of the contracted area, itself inside; None: no difference lies beyond."""
    within: int = 1
    larger_beyond: int = 0
    smaller_beyond: int = 0
    may_withdraw: bool = False
    """Whether the buyer may withdraw (退房) when the difference lies beyond."""

    def __post_init__(self) -> None:
        """Refuse terms that nobody could mean with ``area.terms-unclear``."""
        times = (self.within, self.larger_beyond, self.smaller_beyond)
        unclear = self.tolerance is not None and not 0 <= self.tolerance < 1
        if unclear or min(times) < 0 or not self.clause.strip():
            raise Refusal("area.terms-unclear")

    @property
    def percent(self) -> str:
        """The tolerance in per cent, as people say it."""
        return plain(EXACT.multiply(self.tolerance or Decimal(0), Decimal(100)).normalize(EXACT))


LAW = AreaTerms(
    source=TermsFrom.LAW,
    clause=SALES_RULE,
    tolerance=Decimal("0.03"),
    larger_beyond=0,
    smaller_beyond=2,
    may_withdraw=True,
)
"""Sales rules, art. 20: beyond 3 % the buyer pays nothing more, and gets back twice."""


def settle_at_actual(*, source: TermsFrom, clause: str) -> AreaTerms:
    """Give the terms "at the measured area" (据实结算): every square metre, both ways."""
    return AreaTerms(source=source, clause=clause, tolerance=None)


def settle_nothing(*, source: TermsFrom, clause: str) -> AreaTerms:
    """Give the terms "by the home" (按套计价): the area does not change the price."""
    return AreaTerms(source=source, clause=clause, tolerance=None, within=0)


def choose_terms(*, is_resettled: bool, stated: AreaTerms | None) -> AreaTerms:
    """Give the terms that rule: what is stated first, and the law where a contract is silent.

    A resettled home whose plan and agreement are silent is refused with ``area.plan-silent``: the
    rule for buyers was not made for it.
    """
    if stated is not None:
        wanted = TermsFrom.PLAN if is_resettled else TermsFrom.CONTRACT
        if stated.source is not wanted:
            raise Refusal("area.terms-of-another", clause=stated.clause, source=stated.source.value)
        return stated
    if is_resettled:
        raise Refusal("area.plan-silent", clause=SALES_RULE)
    return LAW


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSheet:
    """A settlement, line by line."""

    contracted_sqm: AreaSqm
    registered_sqm: AreaSqm
    price_fen_per_sqm: Fen
    terms: AreaTerms
    lines: tuple[SheetLine, ...]
    buyer_pays_fen: Fen
    """What the buyer pays more; negative: what the buyer gets back."""
    is_within: bool
    may_withdraw: bool
    """Whether the buyer may withdraw instead; then nothing of this sheet is owed."""

    @property
    def area_error_ratio(self) -> Decimal:
        """The ratio (面积误差比) as papers print it, six places; nothing rests on it."""
        off = EXACT.subtract(self.registered_sqm, self.contracted_sqm)
        context = Context(prec=60)
        return context.divide(off, self.contracted_sqm).quantize(
            _RATIO_STEP, rounding=ROUND_HALF_UP
        )


def settle_area(
    *, contracted_sqm: AreaSqm, registered_sqm: AreaSqm, price_fen_per_sqm: Fen, terms: AreaTerms
) -> AreaSheet:
    """Settle one home by ``terms``.

    Refuses with ``area.not-an-area`` an area that is no positive number of square metres with at
    most six places, and with ``area.not-a-price`` a price below nought or beyond reason.

    >>> sheet = settle_area(
    ...     contracted_sqm=AreaSqm(Decimal("100")),
    ...     registered_sqm=AreaSqm(Decimal("95")),
    ...     price_fen_per_sqm=Fen(800000),
    ...     terms=LAW,
    ... )
    >>> sheet.buyer_pays_fen, sheet.may_withdraw
    (-5600000, True)
    """
    within = is_within(contracted_sqm=contracted_sqm, registered_sqm=registered_sqm, terms=terms)
    if not 0 <= price_fen_per_sqm <= _MOST_FEN:
        raise Refusal("area.not-a-price", clause=terms.clause, value=price_fen_per_sqm)
    off = EXACT.subtract(registered_sqm, contracted_sqm)
    bound = None if terms.tolerance is None else EXACT.multiply(contracted_sqm, terms.tolerance)
    inner = off if bound is None else max(-bound, min(bound, off))
    outer = EXACT.subtract(off, inner)
    lines = [_tell_difference(contracted_sqm, registered_sqm, off, terms)]
    if bound is not None:
        lines.append(
            SheetLine(
                code="area.line-within" if within else "area.line-beyond",
                clause=terms.clause,
                facts={"bound": plain(bound), "percent": terms.percent},
            )
        )
    lines.append(_tell_part("area.line-inner", inner, terms.within, price_fen_per_sqm, terms))
    if outer > 0:
        larger = terms.larger_beyond
        lines.append(_tell_part("area.line-larger", outer, larger, price_fen_per_sqm, terms))
    elif outer < 0:
        smaller = terms.smaller_beyond
        lines.append(_tell_part("area.line-smaller", outer, smaller, price_fen_per_sqm, terms))
    return AreaSheet(
        contracted_sqm=contracted_sqm,
        registered_sqm=registered_sqm,
        price_fen_per_sqm=price_fen_per_sqm,
        terms=terms,
        lines=tuple(lines),
        buyer_pays_fen=sum_lines(tuple(lines)),
        is_within=within,
        may_withdraw=terms.may_withdraw and not within,
    )


def is_within(*, contracted_sqm: AreaSqm, registered_sqm: AreaSqm, terms: AreaTerms) -> bool:
    """Whether a difference lies within the bound of ``terms``; exactly at it is within.

    Refuses with ``area.not-an-area``.

    >>> is_within(
    ...     contracted_sqm=AreaSqm(Decimal("88.5")),
    ...     registered_sqm=AreaSqm(Decimal("91.155")),
    ...     terms=LAW,
    ... )
    True
    """
    _check_area(contracted_sqm, "contracted")
    _check_area(registered_sqm, "registered")
    if terms.tolerance is None:
        return True
    off = EXACT.subtract(registered_sqm, contracted_sqm)
    return abs(off) <= EXACT.multiply(contracted_sqm, terms.tolerance)


def _check_area(area: Decimal, which: str) -> None:
    exponent = area.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MOST_PLACES or not 0 < area <= _MOST_SQM:
        raise Refusal("area.not-an-area", clause=SALES_RULE, which=which, value=str(area))


def _tell_difference(
    contracted: AreaSqm, registered: AreaSqm, off: Decimal, terms: AreaTerms
) -> SheetLine:
    return SheetLine(
        code="area.line-difference",
        clause=terms.clause,
        facts={
            "contracted": plain(contracted),
            "registered": plain(registered),
            "difference": plain(off),
        },
    )


def _tell_part(code: str, part: Decimal, times: int, price: Fen, terms: AreaTerms) -> SheetLine:
    fen = EXACT.multiply(EXACT.multiply(part, Decimal(price)), Decimal(times))
    return SheetLine(
        code=code if times else "area.line-unsettled",
        clause=terms.clause,
        facts={
            "part": plain(part),
            "price": exact_yuan(Decimal(price)),
            "times": times,
            "amount": exact_yuan(fen),
        },
        fen=fen,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettlement:
    """A resettled household's settlement: its homes at the plan's prices, before and after."""

    before_fen: Fen
    after_fen: Fen
    lines: tuple[SheetLine, ...]
    household_pays_fen: Fen
    """What the household pays more; negative: what it gets back."""


def settle_by_plan(
    *,
    household: Household,
    chosen: tuple[Home, ...],
    measured: tuple[Home, ...],
    rules: RuleSet,
) -> PlanSettlement:
    """Settle a resettled household by its plan's own prices, all its homes together.

    Base price and excess steps are reckoned again at the measured areas; the difference is owed.
    Refuses with ``area.homes-differ`` where not the same homes are measured, and with
    ``area.plan-without-price`` where the plan states no price for what was chosen or measured:
    then people decide, by the agreement.
    """
    clause = rules.entitlement.clause
    if [home.number for home in chosen] != [home.number for home in measured]:
        raise Refusal("area.homes-differ", clause=clause)
    priced = []
    for homes in (chosen, measured):
        price = price_homes(household=household, homes=homes, rules=rules)
        if price is None:
            raise Refusal("area.plan-without-price", clause=clause, household=household.number)
        priced.append(price)
    before, after = priced
    lines = tuple(
        SheetLine(
            code=code,
            clause=clause,
            facts={
                "area": plain(_total(homes)),
                "homes": len(homes),
                "amount": exact_yuan(Decimal(price)),
            },
            fen=Decimal(sign * price),
        )
        for code, homes, price, sign in (
            ("area.line-chosen", chosen, before, -1),
            ("area.line-measured", measured, after, 1),
        )
    )
    return PlanSettlement(
        before_fen=before,
        after_fen=after,
        lines=lines,
        household_pays_fen=sum_lines(lines),
    )


def _total(homes: tuple[Home, ...]) -> Decimal:
    total = Decimal(0)
    for home in homes:
        total = EXACT.add(total, home.area_sqm)
    return total
