"""Every address of the site."""

from __future__ import annotations

from django.urls import include, path

from anju.api.api import api

urlpatterns = [
    path("api/", api.urls),
    path("", include("anju.web.urls")),
]
