"""Faults: what is wrong with a file that came in, said so that its clerk can mend it.

A fault names the file, the row as a person sees it in the spreadsheet, the column by its header,
the value as it stands there, and the rule that it breaks (a stable code). All faults of a file are
collected; one fault is enough for nothing of the file to be kept (INV-8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anju.foundation.core.words import Language, read_words, say
from anju_rules.values import Refusal

LONGEST_SHOWN_VALUE = 60
"""Characters of a faulty value that are repeated to its reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in one file.

    ``row`` counts from 1 as the spreadsheet shows it; ``None`` where the whole file or column is
    meant. ``column`` is the header's text, or the dotted key in a plan. ``rule`` is the stable
    code, ``facts`` what its words need.
    """

    file: str
    rule: str
    row: int | None = None
    column: str = ""
    value: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Give the fault as plain values, with its words in Chinese, for ``--json``."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "rule": self.rule,
            "facts": {name: str(told) for name, told in self.facts.items()},
            "message": describe_fault(self),
        }


def shown(value: object) -> str:
    """Shorten a value to what a message can carry, on one line.

    >>> shown("abc"), len(shown("x" * 500))
    ('abc', 60)
    """
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_SHOWN_VALUE else text[: LONGEST_SHOWN_VALUE - 1] + "…"


def describe_place(fault: Fault, language: Language = "zh") -> str:
    """Say where a fault lies.

    >>> describe_place(
    ...     Fault(file="units.xlsx", row=14, column="建筑面积", rule="import.not-a-number")
    ... )
    '文件 units.xlsx 第 14 行「建筑面积」：'
    """
    if language == "zh":
        row = "" if fault.row is None else f" 第 {fault.row} 行"
        column = f"「{fault.column}」" if fault.column else ""
        return f"文件 {fault.file}{row}{column}："
    row = "" if fault.row is None else f", row {fault.row}"
    column = f', column "{fault.column}"' if fault.column else ""
    return f"{fault.file}{row}{column}: "


def describe_fault(fault: Fault, language: Language = "zh") -> str:
    """Say a fault in the reader's language, place first.

    A rule with words of another owner (``policy.*``, ``identifier.*``) is said in those words.

    >>> describe_fault(
    ...     Fault(
    ...         file="units.xlsx",
    ...         row=14,
    ...         column="建筑面积",
    ...         value="abc",
    ...         rule="import.not-a-number",
    ...     )
    ... )
    '文件 units.xlsx 第 14 行「建筑面积」：值 “abc” 不是数字'
    """
    place = describe_place(fault, language)
    facts = {"value": fault.value, **fault.facts, "place": place}
    said = say(fault.rule, facts, language=language)
    names_its_place = "{place}" in read_words().get(fault.rule, {}).get(language, "")
    return said if names_its_place else f"{place}{said}"


def fault_from_refusal(
    refusal: Refusal, *, file: str, row: int | None = None, column: str = "", value: str = ""
) -> Fault:
    """Turn the refusal of a rule into the fault of the file that broke it."""
    return Fault(
        file=file,
        row=row,
        column=column,
        value=shown(value),
        rule=refusal.code,
        facts=refusal.facts,
    )
