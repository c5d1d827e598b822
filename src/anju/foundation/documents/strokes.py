"""A name written by hand on glass: from the strokes as they came to a picture.

What a browser sends is judged like any other file from outside: bounded, whole numbers only, and
drawn here, so that nobody can hand in a picture of somebody else's signature by this way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageDraw

from anju_rules.values import Refusal

WIDTH, HEIGHT = 900, 360
"""The sheet that is written on, in its own units: a point lies in ``0 ≤ x ≤ 900, 0 ≤ y ≤ 360``."""
MOST_CHARACTERS = 60_000
MOST_STROKES = 120
MOST_POINTS = 6_000
LEAST_LENGTH = 150
"""How long the strokes must be together: a slip of the finger is no name."""
_PEN = 7
_FINER = 2
"""Drawn larger and made smaller, so that lines are smooth."""

Stroke = Sequence[tuple[int, int]]


def read_strokes(told: str) -> tuple[Stroke, ...]:
    """Read strokes: a list of strokes, each a flat list of whole numbers ``x, y, x, y …``.

    Refuses with ``documents.signature-malformed``, ``documents.signature-too-long`` and
    ``documents.signature-empty`` (nothing, or a dot).

    >>> read_strokes("[[10, 20, 300, 40]]")
    (((10, 20), (300, 40)),)
    """
    if len(told) > MOST_CHARACTERS:
        raise Refusal("documents.signature-too-long")
    try:
        raw = json.loads(told or "[]")
    except (ValueError, RecursionError):
        raise Refusal("documents.signature-malformed") from None
    if not isinstance(raw, list):
        raise Refusal("documents.signature-malformed")
    strokes = tuple(_read_stroke(one) for one in raw if one != [])
    if len(strokes) > MOST_STROKES or sum(map(len, strokes)) > MOST_POINTS:
        raise Refusal("documents.signature-too-long")
    if sum(_length(stroke) for stroke in strokes) < LEAST_LENGTH:
        raise Refusal("documents.signature-empty")
    return strokes


def draw_strokes(strokes: Sequence[Stroke]) -> bytes:
    """Draw strokes in black on white; gives a PNG of 900 × 360 dots."""
    sheet = Image.new("L", (WIDTH * _FINER, HEIGHT * _FINER), 255)
    pen = ImageDraw.Draw(sheet)
    for stroke in strokes:
        points = [(x * _FINER, y * _FINER) for x, y in stroke]
        if len(points) > 1:
            pen.line(points, fill=0, width=_PEN * _FINER, joint="curve")
        for x, y in (points[0], points[-1]):
            # Round ends: a line alone is cut off square.
            round_by = _PEN * _FINER // 2
            pen.ellipse((x - round_by, y - round_by, x + round_by, y + round_by), fill=0)
    out = BytesIO()
    sheet.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def _read_stroke(raw: object) -> Stroke:
    if not isinstance(raw, list) or len(raw) % 2 or not all(_is_whole(one) for one in raw):
        raise Refusal("documents.signature-malformed")
    points = tuple(zip(raw[::2], raw[1::2], strict=True))
    if not all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points):
        raise Refusal("documents.signature-malformed")
    return points


def _is_whole(one: object) -> bool:
    return isinstance(one, int) and not isinstance(one, bool)


def _length(stroke: Stroke) -> int:
    """Measure a stroke along its longer sides: whole numbers, and near enough for a bound."""
    return sum(max(abs(x2 - x1), abs(y2 - y1)) for (x1, y1), (x2, y2) in pairwise(stroke))
