"""The files that the architecture tests read, and how they read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = {"build", "demo", "node_modules", "site", "__pycache__"}
"""Folders that commands make; git ignores them."""


def python_files(*folders: str) -> list[Path]:
    """Give the Python files under folders of the repository, in order."""
    return sorted(
        file
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if not MADE.intersection(file.relative_to(ROOT).parts)
    )


def kept_files() -> Iterator[Path]:
    """Give every file of the repository that no command makes again."""
    waiting = [ROOT]
    while waiting:
        for entry in sorted(waiting.pop().iterdir()):
            if entry.is_symlink():
                continue
            if entry.is_dir():
                hidden = entry.name.startswith(".") and entry.name != ".ci"
                if entry.name not in MADE and not hidden:
                    waiting.append(entry)
            else:
                yield entry


@cache
def read_tree(file: Path) -> ast.Module:
    """Parse a file once."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def place(file: Path) -> str:
    """Write a path as the repository knows it."""
    return file.relative_to(ROOT).as_posix()


def dotted_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give every name a module uses, spelled out to where it was imported from.

    >>> list(dotted_names(ast.parse("from datetime import datetime as d; d.now")))
    [(1, 'datetime.datetime'), (1, 'datetime.datetime.now'), (1, 'datetime.datetime')]
    """
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                known[name.asname or name.name.split(".")[0]] = (
                    name.name if name.asname else name.name.split(".")[0]
                )
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                known[name.asname or name.name] = f"{node.module}.{name.name}"
                yield node.lineno, f"{node.module}.{name.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            spelled = spell(node, known)
            if spelled:
                yield node.lineno, spelled


def spell(node: ast.expr, known: dict[str, str]) -> str:
    """Spell an attribute chain from the import it starts at; empty if it starts elsewhere."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = spell(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""
