"""Every context owns its tables: nobody else reads them, and it says in ten lines what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source_files import ROOT, place, python_files

FLOORS = ("foundation", "resettlement", "titles")
OWN_FILES = ("models", "mapping")
FACES = ("api", "cli", "jobs", "peak", "web")
MOST_README_LINES = 25


def contexts() -> list[Path]:
    """Give the folders of the contexts that have tables."""
    return sorted(
        folder
        for floor in FLOORS
        for folder in (ROOT / "src/anju" / floor).iterdir()
        if (folder / "migrations").is_dir()
    )


def context_of(module: str) -> str:
    """Give the context a module belongs to, ``foundation.ledger``, or the face: ``web``."""
    parts = module.split(".")
    return ".".join(parts[1:3]) if parts[1:2] and parts[1] in FLOORS else ".".join(parts[1:2])


def imported_modules(source: str) -> Iterator[str]:
    """Give every module that a source imports, and every ``module.name`` it imports from one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def strangers_tables(module: str, source: str) -> list[str]:
    """Give the tables and mappings of other contexts that a module imports."""
    return sorted(
        {
            name
            for name in imported_modules(source)
            if name.startswith("anju.")
            and name.split(".")[3:4]
            and name.split(".")[3] in OWN_FILES
            and context_of(name) != context_of(module)
        }
    )


def test_no_context_and_no_face_reads_anothers_tables() -> None:
    found = {}
    for file in python_files("src"):
        module = ".".join(file.relative_to(ROOT / "src").with_suffix("").parts)
        if module.startswith("anju.") and (
            named := strangers_tables(module, file.read_text(encoding="utf-8"))
        ):
            found[place(file)] = named
    assert found == {}


def test_control_a_strangers_table_is_found() -> None:
    source = "from anju.resettlement.households.models import Household\n"
    stranger = ["anju.resettlement.households.models"]
    named = strangers_tables("anju.web.officer.views", source)
    assert named == [*stranger, "anju.resettlement.households.models.Household"]
    assert strangers_tables("anju.resettlement.selection.queries", source) == named
    assert strangers_tables("anju.resettlement.households.queries", source) == []


def test_every_context_says_what_it_is() -> None:
    assert contexts()
    for folder in contexts():
        readme = folder / "README.md"
        assert readme.is_file(), f"{place(folder)} has no README.md"
        lines = readme.read_text(encoding="utf-8").splitlines()
        assert 5 <= len(lines) <= MOST_README_LINES, f"{place(readme)}: {len(lines)} lines"


def test_a_context_knows_no_page() -> None:
    for folder in contexts():
        for file in folder.rglob("*.py"):
            named = {
                name
                for name in imported_modules(file.read_text(encoding="utf-8"))
                if name.split(".")[0] == "anju" and name.split(".")[1:2][0] in FACES
            }
            assert not named, f"{place(file)} imports {sorted(named)}"
