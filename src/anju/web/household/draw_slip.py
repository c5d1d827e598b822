"""A family's slip on paper: ticket and place in large print, and two codes."""

from __future__ import annotations

from pathlib import Path

import segno
from django.utils.safestring import mark_safe

from anju.web.papers import set_paper
from anju.web.public.draw_words import group_hex
from anju_rules.draw_slips import Slip, write_slip
from anju_rules.draws import Scheme

_STYLE = Path(__file__).resolve().parent.parent / "static" / "anju" / "slip.css"
SALT_FORMAT = "ANJU-SALT-1"
"""The second code: format, draw, ticket and salt, with ``*`` between, in capitals."""


def write_slip_page(
    *, slip: Slip, salt: bytes, project: str, title: str, drawn: str, check_page: str
) -> bytes:
    """Write a slip as a PDF of one A5 page.

    The first code is the slip itself (:mod:`anju_rules.draw_slips`): public, everything in it
    stands in the bundle. The second is the salt, which is the family's own: it folds behind.
    """
    text = write_slip(slip)
    own = "*".join((SALT_FORMAT, slip.draw_id, slip.ticket, salt.hex().upper()))
    return set_paper(
        "household/draw/slip.html",
        {
            "slip": slip,
            "project": project,
            "title": title,
            "drawn": drawn,
            "is_rehearsal": slip.scheme is Scheme.REHEARSAL,
            "seed": group_hex(slip.seed.hex()),
            "root": group_hex(slip.root.hex()),
            "key": group_hex(slip.key.hex()),
            "code": mark_safe(_draw_code(text)),  # noqa: S308 - drawn by the library from our text
            "own_code": mark_safe(_draw_code(own)),  # noqa: S308
            "check_page": check_page,
        },
        stylesheets=[_STYLE],
    )


def _draw_code(text: str) -> str:
    return str(segno.make_qr(text, error="l").svg_inline(scale=4, border=4, omitsize=True))
