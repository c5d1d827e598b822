"""What every benchmark shares: where it ran, on which commit, and its one JSON line."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def describe_machine() -> str:
    """Say on what a figure was measured: processor, cores, Python."""
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def read_commit() -> str:
    """Give the commit measured, marked where the checkout differs; ``unknown`` without one."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return f"{commit}+changes" if _git("status", "--porcelain") else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def seconds_of(work: Callable[[], object]) -> float:
    """Measure one run of ``work``, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def percentile(values: Sequence[float], percent: int) -> float:
    """Give the one of the values that so many percent of them stay under."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def report(
    name: str, value: float, unit: str, yardstick: float, ratio: float, **extra: object
) -> None:
    """Print a benchmark's one JSON line; ``yardstick`` is measured in the same run and unit."""
    line = {
        "name": name,
        "value": value,
        "unit": unit,
        "yardstick": yardstick,
        "ratio": ratio,
        "machine": describe_machine(),
        "commit": read_commit(),
        **extra,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _git(*arguments: str) -> str:
    # LC_ALL: porcelain output is read, not shown.
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    ).stdout.strip()
