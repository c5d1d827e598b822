"""Screens held at once, and how long after a choice the last of them shows it.

The whole platform runs; up to 10,000 streams listen to one wall: as many as the machine's open
files allow, and as can be opened in two minutes; the line says how many, and what limited them. A
desk chooses over the API for at most ninety seconds. The delay of a choice is counted from the
moment its request was sent, so commit, publisher, file and stream are all in it, to its revision's
arrival at each screen. The value is the 95th percentile over all screens and choices, the aim one
second; the yardstick is the same with one hundred screens, measured first.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from bench.asking import cpu_seconds
from bench.installations import leaving_nothing
from bench.measure import percentile, report
from tests.support.desk_load import DEMO, DeskLoad
from tests.support.running import Platform, run_platform, wait_until

STREAMS = int(os.environ.get("ANJU_BENCH_STREAMS", "10000"))
FEW = 100
CHOICES = int(os.environ.get("ANJU_BENCH_CHOICES", "10"))
SPARE_FILES = 500
BETWEEN_SECONDS = 1.0
AIM_SECONDS = 1.0
OPENING_SECONDS = 120.0
CHOOSING_SECONDS = 90.0
"""A round goes on until it has its choices, and no longer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """What one round found."""

    streams: int
    """Screens that showed something before the first choice."""
    limited_by: str
    lost: int
    choices: int
    unseen: int
    """Screens, over all choices, that never got its own revision; a later one may hold it."""
    on_screen_s: list[float]
    """Of each choice at each screen."""
    last_s: list[float]
    """Of each choice, at the last screen."""
    cpu_us: float
    """Processor time of the peak for one message to one screen, signs of life among them."""

    def percentile(self, percent: int) -> float:
        """Give the delay that so many percent stay under, in seconds."""
        return round(percentile(self.on_screen_s, percent), 3)

    @property
    def in_time_percent(self) -> float:
        """Give the share of arrivals within the aim; those that failed are late."""
        in_time = sum(delay <= AIM_SECONDS for delay in self.on_screen_s)
        return round(100 * in_time / max(1, len(self.on_screen_s) + self.unseen), 2)


def main() -> None:
    """Measure, and report."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    streams = min(STREAMS, hard - SPARE_FILES)
    with leaving_nothing(), run_platform(homes=240, households=200) as platform:
        few = measure(platform, FEW)
        many = measure(platform, streams)
    value, yardstick = many.percentile(95), few.percentile(95)
    report(
        "streams",
        value,
        "s",
        yardstick,
        round(value / yardstick, 2),
        statistic="p95 over screens and choices, from the sending of the choice",
        yardstick_is=f"the same with {FEW} screens",
        aim_s=AIM_SECONDS,
        in_time_percent=many.in_time_percent,
        in_time_percent_of_few=few.in_time_percent,
        streams_asked=STREAMS,
        streams=many.streams,
        limited_by=many.limited_by if streams == STREAMS else f"{hard} open files",
        unseen=many.unseen,
        lost=many.lost,
        choices=many.choices,
        median_s=many.percentile(50),
        p99_s=many.percentile(99),
        p99_s_of_few=few.percentile(99),
        last_screen_worst_s=round(max(many.last_s), 3),
        last_screen_median_s=round(percentile(many.last_s, 50), 3),
        peak_cpu_us_a_message=many.cpu_us,
        load_before=round(os.getloadavg()[2], 1),
    )


def measure(platform: Platform, streams: int) -> Delays:
    """Hold so many screens while a desk chooses; give how late each was told."""
    load = DeskLoad(platform, pause_seconds=BETWEEN_SECONDS)
    command = ["-m", "bench.listening", str(platform.peak_port), DEMO, str(streams), "1"]
    command.append(str(OPENING_SECONDS))
    with subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as screens:
        assert screens.stdout is not None  # noqa: S101 - piped
        assert screens.stdin is not None  # noqa: S101 - piped
        opened = json.loads(screens.stdout.readline())
        peak = platform.pid_of("peak") or 0
        used = cpu_seconds(peak)
        person = threading.Thread(target=load.run, daemon=True)
        person.start()
        wait_until(lambda: len(load.asked_at) >= CHOICES, seconds=CHOOSING_SECONDS)
        load.is_over.set()
        person.join(timeout=60)
        time.sleep(3)
        used = cpu_seconds(peak) - used
        screens.stdin.write("\n")
        screens.stdin.flush()
        told = json.loads(screens.stdout.readline())
    if not load.asked_at:
        raise SystemExit(f"nobody chose a home in {CHOOSING_SECONDS:g} s")
    return delays_of(load, told, used=used, **opened)


def delays_of(
    load: DeskLoad,
    told: dict[str, dict[str, list[float]]],
    *,
    used: float,
    shown: int,
    limited_by: str,
) -> Delays:
    """Set each choice beside the first revision that shows its home as taken."""
    taken = {int(revision): int(str(count)) for revision, count in told["taken"].items()}
    on_screen: list[float] = []
    last: list[float] = []
    unseen = 0
    for number, asked_at in enumerate(load.asked_at, start=1):
        showing = [revision for revision, count in taken.items() if count >= number]
        if not showing:
            unseen += shown
            continue
        arrived = told["arrived"][str(min(showing))]
        unseen += max(0, shown - len(arrived))
        on_screen += [at - asked_at for at in arrived]
        last.append(max(arrived) - asked_at)
    if not last:
        raise SystemExit(f"none of {len(load.asked_at)} choices was shown on any screen")
    return Delays(
        streams=shown,
        limited_by=limited_by,
        unseen=unseen,
        lost=int(str(told["lost"])),
        choices=len(load.asked_at),
        on_screen_s=on_screen,
        last_s=last,
        cpu_us=round(1_000_000 * used / sum(map(len, told["arrived"].values())), 1),
    )


if __name__ == "__main__":
    main()
