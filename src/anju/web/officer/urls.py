"""The officer's addresses, under ``/desk/``."""

from __future__ import annotations

from django.urls import path

from anju.web.officer import (
    ceremony,
    ceremony_acts,
    ceremony_opening,
    desk,
    draw,
    imports,
    notices,
    publication,
    scores,
    stock,
    stock_acts,
    turns,
)

_ONE = "<str:code>/draws/<uuid:ceremony_id>"

urlpatterns = [
    path("", desk.show_desk, name="desk"),
    path("open/", desk.open_new_project, name="desk-open"),
    path("autoplay/", desk.switch_autoplay, name="desk-autoplay"),
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
    path("<str:code>/publication/", publication.show_publication, name="desk-publication"),
    path("<str:code>/publication/send/", publication.publish, name="desk-publish"),
    path("<str:code>/draws/", ceremony.show_ceremonies, name="desk-draws"),
    path("<str:code>/draws/open/", ceremony_acts.open_one, name="desk-draws-open"),
    path("<str:code>/draws/sample/", ceremony_opening.open_sample, name="desk-draws-sample"),
    path("<str:code>/draws/pool/", ceremony_opening.open_pool, name="desk-draws-pool"),
    path(f"{_ONE}/", ceremony.show_ceremony, name="desk-ceremony"),
    path(f"{_ONE}/status/", ceremony.show_status, name="desk-ceremony-status"),
    path(f"{_ONE}/now/", ceremony.show_now, name="desk-ceremony-now"),
    path(f"{_ONE}/device.html", ceremony.give_device_page, name="desk-ceremony-device"),
    path(f"{_ONE}/announcement.pdf", ceremony.give_announcement, name="desk-ceremony-announcement"),
    path(f"{_ONE}/card/<str:who>.pdf", ceremony.give_card, name="desk-ceremony-card"),
    path(
        f"{_ONE}/bundle/<str:draw_number>.json", ceremony.give_bundle, name="desk-ceremony-bundle"
    ),
    path(f"{_ONE}/act/<str:act>/", ceremony_acts.act, name="desk-ceremony-act"),
    path("<str:code>/notices/", notices.show_notices, name="desk-notices"),
    path("<str:code>/notices/publish/", notices.publish, name="desk-notices-publish"),
    path("<str:code>/notices/withdraw/", notices.withdraw, name="desk-notices-withdraw"),
    path("<str:code>/stock/", stock.show_stock, name="desk-stock"),
    path("<str:code>/stock/terms/", stock_acts.set_terms, name="desk-stock-terms"),
    path("<str:code>/stock/lots/", stock_acts.store_lot, name="desk-stock-lot"),
    path("<str:code>/stock/reserve/", stock_acts.reserve, name="desk-stock-reserve"),
    path("<str:code>/stock/defects/", stock_acts.report, name="desk-stock-report"),
    path("<str:code>/stock/mendings/", stock_acts.mend, name="desk-stock-mend"),
    path("<str:code>/stock/acceptances/", stock_acts.accept, name="desk-stock-accept"),
    path("<str:code>/stock/signatures/", stock_acts.sign, name="desk-stock-sign"),
    path(
        "<str:code>/stock/responsible/",
        stock_acts.name_responsible,
        name="desk-stock-responsible",
    ),
    path("<str:code>/turns/", turns.show_turns, name="desk-turns"),
    path("<str:code>/turns/status/", turns.show_status, name="desk-turns-status"),
    path("<str:code>/turns/confirm/", turns.confirm_homes, name="desk-turns-confirm"),
    path("<str:code>/turns/choose/", turns.choose, name="desk-turns-choose"),
    path("<str:code>/turns/<str:act>/", turns.act, name="desk-turns-act"),
]
