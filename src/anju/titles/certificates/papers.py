"""The PDF of a certificate: signed so that PDF readers see a change, and read back by a verifier.

The signature on the paper (PAdES, ECDSA over P-256) is the installation's own, by a key that it
made for itself: tamper evidence, no statutory seal. What counts is the structured data inside,
which carries the SM2 signature; the paper's own covers what the eye reads. Both are checked.
"""

from __future__ import annotations

import json
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from anju.foundation.core.crypto import new_id, new_paper_key, open_paper_key
from anju.foundation.core.files import write_private
from anju_rules.values import Refusal

ATTACHMENT = "certificate.json"
MOST_PAPER_BYTES = 8 << 20
_OTHERS = 0o077
_PACKINGS = ("None", "/FlateDecode")
_FIELD = "AnjuCertificate"
_LASTS = timedelta(days=3_650)


@dataclass(frozen=True, slots=True)
class PaperKey:
    """What papers are signed with."""

    key: bytes = field(repr=False)
    """PKCS#8, DER."""
    certificate: bytes
    """X.509, DER; a verifier pins it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPaper:
    """What was found in a PDF."""

    told: object
    """The structured data, as JSON."""
    is_untouched: bool
    """Whether a pinned key signed every byte of the file as it is."""


def read_paper_key(home: Path, *, at: datetime) -> PaperKey:
    """Give the key that papers are signed with, made at ``at`` if there is none.

    Refuses with ``keys.pair-malformed`` and ``keys.readable-by-others``.
    """
    file = home / "keys" / "certificates-paper.pem"
    if not file.exists():
        _make_paper_key(file, at=at)
    if file.stat().st_mode & _OTHERS:
        raise Refusal("keys.readable-by-others", file=str(file))
    try:
        return PaperKey(*open_paper_key(file.read_bytes()))
    except ValueError as error:
        raise Refusal("keys.pair-malformed", file=str(file)) from error


def sign_paper(paper: bytes, *, key: PaperKey, name: str) -> bytes:
    """Sign a PDF whole: nothing may be added or changed afterwards without a reader's seeing it."""
    # Here, not above: loading them takes a second that only who signs should wait.
    from asn1crypto import keys as asn1_keys  # noqa: PLC0415
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import fields, signers  # noqa: PLC0415
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(key.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(key.key),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    meta = signers.PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm="sha256",
        name=name,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    writer = IncrementalPdfFileWriter(BytesIO(paper))
    # The library calls a paper with an ECDSA signature PDF 2.0, which PDF/A-3 does not know: it
    # rests on 1.7, whose readers know the signature by its CMS and PAdES by its subfilter.
    writer.ensure_output_version = lambda **_: None  # type: ignore[method-assign]
    # It runs an event loop of its own, which a caller's thread may have already.
    with ThreadPoolExecutor(max_workers=1) as own:
        signed = own.submit(signers.PdfSigner(meta, signer=signer).sign_pdf, writer).result()
    return bytes(signed.getvalue())


def read_paper(paper: bytes, *, pinned: list[bytes]) -> ReadPaper:
    """Take the structured data out of a PDF, and see whether the file is as it was signed.

    ``pinned``: the certificates (DER) of the keys that papers may be signed with. Refuses with
    ``certificates.not-a-certificate-file`` what holds no such data; a file that was cut off, added
    to or signed by another is read as far as it goes, and is not untouched.
    """
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    wrong = Refusal("certificates.not-a-certificate-file")
    if len(paper) > MOST_PAPER_BYTES:
        raise wrong
    try:
        reader = PdfFileReader(BytesIO(paper), strict=True)
        told = json.loads(_attached(reader))
    except (PdfError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise wrong from error
    except (RecursionError, OSError, AssertionError, ArithmeticError, zlib.error) as error:
        raise wrong from error
    return ReadPaper(told=told, is_untouched=_is_untouched(reader, pinned))


def _attached(reader: object) -> bytes:
    """Give the one attachment that a certificate has."""
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]  # type: ignore[attr-defined]
    for place in range(1, len(names), 2):
        if str(names[place]["/UF"]) == ATTACHMENT:
            stream = names[place]["/EF"]["/F"]
            if "/DecodeParms" in stream or str(stream.get("/Filter")) not in _PACKINGS:
                raise ValueError
            return _inflate(bytes(stream.encoded_data), is_packed="/Filter" in stream)
    raise KeyError(ATTACHMENT)


def _inflate(content: bytes, *, is_packed: bool) -> bytes:
    """Give what an attachment holds; one that would swell beyond any certificate is refused."""
    if not is_packed:
        return content
    opened = zlib.decompressobj()
    told = opened.decompress(content, MOST_PAPER_BYTES)
    if not opened.eof:
        raise ValueError
    return told


def _is_untouched(reader: object, pinned: list[bytes]) -> bool:
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415
    from pyhanko.sign.general import UnacceptableSignerError  # noqa: PLC0415
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415
    from pyhanko.sign.validation.errors import SignatureValidationError  # noqa: PLC0415
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    try:
        signatures = reader.embedded_signatures  # type: ignore[attr-defined]
        if len(signatures) != 1:
            return False
        signature = signatures[0]
        roots = [asn1_x509.Certificate.load(one) for one in pinned]
        if signature.signer_cert.dump() not in pinned:
            return False
        context = ValidationContext(
            trust_roots=roots, allow_fetching=False, moment=signature.self_reported_timestamp
        )
        # It runs a loop of its own, which no thread that has one already may do.
        with ThreadPoolExecutor(max_workers=1) as apart:
            status = apart.submit(
                validate_pdf_signature, signature, signer_validation_context=context
            ).result()
    except (SignatureValidationError, UnacceptableSignerError, ValueError, KeyError, TypeError):
        return False
    return bool(
        status.intact
        and status.valid
        and status.trusted
        and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    )


def _make_paper_key(file: Path, *, at: datetime) -> None:
    """Write a fresh key with its certificate; of two that start at once, the first one's stays."""
    begins = at - timedelta(days=1)
    told = new_paper_key(name="Anju certificate papers", begins=begins, ends=begins + _LASTS)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}-{new_id()}")
    write_private(fresh, told.decode())
    try:
        os.link(fresh, file)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
