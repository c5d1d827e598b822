"""Writes of the public draw: opening, signing, chance, and what holds when something fails."""

from __future__ import annotations

from anju.foundation.draws.operations.chance import (
    enter_beacon_part,
    postpone_beacon,
    report_agreement,
    scan_secret,
)
from anju.foundation.draws.operations.failing import place_disputed, sign_void, strike_entry
from anju.foundation.draws.operations.opening import (
    add_paper_entry,
    lay_out_ceremony,
    open_ceremony,
    opening_told,
)
from anju.foundation.draws.operations.signing import (
    enter_commitments,
    sign_step,
    sign_street_count,
)

__all__ = [
    "add_paper_entry",
    "enter_beacon_part",
    "enter_commitments",
    "lay_out_ceremony",
    "open_ceremony",
    "opening_told",
    "place_disputed",
    "postpone_beacon",
    "report_agreement",
    "scan_secret",
    "sign_step",
    "sign_street_count",
    "sign_void",
    "strike_entry",
]
