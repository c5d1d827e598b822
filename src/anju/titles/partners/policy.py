"""The policies that come with the platform: what partners are held to, and the five years' plan."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from anju_rules.partners.reading import PartnerPolicy, read_partner_policy
from anju_rules.programme import Programme, read_programme


@cache
def partner_policy() -> PartnerPolicy:
    """Read what developers and managers are held to; refuses like ``read_partner_policy``."""
    return read_partner_policy(_read("partners"))


@cache
def title_programme() -> Programme:
    """Read the sixty-month plan of titles; refuses like ``read_programme``."""
    return read_programme(_read("programme"))


def _read(folder: str) -> dict[str, object]:
    file = resources.files("anju").joinpath("policies", folder, "titles.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
