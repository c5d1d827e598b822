"""Where the real data lies that tests may use but the repository never holds."""

from __future__ import annotations

from pathlib import Path

import pytest

REAL_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def real_data(relative: str) -> Path:
    """Give the path of a real data file, or skip the test and say which file it wanted."""
    path = REAL_DATA / relative
    if not path.exists():
        pytest.skip(f"real data missing: {relative} (looked in {REAL_DATA})")
    return path
