"""Writes of planning."""

from __future__ import annotations

from anju.resettlement.planning.operations.adjusting import prompt_owner, prompt_owners
from anju.resettlement.planning.operations.consents import count_consent, give_consent
from anju.resettlement.planning.operations.drafting import draft_plan, publish_plan_notice
from anju.resettlement.planning.operations.enacting import put_in_force, take_over_plan

__all__ = [
    "count_consent",
    "draft_plan",
    "give_consent",
    "prompt_owner",
    "prompt_owners",
    "publish_plan_notice",
    "put_in_force",
    "take_over_plan",
]
