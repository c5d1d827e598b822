"""The policies of fees that come with the platform: TOML files beside the laws."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from anju_rules.fees.reading import read_fee_policy
from anju_rules.fees.types import FeePolicy


@cache
def title_fees() -> FeePolicy:
    """Read what a title costs. Refuses like :func:`~anju_rules.fees.reading.read_fee_policy`."""
    file = resources.files("anju").joinpath("policies", "rates", "titles.toml")
    return read_fee_policy(tomllib.loads(file.read_text(encoding="utf-8")))
