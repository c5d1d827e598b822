"""Prove that this Python holds the rules and nothing else of Anju, and that they import.

Run by `make test` with .venv-rules, before the tests of the rules run there.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

PURE = {"chinesecalendar", "python-stdnum", "rfc8785"}
IMPORT_NAMES = {
    "chinesecalendar": "chinese_calendar",
    "gmssl-fast": "gmssl_fast",
    "python-calamine": "python_calamine",
    "python-stdnum": "stdnum",
}


def main() -> int:
    """Refuse an environment in which the rules could lean on anything that is not theirs."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=~!\[ ;]", line, maxsplit=1)[0] for line in project["dependencies"]}
    foreign = {"anju", "django"} | {IMPORT_NAMES.get(name, name) for name in names - PURE}
    found = sorted(name for name in foreign if find_spec(name) is not None)
    if found:
        sys.stderr.write(f"The rules are not alone: {', '.join(found)} can be imported here.\n")
        return 1
    rules = importlib.import_module("anju_rules")
    modules = [module.name for module in pkgutil.walk_packages(rules.__path__, "anju_rules.")]
    for module in modules:
        importlib.import_module(module)
    sys.stdout.write(
        f"The rules are alone: {len(modules)} modules import; {len(foreign)} others cannot.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
