"""Uploads: files that came in, kept sealed until they are read, and no longer.

A file lies in ``<home>/uploads/<project>/<import>.sealed``, SM4-GCM under the project's key, bound
to its import: it cannot be opened in the place of another. A killed import is read again from it.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from pathlib import Path
from uuid import UUID

from django.conf import settings

from anju.foundation.core.sealing import open_field, seal_field
from anju_rules.values import Refusal

_TABLE, _COLUMN = "exchange_import", "file"


def keep_upload(*, project_id: UUID, import_id: UUID, data: bytes) -> None:
    """Seal a file and write it whole, on the disk before this returns."""
    sealed = seal_field(
        subject_id=project_id,
        table=_TABLE,
        row_id=import_id,
        column=_COLUMN,
        text=b64encode(data).decode("ascii"),
    )
    place = _place(project_id, import_id)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place.with_suffix(".part")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(sealed)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(place)


def open_upload(*, project_id: UUID, import_id: UUID) -> bytes:
    """Give the file as it came; refuses with ``exchange.upload-missing`` where it is gone.

    What was changed on the disk is refused with ``crypto.not-authentic``.
    """
    try:
        sealed = _place(project_id, import_id).read_bytes()
    except OSError:
        raise Refusal("exchange.upload-missing") from None
    text = open_field(
        subject_id=project_id, table=_TABLE, row_id=import_id, column=_COLUMN, sealed=sealed
    )
    return b64decode(text)


def drop_upload(*, project_id: UUID, import_id: UUID) -> None:
    """Remove a file that is no longer needed; one that is gone already is no fault."""
    _place(project_id, import_id).unlink(missing_ok=True)


def _place(project_id: UUID, import_id: UUID) -> Path:
    return Path(settings.HOME) / "uploads" / str(project_id) / f"{import_id}.sealed"
