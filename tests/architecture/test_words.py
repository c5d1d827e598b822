"""Every code that a rule may refuse with has words in both languages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Collection
from string import Formatter

from tests.architecture.source_files import ROOT, place, python_files, read_tree

CODE = re.compile(r"^[a-z][a-z-]*(\.[a-z0-9-]+)+$")
SPEAKS = ("Refusal", "Finding", "Fault")
"""What carries a code: calls of names that end so."""
WORDS = ROOT / "src/anju/foundation/core/words"
WITNESS = "src/anju_witness"
"""A program in other hands: its words travel with it."""


def raised_codes(tree: ast.Module) -> dict[str, int]:
    """Give the codes a module refuses, finds or reports with, and a line where each stands."""
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called_name(node.func).endswith(SPEAKS):
            given = [*node.args, *(word.value for word in node.keywords if word.arg in NAMED)]
            for part in given:
                for constant in ast.walk(part):
                    if isinstance(constant, ast.Constant) and is_code(constant.value):
                        found.setdefault(str(constant.value), node.lineno)
    return found


NAMED = {"code", "rule"}


def is_said(code: str, words: Collection[str]) -> bool:
    """Whether a code has words; of a code put together while running, its beginning must."""
    return code in words or (code.endswith("-") and any(word.startswith(code) for word in words))


def is_code(value: object) -> bool:
    """Whether a constant is spelled as a code. File names are not: no code ends so."""
    return (
        isinstance(value, str)
        and CODE.match(value) is not None
        and not value.endswith((".json", ".toml", ".csv", ".xlsx", ".xls", ".html", ".py"))
    )


def called_name(function: ast.expr) -> str:
    """Give the last name of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def faults_of_words(tables: dict[str, dict[str, str]]) -> list[str]:
    """Give what is wrong with templates: a language missing, or braces that do not close."""
    found = []
    for code, templates in tables.items():
        for language in ("zh", "en"):
            template = templates.get(language, "")
            if not template.strip():
                found.append(f"{code}: no words in {language}")
                continue
            try:
                list(Formatter().parse(template))
            except ValueError as error:
                found.append(f"{code} ({language}): {error}")
    return found


def read_words() -> dict[str, dict[str, str]]:
    """Read every template, and see that none stands twice."""
    words: dict[str, dict[str, str]] = {}
    for file in sorted(WORDS.glob("*.toml")):
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        assert not words.keys() & tables.keys(), f"{place(file)} says a code a second time"
        words |= tables
    return words


def test_every_code_has_words_in_both_languages() -> None:
    words = read_words()
    silent = {
        code: f"{place(file)}:{line}"
        for file in python_files("src")
        for code, line in raised_codes(read_tree(file)).items()
        if not is_said(code, read_witness_words() if place(file).startswith(WITNESS) else words)
    }
    assert silent == {}


def read_witness_words() -> dict[str, dict[str, str]]:
    """Read the words of the witness program."""
    return tomllib.loads((ROOT / WITNESS / "words.toml").read_text(encoding="utf-8"))


def test_words_are_whole() -> None:
    assert faults_of_words(read_words()) == []
    assert faults_of_words(read_witness_words()) == []


def test_control_a_code_without_words_is_found() -> None:
    planted = ast.parse(
        "def judge(x):\n"
        "    raise Refusal('planted.code' if x else 'planted.other', file='units.csv')\n"
        "Fault(rule='planted.rule')\n"
    )
    assert set(raised_codes(planted)) == {"planted.code", "planted.other", "planted.rule"}


def test_control_a_code_put_together_is_held_to_its_beginning() -> None:
    assert is_said("import.unknown-", {"import.unknown-home"})
    assert not is_said("import.unknown-", {"import.unknown"})
    assert not is_said("import.unknown", {"import.unknown-home"})


def test_control_half_said_words_are_found() -> None:
    assert faults_of_words({"a.b": {"zh": "不行"}})
    assert faults_of_words({"a.b": {"zh": "不行 {total", "en": "no"}})
    assert faults_of_words({"a.b": {"zh": "不行 {total}", "en": "no {total}"}}) == []
