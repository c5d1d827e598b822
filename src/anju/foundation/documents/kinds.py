"""What a file is, by its content alone: its name and what the browser says count for nothing."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from io import BytesIO

from anju_rules.values import Refusal

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_OFD_ROOT = "OFD.xml"


class DocumentKind(StrEnum):
    """The kinds that are taken; the value is the file's ending when it is handed out."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    HEIC = "heic"
    OFD = "ofd"

    @property
    def media_type(self) -> str:
        """What it is called when it is handed out (RFC 6838)."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    DocumentKind.PDF: "application/pdf",
    DocumentKind.JPEG: "image/jpeg",
    DocumentKind.PNG: "image/png",
    DocumentKind.HEIC: "image/heic",
    DocumentKind.OFD: "application/ofd",
}


def kind_of(content: bytes) -> DocumentKind:
    """Tell what a file is; refuses with ``documents.kind-not-taken`` what is none of the five.

    The mark must stand at the very start: a PDF behind a picture's head is neither.
    """
    if content.startswith(b"%PDF-"):
        return DocumentKind.PDF
    if content.startswith(b"\xff\xd8\xff"):
        return DocumentKind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return DocumentKind.PNG
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return DocumentKind.HEIC
    if content.startswith(b"PK\x03\x04") and _holds_ofd(content):
        return DocumentKind.OFD
    raise Refusal("documents.kind-not-taken", known="、".join(kind.name for kind in DocumentKind))


def _holds_ofd(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            return _OFD_ROOT in packed.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
