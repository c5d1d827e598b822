"""Pictures, drawn anew: what comes out holds nothing but dots.

A picture is decoded and encoded again, so that nothing that lay before, between or behind the dots
comes through: no script, no second file, no place where it was taken. Its size is read from its
head and judged before a single dot is decoded.
"""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from anju.foundation.documents.kinds import DocumentKind
from anju_rules.values import Refusal

MOST_DOTS = 50_000_000
"""A sheet of A3 at 400 dots an inch has 31 million."""
_LONGEST_SIDE = 16_000
_QUALITY = 88
_FORMATS = {
    DocumentKind.JPEG: "JPEG",
    DocumentKind.PNG: "PNG",
    DocumentKind.HEIC: "HEIF",
}


def redraw_image(content: bytes, *, kind: DocumentKind) -> tuple[DocumentKind, bytes]:
    """Draw a picture anew, upright; PNG stays PNG, everything else becomes JPEG.

    Refuses with ``documents.image-broken`` what cannot be decoded to its end, and with
    ``documents.image-too-large``.
    """
    if kind is DocumentKind.HEIC:
        from pillow_heif import HeifImagePlugin  # noqa: F401, PLC0415 - teaches Pillow HEIC

    # The PDF printer turns this on for the whole process: a picture cut off would pass for whole.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            # Our own bound stands below; a warning must not stop an honest large scan.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=[_FORMATS[kind]]) as picture:
                _require_size(picture)
                picture.load()
                upright = ImageOps.exif_transpose(picture)
                return _encode(upright, kind=kind)
    except Image.DecompressionBombError:
        raise Refusal("documents.image-too-large", most=MOST_DOTS) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError, EOFError):
        # Decoders fail in many ways on a forged file; each of them means the same to the reader.
        raise Refusal("documents.image-broken") from None


def _require_size(picture: Image.Image) -> None:
    width, height = picture.size
    if not width or not height:
        raise Refusal("documents.image-broken")
    if width * height > MOST_DOTS or max(width, height) > _LONGEST_SIDE:
        raise Refusal("documents.image-too-large", most=MOST_DOTS)


def _encode(picture: Image.Image, *, kind: DocumentKind) -> tuple[DocumentKind, bytes]:
    out = BytesIO()
    if kind is DocumentKind.PNG:
        is_plain = picture.mode in {"1", "L", "LA", "RGB", "RGBA"}
        drawn = picture if is_plain else picture.convert("RGBA")
        # A new canvas: a copy would carry the texts of the old one along.
        _bare(drawn).save(out, "PNG", optimize=False)
        return DocumentKind.PNG, out.getvalue()
    _bare(picture.convert("RGB")).save(out, "JPEG", quality=_QUALITY)
    return DocumentKind.JPEG, out.getvalue()


def _bare(picture: Image.Image) -> Image.Image:
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare
