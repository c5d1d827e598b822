"""Writes of eligibility: reviews opened, published and taken over; objections lodged."""

from __future__ import annotations

from anju.resettlement.eligibility.operations.asking import (
    ask_departments,
    ask_departments_of_many,
)
from anju.resettlement.eligibility.operations.objecting import (
    lodge_objection,
    reply_at_window,
)
from anju.resettlement.eligibility.operations.publishing import (
    publish_final_notice,
    publish_first_notice,
    settle_notice,
)
from anju.resettlement.eligibility.operations.reviewing import (
    open_review,
    open_reviews,
    state_facts,
)
from anju.resettlement.eligibility.operations.taking_over import take_over_reviews

__all__ = [
    "ask_departments",
    "ask_departments_of_many",
    "lodge_objection",
    "open_review",
    "open_reviews",
    "publish_final_notice",
    "publish_first_notice",
    "reply_at_window",
    "settle_notice",
    "state_facts",
    "take_over_reviews",
]
