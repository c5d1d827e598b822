"""The legal basis of what is done to a company: without one in force, the act is disabled.

A deposit may be asked only where a law, an administrative regulation or the State Council says so
(Regulations on improving the business environment, 25); who may not enter a market is decided by
the national list alone, and no local list may be made (20). A basis known only from memory or at
second hand is none: a company must be able to read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from anju_rules.policy.types import Certainty
from anju_rules.values import Finding, Verdict

DEPOSITS = "business-environment/25"
MARKET_ACCESS = "business-environment/20"
_READ_THEMSELVES: frozenset[Certainty] = frozenset({"C", "M"})


class Act(StrEnum):
    """What needs a basis."""

    SECURITY = "security"
    """To ask a developer for a deposit or a bank guarantee (保证金、保函)."""
    RESTRICTION = "restriction"
    """To bar a company from the market (市场准入限制)."""


class Rank(StrEnum):
    """Who made the text."""

    LAW = "law"
    """法律."""
    REGULATION = "regulation"
    """行政法规."""
    STATE_COUNCIL = "state-council"
    """A decision or an approval of the State Council."""
    LOCAL = "local"
    """Anything of a province, a city or a ministry: never enough here."""


CLAUSE_OF = {Act.SECURITY: DEPOSITS, Act.RESTRICTION: MARKET_ACCESS}
_ENOUGH = frozenset({Rank.LAW, Rank.REGULATION, Rank.STATE_COUNCIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """A text that allows an act, as it was put on record."""

    act: Act
    rank: Rank
    clause: str
    source: str
    certainty: Certainty
    from_on: date
    until_on: date | None
    """The last day; None while it holds."""
    withdrawn_on: date | None = None
    """When an officer took it off the record; from this day it allows nothing."""


def judge_basis(*, act: Act, basis: LegalBasis | None, on: date) -> Verdict:
    """Judge whether an act may be done on a day; the findings are why its button is dead.

    Unmet findings: ``partners.basis-missing``, ``partners.basis-of-another-act``,
    ``partners.basis-too-low``, ``partners.basis-unconfirmed``, ``partners.basis-withdrawn``,
    ``partners.basis-not-yet`` and ``partners.basis-expired``.
    """
    clause = CLAUSE_OF[act]
    if basis is None:
        return Verdict((Finding("partners.basis-missing", clause, met=False),))
    told = {"article": basis.clause, "source": basis.source}
    ended, withdrawn = basis.until_on, basis.withdrawn_on
    return Verdict(
        (
            Finding("partners.basis-of-another-act", clause, met=basis.act is act, facts=told),
            Finding("partners.basis-too-low", clause, met=basis.rank in _ENOUGH, facts=told),
            Finding(
                "partners.basis-unconfirmed",
                clause,
                met=basis.certainty in _READ_THEMSELVES,
                facts=told,
            ),
            Finding(
                "partners.basis-withdrawn",
                clause,
                met=withdrawn is None or on < withdrawn,
                facts={**told, "on": withdrawn.isoformat() if withdrawn else ""},
            ),
            Finding(
                "partners.basis-not-yet",
                clause,
                met=basis.from_on <= on,
                facts={**told, "on": basis.from_on.isoformat()},
            ),
            Finding(
                "partners.basis-expired",
                clause,
                met=ended is None or on <= ended,
                facts={**told, "on": ended.isoformat() if ended else ""},
            ),
        )
    )
