"""Files that come with a form: read whole, within a bound."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest

from anju.foundation.exchange.sheets import MOST_BYTES
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came."""

    name: str
    content: bytes = field(repr=False)


def read_upload(request: HttpRequest, *, name: str) -> Upload:
    """Give the file of a form's field.

    Refuses with ``web.no-file`` and ``exchange.file-too-large``.
    """
    file = request.FILES.get(name)
    if file is None or not file.size:
        raise Refusal("web.no-file")
    if file.size > MOST_BYTES:
        raise Refusal("exchange.file-too-large", most=MOST_BYTES)
    return Upload(name=file.name or name, content=file.read())
