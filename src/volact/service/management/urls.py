"""Where the management API lies."""

from __future__ import annotations

from django.urls import path

from volact.service.management.api import api

urlpatterns = [path("api/v1/", api.urls)]
