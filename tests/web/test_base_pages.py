"""The door and what every page shares: headers, sessions, forms, colours. Asks for a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.core.clock import read_clock
from anju.web.security import content_policy
from tests.support.access import PASSWORD, Person
from tests.support.site import Seeds, seed_project

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

    from tests.support.databases import Database

TOKENS = Path("src/anju/web/static/anju/tokens.css")
TEMPLATES = Path("src/anju/web/templates")
PAIRS = [
    ("ink", "wall"),
    ("ink", "paper"),
    ("ink", "mist"),
    ("ink", "now"),
    ("ink", "jade-soft"),
    ("ink", "amber-soft"),
    ("slate", "wall"),
    ("slate", "paper"),
    ("slate", "mist"),
    ("slate", "now"),
    ("jade", "wall"),
    ("jade", "paper"),
    ("jade", "jade-soft"),
    ("jade", "mist"),
    ("jade-deep", "wall"),
    ("on-jade", "jade"),
    ("on-jade", "jade-deep"),
    ("on-jade-soft", "jade"),
    ("seal", "seal-soft"),
    ("seal", "paper"),
    ("amber", "amber-soft"),
    ("amber", "paper"),
    ("sky", "sky-soft"),
    ("paper", "ink"),
    ("state-ink", "free"),
    ("state-ink", "turn"),
    ("state-ink", "taken"),
    ("state-ink", "held"),
    ("state-ink", "reserved"),
]
"""Text and the ground it stands on; a pair that a page uses belongs here."""


@pytest.fixture
def seeds(database: Database, tmp_path: Path) -> Iterator[Seeds]:
    assert database.name
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield seed_project(tmp_path / "plan")


def signed_in(person: Person, *, next_page: str = "") -> tuple[Client, str]:
    """Sign in by the form; gives the client, and where it was sent."""
    client = Client()
    told = {
        "login": person.login,
        "password": PASSWORD,
        "code": person.code(read_clock()),
        "next": next_page,
    }
    response = client.post("/sign-in/", told)
    return client, response.headers.get("Location", "")


@pytest.mark.threat("T-31")
def test_every_page_says_what_it_may_load_and_is_kept_by_nobody(seeds: Seeds) -> None:
    client, _ = signed_in(seeds.city)
    for path in ("/sign-in/", "/", "/desk/", f"/desk/{seeds.code}/", "/no-such-page/"):
        response = client.get(path)
        assert response.status_code != 400, path
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert response.headers["X-Frame-Options"] == "DENY", path
        assert response.headers["X-Content-Type-Options"] == "nosniff", path
        if path.startswith("/desk/"):
            assert response.headers["Cache-Control"] == "no-store", path


def test_no_page_has_a_script_or_a_style_of_its_own() -> None:
    """The policy would silence it; so would a page that rests on it fall silent."""
    for file in sorted(TEMPLATES.rglob("*.html")):
        if file.name == "_print_style.html":
            continue  # laid out on paper here, never sent to a browser
        text = file.read_text(encoding="utf-8")
        own = re.findall(r"<style|<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=", text)
        allowed = [found for found in own if 'type="application/' in found]
        assert own == allowed, file


@pytest.mark.threat("T-31")
@pytest.mark.parametrize("is_defended", [True, False])
def test_a_planted_script_runs_only_without_the_policy(
    browser: Browser, *, is_defended: bool
) -> None:
    page = browser.new_page()
    policy = content_policy(peak_url="http://127.0.0.1:1")

    def answer(route: Route) -> None:
        route.fulfill(
            body="<script>window.hasRun = true</script><p onclick='window.hasRun = true'>x</p>",
            content_type="text/html",
            headers={"Content-Security-Policy": policy} if is_defended else {},
        )

    page.route("**/*", answer)
    page.goto("http://site.invalid/")
    page.click("p")
    assert page.evaluate("window.hasRun === true") is not is_defended
    page.close()


@pytest.mark.threat("T-32")
def test_a_session_ends_on_the_server_and_begins_anew_with_each_sign_in(seeds: Seeds) -> None:
    client = Client()
    client.get("/sign-in/")
    client.cookies["sessionid"] = "fixed-by-an-attacker-0123456789ab"
    told = {"login": "city", "password": PASSWORD, "code": seeds.city.code(read_clock())}
    client.post("/sign-in/", told)
    stolen = client.cookies["sessionid"].value
    assert stolen != "fixed-by-an-attacker-0123456789ab"
    assert client.get("/desk/").status_code == 200
    client.post("/sign-out/")
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/desk/").status_code == 302


def test_cookies_are_closed_to_scripts_and_to_other_sites(seeds: Seeds) -> None:
    client, _ = signed_in(seeds.city)
    session = client.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert settings.CSRF_COOKIE_SAMESITE == "Strict"


def test_a_wrong_code_is_refused_in_words_that_do_not_tell_what_was_wrong(seeds: Seeds) -> None:
    told = {"login": "city", "password": PASSWORD, "code": "000000"}
    nobody = {"login": "nobody-here", "password": PASSWORD, "code": "000000"}
    answers = [Client().post("/sign-in/", given) for given in (told, nobody)]
    assert [answer.status_code for answer in answers] == [403, 403]
    parts = [re.search(r'role="alert".*?</section>', a.text, re.DOTALL) for a in answers]
    assert parts[0]
    assert parts[1]
    assert parts[0][0] == parts[1][0]
    assert "接下来" in parts[0][0]
    assert seeds.code


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "evil"])
def test_sign_in_leads_nowhere_else(seeds: Seeds, elsewhere: str) -> None:
    assert signed_in(seeds.city, next_page=elsewhere)[1] == "/desk/"


def test_sign_in_leads_back_to_the_page_that_asked(seeds: Seeds) -> None:
    asked = Client().get(f"/desk/{seeds.code}/draw/")
    assert asked.headers["Location"] == f"/sign-in/?next=/desk/{seeds.code}/draw/"
    wanted = f"/desk/{seeds.code}/draw/"
    assert signed_in(seeds.city, next_page=wanted)[1] == wanted


@pytest.mark.threat("T-31")
@pytest.mark.parametrize("is_defended", [True, False])
def test_a_form_of_another_site_changes_nothing(seeds: Seeds, *, is_defended: bool) -> None:
    signed, _ = signed_in(seeds.city)
    client = Client(enforce_csrf_checks=is_defended)
    client.cookies = signed.cookies
    response = client.post(f"/desk/{seeds.code}/scores/freeze/")
    assert response.status_code == (403 if is_defended else 303)
    if is_defended:
        assert "已经过期" in response.text


@pytest.mark.threat("T-23")
def test_another_district_project_answers_as_one_that_does_not_exist(seeds: Seeds) -> None:
    client, _ = signed_in(seeds.stranger)
    for rest in ("", "import/", "scores/", "draw/", "turns/"):
        foreign = client.get(f"/desk/{seeds.code}/{rest}")
        absent = client.get(f"/desk/XX-0000/{rest}")
        assert (foreign.status_code, absent.status_code) == (404, 404)
        told = foreign.text.replace(seeds.code, "XX-0000")
        # Each page carries a token of its own for its form.
        tokens = re.compile(r'csrfmiddlewaretoken" value="[^"]+"')
        assert tokens.sub("", told) == tokens.sub("", absent.text)


def test_large_print_is_kept_without_javascript(seeds: Seeds) -> None:
    client = Client()
    client.post("/print-size/", {"size": "large", "back": "/sign-in/"})
    assert 'data-print="large"' in client.get("/sign-in/").text
    client.post("/print-size/", {"size": "usual", "back": "/sign-in/"})
    assert "data-print" not in client.get("/sign-in/").text
    assert seeds.code


def test_every_colour_of_text_can_be_read_on_its_ground() -> None:
    for name, colours in colour_schemes(TOKENS.read_text(encoding="utf-8")).items():
        for text, ground in PAIRS:
            told = contrast(colours[text], colours[ground])
            assert told >= 4.5, (name, text, ground, round(told, 2))


def test_control_a_pale_text_is_found() -> None:
    assert contrast("#9db9d6", "#ffffff") < 4.5
    assert round(contrast("#000000", "#ffffff")) == 21


def colour_schemes(css: str) -> dict[str, dict[str, str]]:
    """Give the colours of light and dark, each also with more contrast."""
    schemes: dict[str, dict[str, str]] = {}
    for asked, block in re.findall(r"(@media[^{]*)?\{?\s*:root \{(.*?)\}", css, re.DOTALL):
        own = dict(re.findall(r"--([a-z-]+): *(#[0-9a-f]{6})", block))
        if not own:
            continue
        is_dark, is_strong = "dark" in asked, "contrast" in asked
        under = {} if not (is_dark or is_strong) else schemes["light"]
        if is_dark and is_strong:
            under = schemes["dark"]
        name = ("dark" if is_dark else "light") + (" strong" if is_strong else "")
        schemes[name] = {**under, **own}
    assert set(schemes) == {"light", "dark", "light strong", "dark strong"}
    return schemes


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours (WCAG 2.2, 1.4.3)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Give the relative luminance of a colour."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
