"""The layout editor: a layout is drafted from a file, changed beside its rows, and saved in versions."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from mappings.canonical import to_json
from mappings.layout_rows import records_of
from mappings.models import FileLayout
from tests.browser import shoot, sign_in
from tests.factories import ArrivalFactory, FileLayoutFactory, PayloadFactory, UserFactory
from tests.mappings.layout_examples import INVOICE
from tests.pages.conftest import HOME

REMITTANCE = (
    b"Check No;Check Date;Amount;Invoice;Remark\r\n"
    b"4711;03/14/2026;1,200.00;INV-1;=cmd|' /C calc'!A0\r\n"
    b"4712;03/15/2026;12x;INV-2;<script>alert(1)</script>\r\n"
)
SAMPLE = REMITTANCE.replace(b"12x", b"12.50")
NEW = {"name": "Payments of Globex", "kind": "payment", "direction": "read", "standard": "", "partner": ""}


def upload(content: bytes, name: str = "remit.csv") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def fields_of(response: Any) -> dict[str, str]:
    """What a browser would post of the editor as it is."""
    editor = response.context["editor"]
    posted = {"opened": editor.opened, "shape": editor.shape}
    for form in editor.forms:
        for bound in form:
            value = bound.value()
            if value is True:
                posted[bound.html_name] = "on"
            elif value not in (False, None):
                posted[bound.html_name] = str(value)
    return posted


def columns_of(layout: FileLayout) -> list[dict[str, Any]]:
    """The columns of the first kind of rows of its draft."""
    return records_of(layout.draft or {})[0][1]


@pytest.fixture
def begun(press, world, alice) -> FileLayout:
    press(alice, "layouts/add/", {**NEW, "sample": upload(SAMPLE)})
    return FileLayout.unscoped.get()


@pytest.fixture
def edit(press, client, alice, begun):
    """edit("save", **fields) posts the editor as it stands, with some fields changed; follows to the next page."""

    def post(do: str = "update", opened: str = "", **fields: str) -> Any:
        client.force_login(alice)
        page = client.get(f"{HOME}layouts/{begun.key}/edit/", {"column": opened})
        posted = fields_of(page) | {name.replace("__", "-"): value for name, value in fields.items()}
        return press(alice, f"layouts/{begun.key}/edit/", {**posted, "do": do}, follow=True)

    return post


class TestBegin:
    def test_a_sample_becomes_a_draft_that_nothing_uses_yet(self, begun):
        assert (begun.key, begun.kind, begun.format, begun.latest) == (
            "payments-of-globex",
            "payment",
            "csv",
            0,
        )
        held = [column.get("field") for column in begun.draft["columns"]]
        assert held[:4] == ["number", "date", "amount", "pays"]

    def test_the_editor_shows_the_rows_with_the_mistake_at_its_place(self, browse, press, alice, begun):
        FileLayout.unscoped.update(draft={**begun.draft, "assume": {"currency": "USD"}})
        press(alice, f"layouts/{begun.key}/sample/", {"sample": upload(REMITTANCE)})
        page = browse(alice, f"layouts/{begun.key}/edit/")
        assert '<td class="wrong" title="Line 3: Amount is not a number' in page
        assert "1 payment read, 1 with mistakes" in page

    def test_what_a_file_holds_is_only_ever_text(self, browse, alice, begun):
        page = browse(alice, f"layouts/{begun.key}/edit/")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_what_is_missing_for_a_layout_is_said(self, browse, alice, begun):
        page = browse(alice, f"layouts/{begun.key}/edit/")
        assert "Columns give nothing for currency" in page

    def test_a_shipped_layout_is_begun_with(self, press, world, alice):
        answer = press(
            alice, "layouts/add/", {**NEW, "kind": "invoice", "standard": "invoice_csv", "direction": "both"}
        )
        assert answer.status_code == 302
        assert columns_of(FileLayout.unscoped.get())[0]["name"] == "Invoice Number"

    def test_a_file_that_no_layout_fits_becomes_one(self, press, browse, world, alice):
        payload = PayloadFactory.create(tenant=world.tenant, content=SAMPLE)
        arrival = world.arrival(
            name="remit.csv", state="failed", format="csv", reason="No layout", payload=payload
        )
        assert f"layouts/add/?arrival={arrival.public_id}" in browse(alice, f"arrivals/{arrival.public_id}/")
        assert "drafted from" in browse(alice, f"layouts/add/?arrival={arrival.public_id}")
        press(alice, f"layouts/add/?arrival={arrival.public_id}", NEW)
        assert bytes(FileLayout.unscoped.get().sample) == SAMPLE

    def test_another_organisation_s_file_does_not(self, press, world, alice):
        theirs = ArrivalFactory.create()
        assert press(alice, f"layouts/add/?arrival={theirs.public_id}", NEW).status_code == 404

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({}, "Choose a file, or a layout below"),
            ({"standard": "invoice_csv"}, "for other documents"),
            ({"standard": "payment_csv", "sample": REMITTANCE}, "Choose one of the two"),
            ({"sample": b" \r\n "}, "sample is empty"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_begun_with_is_said(self, press, world, alice, more, said):
        if "sample" in more:
            more = {**more, "sample": upload(more["sample"])}
        answer = press(alice, "layouts/add/", {**NEW, **more})
        assert said in answer.content.decode()
        assert not FileLayout.unscoped.exists()

    @pytest.mark.parametrize(
        "content",
        [
            b"\x00" * 5000,
            bytes(range(256)) * 20,
            b"\x1f\x8b\x08" + b"\x00" * 200,
            b"a" * 1_000_000,
            b'"' * 9_999,
            b",\n" * 50_000,
            b"<a>" * 20_000,
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
            "a;b\n1;2\n".encode("utf-16"),
            b"a;b\n\xff\xfe;\x80\n",
            ",".join(f"c{n}" for n in range(3000)).encode(),
        ],
    )  # fmt: skip
    def test_hostile_samples_are_refused_or_shown(self, press, browse, world, alice, content):
        answer = press(alice, "layouts/add/", {**NEW, "sample": upload(content)}, follow=True)
        assert answer.status_code == 200
        if FileLayout.unscoped.exists():
            browse(alice, f"layouts/{FileLayout.unscoped.get().key}/edit/")


class TestChange:
    def test_a_column_holds_something_else(self, edit, begun):
        edit(**{"c0-3__field": "notes", "c0-3__name": "Their text"})
        begun.refresh_from_db()
        assert begun.draft["columns"][3] == {"name": "Their text", "field": "notes"}

    def test_what_is_assumed_makes_it_a_layout(self, edit, begun):
        page = edit(file__assume="currency = USD").content.decode()
        assert "It is no layout yet" not in page
        begun.refresh_from_db()
        assert begun.draft["assume"] == {"currency": "USD"}

    def test_columns_are_added_moved_and_removed(self, edit, begun):
        def names() -> list[str]:
            begun.refresh_from_db()
            return [column["name"] for column in begun.draft["columns"]]

        edit("add:0-")
        assert names()[-1] == "Column 6"
        edit("down:0-0")
        assert names()[:2] == ["Check Date", "Check No"]
        edit("up:0-0")
        edit("remove:0-5")
        assert names() == ["Check Date", "Check No", "Amount", "Invoice", "Remark"]

    @pytest.mark.parametrize(
        "do", ["remove:9-9", "up:0-999", "down:0-x", "add:7", "more:0-٣", "x", "remove:"]
    )
    def test_an_act_at_no_place_does_nothing(self, edit, begun, do):
        edit()
        begun.refresh_from_db()
        before = begun.draft
        edit(do)
        begun.refresh_from_db()
        assert begun.draft == before

    def test_more_of_a_column_is_said_where_it_is_opened(self, edit, begun):
        assert b"Their words" in edit("more:0-4").content
        edit(
            "close",
            opened="0-4",
            more__codes="check = CHK, Cheque\nach = ACH",
            more__max="40",
            more__cut="on",
        )
        edit(**{"c0-4__field": "method"})
        begun.refresh_from_db()
        assert begun.draft["columns"][4] == {
            "name": "Remark",
            "field": "method",
            "codes": {"check": ["CHK", "Cheque"], "ach": ["ACH"]},
            "max": 40,
            "too_long": "cut",
        }

    def test_a_column_can_hold_any_path_or_a_fixed_text(self, edit, begun):
        edit(opened="0-4", more__path="references[check], references[vendor_number]")
        begun.refresh_from_db()
        assert begun.draft["columns"][4]["field"] == ["references[check]", "references[vendor_number]"]
        edit(opened="0-4", more__constant="X")
        begun.refresh_from_db()
        assert begun.draft["columns"][4] == {"name": "Remark", "constant": "X"}

    def test_a_mistake_is_said_and_nothing_is_changed(self, edit, begun):
        page = edit(opened="0-4", more__codes="nonsense").content.decode()
        assert "Their words: “nonsense”: write our word" in page
        before = begun.draft
        begun.refresh_from_db()
        assert begun.draft == before

    def test_what_the_forms_do_not_know_stays(self, edit, begun):
        begun.draft["columns"][0]["blank_means"] = "x"
        begun.save()
        edit()
        begun.refresh_from_db()
        assert begun.draft["columns"][0]["blank_means"] == "x"

    def test_fixed_positions_are_changed(self, press, client, world, alice):
        layout = FileLayoutFactory.create(tenant=world.tenant, standard="payment_fixed")
        client.force_login(alice)
        page = client.get(f"{HOME}layouts/{layout.key}/edit/")
        press(alice, f"layouts/{layout.key}/edit/", {**fields_of(page), "c0-0-length": "x", "do": "update"})
        layout.refresh_from_db()
        assert columns_of(layout)[0]["length"] == "x"
        said = client.get(f"{HOME}layouts/{layout.key}/edit/").content.decode()
        assert "Record 1 (H), column 1 (Payment Number): length should be a whole number" in said


class TestVersions:
    def test_a_version_is_saved_when_it_is_right(self, edit, begun, alice):
        assert b"not saved as a version yet" in edit("save").content
        page = edit("save", file__assume="currency = USD").content.decode()
        assert "Version 1 is saved" in page
        begun.refresh_from_db()
        assert (begun.latest, begun.draft, begun.version.made_by) == (1, None, alice)

    def test_a_change_is_not_used_until_it_is_saved(self, edit, begun):
        edit("save", file__assume="currency = USD")
        edit(file__assume="currency = EUR")
        begun.refresh_from_db()
        assert begun.version.data["assume"] == {"currency": "USD"}
        edit("save")
        begun.refresh_from_db()
        assert (begun.latest, begun.version.data["assume"]) == (2, {"currency": "EUR"})

    def test_changes_can_be_discarded(self, edit, press, begun, alice):
        edit("save", file__assume="currency = USD")
        edit(file__assume="currency = EUR")
        press(alice, f"layouts/{begun.key}/discard/")
        begun.refresh_from_db()
        assert (begun.latest, begun.draft) == (1, None)

    def test_a_layout_without_a_version_is_deleted(self, press, begun, alice):
        press(alice, f"layouts/{begun.key}/discard/")
        assert not FileLayout.unscoped.exists()

    def test_an_earlier_version_is_taken_up(self, edit, press, browse, begun, alice):
        edit("save", file__assume="currency = USD")
        edit("save", file__assume="currency = EUR")
        assert "USD" in browse(alice, f"layouts/{begun.key}/versions/1/")
        press(alice, f"layouts/{begun.key}/versions/1/take-up/")
        begun.refresh_from_db()
        assert begun.draft["assume"] == {"currency": "USD"}


class TestAsWritten:
    @pytest.fixture
    def layout(self, world) -> FileLayout:
        return FileLayoutFactory.create(tenant=world.tenant, standard="invoice_csv", key="out")

    def test_a_real_document_is_shown_as_it_would_be_written(self, browse, world, layout, alice):
        payload = PayloadFactory.create(tenant=world.tenant, content=to_json(INVOICE).encode())
        world.delivery(canonical=payload)
        page = browse(alice, "layouts/out/edit/")
        assert "Invoice Number,Invoice Type" in page
        assert INVOICE.number in page

    def test_without_one_it_says_when_there_will_be(self, browse, world, layout, alice):
        assert "As soon as a route has read such a document" in browse(alice, "layouts/out/edit/")


class TestWho:
    PATHS = ("layouts/add/", "layouts/payments-of-globex/edit/", "layouts/payments-of-globex/discard/")

    def test_viewers_look_on(self, browse, begun, viewer):
        for path in ("layouts/", "layouts/payments-of-globex/"):
            assert "Payments of Globex" in browse(viewer, path)
        for path in self.PATHS:
            browse(viewer, path, status=403)

    def test_support_staff_who_may_change_layouts_can_edit(self, browse, begun):
        staff = UserFactory.create(is_staff=True)
        browse(staff, self.PATHS[1], status=403)
        staff.user_permissions.add(Permission.objects.get(codename="change_filelayout"))
        browse(staff, self.PATHS[1])

    def test_another_organisation_s_layouts_do_not_exist(self, browse, press, begun, world, alice):
        theirs = FileLayoutFactory.create(key="theirs")
        for path in ("layouts/theirs/", "layouts/theirs/edit/", "layouts/theirs/versions/1/"):
            browse(alice, path, status=404)
        assert press(alice, "layouts/theirs/versions/1/take-up/").status_code == 404
        assert theirs.name not in browse(alice, "layouts/")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_changed_column_shows_at_once(page: Page, world: Any, alice: Any) -> None:
    sign_in(page, alice)
    page.goto(f"{HOME}layouts/add/")
    page.get_by_label("Name").fill("Payments of Globex")
    page.get_by_label("Documents").select_option("payment")
    page.get_by_label("A sample file").set_input_files(
        {"name": "remit.csv", "mimeType": "text/csv", "buffer": SAMPLE}
    )
    shoot(page, "layout-add")
    page.get_by_role("button", name="Go on").click()
    result = page.locator("#result")
    expect(result).to_contain_text("Columns give nothing for currency")
    page.get_by_label("Where the file says nothing").fill("currency = USD")
    page.get_by_label("Where the file says nothing").blur()
    expect(result).to_contain_text("2 payments read")
    page.get_by_label("Another sample file").set_input_files(
        {"name": "bad.csv", "mimeType": "text/csv", "buffer": REMITTANCE}
    )
    page.get_by_role("button", name="Upload").click()
    expect(result).to_contain_text("1 payment read, 1 with mistakes")
    assert result.locator("td.wrong").inner_text().startswith("12x")
    shoot(page, "layout-edit")
    page.get_by_role("button", name="More about Remark").click()
    expect(page.get_by_label("Their words")).to_be_visible()
    shoot(page, "layout-more")
    page.get_by_role("button", name="Save the layout").click()
    expect(page.get_by_text("Version 1 is saved")).to_be_visible()
    shoot(page, "layout-detail")
    page.goto(f"{HOME}layouts/")
    shoot(page, "layouts")
