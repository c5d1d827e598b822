"""Addresses of a family's pages."""

from __future__ import annotations

from django.urls import path

from anju.web.household import views

urlpatterns = [
    path("", views.show_family, name="me"),
    path("choose/", views.show_homes, name="choose"),
    path("choose/confirm/", views.confirm_choice, name="confirm"),
    path("score/", views.show_score, name="my-score"),
]
