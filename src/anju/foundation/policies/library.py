"""The policy library: the laws that come with the platform, and the editions loaded since."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from anju.foundation.core.statutes import default_statutes
from anju.foundation.policies.models import EditionRecord
from anju_rules.statutes.reading import read_statute
from anju_rules.statutes.types import Statute
from anju_rules.values import Refusal

EDITION = "edition"


def current_statutes() -> dict[str, Statute]:
    """Give the newest edition of every law, by code."""
    kept = EditionRecord.objects.order_by("law", "-edition").distinct("law")
    return {**default_statutes(), **{one.law: read_edition(one.content) for one in kept}}


def statute_before(law: str, *, edition: date) -> Statute | None:
    """Give the edition of a law that came before ``edition``; ``None``: there was none."""
    kept = EditionRecord.objects.filter(law=law, edition__lt=edition).order_by("-edition").first()
    if kept is not None:
        return read_edition(kept.content)
    default = default_statutes().get(law)
    return default if default and default.edition < edition else None


@lru_cache(maxsize=128)
def read_edition(content: str) -> Statute:
    """Read an edition as it is stored: canonical JSON, the day as text."""
    told = json.loads(content)
    return read_statute({**told, EDITION: date.fromisoformat(told[EDITION])})


def read_edition_file(text: str) -> Mapping[str, object]:
    """Read the file of a law; refuses with ``policies.not-text`` what is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise Refusal("policies.not-text", reason=str(fault)) from fault
