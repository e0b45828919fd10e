"""Where the pages of the back office lie; in their addresses a customer is `customer_id`, since its seat is another."""

from __future__ import annotations

from django.urls import path

from volact.service.pages.office import (
    activations,
    agreements,
    backup,
    catalogs,
    denials,
    home,
    issuing,
    keys,
    media,
    organizations,
    record,
    service,
    tokens,
    webhooks,
)

PLACES = [
    path("office/", home.home, name="office-home"),
    path("office/agreements/<str:licensing_id>/", agreements.one, name="office-agreement"),
    path("office/agreements/<str:licensing_id>/change/", agreements.change, name="office-agreement-change"),
    path("office/agreements/<str:licensing_id>/issue/", issuing.issue, name="office-key-issue"),
    path("office/agreements/<str:licensing_id>/media/", media.of_agreement, name="office-media"),
    path("office/catalog/", catalogs.versions, name="office-catalog"),
    path("office/catalog/compare/", catalogs.compare, name="office-catalog-compare"),
    path("office/catalog/publish/", catalogs.publish, name="office-catalog-publish"),
    path("office/catalog/<int:version>/", catalogs.version, name="office-catalog-version"),
    path("office/keys/", keys.every, name="office-keys"),
    path("office/keys/<str:keyid>/", keys.one, name="office-key"),
    path("office/keys/<str:keyid>/activations/", activations.of_key, name="office-key-activations"),
    path("office/keys/<str:keyid>/block/", keys.block, name="office-key-block"),
    path("office/organizations/new/", organizations.add, name="office-organization-new"),
    path("office/organizations/<str:customer_id>/", organizations.one, name="office-organization"),
    path("office/organizations/<str:customer_id>/agreement/", agreements.add, name="office-agreement-new"),
    path("office/organizations/<str:customer_id>/change/", organizations.change, name="office-organization-change"),
    path("office/record/", record.entries, name="audit"),
    path("office/record/checkpoints/", record.checkpoints, name="office-checkpoints"),
    path("office/record/verification/", record.verification, name="office-verification"),
    path("office/record/<int:number>/", record.one, name="office-entry"),
    path("office/service/", service.settle, name="office-service"),
    path("office/service/backup/", backup.backup, name="office-backup"),
    path("office/service/refusals/", denials.denials, name="office-denials"),
    path("office/service/tokens/", tokens.tokens, name="office-tokens"),
    path("office/service/webhooks/", webhooks.every, name="office-webhooks"),
    path("office/service/webhooks/<str:webhook_id>/", webhooks.one, name="office-webhook"),
]
