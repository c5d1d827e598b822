"""The demo's community in mid-titling: a file with homes, a survey, a specialist, and cases.

Everything is done by the account whose work it is, through the operations that the pages call; what
is there already is not done again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from anju.cli.demo_accounts import (
    DemoAccount,
    new_family,
    new_officer,
    read_accounts,
    write_accounts,
)
from anju.cli.demo_batch import DemoBatch
from anju.cli.demo_homes import (
    BUILDINGS,
    PARCEL,
    SURVEYED_BUILDINGS,
    homes_table,
    states_table,
    survey_table,
)
from anju.cli.demo_issued import DemoIssued
from anju.cli.demo_partners import CODES, DemoPartners
from anju.foundation.access.context import reading
from anju.foundation.access.operations import (
    HouseholdKey,
    create_account,
    create_household_accounts,
)
from anju.foundation.access.queries import list_accounts
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.casework.types import HandedIn
from anju.foundation.core.clock import read_clock
from anju.foundation.core.definitions import read_default_procedures
from anju.foundation.core.legacy import default_blockers
from anju.titles.cases.laying import newest_version
from anju.titles.cases.operations import open_title_case
from anju.titles.cases.queries import title_cases_of
from anju.titles.cases.types import TitleCaseRow
from anju.titles.certificates.operations import enter_registry
from anju.titles.certificates.queries import registries
from anju.titles.communities.operations import (
    import_homes,
    import_survey,
    name_specialist,
    open_community,
    record_visit,
)
from anju.titles.communities.queries import (
    community_by_code,
    homes_of,
    list_communities,
    surveys_of,
    visits_of,
)
from anju.titles.communities.types import (
    CommunityRow,
    CommunityTerms,
    HomeRow,
    NewSurvey,
    TableReport,
)
from anju.titles.legacy.operations.planning import freeze_plan
from anju.titles.legacy.operations.triage import answer_building
from anju.titles.legacy.queries import blockers_of, newest_plan
from anju.titles.legacy.types import Answer
from anju_rules.procedures.types import Source
from anju_rules.triage.easy_first import Means
from anju_rules.triage.types import OwedBy
from anju_rules.values import Refusal

COMMUNITY = "LQ-2012"
_TRANSFERS = 4
_ISSUED = 2
"""Of the transfers: these came through, the first of the others is half way."""
_BATCH = 8
"""So many of the second building's homes are filed at once."""
_MEANS = Means(staff_days=60, money_fen=300_000_00)
_PROBLEMS = {
    "planning-check": Answer(stands=True, facts="3 号楼比规划图多一个外廊，还没有核实"),
    "land-price-or-tax": Answer(
        stands=True, facts="3 号楼的出让金尾款没有缴", owed_by=OwedBy.DEVELOPER
    ),
}
_AUTHORITY = "11370105MB28500007"
_COMPANIES = (("developer", "开发企业"), ("manager", "物业企业"))
_DEVELOPER, _MANAGER = "演示置业有限公司", "演示物业服务有限公司"
OWNER = "等着办证的业主"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTitles:
    """The community of one demo, while it is being made."""

    home: Path
    division: str
    district_office: UUID
    officer: Callable[[str], Actor]
    say: Callable[[str], None]

    def prepare(self) -> None:
        """Make whatever is not there yet, but the owners' accounts."""
        self.say("小区办证……")
        community = self._open()
        self._enter_registry()
        self._open_companies(community)
        self._fill(community)
        self._visit(community)
        self._file(community)
        self._bring_through(community)
        DemoBatch(
            home=self.home, community_id=community.id, officer=self.officer, say=self.say
        ).prepare(self._waiting(community)[-_BATCH:])
        self._triage(community)
        DemoPartners(
            community_id=community.id,
            names={"developer": _DEVELOPER, "manager": _MANAGER},
            officer=self.officer,
        ).prepare()

    def open_owners(self) -> None:
        """Open the account of an owner whose home can be filed for, and of one whose case runs."""
        community = community_by_code(code=COMMUNITY)
        waiting = self._waiting(community)
        wanted = (
            (OWNER, waiting[0].household_id),
            ("证在办的业主", waiting[1].household_id),
            ("已领证的业主", self._transfers(community)[0].household_id),
        )
        owners = [new_family(title=title, household=str(owner)) for title, owner in wanted]
        write_accounts(self.home, [*read_accounts(self.home), *owners])
        create_household_accounts(
            project_id=community.id,
            keys=[
                HouseholdKey(
                    household_id=UUID(owner.household), code=owner.login, pin=owner.password
                )
                for owner in owners
            ],
            by=self.officer("city"),
            at=read_clock(),
        )

    def _open(self) -> CommunityRow:
        if any(row.code == COMMUNITY for row in list_communities()):
            return community_by_code(code=COMMUNITY)
        terms = CommunityTerms(
            code=COMMUNITY,
            name="柳泉小区",
            division=self.division,
            address="柳岸街道柳泉路 12 号",
            parcel=PARCEL,
            built_year=2012,
            accepted_on=date(2012, 9, 28),
            handed_over_on=date(2012, 12, 20),
            developer_name=_DEVELOPER,
            developer_credit=CODES["developer"],
            manager_name=_MANAGER,
            manager_credit=CODES["manager"],
        )
        return open_community(terms=terms, by=self.officer("district"), at=read_clock())

    def _enter_registry(self) -> None:
        """Say who issues in the county: nothing is issued before."""
        county = self.division[:6]
        if any(one.county == county for one in registries()):
            return
        enter_registry(
            county=county,
            province="鲁",
            place="演示市",
            authority=_AUTHORITY,
            authority_name="演示市不动产登记中心",
            by=self.officer("district"),
            second=self.officer("city"),
            at=read_clock(),
        )

    def _open_companies(self, community: CommunityRow) -> None:
        known = {account.login for account in list_accounts(by=system_actor())}
        for role, title in _COMPANIES:
            if role in known:
                continue
            # The secret first: an account whose secret nobody knows could never be opened again.
            account = self._kept(role) or new_officer(role=role, title=title, login=role)
            if self._kept(role) is None:
                write_accounts(self.home, [*read_accounts(self.home), account])
            create_account(
                login=role,
                password=account.password,
                name=f"{title}（演示）",
                role=role,
                organisation_id=self.district_office,
                project_id=community.id,
                totp_secret=account.totp,
                by=system_actor(name="平台"),
                at=read_clock(),
            )

    def _kept(self, login: str) -> DemoAccount | None:
        return next((one for one in read_accounts(self.home) if one.login == login), None)

    def _fill(self, community: CommunityRow) -> None:
        """Bring the homes, then the survey, then what has its title: three tables of a clerk's."""
        with reading(by=self.officer("district")):
            homes = homes_of(project_id=community.id)
            is_surveyed = bool(surveys_of(project_id=community.id))
        if not homes:
            self._bring(community, homes_table(), "房屋登记表.csv")
        if not is_surveyed:
            report = import_survey(
                project_id=community.id,
                survey=NewSurvey(surveyed_on=date(2026, 8, 20), surveyor="演示测绘院"),
                data=survey_table(),
                file_name="测绘成果表.csv",
                is_dry_run=False,
                by=self.officer("district"),
                at=read_clock(),
            )
            self._require(report)
        if all(home.title_state == "none" for home in homes):
            self._bring(community, states_table(), "已登记.csv")

    def _bring(self, community: CommunityRow, data: bytes, file_name: str) -> None:
        report = import_homes(
            project_id=community.id,
            data=data,
            file_name=file_name,
            is_dry_run=False,
            by=self.officer("district"),
            at=read_clock(),
        )
        self._require(report)

    def _require(self, report: TableReport) -> None:
        if report.faults:
            raise Refusal("demo.not-made", home=str(self.home))

    def _visit(self, community: CommunityRow) -> None:
        by = self.officer("district")
        if community.specialist_id is None:
            name_specialist(project_id=community.id, account_id=by.id, by=by, at=read_clock())
        if not visits_of(project_id=community.id):
            record_visit(
                project_id=community.id,
                visited_on=date(2026, 9, 3),
                findings="3 号楼还没有测绘，物业答应九月底前开门配合；业主最关心契税。",
                by=by,
                at=read_clock(),
            )

    def _file(self, community: CommunityRow) -> None:
        """File the developer's first registration, and a few owners' transfers at the window."""
        with reading(by=self.officer("district")):
            is_filed = bool(title_cases_of(project_id=community.id))
        if is_filed:
            return
        open_title_case(
            project_id=community.id,
            kind="first",
            materials=_papers("title-first"),
            by=self.officer("developer"),
            at=read_clock(),
        )
        for home in self._waiting(community)[1 : 1 + _TRANSFERS]:
            open_title_case(
                project_id=community.id,
                kind="transfer",
                home_id=home.id,
                materials=_papers(newest_version(kind="transfer", at=read_clock())),
                is_joint=True,
                by=self.officer("district"),
                at=read_clock(),
            )

    def _bring_through(self, community: CommunityRow) -> None:
        """Bring the newest transfers to their certificates, and the first half way."""
        newest = self._transfers(community)
        DemoIssued(community_id=community.id, officer=self.officer).prepare(
            issued=[one.id for one in newest[:_ISSUED]],
            half_way=newest[-1].id,
            settled=[
                home
                for home in homes_of(project_id=community.id)
                if home.household_id in {one.household_id for one in newest}
            ],
        )

    def _transfers(self, community: CommunityRow) -> list[TitleCaseRow]:
        """Give the transfers that were filed one by one, the newest first; a batch comes later."""
        with reading(by=self.officer("district")):
            found = title_cases_of(project_id=community.id, with_cases=False)
        return [one for one in found if one.kind == "transfer"][-_TRANSFERS:]

    def _triage(self, community: CommunityRow) -> None:
        """Answer the questions of triage: two problems keep the last building, the others none.

        Then two people freeze what comes of it: one community, one plan.
        """
        by = self.officer("district")
        with reading(by=by):
            is_answered = bool(blockers_of(project_id=community.id))
        if not is_answered:
            self._answer(community, by=by)
        if newest_plan(project_id=community.id) is None:
            freeze_plan(
                project_id=community.id,
                means=_MEANS,
                is_separated=True,
                by=by,
                second=self.officer("city"),
                at=read_clock(),
            )

    def _answer(self, community: CommunityRow, *, by: Actor) -> None:
        for building in range(1, BUILDINGS + 1):
            answers = dict.fromkeys(default_blockers(), Answer(stands=False))
            if building > SURVEYED_BUILDINGS:
                answers |= _PROBLEMS
            answer_building(
                project_id=community.id,
                building=str(building),
                answers=answers,
                by=by,
                at=read_clock(),
            )

    def _waiting(self, community: CommunityRow) -> list[HomeRow]:
        return [one for one in homes_of(project_id=community.id) if one.title_state == "first"]


def _papers(procedure: str) -> tuple[HandedIn, ...]:
    """Give what applicants bring themselves; what they would promise instead is left out."""
    return tuple(
        HandedIn(code=code)
        for code, material in read_default_procedures()[procedure].materials.items()
        if material.source not in {Source.PRODUCED, Source.COMMITTED}
    )
