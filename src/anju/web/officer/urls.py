"""The officer's addresses, under ``/desk/``."""

from __future__ import annotations

from django.urls import path

from anju.web.officer import desk, draw, imports, scores, turns

urlpatterns = [
    path("", desk.show_desk, name="desk"),
    path("open/", desk.open_new_project, name="desk-open"),
    path("<str:code>/", desk.show_project, name="desk-project"),
    path("<str:code>/import/", imports.show_imports, name="desk-import"),
    path("<str:code>/import/send/", imports.receive, name="desk-import-send"),
    path("<str:code>/import/<uuid:import_id>/", imports.show_import, name="desk-import-one"),
    path("<str:code>/scores/", scores.show_scores, name="desk-scores"),
    path("<str:code>/scores/freeze/", scores.freeze_rules, name="desk-freeze"),
    path("<str:code>/scores/run/", scores.score_all, name="desk-score"),
    path("<str:code>/scores/<uuid:household_id>/", scores.show_sheet, name="desk-sheet"),
    path("<str:code>/draw/", draw.show_draw, name="desk-draw"),
    path("<str:code>/draw/rehearse/", draw.rehearse, name="desk-rehearse"),
    path("<str:code>/draw/take/", draw.take, name="desk-take-draw"),
    path("<str:code>/turns/", turns.show_turns, name="desk-turns"),
    path("<str:code>/turns/status/", turns.show_status, name="desk-turns-status"),
    path("<str:code>/turns/confirm/", turns.confirm_homes, name="desk-turns-confirm"),
    path("<str:code>/turns/choose/", turns.choose, name="desk-turns-choose"),
    path("<str:code>/turns/<str:act>/", turns.act, name="desk-turns-act"),
]
