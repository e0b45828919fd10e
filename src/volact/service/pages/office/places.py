"""Where the pages of the back office lie; in their addresses a customer is `customer_id`, since its seat is another."""

from __future__ import annotations

from django.urls import path

from volact.service.pages.office import home, organizations

PLACES = [
    path("office/", home.home, name="office-home"),
    path("office/organizations/new/", organizations.add, name="office-organization-new"),
    path("office/organizations/<str:customer_id>/", organizations.one, name="office-organization"),
    path("office/organizations/<str:customer_id>/change/", organizations.change, name="office-organization-change"),
]
