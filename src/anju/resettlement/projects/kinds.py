"""The kinds of projects that come with the platform, read from the file beside this one."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from anju_rules.kinds import Kind, read_kind

_FILE = Path(__file__).with_name("kinds.toml")


@cache
def default_kinds() -> dict[str, Kind]:
    """Give every kind of project by its code."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))["kinds"]
    return {kind.code: kind for kind in map(read_kind, tables)}
