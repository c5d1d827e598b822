"""Tests name real rows of the requirements; what no test names yet is printed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source_files import ROOT, place, python_files, read_tree

SPECIFICATION = ROOT.parent / "shared"
LISTS = {
    "req": ("spec/requirements.md", r"^\| ([A-Z]{3}-\d+) \|"),
    "pitfall": ("spec/pitfalls.md", r"^\| (P\d+) \|"),
    "threat": ("threats.md", r"^\| (T-\d+) \|"),
}


def named_ids(tree: ast.Module, marker: str) -> set[str]:
    """Give the ids that tests of a module name with ``pytest.mark.<marker>``."""
    return {
        str(argument.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == marker
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "mark"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }


def listed_ids(marker: str) -> set[str]:
    """Give the ids of the real list, or skip and say which file is missing."""
    relative, row = LISTS[marker]
    file: Path = SPECIFICATION / relative
    if not file.exists():
        pytest.skip(f"the list of ids is missing: {relative} (looked in {SPECIFICATION})")
    return set(re.findall(row, file.read_text(encoding="utf-8"), flags=re.MULTILINE))


@pytest.mark.parametrize("marker", sorted(LISTS))
def test_ids_that_tests_name_are_real(marker: str) -> None:
    real = listed_ids(marker)
    assert real
    named: set[str] = set()
    invented = {}
    for file in python_files("tests"):
        ids = named_ids(read_tree(file), marker)
        named |= ids
        if ids - real:
            invented[place(file)] = sorted(ids - real)
    print(f"{marker}: {len(named & real)} of {len(real)} are named by a test")  # noqa: T201
    print("not named yet: " + " ".join(sorted(real - named)))  # noqa: T201
    assert invented == {}


def test_control_an_invented_id_is_found() -> None:
    planted = ast.parse(
        "import pytest\n"
        "pytestmark = [pytest.mark.req('SCO-2')]\n"
        "@pytest.mark.req('ZZZ-99', 'INV-8')\n"
        "def test_nothing(): ...\n"
    )
    assert named_ids(planted, "req") == {"SCO-2", "ZZZ-99", "INV-8"}
    assert named_ids(planted, "pitfall") == set()
