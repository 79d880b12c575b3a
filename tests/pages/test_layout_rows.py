"""Kinds of rows in the layout editor: heads, details and trailers are added, described and taken away."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mappings.layout_editor import MOST_COLUMNS
from mappings.models import FileLayout
from tests.browser import shoot, sign_in
from tests.factories import FileLayoutFactory
from tests.pages.conftest import HOME
from tests.pages.test_layouts import NEW, fields_of, upload

BILLS = (
    b"H,B-1,2026-03-01,Marlow,150.00\n"
    b"D,Paper,100.00\n"
    b"D,Pens,50.00\n"
    b"H,B-2,2026-03-02,Marlow,30.00\n"
    b"D,Ink,3x.00\n"
    b"T,2\n"
)
FIXED = (
    b"HB-1      20260301Marlow        0000015000\n"
    b"DPaper               0000010000\n"
    b"DPens                0000005000\n"
    b"T0002\n"
)


def kinds_of(layout: FileLayout) -> list[tuple[str, str, list[str]]]:
    layout.refresh_from_db()
    records = (layout.draft or {}).get("records", [])
    return [(r.get("code", ""), r["at"], [c["name"] for c in r["columns"]]) for r in records]


@pytest.fixture
def begin(press, world, alice):
    """begin(sample) drafts a layout of bills from it."""

    def made(sample: bytes, kind: str = "bill") -> FileLayout:
        press(alice, "layouts/add/", {**NEW, "kind": kind, "sample": upload(sample, "bills.txt")})
        return FileLayout.unscoped.get()

    return made


@pytest.fixture
def edit(press, client, alice):
    """edit(layout, "save", **fields) posts the editor as it stands, with some fields changed."""

    def post(layout: FileLayout, do: str = "update", **fields: str) -> Any:
        client.force_login(alice)
        page = client.get(f"{HOME}layouts/{layout.key}/edit/")
        posted = fields_of(page) | {name.replace("__", "-"): value for name, value in fields.items()}
        return press(alice, f"layouts/{layout.key}/edit/", {**posted, "do": do}, follow=True)

    return post


class TestAdd:
    def test_a_sample_with_kinds_of_rows_begins_with_them(self, begin):
        assert [(code, at, len(columns)) for code, at, columns in kinds_of(begin(BILLS))] == [
            ("H", "", 4),
            ("D", "lines", 2),
            ("T", "end", 1),
        ]

    def test_a_kind_is_added_with_the_columns_that_its_rows_have(self, begin, edit):
        layout = begin(FIXED)
        layout.draft["records"].pop()
        layout.save()
        page = edit(layout, "add_kind", new__code="T", new__at="end")
        assert kinds_of(layout)[-1] == ("T", "end", ["Position 2"])
        assert "Rows T: at the end" in page.content.decode()

    def test_rows_that_no_kind_has_are_offered(self, begin, edit):
        layout = begin(BILLS)
        layout.draft |= {"assume": {"currency": "USD"}, "direction": "write"}
        layout.draft["records"].pop()
        layout.save()
        page = edit(layout).content.decode()
        assert 'value="add_kind:T">Add rows “T”' in page
        edit(layout, "add_kind:T")
        assert kinds_of(layout)[-1] == ("T", "end", ["Column 2"])

    def test_without_rows_of_it_a_kind_begins_with_one_column(self, begin, edit):
        layout = begin(FIXED)
        edit(layout, "add_kind", new__code="XX", new__at="lines.taxes")
        assert layout_record(layout, 2) == {
            "at": "lines.taxes",
            "code": "XX",
            "columns": [{"name": "Position 3", "start": 3, "length": 1}],
        }

    def test_a_layout_with_one_kind_of_row_gets_codes_for_both(self, begin, edit):
        layout = begin(b"Bill No,Date,Supplier,Description,Line Amount\nB-1,2026-03-01,M,Paper,5.00\n")
        assert layout.draft["each"] == "lines"
        edit(layout, "add_kind", new__code="T", new__at="end")
        assert kinds_of(layout) == [
            ("H", "", ["Bill No", "Date", "Supplier"]),
            ("D", "lines", ["Description", "Line Amount"]),
            ("T", "end", ["Column 2"]),
        ]
        assert not {"header", "each", "group", "columns"} & layout.draft.keys()

    def test_columns_of_which_nothing_was_said_give_way(self, begin, edit):
        layout = begin(
            b"FH20260331\nJHGL-1 20260331\nJD6000 D0200\nJD1000 C0200\nFT     1\n", "journal_entry"
        )
        assert "records" not in layout.draft
        page = edit(layout, "add_kind", new__code="JH", new__at="").content.decode()
        assert kinds_of(layout) == [("JH", "", ["Position 3", "Position 8"])]
        assert "Add rows “JD”" in page
        for code in ("FH", "JD", "FT"):
            edit(layout, f"add_kind:{code}")
        assert [(code, at) for code, at, _ in kinds_of(layout)] == [
            ("FH", "start"),
            ("JH", ""),
            ("JD", "lines"),
            ("FT", "end"),
        ]

    def test_what_its_rows_begin_with_must_be_said(self, begin, edit):
        layout = begin(BILLS)
        before = kinds_of(layout)
        assert "Rows begin with: This field is required" in edit(layout, "add_kind").content.decode()
        assert kinds_of(layout) == before

    def test_in_xml_a_kind_is_an_element(self, world, edit):
        layout = FileLayoutFactory.create(tenant=world.tenant, standard="payment_xml")
        edit(layout, "add_kind", new__code="Note", new__at="notes")
        assert layout_record(layout, -1) == {"at": "notes", "element": "Note", "columns": []}


class TestChange:
    def test_code_and_place_are_changed(self, begin, edit):
        layout = begin(BILLS)
        edit(layout, k0__code="HEAD", k2__at="start")
        assert [(code, at) for code, at, _ in kinds_of(layout)] == [
            ("HEAD", ""),
            ("D", "lines"),
            ("T", "start"),
        ]

    def test_rows_at_the_end_hold_what_is_said_of_the_file(self, begin, edit):
        layout = begin(BILLS)
        page = edit(layout, **{"c2-0__field": "file.documents"}).content.decode()
        assert layout_record(layout, 2)["columns"] == [{"name": "Column 2", "file": "file.documents"}]
        assert '<option value="file.documents" selected>Number of documents in the file' in page

    def test_what_a_column_can_hold_is_what_its_rows_are_for(self, begin, client, alice):
        layout = begin(BILLS)
        client.force_login(alice)
        editor = client.get(f"{HOME}layouts/{layout.key}/edit/").context["editor"]
        head, detail, end = (
            {value for value, _ in kind.columns[0][1].fields["field"].choices} for kind in editor.kinds
        )
        assert "number" in head
        assert "lines.amount" in detail - head
        assert end == {"", "file.documents", "file.rows", "file.total"}

    def test_the_place_of_codes_is_changed_in_fixed_width(self, begin, edit):
        layout = begin(FIXED)
        edit(layout, file__code_start="9")
        layout.refresh_from_db()
        assert layout.draft["code_start"] == 9
        edit(layout, file__code_start="")
        layout.refresh_from_db()
        assert "code_start" not in layout.draft

    def test_columns_are_added_moved_and_removed_in_their_own_kind(self, begin, edit):
        layout = begin(FIXED)
        edit(layout, "add:1-")
        assert layout_record(layout, 1)["columns"][-1] == {"name": "Position 32", "start": 32, "length": 1}
        edit(layout, "up:1-2")
        edit(layout, "remove:0-0")
        assert [len(columns) for _, _, columns in kinds_of(layout)] == [2, 3, 1]
        assert kinds_of(layout)[1][2][1] == "Position 32"

    def test_rows_are_shown_by_their_kind_with_mistakes_at_their_place(self, begin, edit):
        layout = begin(BILLS)
        page = edit(
            layout,
            file__assume="currency = USD",
            **{
                "c0-0__field": "number",
                "c0-1__field": "date",
                "c0-2__field": "vendor.name",
                "c0-3__field": "total",
                "c1-0__field": "lines.description",
                "c1-1__field": "lines.amount",
                "c2-0__field": "file.documents",
            },
        ).content.decode()
        assert "1 bill read, 1 with mistakes" in page
        assert "<h3>H: of the document</h3>" in page
        assert "<h3>D: of each of its lines</h3>" in page
        assert '<td class="wrong" title="Line 5: Column 3 is not a number' in page

    def test_lines_of_fixed_width_stand_below_a_ruler(self, begin, browse, alice):
        page = browse(alice, f"layouts/{begin(FIXED).key}/edit/")
        assert (
            "........10........20........30........40........50\nHB-1      20260301Marlow        0000015000\n"
            in page
        )

    def test_a_page_of_before_somebody_else_s_change_changes_nothing(self, begin, edit):
        layout = begin(BILLS)
        before = kinds_of(layout)
        page = edit(layout, shape="9-9-9", k0__code="X").content.decode()
        assert "changed in another window" in page
        assert kinds_of(layout) == before


class TestRemove:
    def test_it_asks_first_and_keeps_what_was_entered(self, begin, edit, press, alice):
        layout = begin(BILLS)
        page = edit(layout, "remove_kind:2", k0__code="HEAD").content.decode()
        assert "Remove the rows “T: at the end”?" in page
        assert [code for code, _, _ in kinds_of(layout)] == ["HEAD", "D", "T"]
        press(alice, f"layouts/{layout.key}/remove-rows/2/", {"title": "T: at the end"})
        assert [code for code, _, _ in kinds_of(layout)] == ["HEAD", "D"]

    def test_another_kind_than_was_asked_about_stays(self, begin, press, alice):
        layout = begin(BILLS)
        press(alice, f"layouts/{layout.key}/remove-rows/0/", {"title": "T: at the end"})
        assert len(kinds_of(layout)) == 3

    def test_the_last_kind_stays(self, begin, edit, browse, alice):
        layout = begin(BILLS)
        layout.draft["records"] = layout.draft["records"][:1]
        layout.save()
        browse(alice, f"layouts/{layout.key}/remove-rows/0/", status=404)
        assert "remove_kind:0" not in browse(alice, f"layouts/{layout.key}/edit/")
        edit(layout, k0__code="")
        layout.refresh_from_db()
        assert "records" not in layout.draft
        assert (layout.draft["header"], len(layout.draft["columns"])) == (False, 4)

    def test_only_editors_remove(self, begin, browse, viewer):
        layout = begin(BILLS)
        browse(viewer, f"layouts/{layout.key}/remove-rows/2/", status=403)


class TestMany:
    @pytest.fixture
    def wide(self, begin) -> FileLayout:
        layout = begin(
            b",".join(b"C%d" % n for n in range(MOST_COLUMNS)) + b"\n1" + b",1" * (MOST_COLUMNS - 1)
        )
        assert len(layout.draft["columns"]) == MOST_COLUMNS
        return layout

    def test_five_hundred_columns_are_changed(self, wide, edit):
        edit(wide, **{f"c0-{MOST_COLUMNS - 1}__name": "Last"})
        wide.refresh_from_db()
        assert wide.draft["columns"][-1]["name"] == "Last"

    def test_no_more_can_be_added_and_it_says_so(self, wide, edit):
        page = edit(wide, "add:0-").content.decode()
        assert "A layout can have 500 columns here" in page
        wide.refresh_from_db()
        assert len(wide.draft["columns"]) == MOST_COLUMNS

    def test_more_than_the_page_can_show_are_counted(self, wide, browse, alice):
        wide.draft["columns"].append({"name": "One more"})
        wide.save()
        assert "This layout has 501 columns; this page can change 500" in browse(
            alice, f"layouts/{wide.key}/edit/"
        )


def layout_record(layout: FileLayout, number: int) -> dict[str, Any]:
    layout.refresh_from_db()
    record: dict[str, Any] = (layout.draft or {})["records"][number]
    return record


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_heads_details_and_trailers_are_described(page: Page, world: Any, alice: Any) -> None:
    sign_in(page, alice)
    page.goto(f"{HOME}layouts/add/")
    page.get_by_label("Name").fill("Bills of Marlow")
    page.get_by_label("Documents").select_option("bill")
    page.get_by_label("A sample file").set_input_files(
        {"name": "bills.txt", "mimeType": "text/plain", "buffer": FIXED}
    )
    page.get_by_role("button", name="Go on").click()
    heads, details, ends = (page.locator(f"#k{number}") for number in range(3))
    expect(heads.get_by_role("heading")).to_have_text("Rows H: of the document")
    shoot(page, "layout-rows-drafted")
    heads.get_by_role("button", name="Add a column").click()
    columns = [("Number", "number", 2, 9), ("Date", "date", 11, 8), ("Total", "total", 33, 10)]
    for number, (name, field, start, length) in enumerate([*columns, ("Vendor", "vendor.name", 19, 14)]):
        row = heads.locator("tbody tr").nth(number)
        row.get_by_label("Holds:").select_option(field)
        row.get_by_label("From:").fill(str(start))
        row.get_by_label("Length:").fill(str(length))
        row.get_by_label("Name:").fill(name)
    details.locator("tbody tr").nth(0).get_by_label("Holds:").select_option("lines.description")
    details.locator("tbody tr").nth(1).get_by_label("Holds:").select_option("lines.amount")
    page.get_by_label("Dates").fill("YYYYMMDD")
    page.get_by_label("Where the file says nothing").fill("currency = USD")
    # The rows at the end are taken away, then found in the file and added again.
    ends.get_by_role("button", name="Remove the rows").click()
    shoot(page, "layout-rows-remove")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(ends).to_have_count(0)
    page.get_by_role("button", name="Add rows “T”").click()
    expect(ends.get_by_label("They are for")).to_have_value("end")
    ends.get_by_label("Holds:").select_option("file.documents")
    result = page.locator("#result")
    expect(result).to_contain_text("says 2, but the file has 1")
    for name in ("Total", "Position 22"):
        page.get_by_role("button", name=f"More about {name}").click()
        page.get_by_label("Decimals without a mark").fill("2")
    shoot(page, "layout-rows-edit")
    page.get_by_role("button", name="Save the layout").click()
    expect(page.get_by_text("Version 1 is saved")).to_be_visible()
    shoot(page, "layout-rows-saved")
