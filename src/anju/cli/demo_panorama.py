"""A room all around for the demo, drawn here dot by dot: no photograph of anybody's home."""

from __future__ import annotations

import math
from io import BytesIO

from PIL import Image, ImageFilter

_WIDTH, _HEIGHT = 1200, 600
_EAST, _SOUTH, _UP, _DOWN = 2.1, 2.9, 1.25, -1.55
"""From the eye to the walls, the ceiling and the floor, in metres."""
Colour = tuple[int, int, int]
Point = tuple[float, float, float]
"""East, up, south of the eye, in metres."""


def draw_room() -> bytes:
    """Draw a living room with a window to the south as an equirectangular JPEG."""
    around = [
        (math.sin(turn), math.cos(turn))
        for turn in (math.tau * (0.5 - (column + 0.5) / _WIDTH) for column in range(_WIDTH))
    ]
    dots: list[Colour] = []
    for row in range(_HEIGHT):
        above = math.pi * (0.5 - (row + 0.5) / _HEIGHT)
        flat, up = math.cos(above), math.sin(above)
        dots.extend(_look(flat * east, up, flat * south) for east, south in around)
    picture = Image.new("RGB", (_WIDTH, _HEIGHT))
    picture.putdata(dots)
    out = BytesIO()
    picture.filter(ImageFilter.SMOOTH).save(out, "JPEG", quality=88)
    return out.getvalue()


def _look(east: float, up: float, south: float) -> Colour:
    """Give what is seen along a ray from the eye: the first wall, ceiling or floor it meets."""
    across = _EAST / abs(east) if east else math.inf
    along = _SOUTH / abs(south) if south else math.inf
    high = (_UP if up > 0 else _DOWN) / up if up else math.inf
    far = min(across, along, high)
    at = (east * far, up * far, south * far)
    if far == high:
        return _lit(_ceiling(at) if up > 0 else _floor(at), at)
    if far == along:
        return _window(at) if south > 0 else _lit(_north(at), at)
    return _lit(_side(at), at)


def _lit(colour: Colour, at: Point) -> Colour:
    """Darken a colour away from the window, and in the corners."""
    east, up, south = at
    day = 0.72 + 0.28 * (south + _SOUTH) / (2 * _SOUTH)
    corner = min(_EAST - abs(east) + 0.25, 0.6) * min(_SOUTH - abs(south) + 0.25, 0.6)
    edge = min(min(_UP - up, up - _DOWN) + 0.3, 0.6) / 0.6
    share = day * (0.86 + 0.14 * min(1.0, max(corner / 0.2, edge * 0.6)))
    red, green, blue = colour
    return int(red * share), int(green * share), int(blue * share)


def _floor(at: Point) -> Colour:
    east, _, south = at
    board, place = divmod(east + 10, 0.16)
    shade = 14 * math.sin(board * 7.3) + 4 * math.sin(south * 9 + board)
    if place < 0.006 or abs((south + board * 0.9) % 1.2) < 0.006:
        return 126, 94, 62
    if abs(east) < 1.0 and abs(south - 0.3) < 1.1:  # a rug
        return (
            (176, 190, 178)
            if max(abs(east) / 1.0, abs(south - 0.3) / 1.1) < 0.92
            else (120, 140, 130)
        )
    return int(190 + shade), int(152 + shade), int(110 + shade)


def _ceiling(at: Point) -> Colour:
    east, _, south = at
    glow = math.hypot(east, south)
    return (255, 250, 236) if glow < 0.28 else (226, 224, 216) if glow < 0.32 else (246, 244, 238)


def _window(at: Point) -> Colour:
    east, up, _ = at
    if abs(east) > 1.45 or not -0.75 < up < 0.95:
        return _lit((238, 233, 222), at)
    if abs(abs(east) - 0.48) < 0.025 or abs(east) > 1.4 or up > 0.9 or up < -0.7:
        return 240, 241, 240
    hill = -0.12 + 0.1 * math.sin(east * 2.1) + 0.04 * math.sin(east * 6.2)
    if up < hill:
        return (96, 134, 104) if up < hill - 0.2 else (132, 162, 140)
    sky = int(30 * min(1.0, up))
    return 214 - 2 * sky, 230 - sky, 244


def _north(at: Point) -> Colour:
    east, up, _ = at
    if 0.5 < east < 1.4 and up < 0.5:  # the door
        is_frame = east < 0.56 or east > 1.34 or up > 0.44
        return (112, 80, 50) if is_frame else (150, 112, 72)
    return (214, 208, 194) if up < _DOWN + 0.1 else (236, 231, 219)


def _side(at: Point) -> Colour:
    east, up, south = at
    if up < _DOWN + 0.1:
        return 214, 208, 194
    if east < 0 and -1.1 < south < 0.9 and up < -0.72:  # a sofa
        return (96, 130, 122) if up > -1.0 else (112, 148, 138)
    if east > 0 and -0.6 < south < 0.6 and -0.5 < up < 0.2:  # a screen
        return (52, 56, 60) if max(abs(south) / 0.6, abs(up + 0.15) / 0.35) > 0.96 else (24, 30, 36)
    if east > 0 and -0.9 < south < 0.9 and up < -1.05:
        return 176, 146, 104
    return 240, 235, 224
