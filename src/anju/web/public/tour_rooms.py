"""A room to turn around in: a layout's living room, drawn as an equirectangular panorama.

A sketch for plans whose homes have not been photographed; it is drawn here and fetched from
nowhere. Lengths are metres, the eye stands in the middle of the room at 1.55 m.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 2048, 1024
_EYE_M, _CEILING_M = 1.55, 2.8
_STEPS = 24
_JUST = 1e-6

Point = tuple[float, float, float]
"""East, up from the eye, south: metres."""


def draw_panorama(*, layout: str, area_sqm: int) -> str:
    """Draw the living room of a layout whose smallest home has ``area_sqm``, as an SVG text."""
    east = min(2.5, max(1.6, area_sqm / 45))
    south = min(3.4, max(2.1, area_sqm / 32))
    up, down = _CEILING_M - _EYE_M, -_EYE_M
    shapes = [
        _flat([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], "#efe7d6"),
        _plane(east, south, up, "#fbfaf6"),
        _plane(east, south, down, "#cdb892"),
        *_boards(east, south, down),
        _wall([(east, south), (-east, south)], (down, up), "#f4f1e8"),
        _wall([(-east, south), (-east, -south)], (down, up), "#e9e4d6"),
        _wall([(east, -south), (east, south)], (down, up), "#ece7da"),
        _wall([(-east, -south), (-_JUST, -south)], (down, up), "#e2dccb"),
        _wall([(_JUST, -south), (east, -south)], (down, up), "#e2dccb"),
        # The window looks south, over a far hill.
        _wall([(0.62 * east, south), (-0.62 * east, south)], (-0.75, 0.95), "#cfe3ee"),
        _wall([(0.62 * east, south), (-0.62 * east, south)], (-0.75, -0.3), "#9fbfae"),
        *(
            _wall([(at + 0.03, south), (at - 0.03, south)], (-0.75, 0.95), "#4d5a60")
            for at in (-0.62 * east, 0.0, 0.62 * east)
        ),
        _wall([(0.62 * east, south), (-0.62 * east, south)], (0.9, 1.0), "#4d5a60"),
        _wall([(0.62 * east, south), (-0.62 * east, south)], (-0.8, -0.72), "#4d5a60"),
        # Behind the reader the door; at the sides sofa and shelf.
        _wall([(0.35, -south), (1.25, -south)], (down, 0.55), "#8a6a45"),
        _wall([(1.08, -south), (1.16, -south)], (-0.55, -0.42), "#f2c14e"),
        _wall([(-east, 0.9), (-east, -1.0)], (down, -0.75), "#7fa69c"),
        _wall([(-east, 0.9), (-east, -1.0)], (-0.75, -0.6), "#6b9389"),
        _wall([(east, -0.8), (east, 0.7)], (down, -1.0), "#b69a6e"),
        _wall([(east, -0.45), (east, 0.35)], (-0.75, -0.25), "#1f2a2e"),
    ]
    labels = [
        _label("南", (0.0, 1.08, south), size=26),
        _label("东", (east, 0.75, 0.0)),
        _label("西", (-east, 0.75, 0.0)),
        _label("北 · 入户门", (0.8, 0.85, -south)),
        _label(f"{layout} · 示意图，不是实景", (0.0, -1.0, south), size=26),
    ]
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}">'
        "{2}{3}</svg>",
        WIDTH,
        HEIGHT,
        format_html_join("", "{}", ((shape,) for shape in shapes)),
        format_html_join("", "{}", ((label,) for label in labels)),
    )


def look_at(point: Point) -> tuple[float, float]:
    """Give where a point is seen: pixels from the left and from the top; south is the middle."""
    east, up, south = point
    around = math.atan2(east, south)
    above = math.atan2(up, math.hypot(east, south))
    # Who looks south has the east on his left.
    return WIDTH * (0.5 - around / math.tau), HEIGHT * (0.5 - above / math.pi)


def _between(begin: Point, end: Point) -> list[tuple[float, float]]:
    """Give an edge as it is seen: what is straight in the room is bent in the picture."""
    steps = [step / _STEPS for step in range(_STEPS + 1)]
    return [
        look_at(
            (
                begin[0] + (end[0] - begin[0]) * part,
                begin[1] + (end[1] - begin[1]) * part,
                begin[2] + (end[2] - begin[2]) * part,
            )
        )
        for part in steps
    ]


def _wall(
    foot: Sequence[tuple[float, float]], heights: tuple[float, float], colour: str
) -> SafeString:
    """Draw an upright piece between two points on the ground."""
    (east, south), (to_east, to_south) = foot
    low, high = heights
    top = _between((east, high, south), (to_east, high, to_south))
    bottom = _between((to_east, low, to_south), (east, low, south))
    return _flat([*top, *bottom], colour)


def _plane(east: float, south: float, up: float, colour: str) -> SafeString:
    """Draw ceiling or floor: all between the walls' edge and the picture's."""
    corners = [
        (_JUST, up, -south),
        (east, up, -south),
        (east, up, south),
        (-east, up, south),
        (-east, up, -south),
        (-_JUST, up, -south),
    ]
    edge = [point for begin, end in pairwise(corners) for point in _between(begin, end)]
    outer = 0 if up > 0 else HEIGHT
    return _flat([(0, outer), *edge, (WIDTH, outer)], colour)


def _boards(east: float, south: float, down: float) -> Iterable[SafeString]:
    """Draw the floor boards, from north to south, so that the eye sees how deep the room is."""
    at = -east + 0.3
    while at < east:
        yield _line(_between((at, down, _JUST), (at, down, south)))
        if abs(at) > _JUST:
            yield _line(_between((at, down, -_JUST), (at, down, -south)))
        at += 0.3


def _write(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _flat(points: Iterable[tuple[float, float]], colour: str) -> SafeString:
    return format_html('<polygon points="{}" fill="{}"/>', _write(points), colour)


def _line(points: Iterable[tuple[float, float]]) -> SafeString:
    return format_html(
        '<polyline points="{}" fill="none" stroke="#a88f63" stroke-width="1.5"/>', _write(points)
    )


def _label(words: str, point: Point, *, size: int = 34) -> SafeString:
    x, y = look_at(point)
    return format_html(
        '<text x="{}" y="{}" font-size="{}" text-anchor="middle" fill="#1f2a2e"'
        ' font-family="sans-serif">{}</text>',
        f"{x:.0f}",
        f"{y:.0f}",
        size,
        words,
    )
