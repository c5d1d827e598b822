"""A seeded project on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.databases import Database
    from tests.support.site import Seeds


@pytest.fixture(autouse=True)
def _site() -> Iterator[None]:
    """Let the test client in."""
    from django.test.utils import override_settings

    from tests.support.access import FAST_HASHERS

    with override_settings(
        ALLOWED_HOSTS=["testserver", "localhost"], PASSWORD_HASHERS=FAST_HASHERS
    ):
        yield


@pytest.fixture
def seeds(database: Database, tmp_path: Path) -> Seeds:
    """Give a project in mid-selection."""
    from tests.support.askers import seed_midway

    del database  # Django leads to it
    return seed_midway(tmp_path / "plan")
