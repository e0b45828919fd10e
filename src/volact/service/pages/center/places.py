"""Where the activation center's pages lie."""

from __future__ import annotations

from django.urls import path

from volact.service.pages.center import deeds, find, queue, today

PLACES = [
    path("center/", queue.queue, name="center-home"),
    path("center/cases/<str:case_id>/", deeds.case, name="center-case"),
    path("center/find/", find.find, name="center-find"),
    path("center/today/", today.today, name="center-today"),
]
