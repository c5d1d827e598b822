"""Lists have one order: what came in one moment stands in the same place each time it is read."""

from __future__ import annotations

import ast

from tests.architecture.source_files import place, python_files, read_tree


def ordered_by_moment_alone(tree: ast.Module) -> list[int]:
    """Give the lines that order rows by a moment or a day and by nothing that tells them apart."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "order_by"
        and node.args
        and isinstance(last := node.args[-1], ast.Constant)
        and f"_{str(last.value).removeprefix('-')}".endswith(("_at", "_on"))
    ]


def test_no_list_is_ordered_by_a_moment_alone() -> None:
    found = {place(file): ordered_by_moment_alone(read_tree(file)) for file in python_files("src")}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_list_ordered_by_a_moment_alone_is_found() -> None:
    tree = ast.parse('rows.order_by("name", "-sent_at")\nrows.order_by("-sent_at", "id")')
    assert ordered_by_moment_alone(tree) == [1]
