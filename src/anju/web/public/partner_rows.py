"""Companies laid out for pages: who kept the duty in time, who has how many stars, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from anju.foundation.core.words import say
from anju.titles.communities.queries import list_communities
from anju.titles.partners.policy import partner_policy
from anju.titles.partners.queries import PartyLine, list_parties
from anju.titles.partners.types import BasisRow, DutyRow, StarRow
from anju.web.public.plan_page import say_full_date
from anju.web.shares import ShareWords, say_share
from anju_rules.partners.bases import Act, Rank, judge_basis
from anju_rules.partners.duties import DutyState
from anju_rules.partners.stars import Star
from anju_rules.values import Verdict

STATES: dict[DutyState, tuple[str, str]] = {
    DutyState.WAITING: ("还没验收", ""),
    DutyState.WITHOUT_TERM: ("没有期限", ""),
    DutyState.RUNNING: ("期限内", "sky"),
    DutyState.OVERDUE: ("已逾期", "amber"),
    DutyState.IN_TIME: ("按期完成", "jade"),
    DutyState.LATE: ("逾期完成", "amber"),
}
RANKS = {
    Rank.LAW: "法律",
    Rank.REGULATION: "行政法规",
    Rank.STATE_COUNCIL: "国务院文件",
    Rank.LOCAL: "地方规定（不够格）",
}
ACTS = {Act.SECURITY: "保证金、保函", Act.RESTRICTION: "市场准入限制"}
_FULL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StarWords:
    """Stars as they are drawn."""

    drawn: str
    """``★★★★☆``; empty without stars."""
    words: str
    """Stars and points, or why there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyCard:
    """A company in the list."""

    line: PartyLine
    in_time: ShareWords
    reaches_target: bool
    star: StarWords
    restricted_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyCard:
    """A building's duty."""

    row: DutyRow
    community: str
    words: str
    colour: str
    due: str
    basis: str
    is_unconfirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisCard:
    """A basis on record, and whether it would do today."""

    row: BasisRow
    act: str
    rank: str
    from_to: str
    why_not: str
    """Why an act may not rest on it; empty where it may."""


def lay_out_developers(*, on: date) -> list[PartyCard]:
    """Lay out every developer, those with something overdue first."""
    cards = [_card(line) for line in list_parties(kind="developer", on=on)]
    return sorted(cards, key=lambda card: -card.line.overdue)


def lay_out_managers(*, on: date) -> list[PartyCard]:
    """Lay out every property manager, the most stars first; who has none comes last."""
    cards = [_card(line) for line in list_parties(kind="manager", on=on)]
    return sorted(cards, key=lambda card: -(_tenths(card.line.star)))


def lay_out_duties(rows: list[DutyRow]) -> list[DutyCard]:
    """Lay out a developer's duties, with the names of the communities."""
    names: Mapping[UUID, str] = {one.id: one.name for one in list_communities()}
    return [_duty_card(row, names.get(row.project_id, "")) for row in rows]


def lay_out_basis(row: BasisRow, *, on: date) -> BasisCard:
    """Lay out a basis."""
    held = row.basis
    ends = say_full_date(held.until_on) if held.until_on else "长期"
    return BasisCard(
        row=row,
        act=ACTS[held.act],
        rank=RANKS[held.rank],
        from_to=f"{say_full_date(held.from_on)}起，{ends}",
        why_not=say_verdict(judge_basis(act=held.act, basis=held, on=on)),
    )


def say_verdict(verdict: Verdict) -> str:
    """Say the first reason why not; empty where all is met."""
    for finding in verdict.unmet:
        return say(finding.code, finding.facts)
    return ""


def say_star(stars: int | None, tenths: int | None, *, facts: int, least: int) -> StarWords:
    """Say stars, or that there are too few facts for any.

    >>> say_star(4, 827, facts=20, least=10).drawn
    '★★★★☆'
    >>> say_star(None, None, facts=3, least=10).words
    '暂无星级：只有 3 条事实，满 10 条才评'
    """
    if stars is None or tenths is None:
        return StarWords(drawn="", words=f"暂无星级：只有 {facts} 条事实，满 {least} 条才评")
    return StarWords(
        drawn="★" * stars + "☆" * (_FULL - stars),
        words=f"{stars} 星，{tenths // 10}.{tenths % 10} 分",
    )


def say_star_so_far(star: Star) -> StarWords:
    """Say stars that were only reckoned."""
    return say_star(star.stars, star.tenths, facts=star.facts, least=star.least_facts)


def say_published(row: StarRow) -> StarWords:
    """Say published stars."""
    facts = sum(share.denominator for share in row.counts.values())
    policy = partner_policy()
    least = next(one.least_facts for one in policy.formulas if one.code == row.formula)
    return say_star(row.stars, row.tenths, facts=facts, least=least)


def _card(line: PartyLine) -> PartyCard:
    held = line.restriction
    return PartyCard(
        line=line,
        in_time=say_share(line.in_time),
        reaches_target=line.in_time.reaches(partner_policy().in_time.at_least),
        star=say_published(line.star) if line.star else StarWords(drawn="", words="还没有评过"),
        restricted_until=say_full_date(held.until_on) if held else "",
    )


def _duty_card(row: DutyRow, community: str) -> DutyCard:
    standing = row.standing
    words, colour = STATES[standing.state]
    if standing.days_late:
        words = f"{words} {standing.days_late:,} 天"
    due = say_full_date(standing.due_on) if standing.due_on else ""
    if standing.is_provisional:
        due = f"{due}（暂定）"
    return DutyCard(
        row=row,
        community=community,
        words=words,
        colour=colour,
        due=due,
        basis=standing.line.basis.source if standing.line else "",
        is_unconfirmed=standing.line is not None and standing.line.basis.is_unconfirmed,
    )


def _tenths(star: StarRow | None) -> int:
    return -1 if star is None or star.tenths is None else star.tenths
