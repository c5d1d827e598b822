"""Whether what everybody is given is the notice that was published."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from anju.foundation.ledger.keys import read_log_key
from anju.foundation.notices.copies import (
    FOLDER,
    MANIFEST,
    PAGE,
    SIGNATURE,
    is_signature,
    signed_text,
)
from anju.foundation.notices.types import SightFault
from anju_rules.hashing import digest

Fetch = Callable[[str], bytes | None]
"""Give what is served under an address, or None where there is no such page.

Raises ``OSError`` where nobody answers.
"""


def look_at_copy(*, digest_hex: str, base: str, fetch: Fetch) -> SightFault:
    """Fetch a static copy as a stranger would, every file of it, and say what is wrong with it.

    The page itself is fetched by the address people use. Every byte must be the published one.
    """
    root = f"{base.rstrip('/')}/{FOLDER}/{digest_hex}"
    try:
        manifest = fetch(f"{root}/{MANIFEST}")
        if manifest is None:
            return "missing"
        if digest(manifest).hex() != digest_hex:
            return "differs"
        # The digest is right, so this is our own spelling.
        files: dict[str, str] = json.loads(manifest)["files"]
        for name, expected in files.items():
            served = fetch(f"{root}/" if name == PAGE else f"{root}/{name}")
            if served is None:
                return "missing"
            if digest(served).hex() != expected:
                return "differs"
        signature = fetch(f"{root}/{SIGNATURE}")
    except OSError:
        return "away"
    if signature is None:
        return "missing"
    key = read_log_key(Path(settings.HOME)).pair.public
    is_ours = is_signature(signature, message=signed_text(digest_hex), public_key=key)
    return "" if is_ours else "unsigned"
