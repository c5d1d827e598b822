"""A community for tests: its file, its homes, who owns them, and who works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.operations import HouseholdKey, create_household_accounts
from anju.foundation.access.types import Actor
from anju.titles.communities.operations import enter_homes, open_community
from anju.titles.communities.types import CommunityRow, CommunityTerms, HomeRow, NewHome, Person
from anju_rules.values import AreaSqm, Fen
from tests.support.access import SYSTEM, Family, open_officer, open_tier
from tests.support.access import Person as Officer

AT = datetime(2026, 9, 17, 1, 0, tzinfo=UTC)
CITY, DISTRICT, STREET = "3701", "370105", "370105012"
PARCEL = "370105012002GB00001"
TERMS = CommunityTerms(
    code="HY-01",
    name="槐苑小区",
    division=STREET,
    address="槐荫街 1 号",
    parcel=PARCEL,
    built_year=2016,
    accepted_on=date(2016, 6, 30),
    handed_over_on=date(2016, 9, 30),
    developer_name="泉城置业有限公司",
    manager_name="安心物业有限公司",
)


def unit_code(building: int, home: int, *, parcel: str = PARCEL) -> str:
    """Give the code of a home: parcel, F, four digits of the building, four of the home."""
    return f"{parcel}F{building:04}{home:04}"


def new_homes(count: int, *, first: int = 1, parcel: str = PARCEL) -> list[NewHome]:
    """Give homes of one building, four a floor, each with one owner."""
    return [
        NewHome(
            building="1",
            number=f"1-{(number - 1) // 4 + 1}{(number - 1) % 4 + 1:02}",
            floor=(number - 1) // 4 + 1,
            unit_code=unit_code(1, number, parcel=parcel),
            contracted_sqm=AreaSqm(Decimal("88.50")),
            registered_sqm=AreaSqm(Decimal("91.155")),
            price_fen_per_sqm=Fen(800_000),
            people=(Person(name=f"王{'甲乙丙丁'[number % 4]}{number}", phone="13800000000"),),
        )
        for number in range(first, first + count)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A community and the officers of its street, district and city."""

    community: CommunityRow
    homes: tuple[HomeRow, ...]
    people: dict[str, Officer]

    @property
    def project_id(self) -> UUID:
        """The community's scope."""
        return self.community.id

    def officer(self, role: str = "district-officer") -> Actor:
        """Give an officer as an actor, with what is in sight now."""
        return self.people[role].actor

    def owner(self, home: HomeRow) -> Family:
        """Open an account for the owners of a home."""
        assert home.household_id is not None
        code, pin = new_household_code(), new_pin()
        (account_id,) = create_household_accounts(
            project_id=self.project_id,
            keys=[HouseholdKey(household_id=home.household_id, code=code, pin=pin)],
            by=SYSTEM,
            at=AT,
        )
        return Family(
            id=home.household_id,
            account_id=account_id,
            project_id=self.project_id,
            code=code,
            pin=pin,
        )


def open_town(*, homes: int = 8, terms: CommunityTerms = TERMS) -> Town:
    """Open a community with homes and owners, and the accounts of who works on it."""
    offices = {division: open_tier(division) for division in (CITY, DISTRICT, STREET)}
    community = open_community(terms=terms, by=SYSTEM, at=AT)
    seats = {
        "city-officer": CITY,
        "district-officer": DISTRICT,
        "supervisor": DISTRICT,
        "street-officer": STREET,
    }
    people = {
        role: open_officer(role, role=role, organisation_id=offices[division])
        for role, division in seats.items()
    }
    people |= {
        role: open_officer(
            role, role=role, organisation_id=offices[DISTRICT], project_id=community.id
        )
        for role in ("developer", "manager")
    }
    entered = enter_homes(
        project_id=community.id, homes=new_homes(homes), by=people["district-officer"].actor, at=AT
    )
    return Town(community=community, homes=tuple(entered), people=people)
