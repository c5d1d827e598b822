"""A wall as files: the page, its parts, and what tells one revision from the next.

The same templates make the page that the site serves and the one that the peak server does.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path

import segno
from django.template.loader import render_to_string

from anju.foundation.ledger.types import CheckpointRow
from anju.resettlement.selection.recordings import RecordingRow
from anju.resettlement.selection.troubles import Troubles
from anju.resettlement.selection.types import Board
from anju.web.public.saying import say_moment
from anju.web.public.wall import Wall, lay_out_wall
from anju_rules.hashing import digest

PARTS = ("trouble", "top", "now", "next", "stock", "feed", "draw", "recordings", "ledger")
"""The parts of the wall that are sent anew when they change; homes travel as signs."""
ASSETS = (
    "tokens.css",
    "base.css",
    "wall.css",
    "hall.css",
    "wall.js",
    "hall.js",
    "find.js",
    "seal.svg",
)
SHARED_ASSETS = ("sm3.js",)
"""What the result's own pages digest with: one text for stick, site and wall."""
CODE = "wall-code.svg"
"""The wall's address as a QR code, for the hall's screen."""
BOARD = ".board.json"
"""What the site shows of a published wall; a hidden name, so the peak server keeps it back."""
_SHARED = resources.files("anju.resettlement.offline.pages") / "static"
_STATIC = Path(__file__).resolve().parent.parent / "static" / "anju"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Style and script of the public page, under their own digest."""

    folder: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedWall:
    """What of a wall is published; equal walls are published once."""

    wall: Wall
    parts: Mapping[str, str]
    summary: Mapping[str, object]
    site: str
    ledger_root: str
    """Root of the ledger when it was laid out, in hex; empty before the first entry."""

    def as_data(self) -> dict[str, object]:
        """Give what ``wall.json`` holds beside revision and time."""
        return {"parts": dict(self.parts), "homes": self.wall.signs, "summary": dict(self.summary)}

    def write_board(self) -> str:
        """Write what the site's own page shows: the same, with links that stay on the site."""
        return render_to_string("public/wall/_board.html", {"wall": self.wall, "site": ""})

    def write_page(self, *, revision: int, at: datetime, assets: str, is_hall: bool = False) -> str:
        """Write the whole page, for a reader or for the hall's screen."""
        return render_to_string(
            "public/wall/hall.html" if is_hall else "public/wall/page.html",
            {
                "wall": self.wall,
                "site": self.site,
                "revision": revision,
                "published": say_moment(at),
                "assets": f"/assets/{assets}",
                "stream": f"/live/{self.wall.code}/events",
            },
        )


def render_wall(
    *,
    board: Board,
    checkpoint: CheckpointRow | None,
    site: str,
    troubles: Troubles | None = None,
    recordings: Sequence[RecordingRow] = (),
) -> PublishedWall:
    """Render a board as a wall; ``site`` is where its links lead, without a slash at the end."""
    wall = lay_out_wall(
        board=board, checkpoint=checkpoint, troubles=troubles, recordings=recordings
    )
    facts = {"wall": wall, "site": site}
    return PublishedWall(
        wall=wall,
        site=site,
        ledger_root=checkpoint.root.hex() if checkpoint else "",
        parts={name: render_to_string(f"public/wall/_{name}.html", facts) for name in PARTS},
        summary=sum_up(board, headline=wall.headline),
    )


def draw_code(address: str) -> bytes:
    """Draw an address as a QR code, an SVG file that a phone reads across a hall."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue()


def sum_up(board: Board, *, headline: str) -> dict[str, object]:
    """Give a project's line in the list of projects."""
    counts = board.counts
    return {
        "code": board.code,
        "name": board.name,
        "headline": headline,
        "homes": counts.homes,
        "free": counts.homes_free,
        "households": counts.households,
        "chosen": counts.chosen,
        "percent": 100 * counts.chosen // counts.households if counts.households else 0,
    }


@cache
def read_assets() -> Assets:
    """Read style and script; the folder's name is the digest of them all."""
    files = {name: (_STATIC / name).read_bytes() for name in ASSETS}
    files |= {name: (_SHARED / name).read_bytes() for name in SHARED_ASSETS}
    joined = b"".join(digest(content) for _, content in sorted(files.items()))
    return Assets(folder=digest(joined).hex()[:16], files=files)
