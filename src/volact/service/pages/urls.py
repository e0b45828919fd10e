"""Where the pages lie."""

from __future__ import annotations

from django.urls import include, path

from volact.service.pages.accounts import invitations, members, profile
from volact.service.pages.office import home as office
from volact.service.pages.office import service
from volact.service.pages.office.places import PLACES as OFFICE
from volact.service.pages.portal import activations, advice, hosts, reports, tokens
from volact.service.pages.portal import home as portal

urlpatterns = [
    path("", profile.start, name="start"),
    path("assets/accent/<str:color>.css", service.accent, name="accent"),
    path("account/", include("allauth.urls")),
    path("account/settings/", profile.profile, name="profile"),
    path("invitation/<str:secret>", invitations.invited, name="invitation"),
    path("portal/<str:organization_id>/", portal.home, name="portal-home"),
    path("portal/<str:organization_id>/activations/", activations.activations, name="portal-activations"),
    path("portal/<str:organization_id>/activations.csv", activations.export, name="portal-activations-export"),
    path("portal/<str:organization_id>/advice/", advice.advice, name="portal-advice"),
    path("portal/<str:organization_id>/hosts/", hosts.hosts, name="portal-hosts"),
    path("portal/<str:organization_id>/people/", members.people, name="portal-members"),
    path("portal/<str:organization_id>/reports/", reports.reports, name="portal-reports"),
    path("portal/<str:organization_id>/reports/<str:form>", reports.as_file, name="portal-report-file"),
    path("portal/<str:organization_id>/tokens/", tokens.tokens, name="portal-tokens"),
    path("office/people/", members.people, name="office-members"),
    path("center/", office.home, name="center-home"),
    *OFFICE,
]
handler400 = "volact.service.pages.faults.malformed"
handler403 = "volact.service.pages.faults.missing"
handler404 = "volact.service.pages.faults.missing"
handler500 = "volact.service.pages.faults.broken"
