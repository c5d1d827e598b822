"""The clock is read in one file and chance is asked for in one file."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source_files import ROOT, dotted_names, place, python_files, read_tree

CLOCK = (
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.asctime",
    "time.clock_gettime",
    "time.clock_gettime_ns",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
    "time.time",
    "time.time_ns",
)
"""What tells the date or the hour. A stopwatch (``time.monotonic``) and a rest tell neither."""
CHANCE = (
    "cryptography",  # its keys and nonces come from the machine
    "gmssl_fast",
    "numpy.random",
    "os.getrandom",
    "os.urandom",
    "random",
    "secrets",
    "ssl.RAND_bytes",
    "uuid.uuid1",
    "uuid.uuid4",
)
CLOCK_FILE = "src/anju/foundation/core/clock.py"
CHANCE_FILE = "src/anju/foundation/core/crypto.py"
OWN_CLOCKS = {f"src/{program}/clock.py" for program in ("anju_departments", "anju_witness")}
OWN_KEYS = {f"src/{program}/keys.py" for program in ("anju_departments", "anju_witness")}
"""Programs of their own, not the platform's: their clock, and where they make their keys."""
PAGE_CHANCE = re.compile(r"Math\.random|Date\.now|new Date\(\)|getRandomValues|randomUUID")

READERS_CLOCK = {"src/anju/titles/certificates/standalone/verify_certificate.html": 2}
"""How old the register's word is, only the reader's own clock can tell; how often it is asked."""


def uses(tree: ast.Module, banned: tuple[str, ...]) -> list[str]:
    """Give the banned names a module uses, with their lines."""
    return sorted(
        {
            f"{line}: {name}"
            for line, name in dotted_names(tree)
            if any(name == word or name.startswith(word + ".") for word in banned)
        }
    )


def test_the_clock_is_read_in_one_file_only() -> None:
    found = {
        place(file): uses(read_tree(file), CLOCK)
        for file in python_files("src")
        if place(file) not in {CLOCK_FILE, *OWN_CLOCKS}
    }
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert uses(read_tree(ROOT / CLOCK_FILE), CLOCK)  # and it is read there


def test_chance_is_asked_for_in_one_file_only() -> None:
    found = {
        place(file): uses(read_tree(file), CHANCE)
        for file in python_files("src")
        if place(file) not in {CHANCE_FILE, *OWN_KEYS}
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_pages_ask_neither_the_clock_nor_chance() -> None:
    found = {
        place(file): asked
        for kind in ("*.js", "*.html")
        for file in sorted((ROOT / "src").rglob(kind))
        if "vendor" not in file.parts
        and (asked := PAGE_CHANCE.findall(file.read_text(encoding="utf-8")))
    }
    assert found == {file: ["Date.now"] * times for file, times in READERS_CLOCK.items()}


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import datetime\ndatetime.now()",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from datetime import date\nwhen = date.today",
        "import time\ntime.time()",
        "from time import time_ns",
    ],
)
def test_control_a_planted_clock_is_found(planted: str) -> None:
    assert uses(ast.parse(planted), CLOCK)
    assert not uses(ast.parse("from datetime import date\ndate(2026, 6, 1)"), CLOCK)


@pytest.mark.parametrize(
    "planted",
    [
        "import random",
        "from random import shuffle",
        "import os\nos.urandom(16)",
        "from os import urandom as salt",
        "import uuid\nuuid.uuid4()",
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM",
        "import numpy as np\nnp.random.default_rng()",
    ],
)
def test_control_planted_chance_is_found(planted: str) -> None:
    assert uses(ast.parse(planted), CHANCE)
    assert not uses(ast.parse("import os\nos.environ"), CHANCE)


def test_control_a_page_with_chance_is_found() -> None:
    assert PAGE_CHANCE.search("homes.sort(() => Math.random() - 0.5)")
    assert not PAGE_CHANCE.search("new Date(manifest.freeze_at)")


def test_no_test_judges_by_a_stopwatch() -> None:
    """Speed is shown by the benchmarks: a loaded machine must not make a right program fail."""
    watches = re.compile(r"\b(perf_counter|process_time|thread_time|timeit)\b")
    own = "test_clock_and_chance.py"
    found = [
        place(file)
        for file in sorted((ROOT / "tests").rglob("*.py"))
        if file.name != own and watches.search(file.read_text(encoding="utf-8"))
    ]
    assert found == []
