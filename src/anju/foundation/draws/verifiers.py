"""The two programs that anyone may run, and their digests, which the announcement fixes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from anju_rules.hashing import digest

_FOLDER = Path(__file__).with_name("standalone")
VERIFIERS: Mapping[str, Path] = {
    name: _FOLDER / name for name in ("verify_draw.html", "verify_draw.py")
}
"""The programs by file name: the page for a browser and the one for Python."""


def verifier_digests() -> Mapping[str, str]:
    """Give the SM3 of each program, in hex, by file name."""
    return {name: digest(file.read_bytes()).hex() for name, file in VERIFIERS.items()}
