"""The texts of messages, read from ``texts.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from anju.foundation.core.words import Language
from anju_rules.messages import Channel, fill_text
from anju_rules.values import Refusal

TEXTS_FILE = Path(__file__).with_name("texts.toml")


@cache
def _texts() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(TEXTS_FILE.read_text(encoding="utf-8"))


def require_kind(kind: str) -> None:
    """Refuse with ``messages.unknown-kind`` a kind that has no text."""
    if kind not in _texts():
        raise Refusal("messages.unknown-kind", kind=kind)


def disturbs_by_night(kind: str) -> bool:
    """Whether this is told at any hour: whose turn it is cannot wait till the morning."""
    require_kind(kind)
    return bool(_texts()[kind]["disturbs_by_night"])


def text_of(
    *, kind: str, channel: Channel, facts: Mapping[str, str | int], language: Language = "zh"
) -> str:
    """Give a message's text; refuses with ``messages.unknown-kind`` or ``…text-malformed``."""
    require_kind(kind)
    return fill_text(_texts()[kind][channel.value][language], facts)
