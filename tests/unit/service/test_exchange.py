from hashlib import sha256

import pytest

from tests.unit.service.conftest import DAY, Office
from volact.credential.productkey import KeyKind, make_key
from volact.errors import Refused
from volact.service.exchange.exporting import export_sheet
from volact.service.exchange.importing import Imported, import_sheet
from volact.service.ledger import audit, customers, keys
from volact.service.ledger.connection import reading
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import add_organization, known_agreement, known_organization
from volact.service.usecases.keys import Order, issue, known_key
from volact.service.usecases.showing import key_sheet

WINDOWS = "windows-7-professional"


def take(office: Office, subject: str, *lines: str, apply: bool = True) -> Imported:
    """Imports a sheet of these lines."""
    data = "\n".join(lines).encode()
    return import_sheet(office.service, subject, data=data, apply=apply, act=office.act)


def told(imported: Imported) -> list[str]:
    """What each row came to: its result, or the code that it was refused with."""
    return [each.refusal.code if each.refusal else each.result for each in imported.outcomes]


def detail(imported: Imported, row: int = 0) -> str:
    """Why a row was refused."""
    refusal = imported.outcomes[row].refusal
    assert refusal is not None
    return refusal.detail


def everything(office: Office) -> tuple[object, ...]:
    """All that an import could have changed."""
    ledger = office.service.ledger
    with reading(ledger):
        tables = (customers.organizations, customers.agreements, customers.licenses, keys.every)
        counted = ledger.execute("SELECT count(*) FROM audit").fetchone()[0]
        return (*(tuple(table(ledger)) for table in tables), counted, current_catalog(office.service).version)


def test_a_dry_run_shows_what_an_import_does_and_changes_nothing(office: Office) -> None:
    """Without apply every row has the result that it has with it, and the record stays as it was."""
    licensing_id = office.agreement(licenses={WINDOWS: 1})
    sheets = {
        "agreements": ("licensing_id,organization,program", "OLD-7,Fjord,open-license"),
        "purchases": ("licensing_id,product,licenses", f"{licensing_id},{WINDOWS},1", f"{licensing_id},office-2010,3"),
        "keys": ("licensing_id,product,kind", f"{licensing_id},{WINDOWS},mak"),
        "products": ("product,name,product_group", "office-2010-se,Office 2010 SE,office-2010"),
    }
    for subject, lines in sheets.items():
        before = everything(office)
        dry = take(office, subject, *lines, apply=False)
        assert (dry.applied, dry.refusal, everything(office)) == (False, None, before)
        done = take(office, subject, *lines)
        assert (done.applied, told(done)) == (True, told(dry))
        assert everything(office) != before


@pytest.mark.parametrize("apply", [True, False])
def test_f42_service_import_applies_nothing_if_a_row_is_refused(office: Office, apply: bool) -> None:
    """One bad row in the middle and nothing is applied; it is named with its line, its code and its plain cause."""
    licensing_id, before = office.agreement(licenses={}), None
    before = everything(office)
    lines = (f"{licensing_id},{WINDOWS},4", f"{licensing_id},{WINDOWS}", "L-0,office-2010,1", f"{licensing_id},x,1")
    imported = take(office, "purchases", "licensing_id,product,licenses", *lines, apply=apply)
    assert told(imported) == ["added", "sheet_invalid", "unknown_agreement", "unknown_product"]
    assert imported.refusal is not None
    assert imported.refusal.code == "sheet_refused"
    assert imported.refusal.detail == (
        "3 of 4 rows cannot be applied, so none was; line 3 has 2 cells, and the header names 3 columns"
    )
    assert (imported.applied, everything(office)) == (False, before)


def test_a_file_that_is_no_sheet_is_refused_as_a_whole(office: Office) -> None:
    """A sheet in another encoding has no rows, and says so with one code."""
    imported = import_sheet(office.service, "keys", data=b"\xff\xfea", apply=True, act=office.act)
    assert (imported.outcomes, imported.applied) == ((), False)
    assert imported.refusal is not None
    assert imported.refusal.code == "sheet_invalid"


def test_an_import_is_on_record(office: Office) -> None:
    """The audit says who imported which file, beside the acts of its rows."""
    licensing_id = office.agreement(licenses={})
    lines = ("licensing_id,product,licenses", f"{licensing_id},{WINDOWS},4")
    take(office, "purchases", *lines)
    *_, last = audit.history(office.service.ledger, "acme.example")
    digest = sha256("\n".join(lines).encode()).hexdigest()
    assert (last.act, last.who) == ("sheet imported", "kari")
    assert last.detail == f'{{"subject": "purchases", "rows": 1, "sha256": "{digest}"}}'
    assert audit.history(office.service.ledger, licensing_id)[-1].act == "agreement changed"


@pytest.mark.parametrize("subject", ["products", "agreements", "purchases", "keys"])
def test_an_export_is_imported_unchanged(office: Office, subject: str) -> None:
    """What was exported is taken again with every row unchanged, names that look like formulas included."""
    parent = add_organization(office.service, '=Fjord, "AS"', parent=None, country="NO", act=office.act)
    take(office, "agreements", "licensing_id,organization,parent,program", f"A-1,'-Vik;,{parent},open-license")
    licensing_id = office.agreement(valid_until="2030-01-01")
    for kind in ("mak", "host", "oem"):
        issue(office.service, Order(licensing_id=licensing_id, product=WINDOWS, kind=kind), act=office.act)
    before = everything(office)[:4]
    data, rows = export_sheet(office.service, subject)
    again = import_sheet(office.service, subject, data=data, apply=True, act=office.act)
    assert (again.refusal, set(told(again)), len(told(again))) == (None, {"unchanged"}, rows)
    assert (everything(office)[:4], current_catalog(office.service).version) == (before, 1)


def test_purchases_are_set_and_not_added(office: Office) -> None:
    """A number of licenses is what it says, however often it is imported; 0 takes the product off."""
    licensing_id, head = office.agreement(licenses={WINDOWS: 2}), "licensing_id,product,licenses"
    assert told(take(office, "purchases", head, f"{licensing_id},{WINDOWS},40")) == ["changed"]
    assert told(take(office, "purchases", head, f"{licensing_id},{WINDOWS},40")) == ["unchanged"]
    assert known_agreement(office.service, licensing_id).licenses == {WINDOWS: 40}
    assert told(take(office, "purchases", head, f"{licensing_id},{WINDOWS},0")) == ["changed"]
    assert known_agreement(office.service, licensing_id).licenses == {}


def test_purchases_that_cannot_be_are_refused(office: Office) -> None:
    """A negative number, and the same product twice under one Licensing ID, are refused and name the cause."""
    licensing_id, head = office.agreement(licenses={}), "licensing_id,product,licenses"
    imported = take(office, "purchases", head, *(f"{licensing_id},{WINDOWS},{number}" for number in ("-5", "5")))
    assert told(imported) == ["usage", "sheet_invalid"]
    assert "from 0" in detail(imported)
    assert detail(imported, 1) == f"{WINDOWS} under {licensing_id} stands on line 2 already; one of the two has to go"


def test_f06_service_import_keeps_the_licensing_ids_of_an_older_system(office: Office) -> None:
    """A Licensing ID that is not known is taken as it stands, an empty one is drawn; a customer may hold several."""
    head = "licensing_id,organization,country,program,level,valid_from,valid_until"
    imported = take(
        office, "agreements", head,
        "V4711-A,Fjord,no,open-license,,2020-01-01,2030-12-31", ",Fjord,NO,enterprise-agreement,B,,",
    )  # fmt: skip
    assert told(imported) == ["added", "added"]
    first, second = imported.outcomes
    row = known_agreement(office.service, "V4711-A")
    assert (row.program, row.valid_from, row.valid_until) == ("open-license", "2020-01-01", "2030-12-31")
    assert second.about["organization_id"] == first.drawn["organization_id"] == row.organization_id
    assert known_agreement(office.service, str(second.drawn["licensing_id"])).level == "B"
    assert known_organization(office.service, row.organization_id).country == "NO"


def test_known_agreements_are_changed(office: Office) -> None:
    """Price level, last day, country and parent are set; an empty cell leaves what is there."""
    parent = add_organization(office.service, "Fjord", parent=None, country=None, act=office.act)
    licensing_id = office.agreement(program="enterprise-agreement", level="A", valid_until="2030-01-01")
    head = "licensing_id,program,level,valid_until,country,parent"
    assert told(take(office, "agreements", head, f"{licensing_id},,,,,")) == ["unchanged"]
    assert told(take(office, "agreements", head, f"{licensing_id},,C,,SE,{parent}")) == ["changed"]
    row = known_agreement(office.service, licensing_id)
    owner = known_organization(office.service, row.organization_id)
    assert (row.level, row.valid_until, owner.country, owner.parent) == ("C", "2030-01-01", "SE", parent)
    assert told(take(office, "agreements", head, f"{licensing_id},,C,,SE,{parent}")) == ["unchanged"]


def test_agreements_that_cannot_be_are_refused(office: Office) -> None:
    """Each row that cannot be an agreement has the code of the single act, and its organization is not added."""
    known = office.agreement()
    twins = [add_organization(office.service, "Twin", parent=None, country=None, act=office.act) for _ in range(2)]
    owner = known_agreement(office.service, known).organization_id
    head, before = "licensing_id,organization_id,organization,country,parent,program,valid_from", everything(office)
    rows = {
        ",,Fjord,,,open-licence,": "unknown_program",
        ",,Fjord,,,enterprise-agreement,": "level_required",
        ",,Fjord,,O-0,open-license,": "unknown_organization",
        ",,Fjord,,,open-license,24.11.2026": "sheet_invalid",
        ",,Fjord,Norway,,open-license,": "usage",
        ",,Twin,,,open-license,": "unknown_organization",
        ",O-0,,,,open-license,": "unknown_organization",
        ",,,,,open-license,": "sheet_invalid",
        "a b,,Fjord,,,open-license,": "sheet_invalid",
        f",{twins[0]},Fjord,,,open-license,": "sheet_invalid",
        f"{known},,Fjord,,,open-license,": "sheet_invalid",
        f"{known},,,,,open-license,": "sheet_invalid",
        f",{owner},,,{owner},open-license,": "organization_cycle",
        ",,=Fjord,,,open-license,": "sheet_invalid",
    }
    imported = take(office, "agreements", head, *rows)
    assert told(imported) == list(rows.values())
    assert everything(office) == before
    assert told(take(office, "agreements", head, f"{known},,,,,spla,")) == ["sheet_invalid"]
    assert told(take(office, "agreements", head, f"{known},,Nordlys Energi,,,,2020-01-01")) == ["sheet_invalid"]


def test_one_sheet_says_one_place_of_an_organization(office: Office) -> None:
    """Two lines that give one organization different countries contradict each other."""
    office.agreement()
    row = "Nordlys Energi,open-license"
    imported = take(office, "agreements", "licensing_id,organization,program,country", f",{row},SE", f",{row},DK")
    assert told(imported) == ["added", "sheet_invalid"]
    assert detail(imported, 1) == 'line 2 says country "SE" of the same organization'


def test_new_keys_are_issued_and_shown_by_the_row(office: Office) -> None:
    """A row without a key issues one, with the number that it says or that the program says, and carries it once."""
    licensing_id = office.agreement()
    head, row = "licensing_id,product,kind,activations", f"{licensing_id},{WINDOWS}"
    imported = take(office, "keys", head, f"{row},MAK,7", f"{row},mak,7", f"{row},mak,", f"{row},oem,")
    keys = [known_key(office.service, str(each.drawn["keyid"])) for each in imported.outcomes]
    assert [(key.kind, key.allowance) for key in keys] == [("mak", 7), ("mak", 7), ("mak", 50), ("oem", 0)]
    assert len({each.drawn["key"] for each in imported.outcomes}) == 4
    assert key_sheet(office.service, keys[0].keyid).history[0].what == "issued for 7 activations"


def test_whole_keys_of_this_publisher_are_taken_over(office: Office) -> None:
    """A key that is not on record is taken over with its number; imported again it is unchanged, or changed."""
    licensing_id, head = office.agreement(), "licensing_id,product,kind,activations,key"
    number = current_catalog(office.service).catalog.group_of(WINDOWS).number
    key = make_key(KeyKind.MAK, number, publisher="acme.example", random=7).text
    imported = take(office, "keys", head, f"{licensing_id},{WINDOWS},mak,12,{key}")
    keyid = str(imported.outcomes[0].about["keyid"])
    assert (told(imported), known_key(office.service, keyid).allowance) == (["added"], 12)
    assert key_sheet(office.service, keyid).history[0].what == "taken over for 12 activations"
    assert told(take(office, "keys", head, f"{licensing_id},{WINDOWS},mak,12,{key.lower()}")) == ["unchanged"]
    assert told(take(office, "keys", head, f"{licensing_id},{WINDOWS},mak,13,{key}")) == ["changed"]
    last = key_sheet(office.service, keyid).history[-1]
    assert (last.what, last.why) == ("allowance set from 12 to 13", "import")


def test_keys_that_cannot_be_are_refused(office: Office) -> None:
    """Each row that cannot be a key has the code of the single act."""
    licensing_id, ended = office.agreement(), office.agreement(valid_until="2026-11-01")
    bought = office.agreement(licenses={WINDOWS: 1})
    order = Order(licensing_id=licensing_id, product=WINDOWS, kind="mak", activations=5)
    keyid = issue(office.service, order, act=office.act)[0].row.keyid
    number = current_catalog(office.service).catalog.group_of(WINDOWS).number
    first, second, third, fourth, whole = (
        make_key(KeyKind.MAK, number, publisher="acme.example", random=random).text for random in range(1, 6)
    )
    other = make_key(KeyKind.MAK, number, publisher="other.example", random=8).text
    row = f"{licensing_id},{WINDOWS}"
    rows = {
        f"L-0,{WINDOWS},mak,,,": "unknown_agreement",
        f"{licensing_id},windows-7,mak,,,": "unknown_product",
        f"{ended},{WINDOWS},mak,,,": "agreement_ended",
        f"{bought},office-2010,mak,,,": "units_required",
        f"{row},retail-ish,,,": "usage",
        f"{row},setup,,,": "kind_not_offered",
        f"{row},oem,5,,": "usage",
        f"{row},mak,-1,,": "usage",
        f"{row},mak,1e3,,": "sheet_invalid",
        f"{row},mak,,,0000000000": "key_unknown",
        f"{row},host,,,{keyid}": "sheet_invalid",
        f"{row},mak,,{whole[:-1]},": "key_mistyped",
        f"{row},mak,,{other},": "key_of_other_publisher",
        f"{row},host,,{first},": "key_wrong_kind",
        f"{licensing_id},office-2010,mak,,{second},": "key_wrong_product",
        f"{row},mak,,{fourth},{keyid}": "sheet_invalid",
        f"{ended},{WINDOWS},mak,,{third},": "agreement_ended",
        f"{row},mak,,{whole},,x": "sheet_invalid",
    }
    imported = take(office, "keys", "licensing_id,product,kind,activations,key,keyid", *rows)
    assert dict(zip(rows, told(imported), strict=True)) == rows
    twice = take(office, "keys", "licensing_id,product,kind,activations,keyid", *[f"{row},mak,9,{keyid}"] * 2)
    assert told(twice) == ["changed", "sheet_invalid"]
    assert known_key(office.service, keyid).allowance == 5


def test_keys_are_set_within_the_days_of_the_agreement(office: Office) -> None:
    """A raise by a sheet after the agreement's last day is refused as it is by hand."""
    licensing_id = office.agreement(valid_until="2026-12-01")
    order = Order(licensing_id=licensing_id, product=WINDOWS, kind="mak", activations=5)
    keyid = issue(office.service, order, act=office.act)[0].row.keyid.lower()
    office.time.go(30 * DAY)
    head = "keyid,licensing_id,product,kind,activations"
    assert told(take(office, "keys", head, f"{keyid},,,,6")) == ["agreement_ended"]
    assert told(take(office, "keys", head, f"{keyid},,,,4")) == ["changed"]


def test_products_are_one_new_version_of_the_catalog(office: Office) -> None:
    """All rows of a sheet are one version, signed; a column that is missing leaves a product as it is."""
    head = "product,name,product_group,kinds,needs,downgrades,retired"
    rows = (
        "visio-2010,Visio MMX,office-2010,,,,yes",
        "draw-1,Draw 1,office-2010,mak,activation,visio-2010 office-2010,",
        "draw-cal,Draw CAL,office-2010,none,none,,",
    )
    imported = take(office, "products", head, *rows)
    assert told(imported) == ["changed", "added", "added"]
    published = current_catalog(office.service)
    products = published.catalog.products
    assert (published.version, office.trust().catalog) == (2, published.catalog)
    assert (products["visio-2010"].retired, products["visio-2010"].version) == (True, "2010")
    assert (products["draw-1"].kinds, products["draw-1"].downgrades) == (("mak",), ("visio-2010", "office-2010"))
    assert (products["draw-cal"].kinds, products["draw-cal"].needs) == ((), "none")
    assert told(take(office, "products", head, "draw-1,Draw 1,office-2010,mak,,visio-2010 office-2010,no")) == [
        "unchanged"
    ]
    assert current_catalog(office.service).version == 2


def test_products_that_break_the_catalog_are_refused(office: Office) -> None:
    """The rows at fault are refused as `catalog publish` refuses them, and no version is made."""
    issue(office.service, Order(licensing_id=office.agreement(), product=WINDOWS, kind="mak"), act=office.act)
    head = "product,name,product_group,kinds,trial_days"
    imported = take(
        office, "products", head,
        "good,Good,office-2010,mak,", "Bad,Bad,office-2010,mak,", "worse,Worse,office,mak,0", "worst,,office-2010,,x",
    )  # fmt: skip
    assert told(imported) == ["added", "catalog_invalid", "catalog_invalid", "sheet_invalid"]
    assert "the nearest known name is" in detail(imported, 2)
    broken = take(office, "products", head, f"{WINDOWS},Windows 7,windows-7,host,", "good,Good,office-2010,mak,")
    assert told(broken) == ["catalog_invalid", "added"]
    assert "lost" in detail(broken)
    assert told(take(office, "products", head, "sbs-2003-cal,CAL,sbs-2003-cal,setup,")) == ["catalog_invalid"]
    assert current_catalog(office.service).version == 1


def test_one_sheet_says_one_place_of_an_organization_that_it_adds(office: Office) -> None:
    """The line that adds an organization says its country, and no later line of the sheet another one."""
    head = "licensing_id,organization,program,country"
    imported = take(office, "agreements", head, ",Fjord,open-license,NO", ",Fjord,open-license,SE")
    assert told(imported) == ["added", "sheet_invalid"]
    assert detail(imported, 1) == 'line 2 says country "NO" of the same organization'
    later = take(office, "agreements", head, ",Fjord,open-license,", ",Fjord,open-license,SE")
    assert told(later) == ["added", "added"]


def test_a_key_in_the_wrong_column_is_not_repeated(office: Office) -> None:
    """Whatever column a whole key stands in, or above which it stands, no refusal repeats more than its first group."""
    key = make_key(KeyKind.MAK, 1, publisher="acme.example", random=7).text
    head = "licensing_id,product,kind,activations,keyid"
    rows = (f"{key},{WINDOWS},mak,,", f"L,{key},mak,,", f"L,{WINDOWS},{key},,", f"L,x,mak,{key},", f",,,,{key}")
    for imported in (take(office, "keys", head, *rows), take(office, "keys", f"{key},product")):
        refusals = [imported.refusal, *(each.refusal for each in imported.outcomes)]
        assert None not in refusals
        assert key not in repr(refusals)
        assert f"{key[:5]}-..." in repr(refusals)


def test_a_clock_in_doubt_is_not_the_rows_fault(office: Office) -> None:
    """Products that could not be signed now are refused with the clock's code, and no row is."""
    office.time.wall -= 7 * DAY
    with pytest.raises(Refused) as caught:
        take(office, "products", "product,name,product_group", "draw-1,Draw 1,office-2010")
    assert caught.value.code == "signing_clock"
    assert current_catalog(office.service).version == 1


def test_a_product_may_be_called_none(office: Office) -> None:
    """The word for an empty list is a word of the columns that need one, and in others an id like any."""
    head = "product,name,product_group,downgrades"
    assert (
        told(take(office, "products", head, "none,None,office-2010,", "draw-1,Draw,office-2010,none")) == ["added"] * 2
    )
    assert current_catalog(office.service).catalog.products["draw-1"].downgrades == ("none",)
    data, _ = export_sheet(office.service, "products")
    again = import_sheet(office.service, "products", data=data, apply=True, act=office.act)
    assert set(told(again)) == {"unchanged"}
