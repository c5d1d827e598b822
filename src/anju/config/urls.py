"""Every address of the site."""

from __future__ import annotations

from django.urls import include, path

from anju.api.api import api
from anju.jobs.queries import worker_silence
from anju.web.health import tell_health

urlpatterns = [
    path("api/", api.urls),
    # Who stands above the faces tells them of the workers.
    path("health", tell_health, {"worker_silence": worker_silence}, name="health"),
    path("", include("anju.web.urls")),
]
