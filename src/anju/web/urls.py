"""Every page's address: the door, then the audiences."""

from __future__ import annotations

from django.urls import include, path

from anju.web import sign_in

urlpatterns = [
    path("sign-in/", sign_in.open_door, name="sign-in"),
    path("sign-out/", sign_in.leave, name="sign-out"),
    path("print-size/", sign_in.set_print_size, name="print-size"),
    path("desk/", include("anju.web.officer.urls")),
    path("me/", include("anju.web.household.urls")),
    path("", include("anju.web.public.urls")),
]
