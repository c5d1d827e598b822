"""The amenity map: what lies around a home, as rings of 500 m. Directions are not known.

The unit table has distances, no places; the drawing says so, and no map is fetched from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from anju.resettlement.inventory.types import UnitRow
from anju.web.public.home_words import say_metres

RING_M = 500
_FEWEST_RINGS, _MOST_RINGS = 2, 6
_CENTRE, _REACH = 320, 260
"""Of a drawing 640 wide: where the home stands, and the radius of the last ring."""
_BEARINGS = ((0, -1000), (866, 500), (-866, 500))
"""Where each amenity is drawn, in thousandths: evenly round, for the direction is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One ring."""

    radius: int
    label: str
    label_y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One amenity; beyond the last ring it stands at the edge and says so."""

    name: str
    sign: str
    x: int
    y: int
    label_y: int
    told: str
    is_beyond: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AmenityMap:
    """The drawing, in units of its own."""

    size: int
    centre: int
    rings: tuple[Ring, ...]
    places: tuple[Place, ...]
    told: str
    """The drawing in one sentence, for whoever does not see it."""


def draw_amenities(unit: UnitRow) -> AmenityMap | None:
    """Draw what is known around a home; None where the unit table gives no distance."""
    known = [
        (name, sign, metres)
        for name, sign, metres in (
            ("公交地铁", "车", unit.transit_distance_m),
            ("商场菜场", "市", unit.commerce_distance_m),
            ("医院", "医", unit.hospital_distance_m),
        )
        if metres is not None
    ]
    if not known:
        return None
    farthest = max(metres for _, _, metres in known)
    rings = min(_MOST_RINGS, max(_FEWEST_RINGS, -(-farthest // RING_M)))
    edge = rings * RING_M
    places = []
    for (name, sign, metres), (right, down) in zip(known, _BEARINGS, strict=False):
        reach = _REACH * min(metres, edge) // edge
        y = _CENTRE + reach * down // 1000
        places.append(
            Place(
                name=name,
                sign=sign,
                x=_CENTRE + reach * right // 1000,
                y=y,
                label_y=y - 26 if down < 0 else y + 44,
                told=say_metres(metres),
                is_beyond=metres > edge,
            )
        )
    return AmenityMap(
        size=2 * _CENTRE,
        centre=_CENTRE,
        rings=tuple(_ring(ring, of=rings) for ring in range(rings, 0, -1)),
        places=tuple(places),
        told="；".join(f"{place.name} {place.told}" for place in places),
    )


def _ring(ring: int, *, of: int) -> Ring:
    radius = _REACH * ring // of
    metres = ring * RING_M
    label = f"{metres} 米" if metres % 1000 else f"{metres // 1000} 公里"
    return Ring(radius=radius, label=label, label_y=_CENTRE + radius - 6)
