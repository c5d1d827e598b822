"""One bundle worked out by hand for all tests of a file, its folder, and forgeries of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bundles import Files, make_bundle, write_bundle
from tests.support.forging import Forge


@pytest.fixture(scope="module")
def bundle() -> Files:
    return make_bundle(signed=False)


@pytest.fixture(scope="module")
def folder(bundle: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundle"), bundle)


@pytest.fixture(scope="module")
def forge(folder: Path, bundle: Files) -> Forge:
    return Forge(folder, bundle)
