"""Where the pages lie."""

from __future__ import annotations

from django.urls import include, path

from volact.service.pages.accounts import invitations, members, profile
from volact.service.pages.center.places import PLACES as CENTER
from volact.service.pages.office import service
from volact.service.pages.office.places import PLACES as OFFICE
from volact.service.pages.portal import (
    activations,
    advice,
    agreements,
    downloads,
    hosts,
    key,
    keys,
    reports,
    requests,
    telephone,
    tokens,
)
from volact.service.pages.portal import home as portal

urlpatterns = [
    path("", profile.start, name="start"),
    path("assets/accent/<str:color>.css", service.accent, name="accent"),
    path("account/", include("volact.service.pages.accounts.urls")),
    path("invitation/<str:secret>", invitations.invited, name="invitation"),
    path("portal/<str:organization_id>/", portal.home, name="portal-home"),
    path("portal/<str:organization_id>/activations.csv", activations.export, name="portal-activations-export"),
    path("portal/<str:organization_id>/activations/", activations.activations, name="portal-activations"),
    path("portal/<str:organization_id>/advice/", advice.advice, name="portal-advice"),
    path("portal/<str:organization_id>/agreements/", agreements.agreements, name="portal-agreements"),
    path("portal/<str:organization_id>/agreements/<str:licensing_id>/", agreements.agreement, name="portal-agreement"),
    path("portal/<str:organization_id>/downloads/", downloads.downloads, name="portal-downloads"),
    path("portal/<str:organization_id>/downloads/publisher-file", downloads.publisher, name="portal-publisher-file"),
    path(
        "portal/<str:organization_id>/downloads/<str:licensing_id>/<str:product>/",
        downloads.download,
        name="portal-download",
    ),
    path("portal/<str:organization_id>/hosts/", hosts.hosts, name="portal-hosts"),
    path("portal/<str:organization_id>/keys/", keys.keys, name="portal-keys"),
    path("portal/<str:organization_id>/keys/export/", keys.export, name="portal-keys-export"),
    path("portal/<str:organization_id>/keys.csv", keys.sheet, name="portal-keys-sheet"),
    path("portal/<str:organization_id>/keys/<str:keyid>/", key.key, name="portal-key"),
    path("portal/<str:organization_id>/keys/<str:keyid>/reveal/", key.reveal, name="portal-key-reveal"),
    path("portal/<str:organization_id>/people/", members.people, name="portal-members"),
    path("portal/<str:organization_id>/reports/", reports.reports, name="portal-reports"),
    path("portal/<str:organization_id>/reports/<str:form>", reports.as_file, name="portal-report-file"),
    path("portal/<str:organization_id>/requests/", requests.requests, name="portal-requests"),
    path("portal/<str:organization_id>/requests/new/", requests.new, name="portal-request"),
    path("portal/<str:organization_id>/telephone/", telephone.telephone, name="portal-telephone"),
    path("portal/<str:organization_id>/tokens/", tokens.tokens, name="portal-tokens"),
    path("office/people/", members.people, name="office-members"),
    *CENTER,
    *OFFICE,
]
handler400 = "volact.service.pages.faults.malformed"
handler403 = "volact.service.pages.faults.missing"
handler404 = "volact.service.pages.faults.missing"
handler500 = "volact.service.pages.faults.broken"
