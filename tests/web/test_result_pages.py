"""The result pages, opened from disk in a real browser."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from anju.resettlement.offline import pages
from anju.resettlement.offline.pages import markup, write_pages
from anju_rules.values import Refusal
from tests.support.pages import overhang
from tests.support.result_pages import CHECKED, read_rows, run_checks
from tests.support.sample_bundle import Sample, write_sample_bundle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import Opened

pytestmark = [pytest.mark.req("DRW-3"), pytest.mark.enable_socket]

HOSTILE = (
    '<img src=x onerror="window.ANJU_RUN=(window.ANJU_RUN||0)+1">'
    "</script><script>window.ANJU_RUN=(window.ANJU_RUN||0)+1</script>\u2028\"'&"
)


def test_the_page_opens_from_disk_without_complaint_and_loads_nothing_from_elsewhere(
    small: Path, open_page: Callable[..., Opened]
) -> None:
    opened = open_page(small / "index.html")
    page = opened.page
    assert page.evaluate("document.documentElement.dataset.ready") == "yes"
    placed = sum(1 for row in read_rows(small, "choices.json") if row["units"])
    assert page.inner_text("h1") == f"一共 60 户，{placed} 户已选定，{60 - placed} 户等待现场选房"
    assert page.locator("button.cell").count() == len(read_rows(small, "units.json"))
    assert run_checks(page).startswith(f"✓ 本页核验的 {CHECKED} 项全部一致")
    assert opened.complaints == []
    assert all(url.startswith("file://") for url in opened.requests)


def test_a_rehearsal_says_so_in_the_header_in_every_sheet_and_in_the_title(
    small: Path, tmp_path: Path, open_page: Callable[..., Opened]
) -> None:
    page = open_page(small / "index.html").page
    assert page.title().startswith("【演练】")
    assert page.locator(".top .pill", has_text="演练").is_visible()
    assert "不产生任何效力" in page.inner_text(".rehearsal")
    page.locator(".c-ticket button").first.click()
    expect(page.locator("#sheet .pill", has_text="演练")).to_be_visible()
    real = write_sample_bundle(tmp_path / "real", Sample(rehearsal=False))
    write_pages(real)
    page = open_page(real / "index.html").page
    page.locator(".c-ticket button").first.click()
    assert page.get_by_text("演练", exact=True).count() == 0
    page.keyboard.press("Escape")
    assert run_checks(page).startswith("✓")


def test_a_homes_file_opens_by_keyboard_and_names_who_chose_it(
    small: Path, load_page: Callable[[Path], Page]
) -> None:
    page = load_page(small / "index.html")
    first = page.locator(".house").first.locator("button.cell").first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    number = page.evaluate("document.activeElement.dataset.unit")
    assert number.endswith("-05-02"), "one to the right and one storey down from the top left"
    taken = next(row for row in read_rows(small, "choices.json") if row["units"])
    page.locator(f"button.cell[data-unit='{taken['units'][0]}']").focus()
    page.keyboard.press("Enter")
    sheet = page.locator("#sheet")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text(str(taken["ticket"]))
    page.keyboard.press("Escape")
    assert not sheet.is_visible()
    assert page.evaluate("document.activeElement.dataset.unit") == taken["units"][0]


def test_a_homes_name_always_tells_its_storey(
    small: Path, load_page: Callable[[Path], Page]
) -> None:
    page = load_page(small / "index.html")
    for floor, room, said in (
        (27, "2701", "5 号楼 1 单元 2701"),
        (27, "01", "5 号楼 1 单元 27 层 01"),
        (1, "12", "5 号楼 1 单元 1 层 12"),
        (None, "甲", "5 号楼 1 单元 甲"),
    ):
        home = {"number": "x", "building": "5", "stair": "1", "floor": floor, "room": room}
        assert page.evaluate("home => Anju.words.sayHome(home)", home) == said


def test_homes_without_a_floor_are_listed(small: Path, load_page: Callable[[Path], Page]) -> None:
    page = load_page(small / "index.html")
    assert "没有楼层记录的房源（3）" in page.inner_text("#homes")
    assert page.locator(".floorless button").count() == 3
    page.click("#homes-switch [data-key=list]")
    assert page.inner_text("#homes .count") == "共 72 行"


def test_a_households_sheet_explains_score_wishes_draw_and_proof(
    small: Path, load_page: Callable[[Path], Page]
) -> None:
    page = load_page(small / "index.html")
    ticket = next(row["ticket"] for row in read_rows(small, "choices.json") if row["refused"])
    page.fill("#find-text", str(ticket).lower())
    page.click("#find button")
    page.wait_for_selector("#sheet .score tfoot")
    page.wait_for_selector("#sheet section .seed")
    said = page.inner_text("#sheet")
    assert re.search("轮到时已被前面的住户选走|合计面积超出|仍为特殊需要", said)
    assert "《柳岸新村选房方案》第九条" in said
    assert "户籍人口" in said
    page.click("#sheet .seal")
    assert "核对一致" in page.locator("#sheet .proof .verdict").inner_text()


def test_a_link_to_one_household_opens_its_sheet(
    small: Path, load_page: Callable[[Path], Page]
) -> None:
    page = load_page(small / "index.html")
    ticket = read_rows(small, "roster.json")[7]["ticket"]
    page.goto((small / "index.html").as_uri() + f"#t={ticket}")
    page.reload()
    expect(page.locator("#sheet")).to_contain_text(str(ticket))


def test_nothing_scrolls_sideways(small: Path, load_page: Callable[[Path], Page]) -> None:
    page = load_page(small / "index.html")
    run_checks(page)
    for details in page.locator("details > summary").all():
        details.click()
    page.click("#homes-switch [data-key=list]")
    for width in (390, 700, 1080, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(300)
        for key in ("order", "results"):
            page.click(f"#lists-switch [data-key={key}]")
            assert overhang(page) <= 0, width
        page.locator("#lists-view .seal").first.click()
        page.wait_for_selector("#sheet .proof .verdict")
        assert overhang(page) <= 0, width
        assert page.evaluate(
            "(s => s.scrollWidth <= s.clientWidth)(document.querySelector('#sheet'))"
        )
        page.keyboard.press("Escape")


def test_without_javascript_figures_and_results_still_stand(
    small: Path, open_page: Callable[..., Opened]
) -> None:
    page = open_page(small / "index.html", javascript=False).page
    assert "一共 60 户" in page.inner_text("h1")
    assert page.locator("noscript tbody tr").count() == 60
    assert "choices.json" in page.inner_text("noscript")
    assert page.locator(".draw .seed").count() == 2


def test_an_empty_project_has_words_for_every_part(
    tmp_path: Path, open_page: Callable[..., Opened]
) -> None:
    folder = write_sample_bundle(tmp_path, Sample(households=0, homes=0, floorless=0))
    write_pages(folder)
    opened = open_page(folder / "index.html")
    assert opened.page.inner_text("h1") == "名单里还没有住户"
    assert "房源表是空的" in opened.page.inner_text("#homes")
    assert "名单里还没有住户" in opened.page.inner_text("#lists")
    assert run_checks(opened.page).startswith("✓")
    assert opened.complaints == []


def test_a_lottery_shows_no_scores(tmp_path: Path, open_page: Callable[..., Opened]) -> None:
    folder = write_sample_bundle(tmp_path, Sample(mode="lottery"))
    write_pages(folder)
    opened = open_page(folder / "index.html", phone=True)
    assert opened.page.locator(".c-score").count() == 0
    assert run_checks(opened.page).startswith("✓")
    assert opened.complaints == []


def open_everything(page: Page) -> int:
    """Walk through every part of the page and count how often the payload ran."""
    page.wait_for_timeout(200)
    page.evaluate(
        "window.Anju && Anju.facade.open && document.querySelector('button.cell').click()"
    )
    page.wait_for_timeout(100)
    page.keyboard.press("Escape")
    for key in ("order", "results"):
        page.click(f"#lists-switch [data-key={key}]")
    page.click("#homes-switch [data-key=list]")
    page.locator("#lists-view .seal").first.click()
    page.wait_for_selector("#sheet .score tfoot")
    page.wait_for_timeout(200)
    page.keyboard.press("Escape")
    run_checks(page)
    return int(page.evaluate("window.ANJU_RUN || 0"))


@pytest.mark.threat("T-31")
def test_no_text_of_the_bundle_is_ever_run(
    tmp_path: Path, open_page: Callable[..., Opened]
) -> None:
    """The payload stands in every free text: project, community, layout, name, street, clause."""
    folder = write_sample_bundle(tmp_path, Sample(payload=HOSTILE))
    write_pages(folder)
    opened = open_page(folder / "index.html")
    assert open_everything(opened.page) == 0
    assert opened.page.locator("img").count() == 0
    assert "<img src=x" in opened.page.inner_text(".ask .muted"), "shown as the text it is"
    assert opened.complaints == []
    unguarded = Path(shutil.copytree(folder, tmp_path / "unguarded"))
    drop_policy(unguarded)
    assert open_everything(open_page(unguarded / "index.html").page) == 0, (
        "escaping alone must hold"
    )


@pytest.mark.threat("T-31")
def test_with_the_defence_off_the_payload_does_run(
    tmp_path: Path, open_page: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_sample_bundle(tmp_path, Sample(payload=HOSTILE))
    monkeypatch.setattr(markup, "escape", str)
    write_pages(folder)
    guarded = open_page(folder / "index.html").page
    assert guarded.evaluate("window.ANJU_RUN || 0") == 0, "the policy alone must hold"
    drop_policy(folder)
    page = open_page(folder / "index.html").page
    page.wait_for_function("window.ANJU_RUN > 0", polling=100)


def drop_policy(folder: Path) -> None:
    """Take the content security policy out of the page."""
    index = folder / "index.html"
    text = index.read_text(encoding="utf-8")
    without = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text)
    assert without != text
    index.write_text(without, encoding="utf-8")


def test_every_text_colour_meets_aa_in_light_and_dark(
    small: Path, load_page: Callable[[Path], Page]
) -> None:
    page = load_page(small / "index.html")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        poor = page.evaluate(CONTRAST)
        assert poor == [], f"{scheme}: {poor}"


# For each pair of tokens used for text: the WCAG 2 contrast ratio; gives the pairs under 4.5.
CONTRAST = """() => {
  const styles = getComputedStyle(document.documentElement);
  const light = (name) => {
    const hex = styles.getPropertyValue(name).trim().slice(1);
    const [r, g, b] = [0, 2, 4].map((i) => parseInt(hex.substr(i, 2), 16) / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pairs = `ink/wall ink/paper ink/mist slate/wall slate/paper slate/mist slate/amber-soft
    slate/jade-soft jade/paper jade/jade-soft on-jade/jade-ground amber/amber-soft sky/sky-soft
    seal/seal-soft on-home/free on-home/taken on-home/reserved ink/amber-soft ink/jade-soft
    wall/ink`.trim().split(/\\s+/).map((pair) => pair.split('/'));
  return pairs.map(([a, b]) => {
    const [x, y] = [light('--' + a), light('--' + b)];
    return [a, b, (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)];
  }).filter((pair) => !(pair[2] >= 4.5));
}"""


def test_printing_gives_the_whole_list_found(
    small: Path, load_page: Callable[[Path], Page]
) -> None:
    page = load_page(small / "index.html")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#lists-view tbody tr").count() == 60
    page.emulate_media(media="print")
    assert not page.locator("#find").is_visible()
    assert page.locator(".rehearsal").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#lists-view tbody tr").count() == 25


def test_the_same_bundle_gives_the_same_bytes(small: Path, copied: Path) -> None:
    write_pages(copied)
    for name in ["index.html", *(f"assets/{path.name}" for path in (small / "assets").iterdir())]:
        assert (small / name).read_bytes() == (copied / name).read_bytes()


def test_the_manifest_may_be_finished_after_the_pages(copied: Path) -> None:
    before = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    script = (copied / "assets" / "data-manifest.js").read_bytes()
    listed = dict(before["files"])
    for files in ({}, {**listed, "index.html": "0" * 64}):
        unfinished = json.dumps({**before, "files": files}, sort_keys=True, ensure_ascii=False)
        (copied / "manifest.json").write_text(unfinished, encoding="utf-8")
        write_pages(copied)
        assert (copied / "assets" / "data-manifest.js").read_bytes() == script


def test_a_missing_file_of_the_bundle_is_refused(copied: Path) -> None:
    (copied / "order.json").unlink()
    with pytest.raises(Refusal, match=re.escape("pages.file-missing (file=order.json)")):
        write_pages(copied)
    (copied / "order.json").write_text("[", encoding="utf-8")
    with pytest.raises(Refusal, match=re.escape("pages.file-unreadable (file=order.json)")):
        write_pages(copied)


def test_no_file_of_the_pages_is_over_four_hundred_lines() -> None:
    folder = Path(pages.__file__).parent
    for path in [*folder.glob("*.py"), *(folder / "static").iterdir()]:
        if path.is_file():
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name
