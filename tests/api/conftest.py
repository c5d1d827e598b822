"""A seeded project on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from anju.foundation.core.postgres.launcher import Cluster
    from tests.support.site import Seeds


@pytest.fixture(autouse=True)
def _site() -> Iterator[None]:
    """Let the test client in."""
    from django.test.utils import override_settings

    with override_settings(ALLOWED_HOSTS=["testserver", "localhost"]):
        yield


@pytest.fixture
def seeds(database_cluster: Cluster) -> Iterator[Seeds]:
    """Give a project in mid-selection: the first household of the first batch is called."""
    from tests.support.stages import Stage, staged_project

    with staged_project(database_cluster, Stage.CHOOSING) as planted:
        planted.call()
        yield planted
