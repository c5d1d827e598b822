"""What a paper must have to be kept for ever (PDF/A-3b, ISO 19005-3), as far as we can look.

No validator of the standard is to be had from our registries, so this looks at what decides most:
identification, colour, fonts, nothing that runs or is fetched, the attachment, the signature. It
does not look inside glyphs, widths and profiles; docs/domain/certificates.md says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

RUNS = ("/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA", "/SubmitForm", "/ImportData")
"""What a kept paper must not do."""
STRANGE = ("/RichMedia", "/Movie", "/Sound", "/3D", "/XFA", "/NeedsRendering")
PACKINGS = {"/FlateDecode", "/DCTDecode"}
"""LZW, Crypt and the rest are forbidden or not ours."""
_PART = re.compile(r"<pdfaid:part>(\d)</pdfaid:part>|pdfaid:part=\"(\d)\"")
_LEVEL = re.compile(r"<pdfaid:conformance>(\w)</pdfaid:conformance>|pdfaid:conformance=\"(\w)\"")


def archive_faults(paper: bytes) -> set[str]:
    """Name what a paper lacks; empty: it keeps what we can look at."""
    reader = PdfFileReader(BytesIO(paper), strict=True)
    things = list(_things(reader.root, seen=set()))
    return {
        *_file_faults(paper, reader),
        *_identity_faults(reader),
        *_colour_faults(reader, things),
        *_font_faults(things),
        *_stream_faults(things),
        *_attachment_faults(reader),
        *_form_faults(things),
    }


def _get(thing: Any, name: str, default: Any = None) -> Any:
    """Give what stands under a name, wherever in the file it lies."""
    if name not in thing:
        return default
    return thing[name]  # looked up, which follows a reference; its own get does not


def _things(thing: Any, *, seen: set[int]) -> Iterator[Any]:
    """Walk everything that hangs below the root, once."""
    if isinstance(thing, generic.IndirectObject):
        if thing.idnum in seen:
            return
        seen.add(thing.idnum)
        thing = thing.get_object()  # type: ignore[no-untyped-call]
    if isinstance(thing, generic.DictionaryObject):
        yield thing
        for name in thing:
            yield from _things(thing.raw_get(name), seen=seen)
    elif isinstance(thing, generic.ArrayObject):
        for place in range(len(thing)):
            yield from _things(thing.raw_get(place), seen=seen)


def _file_faults(paper: bytes, reader: PdfFileReader) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[4-7]\r?\n%[\x80-\xff]{4}", paper):
        yield "header"
    if str(_get(reader.root, "/Version", "/1.7")) > "/1.7":
        yield "says that it is of a later kind"
    if "/Encrypt" in reader.trailer:
        yield "encrypted"
    if "/ID" not in reader.trailer:
        yield "no file identifier"
    if not paper.rstrip().endswith(b"%%EOF"):
        yield "something after the end"


def _identity_faults(reader: PdfFileReader) -> Iterator[str]:
    if "/Metadata" not in reader.root:
        yield "no metadata"
        return
    stream = reader.root["/Metadata"]
    if (str(_get(stream, "/Type")), str(_get(stream, "/Subtype"))) != ("/Metadata", "/XML"):
        yield "metadata of another kind"
    told = stream.data.decode()
    part, level = _PART.search(told), _LEVEL.search(told)
    if part is None or "3" not in part.groups() or level is None or "B" not in level.groups():
        yield "does not say that it is PDF/A-3b"


def _colour_faults(reader: PdfFileReader, things: list[Any]) -> Iterator[str]:
    intents = _get(reader.root, "/OutputIntents", [])
    ours = [one for one in intents if str(one["/S"]) == "/GTS_PDFA1"]
    if len(ours) != 1:
        yield "no output intent"
    elif ours[0]["/DestOutputProfile"].data[36:40] != b"acsp":
        yield "no colour profile"
    elif int(ours[0]["/DestOutputProfile"]["/N"]) != 3:
        yield "profile of other colours"
    for one in things:
        if str(_get(one, "/ColorSpace")) in {"/DeviceCMYK", "/CalCMYK"}:
            yield "colours that the profile does not tell"
        if str(_get(one, "/Subtype")) == "/Image" and bool(_get(one, "/Interpolate")):
            yield "a picture that a reader makes up"


def _font_faults(things: list[Any]) -> Iterator[str]:
    fonts = [one for one in things if str(_get(one, "/Type")) == "/Font"]
    described = [one for one in things if str(_get(one, "/Type")) == "/FontDescriptor"]
    if not described:
        yield "no fonts"
    for one in described:
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(one):
            yield "a font that is not inside"
        if "/CIDSet" in one:
            yield "a list of glyphs that nobody checked"
    for font in fonts:
        kind = str(font["/Subtype"])
        if kind == "/Type0" and "/ToUnicode" not in font:
            yield "text that cannot be read out"
        if kind == "/CIDFontType2" and str(_get(font, "/CIDToGIDMap")) != "/Identity":
            yield "glyphs that cannot be found"
        if kind not in {"/Type0", "/Type3"} and "/FontDescriptor" not in font:
            yield "a font that is not inside"


def _stream_faults(things: list[Any]) -> Iterator[str]:
    for one in things:
        if any(name in one for name in (*RUNS, *STRANGE)):
            yield "something that runs"
        if str(_get(one, "/S")) in {*RUNS, *STRANGE} or str(_get(one, "/Subtype")) in STRANGE:
            yield "something that runs"
        if isinstance(one, generic.StreamObject):
            if {"/F", "/FFilter", "/FDecodeParms"} & set(one):
                yield "something outside the file"
            told = _get(one, "/Filter", [])
            packings = told if isinstance(told, generic.ArrayObject) else [told]
            if not {str(packing) for packing in packings} <= PACKINGS:
                yield "packed in a way that is not kept"


def _attachment_faults(reader: PdfFileReader) -> Iterator[str]:
    files = _get(_get(_get(reader.root, "/Names", {}), "/EmbeddedFiles", {}), "/Names", [])
    listed = [files[place] for place in range(1, len(files), 2)]
    associated = list(_get(reader.root, "/AF", []))
    if len(listed) != 1 or len(associated) != 1:
        yield "not one attachment that belongs to the whole"
    for one in listed:
        if str(_get(one, "/AFRelationship")) != "/Data" or not {"/F", "/UF"} <= set(one):
            yield "an attachment that says not what it is for"
        stream = one["/EF"]["/F"]
        if "/Subtype" not in stream or "/ModDate" not in _get(stream, "/Params", {}):
            yield "an attachment without kind or day"


def _form_faults(things: list[Any]) -> Iterator[str]:
    for one in things:
        if bool(_get(one, "/NeedAppearances")):
            yield "a form that a reader draws"
        if {"/DigestLocation", "/DigestMethod", "/DigestValue"} & set(one):
            yield "a permission that digests by itself"
        if str(_get(one, "/Subtype")) == "/Widget":
            is_seen = [float(edge) for edge in one["/Rect"]] != [0.0] * 4
            if is_seen and "/AP" not in one:
                yield "a field without a look"
            if not int(_get(one, "/F", 0)) & 4:
                yield "a field that is not printed"
