"""Run one benchmark of bench/, or all of them; each prints one JSON line, which is checked here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent / "bench"
SHARED = {
    *("__init__", "asking", "copies", "crowds", "installations", "listening", "measure", "pgbench"),
    *("serving", "title_city"),
}
"""Files that serve benchmarks and are none."""
KEYS = ("name", "value", "unit", "yardstick", "ratio", "machine", "commit")


def main(wanted: list[str]) -> int:
    """Run the benchmarks named, e.g. ``draw-million``, or all; 1 if one fails."""
    files = sorted(file for file in BENCH.glob("*.py") if file.stem not in SHARED)
    named = {file.stem.replace("_", "-"): file for file in files}
    unknown = [name for name in wanted if name not in named]
    if unknown:
        sys.stderr.write(f"No benchmark {', '.join(unknown)}. There are: {', '.join(named)}\n")
        return 1
    return max((run_one(named[name]) for name in wanted or named), default=0)


def run_one(file: Path) -> int:
    """Run one file, pass its JSON line on; 0 if it is whole."""
    finished = subprocess.run(
        [sys.executable, "-m", f"bench.{file.stem}"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=BENCH.parent,
    )
    lines = finished.stdout.strip().splitlines()
    if finished.returncode or not lines:
        sys.stderr.write(f"{file.name} failed (exit code {finished.returncode})\n{finished.stdout}")
        return 1
    for line in lines:
        sys.stdout.write(line + "\n")
        try:
            missing = [key for key in KEYS if key not in json.loads(line)]
        except ValueError:
            missing = list(KEYS)
        if missing:
            sys.stderr.write(f"{file.name}: this line lacks {', '.join(missing)}\n")
            return 1
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
