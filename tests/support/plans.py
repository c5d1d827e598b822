"""Small plan folders, for tests that run the whole job."""

from __future__ import annotations

from pathlib import Path

from anju.resettlement.offline.allocate import Allocation, allocate_plan
from anju.resettlement.offline.bundle import write_bundle
from anju.resettlement.offline.drawing import rehearse_draw
from anju.resettlement.offline.entries import Entry
from anju.resettlement.offline.example import write_example
from anju.resettlement.offline.plan import Plan, read_plan


def write_small_plan(folder: Path, *, homes: int = 60, households: int = 50) -> Plan:
    """Write and read a small example plan."""
    write_example(folder, seed=7, homes=homes, households=households)
    return read_plan(folder)


def write_small_bundle(folder: Path, plan: Plan) -> tuple[tuple[Entry, ...], Allocation]:
    """Rehearse a plan and write its bundle."""
    entries, draws = rehearse_draw(plan)
    allocation = allocate_plan(plan, entries=entries, results=[result for _, result in draws])
    write_bundle(folder, plan=plan, draws=draws, allocation=allocation)
    return entries, allocation
