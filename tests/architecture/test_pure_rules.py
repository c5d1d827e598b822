"""The rules stand alone, read nothing, and count exactly."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.architecture.source_files import place, python_files, read_tree

PURE_LIBRARIES = {"anju_rules", "chinese_calendar", "rfc8785", "stdnum"}
OUTSIDE_WORLD = {
    "asyncio", "ctypes", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random",
    "secrets", "shutil", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading",
    "time", "urllib", "uuid",
}  # fmt: skip
"""Parts of the standard library through which a rule could reach beyond its arguments."""
ASKS = {"input", "open", "print"}
LOOKS = {"src/anju_rules/draw_statistics.py"}
"""Figures that people look at and nothing is decided by: p-values cannot be exact."""


def foreign_imports(tree: ast.Module) -> list[str]:
    """Give the imports that a pure module may not have."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            # The name of a thing is a value; making a new one is chance, and not in that import.
            is_value = node.module == "uuid" and [name.name for name in node.names] == ["UUID"]
            names = [] if is_value else [node.module or ""]
        else:
            continue
        for name in names:
            top = name.split(".", maxsplit=1)[0]
            pure = top in PURE_LIBRARIES or top in sys.stdlib_module_names - OUTSIDE_WORLD
            if not pure:
                found.append(f"{node.lineno}: {name}")
    return found


def imported(tree: ast.Module) -> set[str]:
    """Give the modules that a module names in its imports."""
    named = [
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    ]
    return {
        *named,
        *(node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)),
    }


def outside_calls(tree: ast.Module) -> list[str]:
    """Give the calls by which a rule would read or write something."""
    return [
        f"{node.lineno}: {node.func.id}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKS
    ]


def floats(tree: ast.Module) -> list[str]:
    """Give the binary floats a module makes; ``isinstance(x, float)``, to refuse, is lawful."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"{node.lineno}: {node.value!r}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "float":
                found.append(f"{node.lineno}: float(...)")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"{node.lineno}: a true division; compare by cross-multiplication")
    return found


def in_all_rules(check: object) -> dict[str, list[str]]:
    """Run a check over every module of the rules; give only what it found."""
    assert callable(check)
    found = {place(file): check(read_tree(file)) for file in python_files("src/anju_rules")}
    assert found
    return {name: lines for name, lines in found.items() if lines}


def test_rules_import_only_what_is_pure() -> None:
    assert in_all_rules(foreign_imports) == {}


def test_rules_neither_read_nor_write() -> None:
    assert in_all_rules(outside_calls) == {}


@pytest.mark.req("SCO-4")
@pytest.mark.pitfall("P15")
def test_rules_hold_no_binary_float() -> None:
    assert set(in_all_rules(floats)) == LOOKS


@pytest.mark.req("SCO-4")
def test_no_rule_reads_what_is_only_looked_at() -> None:
    lookers = {name.removeprefix("src/").removesuffix(".py").replace("/", ".") for name in LOOKS}
    users = [
        place(file)
        for file in python_files("src/anju_rules")
        if lookers & imported(read_tree(file))
    ]
    assert users == []


@pytest.mark.parametrize(
    "planted",
    [
        "import anju.cli",
        "from django.db import models",
        "import os",
        "from cryptography import x509",
        "def late():\n    import pathlib",
    ],
)
def test_control_a_planted_import_is_found(planted: str) -> None:
    assert foreign_imports(ast.parse(planted))
    assert not foreign_imports(ast.parse("from decimal import Decimal\nfrom anju_rules import x"))


def test_control_a_planted_call_is_found() -> None:
    assert outside_calls(ast.parse("open('list.csv')"))


@pytest.mark.parametrize(
    "planted",
    ["WEIGHT = 0.3", "total = float(text)", "share = area / persons", "area /= 2", "x = 1e3"],
)
def test_control_a_planted_float_is_found(planted: str) -> None:
    assert floats(ast.parse(planted))


def test_control_exact_arithmetic_is_no_float() -> None:
    exact = "tenths = 3 * 12\nisinstance(x, float)\nDecimal('0.3')\nhalf = n // 2"
    assert floats(ast.parse(exact)) == []
