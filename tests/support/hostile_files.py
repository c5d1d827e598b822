"""Two hundred uploads that mean harm, made here: none is a file of anybody's.

Each carries :data:`MARK` where its malice sits, so that what is kept can be searched for it.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, PngImagePlugin
from pillow_heif import from_pillow

MARK = b"<script>anju-mark()</script>"
_TEXT = MARK.decode()


@dataclass(frozen=True, slots=True)
class Hostile:
    """One upload: what it tries, and its bytes."""

    name: str
    content: bytes = field(repr=False)


def picture(kind: str = "PNG", *, size: tuple[int, int] = (24, 16), **more: object) -> bytes:
    """Draw a small honest picture."""
    out = BytesIO()
    drawn = Image.linear_gradient("L").resize(size).convert("RGB")
    if kind == "HEIF":
        # Written without teaching Pillow the format: that is for the code under test to see to.
        from_pillow(drawn).save(out)
    else:
        drawn.save(out, kind, **more)
    return out.getvalue()


def plain_pdf(*, pages: int = 1, extra: str = "", root: str = "", page: str = "") -> bytes:
    """Write a small PDF by hand; ``extra`` are more objects, ``root`` and ``page`` more keys."""
    kids = " ".join(f"{3 + number} 0 R" for number in range(pages))
    parts = [
        f"1 0 obj\n<< /Type /Catalog /Pages 2 0 R {root} >>\nendobj\n",
        f"2 0 obj\n<< /Type /Pages /Kids [{kids}] /Count {pages} >>\nendobj\n",
    ]
    parts += [
        f"{3 + number} 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] {page} >>\nendobj\n"
        for number in range(pages)
    ]
    if extra:
        parts.append(f"{3 + pages} 0 obj\n{extra}\nendobj\n")
    return _finish_pdf([part.encode("latin-1") for part in parts])


def _finish_pdf(parts: list[bytes]) -> bytes:
    body, offsets = b"%PDF-1.7\n", []
    for part in parts:
        offsets.append(len(body))
        body += part
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, table, len(offsets) + 1, len(body))
    )


def plain_ofd(*, pages: int = 1, more: dict[str, bytes] | None = None) -> bytes:
    """Pack a small OFD; ``more`` are further files, or others in the place of its own."""
    named = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/{n}.xml"/>' for n in range(pages))
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    files = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody/></ofd:OFD>".encode(),
        "Doc_0/Document.xml": f"<ofd:Document {space}>{named}</ofd:Document>".encode(),
        "Doc_0/Pages/0.xml": f"<ofd:Content {space}/>".encode(),
    } | (more or {})
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def hostile_uploads() -> list[Hostile]:
    """Give the whole corpus, in a fixed order."""
    return [
        *_not_taken(),
        *_tricked_pictures(),
        *_broken_pictures(),
        *_huge_pictures(),
        *_active_pdfs(),
        *_broken_pdfs(),
        *_bad_ofds(),
    ]


def _not_taken() -> Iterator[Hostile]:
    """What is no document at all, whatever it calls itself."""
    heads = {
        "html": b"<!DOCTYPE html><html>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="anju()">',
        "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a/>',
        "elf": b"\x7fELF\x02\x01\x01",
        "exe": b"MZ\x90\x00",
        "shell": b"#!/bin/sh\n",
        "gif": b"GIF89a",
        "webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
        "tiff": b"II*\x00",
        "bmp": b"BM",
        "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "rtf": b"{\\rtf1",
        "gzip": b"\x1f\x8b\x08\x00",
        "rar": b"Rar!\x1a\x07\x00",
        "seven": b"7z\xbc\xaf'\x1c",
        "ps": b"%!PS-Adobe-3.0\n",
        "class": b"\xca\xfe\xba\xbe",
        "pickle": b"\x80\x04\x95",
        "php": b"<?php system($_GET['a']); ?>",
        "avif": b"\x00\x00\x00\x1cftypavif",
        "mp4": b"\x00\x00\x00\x18ftypisom",
        "text": b"hello ",
    }
    for name, head in heads.items():
        yield Hostile(f"{name} as a document", head + MARK)
        yield Hostile(f"{name} before a PDF", head + MARK + plain_pdf())
        yield Hostile(f"{name} before a picture", head + MARK + picture("JPEG"))
    for name in ("a.docm", "a.html", "a.js", "a.exe", "word/vbaProject.bin"):
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr(name, MARK)
        yield Hostile(f"a zip of {name}", out.getvalue())


def _tricked_pictures() -> Iterator[Hostile]:
    """Pictures that can be decoded, with something else on board."""
    for kind in ("PNG", "JPEG"):
        whole = picture(kind)
        yield Hostile(f"{kind} with a page behind", whole + MARK)
        yield Hostile(f"{kind} with a zip behind", whole + plain_ofd(more={"a.html": MARK}))
        yield Hostile(f"{kind} with a PDF behind", whole + MARK + plain_pdf())
        yield Hostile(f"{kind} with a script in Exif", picture(kind, exif=_exif()))
        yield Hostile(f"{kind} with a colour profile", picture(kind, icc_profile=MARK * 20))
    for key in ("Comment", "Author", "XML:com.adobe.xmp", "Description", "Software"):
        told = PngImagePlugin.PngInfo()
        told.add_text(key, _TEXT)
        yield Hostile(f"PNG with a text {key}", picture(pnginfo=told))
        packed = PngImagePlugin.PngInfo()
        packed.add_text(key, _TEXT * 3, zip=True)
        yield Hostile(f"PNG with a packed text {key}", picture(pnginfo=packed))
        nation = PngImagePlugin.PngInfo()
        nation.add_itxt(key, _TEXT)
        yield Hostile(f"PNG with a national text {key}", picture(pnginfo=nation))
    for marker in (0xE0, 0xE1, 0xE2, 0xEC, 0xED, 0xEE, 0xFE):
        yield Hostile(f"JPEG with a segment {marker:x}", _with_segment(picture("JPEG"), marker))
    for chunk in (b"anJu", b"tEXt", b"eXIf", b"iDOT"):
        yield Hostile(f"PNG with a chunk {chunk.decode()}", _with_chunk(picture(), chunk))


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = _TEXT
    exif[0x8298] = _TEXT
    return exif


def _with_segment(jpeg: bytes, marker: int) -> bytes:
    return jpeg[:2] + b"\xff" + bytes([marker]) + struct.pack(">H", len(MARK) + 2) + MARK + jpeg[2:]


def _with_chunk(png: bytes, kind: bytes) -> bytes:
    data = b"k\0" + MARK if kind == b"tEXt" else MARK
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return png[:33] + chunk + png[33:]


def _broken_pictures() -> Iterator[Hostile]:
    """Pictures cut off or bent: decoders are where exploits live."""
    for kind in ("PNG", "JPEG"):
        whole = picture(kind, size=(64, 64))
        for tenth in range(1, 9):
            cut = whole[: len(whole) * tenth // 10]
            yield Hostile(f"{kind} cut at {tenth} tenths", cut + MARK)
        yield Hostile(f"{kind} of a head alone", whole[:12] + MARK)
        for place in (16, 20, 24, 29):
            bent = bytearray(whole)
            bent[place : place + 4] = b"\xff\xff\xff\xff"
            yield Hostile(f"{kind} bent at {place}", bytes(bent) + MARK)
    for brand in (b"heic", b"heix", b"mif1"):
        yield Hostile(f"HEIC {brand.decode()} of a head alone", b"\0\0\0\x18ftyp" + brand + MARK)
        yield Hostile(
            f"HEIC {brand.decode()} of noise",
            b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(range(256)) * 8 + MARK,
        )


def _huge_pictures() -> Iterator[Hostile]:
    """Small files that say they are enormous, and some that are."""
    for width, height in ((60_000, 60_000), (1 << 30, 1), (1, 1 << 30), (0, 5), (20_000, 20)):
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        chunk = (
            struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
        )
        packed = zlib.compress(bytes(100_000))
        data = struct.pack(">I", len(packed)) + b"IDAT" + packed
        data += struct.pack(">I", zlib.crc32(b"IDAT" + packed))
        yield Hostile(f"PNG of {width} x {height}", b"\x89PNG\r\n\x1a\n" + chunk + data + MARK)
    for height in (40_000, 65_500):
        jpeg = bytearray(picture("JPEG"))
        place = jpeg.index(b"\xff\xc0") + 5
        jpeg[place : place + 4] = struct.pack(">HH", height, height)
        yield Hostile(f"JPEG of {height} x {height}", bytes(jpeg) + MARK)


def _active_pdfs() -> Iterator[Hostile]:
    """PDFs that do something."""
    script = f"/S /JavaScript /JS ({_TEXT})"
    for kind in (
        script,
        f"/S /Launch /F ({_TEXT})",
        f"/S /SubmitForm /F ({_TEXT})",
        f"/S /ImportData /F ({_TEXT})",
        f"/S /GoToR /F ({_TEXT})",
        f"/S /GoToE /T << /N ({_TEXT}) >>",
        f"/S /Rendition /JS ({_TEXT})",
        f"/S /Movie /T ({_TEXT})",
        f"/S /Sound /T ({_TEXT})",
        f"/S /RichMediaExecute /T ({_TEXT})",
    ):
        word = kind.split()[1]
        yield Hostile(f"PDF opening with {word}", plain_pdf(root=f"/OpenAction << {kind} >>"))
        yield Hostile(f"PDF page with {word}", plain_pdf(page=f"/AA << /O << {kind} >> >>"))
        yield Hostile(
            f"PDF link with {word}",
            plain_pdf(page=f"/Annots [<< /Subtype /Link /A << {kind} >> >>]"),
        )
        yield Hostile(f"PDF with a loose {word}", plain_pdf(extra=f"<< {kind} >>"))
        yield Hostile(
            f"PDF with {word} spelled in hex",
            plain_pdf(root=f"/OpenAction << {kind} >>".replace("/S ", "/#53 ")),
        )
        yield Hostile(f"PDF with {word} in a compressed stream", _compressed_pdf(f"<< {kind} >>"))
    names = "/Names << /EmbeddedFiles << /Names [(a) << /EF << /F 4 0 R >> >>] >> >>"
    yield Hostile("PDF with files", plain_pdf(root=names, extra=f"({_TEXT})"))
    for kind in ("EmbeddedFile", "RichMedia", "Screen", "Movie", "FileAttachment"):
        yield Hostile(
            f"PDF with an annotation {kind}",
            plain_pdf(page=f"/Annots [<< /Subtype /{kind} /T ({_TEXT}) >>]"),
        )
    yield Hostile("PDF with a form of XML", plain_pdf(root=f"/AcroForm << /XFA ({_TEXT}) >>"))


def _compressed_pdf(held: str) -> bytes:
    """Hide an object in an object stream, which a search of the bytes does not see."""
    text = f"4 0 {held}".encode()
    packed = zlib.compress(text)
    objects = [
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n",
        b"5 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%b\n"
        b"endstream\nendobj\n" % (len(packed), packed),
    ]
    body, offsets = b"%PDF-1.7\n", []
    for part in objects:
        offsets.append(len(body))
        body += part
    rows = [b"\x00\x00\x00\x00\xff"]
    rows += [b"\x01" + struct.pack(">I", offset)[1:] + b"\x00" for offset in offsets[:3]]
    rows += [b"\x02\x00\x00\x05\x00", b"\x01" + struct.pack(">I", offsets[3])[1:] + b"\x00"]
    rows += [b"\x01" + struct.pack(">I", len(body))[1:] + b"\x00"]
    table = zlib.compress(b"".join(rows))
    return body + (
        b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 3 1] /Root 1 0 R /Filter /FlateDecode /Length %d >>"
        b"\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        % (len(table), table, len(body))
    )


def _broken_pdfs() -> Iterator[Hostile]:
    """PDFs that lie about themselves."""
    whole = plain_pdf(extra=f"({_TEXT})")
    yield Hostile("PDF of a head alone", b"%PDF-1.7\n" + MARK)
    for part in (3, 5, 7, 9):
        yield Hostile(f"PDF cut at {part} tenths", whole[: len(whole) * part // 10] + MARK)
    yield Hostile("PDF with its table elsewhere", whole.replace(b"startxref\n", b"startxref\n9"))
    yield Hostile("PDF without pages", whole.replace(b"/Count 1", b"/Count 0"))
    yield Hostile("PDF with minus pages", whole.replace(b"/Count 1", b"/Count -9"))
    yield Hostile("PDF of too many pages", plain_pdf(pages=501, extra=f"({_TEXT})"))
    yield Hostile("PDF within itself", whole.replace(b"/Root 1 0 R", b"/Root 99 0 R"))
    deep = "[" * 400 + f"({_TEXT})" + "]" * 400
    yield Hostile("PDF nested deep", plain_pdf(extra=deep))
    yield Hostile("PDF nested deeper", plain_pdf(extra="<</A" * 5_000 + " 1 " + ">>" * 5_000))
    locked = whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 4 0 R /ID [(a) (a)]")
    yield Hostile("PDF with a lock", locked)


def _bad_ofds() -> Iterator[Hostile]:
    """OFDs with more than paper in them."""
    for name in (
        "a.html",
        "a.js",
        "a.exe",
        "a.svg",
        "../../a.xml",
        "/etc/a.xml",
        "C:\\a.xml",
        "a.zip",
        "Doc_0/Script.js",
        "a",
        "a.xml.sh",
        "a.swf",
    ):
        yield Hostile(f"OFD with {name}", plain_ofd(more={name: MARK}))
    entity = b'<!DOCTYPE a [<!ENTITY b "' + MARK + b'">]><a>&b;</a>'
    yield Hostile("OFD with an entity", plain_ofd(more={"Doc_0/Res.xml": entity}))
    spaced = b"<! DOCTYPE a>" + MARK
    yield Hostile("OFD with a spaced declaration", plain_ofd(more={"OFD.xml": spaced}))
    link = b'<ofd:URI URI="javascript:anju()"/>' + MARK
    yield Hostile("OFD with a script", plain_ofd(more={"Doc_0/Act.xml": link}))
    yield Hostile("OFD that swells", plain_ofd(more={"a.xml": MARK + bytes(20 << 20)}))
    yield Hostile("OFD without pages", plain_ofd(pages=0, more={"b.xml": MARK}))
    yield Hostile("OFD of too many pages", plain_ofd(pages=501, more={"b.xml": b"<a/>" + MARK}))
    yield Hostile("OFD cut", plain_ofd(more={"b.xml": MARK})[:-30])
    twice = BytesIO()
    with zipfile.ZipFile(twice, "w") as packed:
        packed.writestr("OFD.xml", b"<a/>")
        packed.writestr("OFD.xml ", MARK)
    yield Hostile("OFD with two roots", twice.getvalue())
