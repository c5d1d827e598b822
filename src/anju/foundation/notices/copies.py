"""The static copy of a notice: an immutable folder, signed, which any server can give.

    public/notices/<digest>/
        notice.json     what it says, canonical JSON       index.html, notice.css   the same to read
        annex-1.pdf …   what was published with it         manifest.json            every file's SM3
        signature.json  the log key's SM2 over the digest  proof.json               once it is there
        ended.json      that it was withdrawn or is over, signed

The folder's name is the SM3 of ``manifest.json``; the ledger's entry of the publication holds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

from anju.foundation.core.crypto import new_id, tested_provider
from anju.foundation.core.files import write_folder
from anju.foundation.ledger.keys import read_log_key
from anju.foundation.ledger.queries import proof_of, read_opening
from anju.foundation.notices.contents import name_annexes, read_document
from anju.foundation.notices.pages import STYLE, STYLE_FILE, write_page
from anju.foundation.notices.types import NewAnnex, NoticeRow
from anju_rules.hashing import canonical, digest
from anju_rules.values import Refusal

FOLDER = "notices"
NOTICE, PAGE, MANIFEST = "notice.json", "index.html", "manifest.json"
SIGNATURE, PROOF, ENDED = "signature.json", "proof.json", "ended.json"
MANIFEST_FORMAT = "anju-notice-manifest/1"


def write_copy(*, document: str, annexes: Sequence[NewAnnex]) -> str:
    """Write the signed static copy of a document, whole or not at all; give its digest."""
    files = {
        NOTICE: document.encode(),
        PAGE: write_page(read_document(document)),
        STYLE_FILE: STYLE.encode(),
    }
    for annex, named in zip(annexes, name_annexes(annexes), strict=True):
        files[named.file] = annex.content
    manifest = canonical(
        {
            "format": MANIFEST_FORMAT,
            "files": {name: digest(content).hex() for name, content in sorted(files.items())},
        }
    )
    name = digest(manifest).hex()
    files[MANIFEST] = manifest
    files[SIGNATURE] = canonical(sign(message=signed_text(name)))

    def fill(fresh: Path) -> None:
        for file, content in files.items():
            (fresh / file).write_bytes(content)

    # A folder whose transaction fails after this is whole and named by nobody: it does no harm.
    write_folder(folder_of(name), fill, replace=True)
    return name


def folder_of(digest_hex: str) -> Path:
    """Say where the static copy of a digest lies."""
    return Path(settings.PUBLIC_FOLDER) / FOLDER / digest_hex


def signed_text(digest_hex: str) -> str:
    """Give the text that the signature of a static copy is over."""
    return f"{MANIFEST_FORMAT} {digest_hex}\n"


def sign(*, message: str) -> dict[str, str]:
    """Sign a text with the log's SM2 key; gives key, text and signature."""
    key = read_log_key(Path(settings.HOME)).pair
    signature = tested_provider().sm2_sign(private_key=key.private, message=message.encode())
    return {"key": key.public.hex(), "message": message, "signature": signature.hex()}


def is_signature(content: bytes, *, message: str, public_key: bytes) -> bool:
    """Whether ``content`` is a signature file of the pinned key over ``message``."""
    try:
        told = json.loads(content)
        if told["message"] != message or told["key"] != public_key.hex():
            return False
        signature = bytes.fromhex(told["signature"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return tested_provider().sm2_verify(
        public_key=public_key, message=message.encode(), signature=signature
    )


def write_proof(*, notice: NoticeRow) -> bool:
    """Lay the ledger's proof beside a static copy once the log is signed so far.

    Gives whether a proof lies there now. Where the entry's body may be opened, the proof opens
    it: the body names the digest, and header and commitment bind it. What stands there stays.
    """
    file = folder_of(notice.digest) / PROOF
    if file.exists():
        return True
    if notice.event_id is None or not file.parent.is_dir():
        return False
    proof = proof_of(event_id=notice.event_id)
    if proof is None or proof.note is None:
        return False
    told: dict[str, object] = {
        "event_id": str(proof.event_id),
        "header": dict(proof.header),
        "commit": proof.commit.hex(),
        "leaf": proof.leaf.hex(),
        "index": proof.index,
        "size": proof.size,
        "path": [node.hex() for node in proof.path],
        "root": proof.root.hex(),
        "note": proof.note,
    }
    if notice.opens_entry:
        body, salt = read_opening(event_id=notice.event_id)
        told |= {"body": dict(body), "salt": salt.hex()}
    put_whole(file, canonical(told))
    return True


def write_end(*, notice: NoticeRow, told: Mapping[str, object]) -> None:
    """Lay beside a static copy how it ended, signed; a copy that is gone needs no end."""
    folder = folder_of(notice.digest)
    if folder.is_dir():
        text = canonical({"notice": notice.digest, "number": notice.number, **told}).decode()
        put_whole(folder / ENDED, canonical(sign(message=text)))


def put_whole(file: Path, content: bytes) -> None:
    """Put a file in its place at once: whoever reads meets all of it or nothing."""
    fresh = file.with_name(f".{file.name}-{new_id()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(file)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise Refusal("notices.copy-not-written", file=file.name) from error
