"""A building on a cheap phone: when its table can be read, and what turning the solid view costs.

Chromium at 390 px, its processor slowed six times (CDP ``setCPUThrottlingRate``), asks for a
building of 216 homes. ``building-table`` is the milliseconds until the first row of the storey
table is drawn, beside the same page without its script. ``building-turning`` is the milliseconds of
script for each frame while the solid view turns, beside the same page scrolled by its table.
``building-wire`` is the kilobytes that three.js takes on the wire, beside its size as it lies.
Frames are drawn by whatever stands for a graphics card here: ``main_thread_ms`` holds that too.
"""

from __future__ import annotations

from importlib import import_module
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.installations import quick_database, scratch_folder
from bench.measure import ROOT, report

HOMES, HOUSEHOLDS = 216, 40
SLOWED = 6
ROUNDS = 5
FRAMES = 60
PHONE: ViewportSize = {"width": 390, "height": 844}
CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
_NOTE_FIRST_ROW = """
const look = () => {
  if (document.querySelector(".floors tbody tr")) window.seenAt = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
_TURN = """async (frames) => {
  const view = document.querySelector("[data-view]");
  for (let frame = 0; frame < frames; frame += 1) {
    view.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    await new Promise(requestAnimationFrame);
  }
}"""
_SCROLL = """async (frames) => {
  for (let frame = 0; frame < frames; frame += 1) {
    window.scrollBy(0, frame % 2 ? -40 : 40);
    await new Promise(requestAnimationFrame);
  }
}"""


def main() -> None:
    """Measure, and print three lines."""
    # Playwright's loop runs in this thread, and Django would take every query for asynchronous.
    with scratch_folder() as folder, quick_database(DJANGO_ALLOW_ASYNC_UNSAFE="1"):
        site = import_module("tests.support.site")
        seeds = site.seed_project(folder / "example", homes=HOMES, households=HOUSEHOLDS)
        seeds.register("units")
        with site.serve_site() as address:
            measure(f"{address}/p/{seeds.code}/building/")


def measure(address: str) -> None:
    """Measure the page and report."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=SWITCHES)
        bare = median(_first_row(browser, address, is_scripted=False) for _ in range(ROUNDS))
        full = median(_first_row(browser, address, is_scripted=True) for _ in range(ROUNDS))
        report(
            "building-table",
            round(full),
            "ms",
            round(bare),
            round(full / bare, 2),
            statistic="median",
            rounds=ROUNDS,
            slowed=SLOWED,
            width=PHONE["width"],
            homes=HOMES,
        )
        _measure_turning(browser, address)
        browser.close()


def _measure_turning(browser: Browser, address: str) -> None:
    page = _open(browser)
    network: dict[str, int] = {}
    talk = page.context.new_cdp_session(page)
    talk.send("Network.enable")
    urls: dict[str, str] = {}
    talk.on(
        "Network.responseReceived", lambda told: urls.update({told["requestId"]: _name_of(told)})
    )
    talk.on(
        "Network.loadingFinished",
        lambda told: network.update({urls.get(told["requestId"], ""): told["encodedDataLength"]}),
    )
    page.goto(address)
    before, before_in_all = _ms_a_frame(page, _SCROLL)
    page.locator("[data-show-solid]").click()
    page.wait_for_selector("[data-solid-is='drawn'], [data-solid-is='none']", timeout=60_000)
    if page.locator("[data-solid-is='drawn']").count():
        turning, in_all = _ms_a_frame(page, _TURN)
        report(
            "building-turning",
            round(turning, 2),
            "ms of script a frame",
            round(before, 2),
            round(turning / before, 2),
            frames=FRAMES,
            slowed=SLOWED,
            main_thread_ms=round(in_all, 1),
            yardstick_main_thread_ms=round(before_in_all, 1),
            draw_calls=page.locator("[data-view]").get_attribute("data-calls"),
        )
    three = {name: size for name, size in network.items() if name.startswith("three.")}
    vendor = ROOT / "src/anju/web/static/vendor"
    sizes = {name: (vendor / name).stat().st_size for name in three}
    sent, lies = sum(three.values()) / 1000, sum(sizes.values()) / 1000
    report("building-wire", round(sent, 1), "kB", round(lies, 1), round(sent / lies, 2))
    page.context.close()


def _first_row(browser: Browser, address: str, *, is_scripted: bool) -> float:
    """Give the milliseconds from asking for the page until its first row is drawn."""
    page = _open(browser)
    if not is_scripted:
        page.route("**/anju/building.js", lambda route: route.abort())
    page.add_init_script(_NOTE_FIRST_ROW)
    page.goto(address)
    page.wait_for_function("window.seenAt")
    seen = float(page.evaluate("window.seenAt"))
    page.context.close()
    return seen


def _open(browser: Browser) -> Page:
    page = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    talk = page.context.new_cdp_session(page)
    talk.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    return page


def _ms_a_frame(page: Page, script: str) -> tuple[float, float]:
    """Give what each frame costs the main thread: scripts alone, and everything."""
    talk = page.context.new_cdp_session(page)
    talk.send("Performance.enable")
    page.evaluate(script, 5)
    begun = _seconds(talk)
    page.evaluate(script, FRAMES)
    ended = _seconds(talk)
    return (
        1000 * (ended["ScriptDuration"] - begun["ScriptDuration"]) / FRAMES,
        1000 * (ended["TaskDuration"] - begun["TaskDuration"]) / FRAMES,
    )


def _seconds(talk: Any) -> dict[str, float]:  # noqa: ANN401 - Playwright's session has no public type
    told = talk.send("Performance.getMetrics")["metrics"]
    return {one["name"]: float(one["value"]) for one in told}


def _name_of(told: dict[str, Any]) -> str:
    return str(told["response"]["url"]).rpartition("/")[2]


if __name__ == "__main__":
    main()
