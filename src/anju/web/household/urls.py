"""Addresses of a family's pages."""

from __future__ import annotations

from django.urls import path

from anju.web.household import draw, views

urlpatterns = [
    path("", views.show_family, name="me"),
    path("choose/", views.show_homes, name="choose"),
    path("choose/confirm/", views.confirm_choice, name="confirm"),
    path("draw/", draw.show_own_draw, name="my-draw"),
    path("draw/slip.pdf", draw.give_slip, name="my-slip"),
    path("score/", views.show_score, name="my-score"),
]
