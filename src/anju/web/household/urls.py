"""Addresses of a family's pages."""

from __future__ import annotations

from django.urls import path

from anju.web.household import (
    case,
    case_facts,
    case_objection,
    case_papers,
    case_reply,
    draw,
    plan,
    views,
)

urlpatterns = [
    path("", views.show_family, name="me"),
    path("choose/", views.show_homes, name="choose"),
    path("choose/confirm/", views.confirm_choice, name="confirm"),
    path("case/", case.show_cases, name="my-cases"),
    path("case/facts/", case_facts.state_own_facts, name="my-facts"),
    path("case/object/", case_objection.object_to, name="my-objection"),
    path("case/<uuid:case_id>/", case.show_case, name="my-case"),
    path("case/<uuid:case_id>/all-in/", case.say_all_in, name="my-case-all-in"),
    path("case/<uuid:case_id>/papers/", case_papers.hand_in, name="my-papers"),
    path(
        "case/<uuid:case_id>/papers/<uuid:document_id>",
        case_papers.show_document,
        name="my-document",
    ),
    path("case/<uuid:case_id>/reply/", case_reply.reply, name="my-reply"),
    path("case/<uuid:case_id>/withdraw/", case.withdraw, name="my-case-withdraw"),
    path("draw/", draw.show_own_draw, name="my-draw"),
    path("draw/slip.pdf", draw.give_slip, name="my-slip"),
    path("plan/", plan.show_own_plan, name="my-plan"),
    path("score/", views.show_score, name="my-score"),
]
