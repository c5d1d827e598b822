"""Derive and verify one draw of 100,000 and 1,000,000 tickets, beside a bare loop of SM3 digests.

Each piece of work runs in a process of its own, so that its peak memory is its own. The yardstick
digests, in the same run, messages of the same lengths as often: a leaf, a node and a key a ticket.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from anju.foundation.draws.standalone import verify_draw
from anju.foundation.draws.verifiers import VERIFIERS
from anju_rules.draw_bundle import judge_bundle, write_bundle
from anju_rules.draws import derive_draw
from bench.measure import ROOT, report, seconds_of
from tests.support.draw_bundles import make_bundle, make_draw

ALONE: Any = verify_draw
SIZES = (100_000, 1_000_000)
LENGTHS = (1 + 4 + 8 + 4 + 32, 65, 4 + 16 + 4 + 32 + 4 + 8)
CHROMIUM = "/usr/bin/chromium"
IN_PAGE = """async () => {
  const raw = new Uint8Array(await document.getElementById('file').files[0].arrayBuffer());
  const start = performance.now(), number = judge(raw);
  return [number, (performance.now() - start) / 1000,
    performance.memory ? performance.memory.usedJSHeapSize : 0];
}"""


def digest_bare(size: int) -> None:
    """Digest ``size`` messages of each length, and nothing else."""
    copy = hashlib.new("sm3").copy
    for length in LENGTHS:
        message = b"x" * length
        for _ in range(size):
            state = copy()
            state.update(message)
            state.digest()


def measure(work: str, size: int, file: Path) -> tuple[float, int]:
    """Give the seconds of one piece of work and the peak memory of its process in MiB."""
    if work == "browser":
        return measure_browser(file)
    works: dict[str, Callable[[], object]]
    if work == "derive":
        draw = make_draw(size=size, disputed=0)
        works = {"derive": lambda: derive_draw(draw)}
    else:
        raw = file.read_bytes()
        works = {
            "rules": lambda: _valid(judge_bundle(raw).number),
            "python": lambda: _valid(ALONE.judge(raw)),
        }
    seconds = seconds_of(works[work])
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure_browser(file: Path) -> tuple[float, int]:
    """Give the seconds the page takes, and its heap afterwards in MiB."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.goto(VERIFIERS["verify_draw.html"].as_uri())
        page.set_input_files("#file", file)
        number, seconds, heap = page.evaluate(IN_PAGE)
        browser.close()
    _valid(number)
    return seconds, int(heap) >> 20


def _valid(number: int) -> None:
    if number:
        raise SystemExit(f"check {number} fails")


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure every piece of work at every size."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "draw.json"
            file.write_bytes(write_bundle(make_bundle(size=size, disputed=0)))
            bare = seconds_of(lambda: digest_bare(size))  # noqa: B023
            for work in ("derive", "rules", "python", "browser"):
                told = subprocess.run(
                    [sys.executable, "-m", "bench.draw_verify", work, str(size), str(file)],
                    check=True,
                    capture_output=True,
                    text=True,
                    cwd=ROOT,
                )
                seconds, memory = json.loads(told.stdout)
                report(
                    name=f"draw-{work}-{size}",
                    value=round(seconds, 2),
                    unit="s",
                    yardstick=round(bare, 2),
                    ratio=round(seconds / bare, 2),
                    yardstick_is=f"a bare loop of {3 * size} SM3 digests of the same lengths",
                    memory_mib=memory,
                )


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
    else:
        main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
