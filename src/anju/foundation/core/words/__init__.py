"""Words: what a code says to a reader, in the reader's language.

Each owner of codes keeps one TOML file beside this one: a table a code, a template a language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["zh", "en"]


@cache
def read_words() -> Mapping[str, Mapping[str, str]]:
    """Read every template; a code that stands in two files is an error."""
    words: dict[str, Mapping[str, str]] = {}
    for file in resources.files(__name__).iterdir():
        if not file.name.endswith(".toml"):
            continue
        for code, templates in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in words:
                message = f"two templates for {code}"
                raise ValueError(message)
            words[code] = templates
    return words


def say(code: str, facts: Mapping[str, object], *, language: Language = "zh") -> str:
    """Say ``code`` with its ``facts``; a code without words is said as it stands."""
    template = read_words().get(code, {}).get(language)
    if template is None:
        return f"{code} " + " ".join(f"{name}={value}" for name, value in facts.items())
    return template.format_map(_Told(facts))


class _Told(dict[str, object]):
    """Facts for a template: one that is missing shows as its own name, never as a traceback."""

    def __missing__(self, name: str) -> str:
        return f"[{name}]"
