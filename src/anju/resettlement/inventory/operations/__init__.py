"""What may be done with homes: the register, what is planned of it, and how the homes were made."""

from __future__ import annotations

from anju.resettlement.inventory.operations.materials import (
    keep_attachment,
    keep_panorama,
    remove_material,
)
from anju.resettlement.inventory.operations.quality import (
    accept_mending,
    name_responsible,
    note_mending,
    report_defect,
    sign_stage,
)
from anju.resettlement.inventory.operations.register import move_units, store_units
from anju.resettlement.inventory.operations.stock import (
    grade_units,
    record_facility,
    reserve_units,
    set_stock_terms,
    store_lot,
)

__all__ = [
    "accept_mending",
    "grade_units",
    "keep_attachment",
    "keep_panorama",
    "move_units",
    "name_responsible",
    "note_mending",
    "record_facility",
    "remove_material",
    "report_defect",
    "reserve_units",
    "set_stock_terms",
    "sign_stage",
    "store_lot",
    "store_units",
]
