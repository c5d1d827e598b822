"""Deposits and bank guarantees: where a deposit may be asked, a guarantee does as well.

Money is whole fen. The form a company chooses is never a ground of refusal: there is no finding
that says so, and a demand that leaves the guarantee out is itself refused (Regulations on improving
the business environment, 25).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from anju_rules.partners.bases import DEPOSITS, Act, LegalBasis, judge_basis
from anju_rules.values import Fen, Finding, Verdict


class Form(StrEnum):
    """In which form a security is given."""

    DEPOSIT = "deposit"
    """Money paid in (保证金)."""
    GUARANTEE = "guarantee"
    """A bank's letter of guarantee (银行保函)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a developer is asked for."""

    amount_fen: Fen
    forms: frozenset[Form]
    """Every form that is taken."""
    covers_until: date
    """The last day the duty may need it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """What the developer gives."""

    form: Form
    amount_fen: Fen
    given_on: date
    valid_until: date | None
    """A guarantee's last day; None for money, which does not lapse."""
    issuer: str
    number: str
    """The bank and the number of the letter, or of the receipt."""


def judge_demand(*, demand: Demand, basis: LegalBasis | None, on: date) -> Verdict:
    """Judge whether a security may be demanded on a day.

    Unmet findings: those of :func:`~anju_rules.partners.bases.judge_basis`, then
    ``partners.guarantee-must-do``, ``partners.amount-missing`` and ``partners.covers-the-past``.
    """
    return Verdict(
        (
            *judge_basis(act=Act.SECURITY, basis=basis, on=on).findings,
            Finding("partners.guarantee-must-do", DEPOSITS, met=Form.GUARANTEE in demand.forms),
            Finding("partners.amount-missing", DEPOSITS, met=demand.amount_fen > 0),
            Finding(
                "partners.covers-the-past",
                DEPOSITS,
                met=demand.covers_until >= on,
                facts={"on": demand.covers_until.isoformat()},
            ),
        )
    )


def judge_security(*, demand: Demand, given: Collection[Security]) -> Verdict:
    """Judge whether what was given is enough, by amount and by time, whatever its form.

    Several securities add up. Unmet findings: ``partners.security-short``,
    ``partners.guarantee-ends-early`` and ``partners.security-unnamed``.
    """
    amount = sum(one.amount_fen for one in given)
    ends = [
        (one.number, one.valid_until)
        for one in given
        if one.valid_until is not None and one.valid_until < demand.covers_until
    ]
    return Verdict(
        (
            Finding(
                "partners.security-unnamed",
                DEPOSITS,
                met=all(one.issuer.strip() and one.number.strip() for one in given),
            ),
            *(
                Finding(
                    "partners.guarantee-ends-early",
                    DEPOSITS,
                    met=False,
                    facts={
                        "number": number,
                        "on": ends_on.isoformat(),
                        "needed": demand.covers_until.isoformat(),
                    },
                )
                for number, ends_on in ends
            ),
            Finding(
                "partners.security-short",
                DEPOSITS,
                met=amount >= demand.amount_fen,
                facts={"given_yuan": _yuan(amount), "asked_yuan": _yuan(demand.amount_fen)},
            ),
        )
    )


def _yuan(fen: int) -> str:
    yuan, rest = divmod(fen, 100)
    return f"{yuan}.{rest:02d}"
