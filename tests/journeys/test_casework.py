"""Casework in a browser: a plan is approved; a family is reviewed, objected to, and heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.operations import HouseholdKey, create_household_accounts
from anju.foundation.casework.types import CaseRow
from anju.foundation.core import clock
from anju.foundation.notices.operations import confirm_visible
from anju.foundation.notices.queries import notices_of
from anju.resettlement.eligibility.queries import review_of_household
from anju.resettlement.planning.operations import give_consent
from anju.resettlement.planning.queries import is_in_force, plan_of
from anju_rules.applications import Standing
from tests.support.access import AT, PASSWORD, SYSTEM, Family, Person
from tests.support.desks import Desks, open_desks
from tests.support.eligibility import Reviews
from tests.support.hostile_files import plain_pdf
from tests.support.pages import overhang
from tests.support.site import serve_site, sign_in_family, sign_in_officer

pytestmark = pytest.mark.long

CODE = "XF-2026"
PHONE, DESK = (390, 844), (1440, 1000)


@dataclass(slots=True, kw_only=True)
class Calendar:
    """The clock of the whole platform, on a day that is moved."""

    today: datetime = AT

    def now(self, tz: tzinfo) -> datetime:
        """Give the moment that the platform takes for now."""
        return self.today.astimezone(tz)

    def pass_time(self, *, days: float = 0, minutes: float = 1) -> None:
        """Let time go by: a minute at least, so that every code is a fresh one."""
        self.today += timedelta(days=days, minutes=minutes)


@dataclass(slots=True, kw_only=True)
class Town:
    """A street, a district and a city at their desks, families at their phones, one calendar."""

    site: str
    browser: Browser
    desks: Desks
    calendar: Calendar
    paper: Path
    windows: dict[str, Page] = field(default_factory=dict)

    @property
    def project_id(self) -> UUID:
        """Give the project."""
        return self.desks.project.id

    def officer(self, login: str) -> Page:
        """Give an officer's window, signed in when it is first asked for."""
        return self._window(login, DESK, lambda page: self._sign_in(page, login))

    def phone(self, number: str) -> Page:
        """Give a family's phone, with its account opened when it is first asked for."""
        return self._window(
            number,
            PHONE,
            lambda page: sign_in_family(page, self.site, self._account(number)),
        )

    def _window(self, name: str, size: tuple[int, int], enter: object) -> Page:
        if name not in self.windows:
            context = self.browser.new_context(
                viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
            )
            self.windows[name] = context.new_page()
            assert callable(enter)
            enter(self.windows[name])
        return self.windows[name]

    def _sign_in(self, page: Page, login: str) -> None:
        self.calendar.pass_time()
        sign_in_officer(page, self.site, self.desks.people[login])
        expect(page).not_to_have_url(f"{self.site}/sign-in/")

    def _account(self, number: str) -> Family:
        key = HouseholdKey(
            household_id=self.desks.project.households[number],
            code=new_household_code(),
            pin=new_pin(),
        )
        (account_id,) = create_household_accounts(
            project_id=self.project_id, keys=[key], by=SYSTEM, at=self.calendar.today
        )
        return Family(
            id=key.household_id,
            account_id=account_id,
            project_id=self.project_id,
            code=key.code,
            pin=key.pin,
        )

    def decide(
        self, login: str, case_id: UUID, step: str, outcome: str, *, why: str, paper: str = ""
    ) -> Page:
        """Decide a step on the case's page, and see that it stands in the record."""
        page = self.officer(login)
        page.goto(f"{self.site}/desk/cases/{case_id}/?step={step}")
        page.check(f"input[name=outcome][value={outcome}]")
        if paper:
            page.set_input_files(f"input[name=paper-{paper}]", self.paper)
        page.fill("#why", why)
        page.get_by_role("button", name="就这样定").click()
        expect(page.locator(".case-log")).to_contain_text(why)
        return page

    def sign_beside(self, page: Page, of: str, login: str) -> None:
        """Let a second officer sign at another's desk."""
        self.calendar.pass_time()
        person: Person = self.desks.people[login]
        page.fill(f"#second-login{of}", person.login)
        page.fill(f"#second-password{of}", PASSWORD)
        page.fill(f"#second-code{of}", person.code(self.calendar.today))

    def let_stand(self, *, days: int) -> None:
        """Let the newest notice be seen on each of so many days."""
        newest = max(
            notices_of(project_id=self.project_id, at=self.calendar.today),
            key=lambda one: one.notice.published_at,
        )
        for _ in range(days):
            self.calendar.pass_time(days=1)
            confirm_visible(
                project_id=self.project_id,
                notice_id=newest.notice.id,
                fault="",
                address=self.site,
                by=SYSTEM,
                at=self.calendar.today,
            )


@pytest.fixture
def town(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Town]:
    """Open the desks of one street on Monday 1 June 2026."""
    request.getfixturevalue("database")
    monkeypatch.setattr(settings, "SCANNER", "off")
    calendar = Calendar()
    monkeypatch.setattr(clock, "datetime", calendar)
    assert clock.read_clock() == AT.astimezone(UTC)
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(plain_pdf())
    with serve_site() as site:
        town = Town(
            site=site,
            browser=browser,
            desks=open_desks(households=6),
            calendar=calendar,
            paper=paper,
        )
        yield town
        for page in town.windows.values():
            page.context.close()


@pytest.mark.req("PLN-2")
def test_a_plan_is_approved(town: Town) -> None:
    address = f"{town.site}/desk/{CODE}/plan/"
    desk = town.officer("district-officer1")
    desk.goto(address)
    expect(desk.locator("h1")).to_have_text("还没有方案")
    desk.set_input_files("#text", town.paper)
    desk.get_by_role("button", name="定为这一稿").click()
    expect(desk.locator("h1")).not_to_have_text("还没有方案")
    file = plan_of(town.project_id, at=town.calendar.today)
    assert file is not None
    assert file.case is not None
    case_id = file.case.id

    for login, step, outcome, paper in (
        ("district-officer1", "hearing", "held", "hearing-record"),
        ("street-officer1", "questionnaire", "collected", "questionnaire-report"),
        ("district-officer1", "internal-review", "lawful", "internal-opinion"),
        ("city-officer1", "justice-review", "lawful", "justice-opinion"),
    ):
        town.calendar.pass_time(days=1)
        town.decide(login, case_id, step, outcome, why=f"{step}，材料齐全", paper=paper)

    desk.goto(address)
    desk.fill("#channel", "泺口街道便民服务中心 3 号窗口，电话 0531-88881234")
    desk.get_by_role("button", name="发布").click()
    expect(desk.get_by_role("link", name="看公示")).to_be_visible()
    town.let_stand(days=33)
    town.decide(
        "district-officer1",
        case_id,
        "notice",
        "answered",
        why="期满，三条意见都答复了",
        paper="comments-report",
    )

    phone = town.phone("H0001")
    phone.goto(f"{town.site}/me/plan/")
    expect(phone.locator("h1")).to_have_text("这个方案，您家同意吗？")
    assert overhang(phone) <= 0
    phone.get_by_role("link", name="同意", exact=True).click()
    phone.get_by_role("button", name="是的，我家同意").click()
    expect(phone.locator("h1")).to_have_text("您家同意了")

    street = town.officer("street-officer1")
    street.goto(address)
    street.fill("#number", "H0002")
    street.check("input[name=answer][value=for]")
    street.set_input_files("#paper", town.paper)
    street.get_by_role("button", name="记下这一票").click()
    expect(street.get_by_text("到现在 2 户同意")).to_be_visible()
    for number in ("H0003", "H0004"):
        household_id = town.desks.project.households[number]
        give_consent(
            project_id=town.project_id,
            household_id=household_id,
            is_for=True,
            by=town.desks.project.household(household_id),
            at=town.calendar.today,
        )

    street.goto(address)
    street.locator("summary", has_text="清点").click()
    town.sign_beside(street, "count", "street-officer2")
    street.get_by_role("button", name="清点", exact=True).click()
    expect(street.get_by_text("清点完了，够三分之二").first).to_be_visible()
    city = town.officer("city-officer1")
    city.goto(address)
    assert not is_in_force(town.project_id)
    town.sign_beside(city, "enact", "city-officer2")
    city.get_by_role("button", name="公布生效").click()
    expect(city.locator("h1")).to_contain_text("方案已经生效")
    assert is_in_force(town.project_id)
    phone.goto(f"{town.site}/p/{CODE}/plan/")
    expect(phone.get_by_text("方案已经生效").first).to_be_visible()
    expect(phone.get_by_text("市司法局审查意见").first).to_be_visible()
    assert overhang(phone) <= 0


def publish(town: Town, login: str, *, button: str, channel: str) -> None:
    """Publish one of the two notices from the page of the reviews."""
    page = town.officer(login)
    page.goto(f"{town.site}/desk/{CODE}/reviews/")
    page.fill(channel, "泺口街道便民服务中心 3 号窗口，电话 0531-88881234")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("button", name=button)).to_have_count(0)


def settle(town: Town, login: str) -> None:
    """Let whatever nobody objected to go on, from the page of the reviews."""
    page = town.officer(login)
    page.goto(f"{town.site}/desk/{CODE}/reviews/")
    page.get_by_role("button", name="没有异议的，逐户往下走").first.click()
    expect(page.locator("h1")).to_contain_text("办成 1 件")


def object_to(town: Town, number: str, *, about: str, why: str) -> UUID:
    """Object to an entry of the running notice, on a phone; gives the objection's case."""
    phone = town.phone(number)
    phone.goto(f"{town.site}/me/case/object/")
    phone.get_by_role("link", name="公示").first.click()
    phone.fill("#number", about)
    phone.fill("#why", why)
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_role("button", name="交上去")).to_be_visible()
    assert overhang(phone) <= 0
    phone.get_by_role("button", name="交上去").click()
    expect(phone.locator("h1")).to_contain_text("异议收到了")
    phone.locator("summary", has_text="全部经过").click()
    expect(phone.get_by_text(why).first).to_be_visible()
    return UUID(phone.url.rstrip("/").rpartition("/")[2])


@pytest.mark.req("ELG-1")
@pytest.mark.req("ELG-5")
def test_a_family_is_reviewed_objected_to_and_the_objection_upheld(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviews = Reviews(
        project=town.desks.project, monkeypatch=monkeypatch, people=town.desks.offices.officers
    )
    review: CaseRow = reviews.open("H0001", 1)
    town.calendar.pass_time(days=1)
    street = town.decide(
        "street-officer1", review.id, "street-review", "eligible", why="协议、户口、住处都对得上"
    )
    publish(town, "street-officer1", button="发布第一次公示", channel="#channel-1")
    town.let_stand(days=2)

    objection = object_to(town, "H0002", about="H0001", why="他家去年已经分过房")
    street.goto(f"{town.site}/desk/cases/{objection}/")
    street.get_by_role("button", name="受理").first.click()
    expect(street.locator("h1")).to_contain_text("街道答复")
    town.decide(
        "street-officer1",
        objection,
        "street-answer",
        "upheld",
        why="查到滨河苑 3 号楼的安置记录，待核",
        paper="street-answer-letter",
    )
    family = town.phone("H0001")
    family.goto(f"{town.site}/me/case/{review.id}/")
    expect(family.get_by_text("街道初审").first).to_be_visible()
    street.goto(f"{town.site}/desk/cases/{review.id}/")
    expect(street.locator("h1")).to_have_text("街道初审：等您给结论")

    # The record was a namesake's: the street decides anew, and everything is shown once more.
    town.decide(
        "street-officer1", review.id, "street-review", "eligible", why="滨河苑那一户是同名的人"
    )
    publish(town, "street-officer1", button="发布第一次公示", channel="#channel-1")
    town.let_stand(days=9)
    settle(town, "street-officer1")
    reviews.hand_over_records(review, on=(town.calendar.today - AT) / timedelta(days=1))
    for step in ("check-register", "check-title", "check-residence"):
        town.decide("district-officer1", review.id, step, "agrees", why=f"{step} 一致")
    town.decide("district-officer1", review.id, "district-review", "eligible", why="复审符合")
    town.calendar.pass_time(days=1)
    town.decide("city-officer1", review.id, "city-review", "eligible", why="全市没有重复安置")
    publish(town, "district-officer1", button="发布第二次公示", channel="#channel-2")
    town.let_stand(days=9)
    settle(town, "district-officer1")

    told = review_of_household(
        project_id=town.project_id,
        household_id=town.desks.project.households["H0001"],
        by=town.desks.offices.street,
    )
    assert told is not None
    assert told.standing is Standing.CONFIRMED
    family.goto(f"{town.site}/me/case/{review.id}/")
    expect(family.locator("h1")).to_contain_text("通过")
    assert overhang(family) <= 0
