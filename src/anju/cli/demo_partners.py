"""The demo's companies: who must register which building, and how a manager has helped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time, read_clock
from anju.titles.partners.operations.facts import note_fact, publish_stars
from anju.titles.partners.operations.parties import lay_duty, note_duty, register_party
from anju.titles.partners.queries import duties_of, list_parties, stars_of
from anju.titles.partners.types import PartyKind
from anju_rules.partners.stars import FactKind

CODES: dict[PartyKind, str] = {
    "developer": "91370105MA3DEMA019",
    "manager": "91370105MA3DEMA02C",
}
_HANDED_OVER = date(2012, 12, 20)
_REGISTERED = {"1": date(2013, 1, 30), "2": date(2013, 5, 6), "3": None}
"""Building and day of its first registration: one in time, one late, one not to this day."""
_FACTS = (
    (FactKind.DEADLINE, "开单元门配合测绘", (True, True, False, True)),
    (FactKind.MATERIAL, "代收房屋登记表", (True, True, True, True)),
    (FactKind.ANSWER, "答复业主询问", (True, True, True, False)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPartners:
    """The companies of one community, while the demo is being made."""

    community_id: UUID
    names: dict[PartyKind, str]
    officer: Callable[[str], Actor]

    def prepare(self) -> None:
        """Make what is not there yet."""
        at = read_clock()
        self._lay_duties(self._register("developer", at=at), at=at)
        self._note_facts(self._register("manager", at=at), at=at)

    def _register(self, kind: PartyKind, *, at: datetime) -> UUID:
        known = {
            line.party.credit_code: line.party
            for line in list_parties(kind=kind, on=city_time(at).date())
        }
        found = known.get(CODES[kind]) or register_party(
            kind=kind,
            name=self.names[kind],
            credit_code=CODES[kind],
            by=self.officer("district"),
            at=at,
        )
        return found.id

    def _lay_duties(self, party_id: UUID, *, at: datetime) -> None:
        known = {row.building for row in duties_of(party_ids=[party_id], on=city_time(at).date())}
        for building, registered_on in _REGISTERED.items():
            if building in known:
                continue
            duty = lay_duty(
                project_id=self.community_id,
                party_id=party_id,
                building=building,
                accepted_on=None,
                handed_over_on=_HANDED_OVER,
                by=self.officer("district"),
                at=at,
            )
            if registered_on is not None:
                note_duty(
                    project_id=self.community_id,
                    duty_id=duty.id,
                    registered_on=registered_on,
                    by=self.officer("district"),
                    at=at,
                )

    def _note_facts(self, party_id: UUID, *, at: datetime) -> None:
        """Note the facts of the quarter that is over, and publish its stars."""
        if stars_of(party_id=party_id):
            return
        last_day = _last_quarter(city_time(at).date())
        for kind, about, kept in _FACTS:
            for place, is_met in enumerate(kept, start=1):
                note_fact(
                    project_id=self.community_id,
                    party_id=party_id,
                    kind=kind,
                    is_met=is_met,
                    on=last_day - timedelta(days=7 * place),
                    about=f"{about}（第 {place} 次）",
                    by=self.officer("district"),
                    at=at,
                )
        publish_stars(
            quarter=f"{last_day.year}-Q{last_day.month // 3}", by=self.officer("city"), at=at
        )


def _last_quarter(today: date) -> date:
    """Give the last day of the last quarter that is over."""
    first_month = (today.month - 1) // 3 * 3 + 1
    return today.replace(month=first_month, day=1) - timedelta(days=1)
