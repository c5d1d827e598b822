"""Addresses of the pages everybody may read."""

from __future__ import annotations

from django.urls import path

from anju.web.public import (
    compare,
    draws,
    home_file,
    notices,
    plan,
    policies,
    score,
    tour,
    views,
)

urlpatterns = [
    path("", views.show_home, name="home"),
    path("p/<str:code>/", views.show_project, name="project"),
    path("p/<str:code>/homes/", views.show_homes, name="homes"),
    path("p/<str:code>/building/", tour.show_building, name="building"),
    path("p/<str:code>/compare/", compare.compare_homes, name="compare"),
    path("p/<str:code>/homes/<path:number>/", home_file.show_home_file, name="home-file"),
    path("p/<str:code>/rooms/<path:layout>.svg", home_file.show_rooms, name="rooms"),
    path("p/<str:code>/draw/", views.show_draw, name="draw"),
    path("p/<str:code>/draws/", draws.show_draws, name="draws"),
    path("p/<str:code>/draws/<str:draw_number>/", draws.show_draw_live, name="draw-live"),
    path("p/<str:code>/draws/<str:draw_number>/stage", draws.show_draw_stage, name="draw-stage"),
    path(
        "p/<str:code>/draws/<str:draw_number>/bundle.json",
        draws.show_draw_bundle,
        name="draw-bundle",
    ),
    path("p/<str:code>/plan/", plan.show_plan, name="plan"),
    path("p/<str:code>/plan/consents/", plan.show_consents, name="plan-consents"),
    path("p/<str:code>/plan/papers/<uuid:document_id>", plan.show_paper, name="plan-paper"),
    path("p/<str:code>/score/", score.show_score, name="score"),
    path("p/<str:code>/notices/", notices.show_notices, name="notices"),
    path("notices/<uuid:notice_id>/", notices.show_notice, name="notice"),
    path("policies/", policies.show_policies, name="policies"),
    path("policies/<str:law>/", policies.show_law, name="policy"),
    path("draws/verify.html", draws.show_verify_page, name="draw-verify-page"),
    path("draws/verify_draw.py", draws.show_verify_script, name="draw-verify-script"),
    path("draws/slip.html", draws.show_slip_page, name="draw-slip-page"),
    path("draws/statistics/", draws.show_draw_statistics, name="draw-statistics"),
    path("proof/<uuid:event_id>/", views.show_proof, name="proof"),
    path("verify/", views.show_verify, name="verify"),
    path("verify/checks/<str:name>", views.show_check, name="check-script"),
]
