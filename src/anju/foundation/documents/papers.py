"""PDF and OFD: taken as paper, refused as programs.

A PDF that carries a script, starts something, holds another file, asks to send a form or is locked
is refused: whoever made it can print it to a plain PDF. Every object is looked at, those in
compressed streams too. An OFD (GB/T 33190-2016) is a zip of XML, pictures and fonts, and nothing
else may be in it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from anju_rules.values import Refusal

MOST_PAGES = 500
_MOST_OBJECTS = 200_000
_DEEPEST = 200
_ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/EmbeddedFile", "/XFA", "/RichMediaContent"}
)
_ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
        "/RichMediaExecute",
        "/Rendition",
        "/Movie",
        "/Sound",
    }
)
_ACTIVE_KINDS = frozenset({"/EmbeddedFile", "/RichMedia", "/Screen", "/Movie", "/FileAttachment"})

_OFD_ENDINGS = frozenset(
    {".xml", ".jpg", ".jpeg", ".png", ".bmp", ".gb", ".jb2", ".ttf", ".otf", ".dat", ".esl", ".tif"}
)
_OFD_MOST_FILES = 5_000
_OFD_MOST_BYTES = 256 << 20
_OFD_MOST_RATIO = 200
_MOST_XML_BYTES = 32 << 20
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_SCRIPT = re.compile(rb"javascript:|<\s*script", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:ofd:)?Page[\s/>]")


def require_plain_pdf(content: bytes) -> int:
    """Give the number of pages of a PDF that is nothing but paper.

    Refuses with ``documents.pdf-broken``, ``documents.pdf-locked``, ``documents.pdf-active``
    (``what`` names what it carries) and ``documents.too-many-pages``.
    """
    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        if "/Encrypt" in reader.trailer:
            raise Refusal("documents.pdf-locked")
        for held in _objects(reader):
            _require_plain(held)
        pages = int(reader.root["/Pages"]["/Count"])
        if pages < 1:
            raise Refusal("documents.pdf-broken")
    except (PdfError, KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError):
        raise Refusal("documents.pdf-broken") from None
    except (OSError, OverflowError, AssertionError, NotImplementedError, ArithmeticError):
        raise Refusal("documents.pdf-broken") from None
    if pages > MOST_PAGES:
        raise Refusal("documents.too-many-pages", most=MOST_PAGES)
    return pages


def require_plain_ofd(content: bytes) -> int:
    """Give the number of pages of an OFD that is nothing but paper.

    Refuses with ``documents.ofd-broken``, ``documents.ofd-active`` and
    ``documents.too-many-pages``.
    """
    pages = 0
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            files = [held for held in packed.infolist() if not held.is_dir()]
            _require_sane_zip(files)
            for held in files:
                # Read within a bound: what the table of contents says of sizes may be a lie.
                with packed.open(held) as stream:
                    data = stream.read(_OFD_MOST_BYTES + 1)
                if len(data) != held.file_size:
                    raise Refusal("documents.ofd-broken")
                pages += _judge_ofd_part(held.filename, data)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
        raise Refusal("documents.ofd-broken") from None
    if not pages:
        raise Refusal("documents.ofd-broken")
    if pages > MOST_PAGES:
        raise Refusal("documents.too-many-pages", most=MOST_PAGES)
    return pages


def _objects(reader: PdfFileReader) -> Iterator[generic.PdfObject]:
    """Give every object of a PDF, wherever it lies: those that nothing points to as well."""
    yield reader.trailer.flatten()
    references = _references(reader)
    if len(references) > _MOST_OBJECTS:
        raise Refusal("documents.pdf-broken")
    for number, generation in references:
        yield reader.get_object(  # type: ignore[no-untyped-call]
            generic.Reference(number, generation, reader)
        )


def _references(reader: PdfFileReader) -> list[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for revision in range(reader.xrefs.total_revisions):
        references = reader.xrefs.explicit_refs_in_revision(revision)
        found |= {(reference.idnum, reference.generation) for reference in references}
    return sorted(found)


def _require_plain(held: generic.PdfObject, *, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise Refusal("documents.pdf-broken")
    if isinstance(held, generic.DictionaryObject):
        for key in held:
            if str(key) in _ACTIVE_KEYS:
                raise Refusal("documents.pdf-active", what=str(key).lstrip("/"))
        for key, active in (("/S", _ACTIVE_ACTIONS), ("/Subtype", _ACTIVE_KINDS)):
            told = held.raw_get(key) if key in held else None
            if isinstance(told, generic.NameObject) and str(told) in active:
                raise Refusal("documents.pdf-active", what=str(told).lstrip("/"))
        type_ = held.raw_get("/Type") if "/Type" in held else None
        if isinstance(type_, generic.NameObject) and str(type_) in _ACTIVE_KINDS:
            raise Refusal("documents.pdf-active", what=str(type_).lstrip("/"))
        for key in held:
            _require_plain(held.raw_get(key), depth=depth + 1)
    elif isinstance(held, generic.ArrayObject):
        for place in range(len(held)):
            _require_plain(held.raw_get(place), depth=depth + 1)


def _require_sane_zip(files: list[zipfile.ZipInfo]) -> None:
    names = [held.filename for held in files]
    size = sum(held.file_size for held in files)
    packed = sum(held.compress_size for held in files) or 1
    is_sane = (
        len(files) <= _OFD_MOST_FILES
        and len(set(names)) == len(names)
        and size <= _OFD_MOST_BYTES
        and size // packed <= _OFD_MOST_RATIO
        and not any(held.flag_bits & 0x1 for held in files)
    )
    if not is_sane:
        raise Refusal("documents.ofd-broken")
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
            raise Refusal("documents.ofd-active", what=path.suffix or "path")
        if path.suffix.lower() not in _OFD_ENDINGS:
            raise Refusal("documents.ofd-active", what=path.suffix or path.name[:40])


def _judge_ofd_part(name: str, data: bytes) -> int:
    """Give how many pages a part of an OFD names; only its XML can name any."""
    path = PurePosixPath(name)
    if path.suffix.lower() != ".xml":
        return 0
    if len(data) > _MOST_XML_BYTES:
        raise Refusal("documents.ofd-broken")
    # Entities are how a small file becomes a large one, and how it reads others (XXE).
    if _DECLARATION.search(data) or _SCRIPT.search(data):
        raise Refusal("documents.ofd-active", what="DOCTYPE")
    return len(_PAGE.findall(data)) if path.name == "Document.xml" else 0
