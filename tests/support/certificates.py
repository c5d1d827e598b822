"""A registry that issues, and deeds for it to certify."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.conf import settings

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.foundation.ledger.keys import read_log_key
from anju.foundation.ledger.sequencing import drain_inbox
from anju.foundation.ledger.signing import Signer
from anju.titles.certificates.operations import enter_registry, issue_certificate
from anju.titles.certificates.queries import registries
from anju.titles.certificates.types import CertificateRow, Deed, Registry
from anju.titles.communities.operations import lay_community
from anju.titles.communities.queries import find_community
from anju_rules.certificates.content import Ownership, RegistrationType, RightHolder
from anju_rules.values import AreaSqm
from tests.support.access import SYSTEM, recorded
from tests.support.communities import AT, DISTRICT, TERMS, Town, open_town, unit_code

CLAUSE = "registration-rules/17"
AUTHORITY = "11370105MB28500007"


def deed(
    home: int = 1,
    *,
    holder: str = "张三丰",
    area: str = "89.50",
    registered_on: date = date(2026, 9, 17),
) -> Deed:
    """Give the deed of one home."""
    return Deed(
        unit_code=unit_code(1, home),
        registration=RegistrationType.TRANSFER,
        registered_on=registered_on,
        right="国有建设用地使用权/房屋所有权",
        ownership=Ownership.SOLE,
        holders=(RightHolder(name=holder, masked_number="3701**********002X"),),
        location=f"安居路 1 号 1 幢 {home}",
        use="住宅",
        area_sqm=AreaSqm(Decimal(area)),
        land_until=date(2094, 3, 31),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A community, its registry, and the two who sign."""

    town: Town
    registry: Registry

    @property
    def project_id(self) -> UUID:
        """The community's scope."""
        return self.town.project_id

    @property
    def clerk(self) -> Actor:
        """Who acts."""
        return self.town.officer("district-officer")

    @property
    def chief(self) -> Actor:
        """Who signs beside."""
        return self.town.officer("city-officer")

    def issue(self, home: int = 1, *, is_developers: bool = False) -> CertificateRow:
        """Issue one home's certificate, to its owners or to the developer."""
        kept = self.town.homes[home - 1]
        return issue_certificate(
            project_id=self.project_id,
            household_id=None if is_developers else kept.household_id,
            deed=deed(home),
            clause=CLAUSE,
            by=self.clerk,
            at=AT,
        )


def open_office(*, homes: int = 4) -> Office:
    """Open a community, and its county's registry, entered by two officers."""
    town = open_town(homes=homes)
    registry = enter_registry(
        county=DISTRICT,
        province="鲁",
        place="济南市",
        authority=AUTHORITY,
        authority_name="济南市不动产登记中心",
        by=town.officer("district-officer"),
        second=town.officer("city-officer"),
        at=AT - timedelta(days=30),
    )
    return Office(town=town, registry=registry)


def plant_certificate(
    project_id: UUID, household_id: UUID, *, home: int, code: str, at: datetime
) -> CertificateRow:
    """Issue a household's certificate in a project that becomes a community, as the platform."""
    with reading(by=SYSTEM):
        is_community = find_community(community_id=project_id) is not None
        has_registry = bool(registries())
    if not is_community:
        terms = replace(TERMS, code=f"C-{code}")
        with recorded(project_id=project_id):
            lay_community(community_id=project_id, terms=terms, origin="resettled", at=at)
    if not has_registry:
        enter_registry(
            county=DISTRICT,
            province="鲁",
            place="济南市",
            authority=AUTHORITY,
            authority_name="济南市不动产登记中心",
            by=SYSTEM,
            second=replace(SYSTEM, id=new_id()),
            at=at,
        )
    return issue_certificate(
        project_id=project_id,
        household_id=household_id,
        deed=deed(home, registered_on=at.date() - timedelta(days=1)),
        clause=CLAUSE,
        by=SYSTEM,
        at=at,
    )


def seal_log() -> None:
    """Give every entry its place, and sign the log."""
    drain_inbox(at=AT)
    Signer(read_log_key(Path(settings.HOME))).sign_next()
