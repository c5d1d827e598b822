"""Asking a server for one page as fast as it answers: ``wrk``, pinned the same way for everyone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 64
SERVERS, GENERATOR = {0}, {1}
"""The cores on which servers and generator run."""
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one round of asking found."""

    a_second: float
    p99_ms: float
    faults: int
    """Lines that broke, answers other than 2xx and 3xx."""
    cpu_us: float
    """Processor time of the server's processes, for one request."""


def find_wrk() -> str | None:
    """Give the path of ``wrk`` (Debian's package of that name), or None."""
    return shutil.which("wrk")


def ask_for_a_while(
    url: str, *, accept_encoding: str, seconds: int, server: int, wrk: str
) -> Answered:
    """Ask over and over on 64 lines for so many seconds; ``server`` is its first process."""
    before = cpu_seconds(server)
    told = subprocess.run(
        [
            *(wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "5s"),
            *("-H", f"Accept-Encoding: {accept_encoding}", url),
        ],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: pin(0, GENERATOR),
    ).stdout
    used = cpu_seconds(server) - before
    requests = int(_read(r"(\d+) requests in", told))
    faults = sum(
        int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", told)
    )
    faults += int(_read(r"Non-2xx or 3xx responses: (\d+)", told, default="0"))
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", told)
    return Answered(
        a_second=float(_read(r"Requests/sec:\s+([\d.]+)", told)),
        p99_ms=float(slow[1]) * _UNITS[slow[2]] if slow else 0.0,
        faults=faults,
        cpu_us=round(1_000_000 * used / max(1, requests), 1),
    )


def pin(pid: int, cores: set[int]) -> None:
    """Keep a process on its cores, where there are two: neither server gets the generator's."""
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(pid, cores)


def cpu_seconds(first: int) -> float:
    """Give the processor time that a process and its children have used (Linux)."""
    ticks = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                told = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            if first in (int(folder.name), int(told[1])):
                ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _read(pattern: str, told: str, *, default: str = "") -> str:
    found = re.search(pattern, told)
    if found is None and not default:
        raise SystemExit(f"wrk said nothing of {pattern}:\n{told}")
    return found[1] if found else default
