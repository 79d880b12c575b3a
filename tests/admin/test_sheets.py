"""Mappings as CSV sheets: out with formulas disarmed, in by way of a difference."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ
from hypothesis import given
from hypothesis import strategies as st

from mappings import sheets
from mappings.models import GLMapping, ItemMapping, PartnerLink
from mappings.sheets import GL_MAPPINGS, LINKS, compare, guarded, unguarded, write
from tenants.models import User
from tests.admin.conftest import World, browser_of
from tests.factories import PartnerFactory

HEADING = "connection,partner,source_kind,source_key,segment\r\n"
IMPORT, EXPORT = "admin:mappings_glmapping_import", "admin:mappings_glmapping_export"


def differences(world: World, text: str, *, is_complete: bool = False) -> sheets.Difference:
    return compare(GL_MAPPINGS, world.tenant, text, is_complete=is_complete)


def uploaded(world: World, text: str, **more: str) -> dict[str, Any]:
    file = SimpleUploadedFile("mappings.csv", text.encode())
    return {"tenant": world.tenant.pk, "file": file, **more}


class TestDifference:
    def test_an_export_changes_nothing(self, world: World) -> None:
        for sheet in (GL_MAPPINGS, LINKS):
            difference = compare(sheet, world.tenant, write(sheet, world.tenant), is_complete=True)
            assert (difference.is_empty, difference.unchanged, difference.problems) == (True, 1, [])

    def test_rows_are_added_changed_and_removed(self, world: World) -> None:
        GLMapping.unscoped.create(tenant=world.tenant, connection=world.books, source_key="Old", segment="1")
        text = HEADING + "books,globex,item,Widget,999\r\nbooks,,item,Gadget,400-20\r\n"
        difference = differences(world, text, is_complete=True)
        assert [str(row) for row in difference.added] == ["item Gadget → 400-20"]
        assert [(row.segment, before) for row, before in difference.changed] == [("999", "400-10")]
        assert [row.source_key for row in difference.removed] == ["Old"]
        assert differences(world, text).removed == []

        sheets.apply(GL_MAPPINGS, world.tenant, difference)
        rows = GLMapping.unscoped.order_by("source_key").values_list("source_key", "segment", "partner")
        assert list(rows) == [("Gadget", "400-20", None), ("Widget", "999", world.partner.pk)]

    def test_item_mappings_have_further_values_that_a_file_may_leave_out(self, world: World) -> None:
        ItemMapping.unscoped.all().delete()
        ItemMapping.unscoped.create(
            tenant=world.tenant,
            connection=world.books,
            partner=world.partner,
            buyer_item="77",
            item="Widget",
            gtin="036000291452",
        )
        whole = write(sheets.ITEMS, world.tenant)
        assert whole.splitlines()[0] == "connection,partner,buyer_item,item,gtin,unit"
        assert compare(sheets.ITEMS, world.tenant, whole, is_complete=True).unchanged == 1
        short = "connection,partner,buyer_item,item\nbooks,globex,77,Gadget\nbooks,globex,78,Gizmo\n"
        difference = compare(sheets.ITEMS, world.tenant, short, is_complete=False)
        sheets.apply(sheets.ITEMS, world.tenant, difference)
        rows = ItemMapping.unscoped.order_by("buyer_item").values_list("buyer_item", "item", "gtin")
        assert list(rows) == [("77", "Gadget", "036000291452"), ("78", "Gizmo", "")]
        wrong = compare(
            sheets.ITEMS,
            world.tenant,
            short.splitlines()[0] + ",gtin\nbooks,globex,79,X,12\n",
            is_complete=False,
        )
        assert "8, 12, 13 or 14 digits" in wrong.problems[0]

    def test_a_party_is_given_to_another_partner(self, world: World) -> None:
        PartnerFactory.create(tenant=world.tenant, code="initech")
        text = "connection;party_kind;party_id;partner\nbooks;client;55001;initech\n"
        difference = compare(LINKS, world.tenant, text, is_complete=False)
        assert [(row.partner.code, before) for row, before in difference.changed] == [("initech", "globex")]

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "Line 1: these columns are missing: connection, partner, source_kind, source_key, segment."),
            (
                "connection,segment\r\n",
                "Line 1: these columns are missing: partner, source_kind, source_key.",
            ),
            (HEADING + "nowhere,,item,A,1", "Line 2: there is no connection “nowhere”."),
            (HEADING + "books,nobody,item,A,1", "Line 2: there is no partner “nobody”."),
            (HEADING + "books,,thing,A,1", "Line 2: source_kind: Value 'thing' is not a valid choice."),
            (HEADING + "books,,item,A,", "Line 2: segment must not be empty."),
            (HEADING + "books,,item", "Line 2: source_key, segment must not be empty."),
            (
                HEADING + "books,,item,A,1\r\n\r\nbooks,,item,A,2",
                "Line 4: the same connection, partner, source_kind",
            ),
            (
                HEADING + f"books,,item,A,{'9' * 31}",
                "Line 2: segment: Ensure this value has at most 30 characters",
            ),
            (HEADING + "books,,item,A\0,1", "Line 2: a NUL character stands in it."),
        ],
    )
    def test_what_is_wrong_is_named_by_its_line(self, world: World, text: str, problem: str) -> None:
        problems = differences(world, text).problems
        assert len(problems) == 1
        assert problems[0].startswith(problem)

    def test_one_bad_line_keeps_the_whole_file_out(self, world: World) -> None:
        difference = differences(world, HEADING + "books,,item,A,1\r\nnowhere,,item,B,1")
        with pytest.raises(ValueError, match="not imported"):
            sheets.apply(GL_MAPPINGS, world.tenant, difference)
        assert GLMapping.unscoped.count() == 1

    def test_names_of_other_organisations_are_unknown(self, world: World) -> None:
        strange = PartnerFactory.create(code="strange")
        text = HEADING + f"books,{strange.code},item,A,1"
        assert differences(world, text).problems == ["Line 2: there is no partner “strange”."]

    def test_a_huge_file_is_refused(self, world: World, monkeypatch: Any) -> None:
        monkeypatch.setattr(sheets, "MOST_ROWS", 1)
        text = HEADING + "books,,item,A,1\r\nbooks,,item,B,1\r\n"
        assert differences(world, text).problems == ["Line 3: more than 1 rows; split the file."]
        monkeypatch.setattr(sheets, "MOST_CHARACTERS", 10)
        assert "larger than" in differences(world, text).problems[0]

    def test_a_byte_order_mark_and_quotes_are_understood(self, world: World) -> None:
        text = "\ufeff" + HEADING + 'books,,item,"Bolts, ""M8""\nlong",1\n'
        assert [row.source_key for row in differences(world, text).added] == ['Bolts, "M8"\nlong']


class TestFormulas:
    @pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
    def test_what_a_spreadsheet_would_calculate_is_disarmed(self, world: World, cell: str) -> None:
        GLMapping.unscoped.update(source_key=cell)
        text = write(GL_MAPPINGS, world.tenant)
        assert f"'{cell}" in text
        assert compare(GL_MAPPINGS, world.tenant, text, is_complete=True).problems == []

    @given(st.text())
    def test_guarding_loses_nothing(self, cell: str) -> None:
        assert not guarded(cell).startswith(sheets.FORMULA_STARTS)
        assert unguarded(guarded(cell)) == cell or cell.startswith("'")


class TestPages:
    @pytest.mark.django_db(transaction=True)
    def test_first_the_difference_then_the_import(self, world: World, desk: Client) -> None:
        OrmQ.objects.all().delete()
        text = HEADING + "books,globex,item,Widget,999\r\nbooks,,item,Gadget,400-20\r\n"
        shown = desk.post(reverse(IMPORT), uploaded(world, text))
        page = shown.content.decode()
        assert "1 added, 1 changed, 0 removed, 0 unchanged." in page
        assert "item Widget → 999 (was 400-10)" in page
        assert GLMapping.unscoped.get().segment == "400-10"

        content = shown.context["form"].cleaned_data["content"]
        said = {"tenant": world.tenant.pk, "content": content, "confirm": "1"}
        answer = desk.post(reverse(IMPORT), said, follow=True)
        assert "1 added, 1 changed, 0 removed" in answer.content.decode()
        assert GLMapping.unscoped.count() == 2
        entry = LogEntry.objects.get()
        assert (entry.user.email, entry.object_repr) == ("sam@example.org", "Acme Trading")
        tasks = [(row.task["func"], row.task["args"]) for row in OrmQ.objects.all()]
        assert tasks == [("connections.tasks.release_held", (world.tenant.pk,))]

    def test_problems_are_listed_and_nothing_is_offered(self, world: World, desk: Client) -> None:
        text = HEADING + "nowhere,,item,<b>A</b>,1"
        page = desk.post(reverse(IMPORT), uploaded(world, text, confirm="1")).content.decode()
        assert "Line 2: there is no connection “nowhere”." in page
        assert 'name="confirm"' not in page

    @pytest.mark.parametrize(
        ("content", "message"),
        [(b"\xff\xfe", "Byte 1 is no UTF-8: save it as UTF-8."), (b"", "The submitted file is empty.")],
    )
    def test_files_that_are_no_text(self, world: World, desk: Client, content: bytes, message: str) -> None:
        said = {"tenant": world.tenant.pk, "file": SimpleUploadedFile("a.csv", content)}
        assert message in desk.post(reverse(IMPORT), said).content.decode()

    def test_export_is_a_file(self, world: World, desk: Client) -> None:
        answer = desk.get(reverse(EXPORT), {"tenant": world.tenant.pk})
        assert answer["Content-Disposition"] == 'attachment; filename="gl-mappings-acme-trading.csv"'
        assert answer.content.decode("utf-8-sig") == HEADING + "books,globex,item,Widget,400-10\r\n"
        assert desk.get(reverse(EXPORT)).status_code == 200
        assert desk.get(reverse(EXPORT), {"tenant": "x"}).status_code == 200

    def test_links_go_the_same_way(self, world: World, desk: Client) -> None:
        answer = desk.get(reverse("admin:mappings_partnerlink_export"), {"tenant": world.tenant.pk})
        assert answer.content.decode("utf-8-sig").splitlines()[1] == "books,client,55001,globex,"
        said = uploaded(world, "connection,party_kind,party_id,partner\nbooks,vendor,9,globex\n", confirm="1")
        desk.post(reverse("admin:mappings_partnerlink_import"), said)
        assert PartnerLink.unscoped.filter(party_id="9", party_kind="vendor").exists()

    def test_who_may_only_look_may_export_but_not_import(self, world: World, olga: User) -> None:
        browser = browser_of(olga)
        assert browser.get(reverse(EXPORT), {"tenant": world.tenant.pk}).status_code == 200
        assert browser.get(reverse(IMPORT)).status_code == 403
        assert (
            "Import CSV" not in browser.get(reverse("admin:mappings_glmapping_changelist")).content.decode()
        )
