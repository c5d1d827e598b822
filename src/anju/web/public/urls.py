"""Addresses of the pages everybody may read."""

from __future__ import annotations

from django.urls import path

from anju.web.public import views

urlpatterns = [
    path("", views.show_home, name="home"),
    path("p/<str:code>/", views.show_project, name="project"),
    path("p/<str:code>/homes/", views.show_homes, name="homes"),
    path("p/<str:code>/draw/", views.show_draw, name="draw"),
    path("proof/<uuid:event_id>/", views.show_proof, name="proof"),
    path("verify/", views.show_verify, name="verify"),
    path("verify/checks/<str:name>", views.show_check, name="check-script"),
]
