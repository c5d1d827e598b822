"""An area settlement as officers, owners and paper show it: line by line, each with its clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anju.foundation.casework.queries import cases_of_subject
from anju.foundation.casework.types import CaseRow
from anju.foundation.core.words import say
from anju.titles.cases.settlements.types import SUBJECT, SettlementRow
from anju.titles.communities.queries import community_by_id, home_by_id
from anju.titles.communities.types import CommunityRow, HomeRow
from anju.web.clauses import say_clause
from anju.web.papers import set_paper
from anju_rules.area import AreaTerms
from anju_rules.policy.types import plain
from anju_rules.sheets import exact_yuan, yuan_from_fen
from anju_rules.values import Fen

SOURCES: Mapping[str, str] = {
    "contract": "按合同约定",
    "plan": "按安置方案",
    "law": "合同没有约定，按《商品房销售管理办法》",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSheetLine:
    """One line: what is said, on what it rests, and what it adds."""

    words: str
    clause: str
    amount: str
    """In yuan; empty where the line adds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPage:
    """A settlement laid out."""

    row: SettlementRow
    community: CommunityRow
    home: HomeRow
    lines: tuple[ShownSheetLine, ...]
    headline: str
    source: str
    contracted: str
    registered: str
    price: str
    owed: str
    disputes: tuple[CaseRow, ...]

    @property
    def waits_for_choice(self) -> bool:
        """Whether the buyer is still to say if they keep the home."""
        return self.row.is_standing and self.row.may_withdraw and not self.row.choice

    @property
    def is_disputed(self) -> bool:
        """Whether a dispute over it is still open."""
        return any(case.status.is_open for case in self.disputes)


def lay_out_settlement(row: SettlementRow) -> SettlementPage:
    """Lay a settlement out; the words come from the codes and facts that were kept."""
    home = home_by_id(project_id=row.project_id, home_id=row.home_id)
    disputes = cases_of_subject(project_id=row.project_id, subject_kind=SUBJECT, subject_id=row.id)
    return SettlementPage(
        row=row,
        community=community_by_id(community_id=row.project_id),
        home=home,
        lines=tuple(
            ShownSheetLine(
                words=say(line.code, line.facts),
                clause=say_clause(line.clause),
                amount="" if line.fen is None else exact_yuan(line.fen),
            )
            for line in row.lines
        ),
        headline=say_owed(row.buyer_pays_fen),
        source=SOURCES[row.source],
        contracted=plain(row.contracted_sqm.normalize()),
        registered=plain(row.registered_sqm.normalize()),
        price=yuan_from_fen(row.price_fen_per_sqm),
        owed=yuan_from_fen(row.owed_fen),
        disputes=tuple(disputes),
    )


def say_terms(terms: AreaTerms) -> str:
    """Say what holds in one sentence: the bound, what is settled within it and beyond."""
    if terms.tolerance is None:
        return "据实结算，多退少补" if terms.within else "按套计价，不补不退"
    inner = "据实结算" if terms.within == 1 else _say_times("按单价", terms.within, "结算")
    larger = _say_times("大了按单价", terms.larger_beyond, "补")
    smaller = _say_times("小了按单价", terms.smaller_beyond, "退")
    leave = "；超出的，买受人可以退房" if terms.may_withdraw else ""
    return f"误差 {terms.percent}% 以内{inner}；超出部分，{larger}，{smaller}{leave}"


def _say_times(words: str, times: int, act: str) -> str:
    return f"{words} {times} 倍{act}" if times else f"{words.removesuffix('按单价')}不{act}"


def say_owed(amount: Fen) -> str:
    """Say who pays whom.

    >>> say_owed(Fen(-5_600_000))
    '应退还买受人 56000.00 元'
    """
    if not amount:
        return say("area.nothing-owed", {})
    code = "area.buyer-pays" if amount > 0 else "area.buyer-gets"
    return say(code, {"amount": yuan_from_fen(Fen(abs(amount)))})


def print_settlement(page: SettlementPage) -> bytes:
    """Print a settlement on one sheet of A4; the bytes are a PDF."""
    return set_paper("officer/titles/print_settlement.html", {"page": page})
