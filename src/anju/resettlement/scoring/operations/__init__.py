"""Writes of scores: the whole register scored; one household corrected by two people."""

from __future__ import annotations

from anju.resettlement.scoring.operations.corrections import (
    decline_correction,
    propose_correction,
    sign_correction,
    withdraw_correction,
)
from anju.resettlement.scoring.operations.runs import score_project

__all__ = [
    "decline_correction",
    "propose_correction",
    "score_project",
    "sign_correction",
    "withdraw_correction",
]
