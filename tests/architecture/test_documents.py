"""The documents say what the program does: commands, terms, navigation, changes."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer.main
import yaml

from tests.architecture.source_files import ROOT, place, read_tree

DOCS = ROOT / "docs"
SHARED_WORDS = ROOT / "src/anju_rules/values.py"
COMMAND = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?anju ", flags=re.MULTILINE)
FENCE = re.compile(r"^ *```[a-z]*\n(.*?)^ *```", flags=re.MULTILINE | re.DOTALL)


def command_lines(text: str) -> Iterator[list[str]]:
    """Give the ``anju`` lines of a document's blocks, as words."""
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if COMMAND.match(line):
                words = shlex.split(line.split(" # ")[0].split(" | ")[0].split(" > ")[0])
                yield words[2:] if words[0] == "$" else words[1:]


def unknown_words(line: list[str], command: object) -> list[str]:
    """Give the commands and options of a line that the program does not have."""
    words = list(line)
    while isinstance(commands := getattr(command, "commands", None), Mapping):
        name = words.pop(0) if words else ""
        if name not in commands:
            return [name or "(nothing)"]
        command = commands[name]
    parameters = getattr(command, "params", [])
    options = {"--help"} | {option for each in parameters for option in each.opts}
    return [word for word in words if word.startswith("--") and word not in options]


def documents_with_commands() -> list[Path]:
    """Give the documents whose lines a newcomer types."""
    return [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((DOCS / "start").glob("*.md"))]


def test_commands_in_the_documents_exist() -> None:
    from anju.cli.app import app

    command = typer.main.get_command(app)
    asked = 0
    unknown = {}
    for file in documents_with_commands():
        for line in command_lines(file.read_text(encoding="utf-8")):
            asked += 1
            missing = unknown_words(line, command)
            if missing:
                unknown[f"{place(file)}: {' '.join(line)}"] = missing
    assert asked
    assert unknown == {}


def test_control_an_invented_command_is_found() -> None:
    app = typer.Typer()

    @app.command()
    def verify(bundle: str, *, json: bool = False) -> None: ...

    @app.command()
    def run(plan: str) -> None: ...

    command = typer.main.get_command(app)
    text = "```sh\n.venv/bin/anju verify demo --json\nanju verify demo --fast\nanju bless demo\n```"
    assert [unknown_words(line, command) for line in command_lines(text)] == [
        [],
        ["--fast"],
        ["bless"],
    ]


def nav_files(nav: object) -> Iterator[str]:
    """Give the files a navigation names, at any depth."""
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, list):
        for item in nav:
            yield from nav_files(item)
    elif isinstance(nav, dict):
        for item in nav.values():
            yield from nav_files(item)


def test_the_navigation_holds_every_page_once() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    pages = sorted(file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md"))
    assert sorted(nav_files(nav)) == pages


def test_control_a_page_beyond_the_navigation_is_found() -> None:
    nav = [{"Start": ["start/first-run.md", {"Deeper": "a/b.md"}]}]
    assert list(nav_files(nav)) == ["start/first-run.md", "a/b.md"]


def glossary_rows(text: str) -> list[list[str]]:
    """Give the rows of the glossary's tables, without their heads."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return [row for row in rows if not set(row[0]) <= set("-: ") and row[0] != "中文"]


def faults_of_glossary(rows: list[list[str]]) -> list[str]:
    """Give the rows that are not whole, and terms that have two."""
    found = [f"not four cells: {row}" for row in rows if len(row) != 4]
    found += [f"an empty cell: {row}" for row in rows if not all(row)]
    terms = [row[0] for row in rows]
    return found + [f"two rows: {term}" for term in sorted(set(terms)) if terms.count(term) > 1]


def shared_names(tree: ast.Module) -> set[str]:
    """Give the public classes and kinds of number that a module makes."""
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    kinds = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return {name for name in classes | kinds if not name.startswith("_")}


def test_the_glossary_is_whole_and_knows_every_shared_word() -> None:
    text = (DOCS / "domain/glossary.md").read_text(encoding="utf-8")
    rows = glossary_rows(text)
    assert faults_of_glossary(rows) == []
    known = set(re.findall(r"\w+", " ".join(row[2] for row in rows if len(row) > 2)))
    assert shared_names(read_tree(SHARED_WORDS)) - known == set()


def test_control_a_half_row_and_an_unknown_word_are_found() -> None:
    rows = glossary_rows("| 中文 | English |\n|---|---|\n| 户 | home | | |\n| 户 | unit | `Unit` |")
    assert len(faults_of_glossary(rows)) == 3
    assert shared_names(ast.parse("class Turn: ...\nFen = NewType('Fen', int)")) == {"Turn", "Fen"}


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert has_unreleased((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def test_control_a_changelog_without_that_place_is_found() -> None:
    assert not has_unreleased("# Changes\n\n## 0.1.0\n")


def has_unreleased(text: str) -> bool:
    """Whether changes not yet released have their heading."""
    return re.search(r"^## \[?Unreleased\]?", text, flags=re.MULTILINE) is not None
