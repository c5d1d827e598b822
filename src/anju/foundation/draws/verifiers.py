"""The two programs that anyone may run, and their digests, which the announcement fixes."""

from __future__ import annotations

import base64
import hashlib
import re
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


def page_policy() -> str:
    """Give the Content-Security-Policy under which ``verify_draw.html`` may be served.

    The page is one file, so its script and style stand in it; they alone are allowed, by digest.
    """
    page = VERIFIERS["verify_draw.html"].read_text(encoding="utf-8")
    allowed = {}
    for tag in ("script", "style"):
        found = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        inside = found[1] if found else ""
        # A browser knows SHA-256 here, and no national digest.
        made = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        allowed[tag] = f"{tag}-src 'sha256-{made}'"
    return "; ".join(
        ["default-src 'none'", *allowed.values(), "base-uri 'none'", "form-action 'none'"]
    )
