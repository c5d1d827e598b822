"""Panoramas: pictures all around, drawn anew no larger than a phone can turn."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from anju.foundation.documents.cleaning import MOST_BYTES
from anju.foundation.documents.images import redraw_image
from anju.foundation.documents.kinds import DocumentKind, kind_of
from anju.foundation.documents.types import Harmless
from anju_rules.values import Refusal

LEAST_WIDTH = 1024
MOST_WIDTH = 4096
"""The widest picture that cheap phones take as one texture."""
_QUALITY = 82
_PICTURES = frozenset({DocumentKind.JPEG, DocumentKind.PNG, DocumentKind.HEIC})


def make_panorama(content: bytes) -> Harmless:
    """Judge a panorama and give what may be shown of it: a JPEG, at most :data:`MOST_WIDTH` wide.

    A picture all around is exactly twice as wide as it is high; a pixel more or less is forgiven.
    Refuses with ``documents.empty``, ``documents.too-large``, ``documents.not-a-panorama`` and as
    :func:`~.images.redraw_image` does.
    """
    if not content:
        raise Refusal("documents.empty")
    if len(content) > MOST_BYTES:
        raise Refusal("documents.too-large", most=MOST_BYTES >> 20)
    kind = kind_of(content)
    if kind not in _PICTURES:
        raise Refusal("documents.not-a-panorama", width=0, height=0, least=LEAST_WIDTH)
    _, drawn = redraw_image(content, kind=kind)
    with Image.open(BytesIO(drawn)) as picture:
        width, height = picture.size
        if abs(width - 2 * height) > 2 or width < LEAST_WIDTH:
            raise Refusal("documents.not-a-panorama", width=width, height=height, least=LEAST_WIDTH)
        flat = picture.convert("RGB")
        if width > MOST_WIDTH:
            flat = flat.resize((MOST_WIDTH, MOST_WIDTH // 2), Image.Resampling.LANCZOS)
        out = BytesIO()
        flat.save(out, "JPEG", quality=_QUALITY, progressive=True)
    return Harmless(kind=DocumentKind.JPEG, content=out.getvalue(), pages=1)
