"""The amenity map: what lies around a home, as rings of 500 m. Directions are not known.

The unit table has distances, no places; the drawing says so, and no map is fetched from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anju.resettlement.inventory.types import UnitRow
from anju.web.public.home_words import say_metres
from anju_rules.provision import Facility, Provision

RING_M = 500
_FEWEST_RINGS, _MOST_RINGS = 2, 6
_CENTRE, _REACH = 320, 260
"""Of a drawing 640 wide: where the home stands, and the radius of the last ring."""
_BEARINGS = ((0, -1000), (866, 500), (-866, 500), (0, 1000), (866, -500), (-866, -500))
"""Where each amenity is drawn, in thousandths: evenly round, for the direction is not known."""
_MOST_NAMES = 3
_PROVISIONS = {Provision.SCHOOL: ("学校", "学"), Provision.MEDICAL: ("医疗", "诊")}


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
    has_names: bool
    """Whether there is room for names beside the signs; the list below has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityLine:
    """A school or a clinic that is there for a home, in words."""

    kind: str
    name: str
    told: str


def lay_out_facility(facility: Facility) -> FacilityLine:
    """Say what is on record of a school or a clinic."""
    told = []
    if facility.places is not None:
        is_school = facility.kind is Provision.SCHOOL
        told.append(f"{facility.places} {'个学位' if is_school else '张床位'}")
    if facility.distance_m is not None:
        told.append(say_metres(facility.distance_m))
    day = facility.ready_on
    told.append("已开办" if day is None else f"{day.year} 年 {day.month} 月 {day.day} 日起")
    return FacilityLine(
        kind=_PROVISIONS[facility.kind][0], name=facility.name, told="，".join(told)
    )


def draw_amenities(unit: UnitRow, *, facilities: Iterable[Facility] = ()) -> AmenityMap | None:
    """Draw what is known around a home; None where no distance is known.

    ``facilities`` are the schools and clinics that serve it; one without a distance is not drawn,
    and of many the first stand for the rest.
    """
    table = (
        ("公交地铁", "车", unit.transit_distance_m),
        ("商场菜场", "市", unit.commerce_distance_m),
        ("医院", "医", unit.hospital_distance_m),
    )
    known = [
        (name, sign, metres, say_metres(metres))
        for name, sign, metres in table
        if metres is not None
    ]
    known += [
        (one.name, _PROVISIONS[one.kind][1], one.distance_m, lay_out_facility(one).told)
        for one in facilities
        if one.distance_m is not None
    ]
    known = known[: len(_BEARINGS)]
    if not known:
        return None
    farthest = max(metres for _, _, metres, _ in known)
    rings = min(_MOST_RINGS, max(_FEWEST_RINGS, -(-farthest // RING_M)))
    edge = rings * RING_M
    places = []
    for (name, sign, metres, told), (right, down) in zip(known, _BEARINGS, strict=False):
        reach = _REACH * min(metres, edge) // edge
        y = _CENTRE + reach * down // 1000
        places.append(
            Place(
                name=name,
                sign=sign,
                x=_CENTRE + reach * right // 1000,
                y=y,
                label_y=y - 26 if down < 0 else y + 44,
                told=told,
                is_beyond=metres > edge,
            )
        )
    return AmenityMap(
        size=2 * _CENTRE,
        centre=_CENTRE,
        rings=tuple(_ring(ring, of=rings) for ring in range(rings, 0, -1)),
        places=tuple(places),
        told="；".join(f"{place.name} {place.told}" for place in places),
        has_names=len(places) <= _MOST_NAMES,
    )


def _ring(ring: int, *, of: int) -> Ring:
    radius = _REACH * ring // of
    metres = ring * RING_M
    label = f"{metres} 米" if metres % 1000 else f"{metres // 1000} 公里"
    return Ring(radius=radius, label=label, label_y=_CENTRE + radius - 6)
