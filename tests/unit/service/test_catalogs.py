import msgspec
import pytest

from tests.unit.service.conftest import Office
from volact.credential.lists import CatalogDocument
from volact.errors import Damaged, Refused
from volact.licensing.catalog import Catalog
from volact.service.ledger import documents, keys
from volact.service.ports import Service
from volact.service.signing import record_document, sign_pending
from volact.service.usecases import catalogs
from volact.service.usecases.keys import Order, issue
from volact.service.usecases.revocations import record_list
from volact.service.vault import ThrowawayVault


def test_the_same_file_again_is_the_next_version(office: Office, reference: Catalog) -> None:
    """Publishing a catalog gives the next version, also when nothing in it has changed."""
    office.time.go(60)
    assert catalogs.publish(office.service, reference, act=office.act) == 2
    document = office.trust().catalog_document
    assert (document.version, document.iat) == (2, office.act.now)


def test_an_edit_that_breaks_a_key_is_refused(office: Office, reference: Catalog) -> None:
    """A product group that keys were issued for cannot leave the catalog, and the version stays."""
    order = Order(licensing_id=office.agreement(), product="windows-7-professional", kind="mak")
    issue(office.service, order, act=office.act)
    broken = msgspec.structs.replace(
        reference,
        product_groups={name: group for name, group in reference.product_groups.items() if name != "windows-7"},
    )
    with pytest.raises(Refused) as caught:
        catalogs.publish(office.service, broken, act=office.act)
    assert caught.value.code == "catalog_invalid"
    assert catalogs.current_catalog(office.service).version == 1


def test_what_is_issued_is_what_an_edit_has_to_keep(office: Office) -> None:
    """Groups of keys, products bought and programs of agreements are what later catalogs have to keep."""
    bought = office.agreement(program="spla", level="A", licenses={"office-2010": 3})
    order = Order(licensing_id=bought, product="project-2010", kind="host")
    issue(office.service, order, act=office.act)
    issued = keys.issued(office.service.ledger)
    assert (issued.groups, issued.products) == ({"office-2010"}, {"office-2010", "project-2010"})
    assert issued.programs == {("spla", "A")}


def test_a_crash_between_record_and_signature_is_repaired(office: Office) -> None:
    """A document that is on record without its signature is served by nobody, and signed to the same text later."""
    root, service = office.trust().root, office.service
    record_list(service, root, at=office.act.now)
    assert office.trust().versions.revocations == 1
    sign_pending(office.again())
    text = office.trust().revocations_text
    assert office.trust().versions.revocations == 2
    service.ledger.execute("UPDATE documents SET text = NULL WHERE kind = 'revocations' AND version = 2")
    sign_pending(office.again())
    assert documents.at_version(service.ledger, "revocations", version=2) == text


def test_the_next_catalog_follows_the_newest_on_record(office: Office, reference: Catalog) -> None:
    """A catalog that another program has put on record and not signed yet is what a new version is held against."""
    more = msgspec.structs.replace(reference, title="Another title")
    office.time.go(60)
    document = CatalogDocument(iss="acme.example", version=2, iat=office.act.now, catalog=catalogs.document_of(more))
    record_document(office.service, document, root=office.trust().root)
    assert catalogs.current_catalog(office.service).catalog.title == "Another title"
    catalogs.record_again(office.service, office.trust().root, at=office.act.now)
    sign_pending(office.service)
    assert (office.trust().versions.catalog, office.trust().catalog.title) == (3, "Another title")


def test_a_lost_key_is_found_before_anything_is_on_record(office: Office) -> None:
    """A vault that lost the key which is to sign is state_damaged, and no version is on record for it."""
    service = Service(office.service.ledger, ThrowawayVault(), office.service.clock, office.service.draw)
    document = office.trust().catalog_document
    following = msgspec.structs.replace(document, version=2)
    with pytest.raises(Damaged):
        record_document(service, following, root=office.trust().root)
    assert documents.newest_version(service.ledger, "catalog") == 1


def test_a_catalog_has_to_fit_its_document(office: Office, reference: Catalog) -> None:
    """A catalog too large for a signed document of 4 MiB is catalog_invalid."""
    huge = msgspec.structs.replace(reference, title="x" * 4_000_000)
    with pytest.raises(Refused) as caught:
        catalogs.publish(office.service, huge, act=office.act)
    assert caught.value.code == "catalog_invalid"
