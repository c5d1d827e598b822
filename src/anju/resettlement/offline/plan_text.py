"""The text of a plan: ``plan.toml`` read into typed values, with every fault listed by its key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anju.foundation.exchange.faults import Fault, shown

PLAN_FILE = "plan.toml"
MOST_PLAN_BYTES = 1024 * 1024
_LINE = re.compile(r"\(at line (\d+)")


def read_plan_text(folder: Path) -> dict[str, object] | Fault:
    """Read ``plan.toml`` of a plan folder as it stands; a syntax error names its line."""
    path = folder / PLAN_FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Fault(file=PLAN_FILE, rule="plan.file-missing", value=shown(folder))
    except (OSError, ValueError):
        return Fault(file=PLAN_FILE, rule="import.file-unreadable")
    return parse_plan_text(data)


def parse_plan_text(data: bytes) -> dict[str, object] | Fault:
    """Read the text of a plan as it was handed in; a syntax error names its line."""
    if len(data) > MOST_PLAN_BYTES:
        return Fault(file=PLAN_FILE, rule="import.file-too-large")
    try:
        # The editors of some systems put a mark before UTF-8 text; TOML itself knows none.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Fault(file=PLAN_FILE, rule="plan.not-utf-8")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        line = _LINE.search(str(error))
        row = int(line[1]) if line else len(text.splitlines())
        return Fault(file=PLAN_FILE, row=row, rule="plan.syntax", facts={"reason": shown(error)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of the plan; what is missing in it, or of another type, is noted as a fault.

    ``faults`` is shared by all sections of one plan.
    """

    name: str
    values: Mapping[str, object]
    faults: list[Fault] = field(default_factory=list)

    def note(self, key: str, rule: str, *, value: object = "", **facts: object) -> None:
        """Note a fault at ``key``."""
        column = f"{self.name}.{key}" if self.name and key else self.name or key
        self.faults.append(
            Fault(file=PLAN_FILE, column=shown(column), value=shown(value), rule=rule, facts=facts)
        )

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Note every key that nobody reads: a misspelt one would be left out in silence."""
        for key in self.values:
            if key not in known:
                like = difflib.get_close_matches(key, known, n=1)
                self.note(key, "plan.unknown-key", like=like[0] if like else "、".join(known))

    def text(
        self, key: str, *, default: str | None = None, pattern: str = r".*\S.*", most: int = 200
    ) -> str:
        """Give a text that fits ``pattern``; without ``default`` it must be there."""
        if key not in self.values and default is not None:
            return default
        value = self._given(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.note(key, "plan.not-a-text", value=value)
            return ""
        if len(value) > most or re.fullmatch(pattern, value) is None:
            self.note(key, "plan.unlawful-value", value=value, pattern=pattern)
        return value

    def integer(self, key: str, *, default: int, least: int, most: int) -> int:
        """Give a whole number from ``least`` to ``most``."""
        value = self.values.get(key, default)
        if type(value) is not int or not least <= value <= most:
            self.note(key, "plan.number-out-of-range", value=value, least=least, most=most)
            return default
        return value

    def texts(self, key: str, *, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Give a list of texts that are not blank."""
        if key not in self.values and default is not None:
            return tuple(default)
        value = self._given(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(
            isinstance(entry, str) and entry.strip() for entry in value
        ):
            self.note(key, "plan.not-a-list-of-texts", value=value)
            return ()
        return tuple(value)

    def names(self, key: str, *, required: bool = False) -> dict[str, str]:
        """Give a table of texts by name; empty where it is left out."""
        section = self.section(key, required=required)
        found = {}
        for name, value in section.values.items():
            if isinstance(value, str) and value.strip():
                found[name] = value
            else:
                section.note(name, "plan.not-a-text", value=value)
        return found

    def section(self, key: str, *, required: bool = False) -> Section:
        """Give a table inside this one; empty where it is left out."""
        name = f"{self.name}.{key}" if self.name else key
        value = self._given(key) if required else self.values.get(key, {})
        if not isinstance(value, dict):
            if value is not None:
                self.note(key, "plan.not-a-table", value=value)
            value = {}
        return Section(name=name, values=value, faults=self.faults)

    def _given(self, key: str) -> object | None:
        if key not in self.values:
            self.note(key, "plan.key-missing")
            return None
        return self.values[key]
