"""audit.pages.documents: finding documents, one document's journey, deciding about it."""

import re
from decimal import Decimal

import pytest

from audit import services
from audit.models import Delivery
from audit.pages import paging
from audit.standing import STANDINGS as ALL_STANDINGS
from audit.states import Transfer
from mappings.canonical import Line, to_json
from tests.factories import DeliveryFactory, PartnerFactory, PayloadFactory, RouteFactory
from tests.inbound.conftest import entry, order
from tests.pages.conftest import HOME, INTERCHANGE, STANDINGS
from tests.pages.plans import detours


def numbers(page):
    """The numbers of the listed documents, in order."""
    return re.findall(r'<th scope="row"><a href="[^"]+">Invoice ([^<]+)</a>', page)


def page_of(delivery):
    return f"documents/{delivery.public_id}/"


class TestWho:
    def test_it_checks_ownership(self, browse, press, world, charlie):
        delivery = world.delivery("failed")
        for path in (
            "documents/",
            page_of(delivery),
            f"{page_of(delivery)}decide/replay/",
            f"{page_of(delivery)}bytes/{delivery.interchange_id}/",
        ):
            browse(charlie, path, status=404)
        assert press(charlie, f"{page_of(delivery)}decide/replay/").status_code == 404

    def test_a_strangers_document_is_not_reached_through_ones_own_organisation(self, client, world, charlie):
        delivery = world.delivery("failed")
        client.force_login(charlie)
        for path in (page_of(delivery), f"{page_of(delivery)}decide/replay/"):
            assert client.get(f"/t/other-company/{path}").status_code == 404

    def test_a_viewer_looks_and_decides_nothing(self, browse, press, world, viewer):
        delivery = world.delivery("failed")
        page = browse(viewer, page_of(delivery))
        assert "decide/" not in page
        assert press(viewer, f"{page_of(delivery)}decide/replay/").status_code == 403
        delivery.refresh_from_db()
        assert delivery.transfer == Transfer.FAILED

    def test_support_staff_look_on(self, browse, world, staff):
        delivery = world.delivery("accepted", number="INV-7")
        assert "INV-7" in browse(staff, "documents/")
        assert "decide/" not in browse(staff, page_of(delivery))


class TestList:
    def test_the_newest_come_first_with_amount_partner_and_state(self, browse, world, alice):
        for number in ("INV-1", "INV-2"):
            world.delivery("accepted", number=number)
        page = browse(alice, "documents/")
        assert numbers(page) == ["INV-2", "INV-1"]
        assert '<td data-label="Amount" class="number">1,234.50 USD</td>' in page
        assert "Globex" in page
        assert "Accepted" in page

    def test_others_documents_are_not_among_them(self, browse, world, alice):
        DeliveryFactory.create(number="OTHERS-1")
        assert numbers(browse(alice, "documents/")) == []
        assert numbers(browse(alice, "documents/", q="OTHERS-1")) == []

    def test_times_are_in_the_organisations_zone(self, browse, world, alice):
        delivery = world.delivery()
        Delivery.unscoped.filter(pk=delivery.pk).update(created_at="2026-03-02T03:30:00Z")
        assert "1 Mar 2026, 22:30" in browse(alice, "documents/")

    @pytest.mark.parametrize("standing", STANDINGS)
    def test_each_standing_can_be_asked_for(self, browse, full_world, alice, standing):
        wanted = Delivery.unscoped.filter(ALL_STANDINGS[standing][1])
        found = numbers(browse(alice, "documents/", standing=standing))
        assert found == [delivery.number for delivery in wanted]

    def test_what_waits_for_a_person_is_gathered(self, browse, full_world, alice):
        found = numbers(browse(alice, "documents/", standing="waits"))
        assert len(found) == 5
        assert found == sorted(found, reverse=True)

    def test_a_standing_that_is_none_is_not_found(self, browse, world, alice):
        browse(alice, "documents/", status=404, standing="lost")

    def test_of_one_partner_or_route(self, browse, world, alice):
        world.delivery("accepted", number="INV-1")
        other = PartnerFactory.create(tenant=world.tenant, code="other", name="Other Inc")
        route = RouteFactory.create(
            tenant=world.tenant, key="second", source=world.books, target=world.server
        )
        world.delivery("failed", number="INV-2", partner=other, route=route)
        assert numbers(browse(alice, "documents/", partner="other")) == ["INV-2"]
        assert numbers(browse(alice, "documents/", route="second")) == ["INV-2"]
        assert numbers(browse(alice, "documents/", partner="globex", standing="failed")) == []
        page = browse(alice, "documents/", partner="other", route="invoices-to-globex")
        assert numbers(page) == []
        assert 'href="?route=invoices-to-globex"' in page, "the partner can be taken off again"

    def test_of_a_strangers_partner_there_is_nothing(self, browse, world, alice):
        PartnerFactory.create(code="strange")
        browse(alice, "documents/", status=404, partner="strange")

    def test_an_empty_list_says_why(self, browse, world, alice):
        assert "as soon as a route is switched on" in browse(alice, "documents/")
        assert "No document fits." in browse(alice, "documents/", q="nothing")


class TestSearch:
    @pytest.mark.parametrize(
        "text",
        [
            "INV-4711",
            "INV-47",
            "inv-4711",
            "94711",
            "000000815",
            "815",
            "816",
            "1,234.50",
            "$1234.50",
            "Glob",
        ],
        ids=str,
    )
    def test_it_finds_a_document_by(self, browse, world, alice, text):
        world.delivery("accepted", number="OTHER", amount="9.99", partner=None, interchange_control="9")
        world.delivery(
            "accepted",
            number="INV-4711",
            source_id="94711",
            interchange_control="815",
            group_control="816",
        )
        assert numbers(browse(alice, "documents/", q=text)) == ["INV-4711"]

    def test_it_finds_it_by_its_address(self, browse, world, alice):
        delivery = world.delivery(number="INV-1")
        world.delivery(number="INV-2")
        assert numbers(browse(alice, "documents/", q=delivery.public_id.upper())) == ["INV-1"]

    def test_it_can_be_narrowed_to_what_waits(self, browse, world, alice):
        world.delivery("accepted", number="INV-1")
        world.delivery("failed", number="INV-2")
        assert numbers(browse(alice, "documents/", q="INV", standing="waits")) == ["INV-2"]

    def test_too_many_are_said_to_be(self, browse, world, alice, monkeypatch):
        monkeypatch.setattr("audit.pages.finding.FOUND_AT_MOST", 2)
        monkeypatch.setattr("audit.pages.documents.FOUND_AT_MOST", 2)
        for number in range(3):
            world.delivery(number=f"INV-{number}")
        assert "not all of them are shown" in browse(alice, "documents/", q="INV")


class TestPages:
    @pytest.fixture(autouse=True)
    def _short(self, monkeypatch):
        monkeypatch.setattr(paging, "ROWS", 3)

    def test_one_goes_to_older_ones_and_back(self, browse, world, alice):
        for number in range(8):
            world.delivery(number=f"N{number}")
        page, seen = browse(alice, "documents/"), []
        assert "Newer" not in page
        while True:
            seen.append(numbers(page))
            older = re.search(r'href="\?(before=\d+)" rel="next"', page)
            if not older:
                break
            page = browse(alice, f"documents/?{older[1]}")
        assert seen == [["N7", "N6", "N5"], ["N4", "N3", "N2"], ["N1", "N0"]]
        newer = re.search(r'href="\?(after=\d+)" rel="prev"', page)
        assert newer
        back = browse(alice, f"documents/?{newer[1]}")
        assert numbers(back) == ["N4", "N3", "N2"]

    def test_what_waits_is_paged_over_all_kinds_of_trouble(self, browse, world, alice):
        for number, standing in enumerate(("held", "failed", "in_doubt", "overdue", "rejected")):
            world.delivery(standing, number=f"N{number}")
        page = browse(alice, "documents/", standing="waits")
        assert numbers(page) == ["N4", "N3", "N2"]
        older = re.search(r"standing=waits&amp;before=\d+", page)
        assert older
        assert numbers(browse(alice, f"documents/?{older[0].replace('&amp;', '&')}")) == ["N1", "N0"]

    @pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 40, "٣"])
    def test_nonsense_in_the_address_is_the_first_page(self, browse, world, alice, nonsense):
        world.delivery(number="N1")
        assert numbers(browse(alice, "documents/", before=nonsense, after=nonsense)) == ["N1"]


class TestIndexes:
    """No list and no search walks through the table, sorts it, or counts it."""

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"before": "999"},
            {"after": "1"},
            *({"standing": standing} for standing in ("waits", *ALL_STANDINGS)),
            {"partner": "globex"},
            {"route": "invoices-to-globex"},
            {"partner": "globex", "standing": "waits"},
            {"q": "INV-1"},
            {"q": "4711"},
            {"q": "12.50"},
            {"q": "Globex", "standing": "waits"},
        ],
        ids=str,
    )
    def test_an_index_serves(self, client, world, alice, query):
        world.delivery(number="INV-1", amount="12.50")
        client.force_login(alice)
        # What a search has found, two hundred rows at most, may be sorted.
        assert not detours(
            lambda: client.get(f"{HOME}documents/", query), "audit_delivery", may_sort="q" in query
        )

    def test_nothing_is_counted(self, client, world, alice, django_assert_num_queries):
        client.force_login(alice)
        with django_assert_num_queries(5) as queries:
            client.get(f"{HOME}documents/")
        assert not any("COUNT(" in one["sql"] for one in queries.captured_queries)


class TestDocument:
    def test_its_journey_is_told(self, browse, world, alice):
        delivery = world.delivery("accepted", number="INV-1001")
        arrival = world.answer(delivery)
        page = browse(alice, page_of(delivery))
        assert "Invoice INV-1001" in page
        assert "Globex accepted it" in page
        assert "Found in FreshBooks (poll)." in page
        assert '<li class="ok">' in page
        assert f'href="{HOME}arrivals/{arrival.public_id}/">The answer' in page
        assert "BIG*20260302*INV-1001**PO-77~" in page
        assert "Widget, blue" in page
        assert "1,234.50 USD" in page
        assert "2 Mar 2026" in page

    @pytest.mark.parametrize(
        ("status", "tone"),
        [("accepted", "ok"), ("accepted_with_errors", "attention"), ("rejected", "failed")],
    )
    def test_an_answer_has_the_tone_of_what_it_says(self, browse, world, alice, status, tone):
        delivery = world.delivery("unanswered")
        world.answer(delivery, status)
        page = browse(alice, page_of(delivery))
        assert re.search(rf'<li class="{tone}">[^§]*?The partner&#x27;s 997 says: {status}\.', page)

    def test_a_rejection_lists_its_reasons(self, browse, world, alice):
        delivery = world.delivery("rejected")
        reason = {
            "where": "segment 3 IT1, element 2",
            "said": "invalid code value",
            "code": "7",
            "value": "XX",
        }
        services.record(
            delivery, "acknowledgement", "The partner's 997: rejected.", data={"reasons": [reason]}
        )
        page = browse(alice, page_of(delivery))
        cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", page[page.index("What the partner says") :])
        assert cells[2:6] == ["Segment 3 IT1, element 2", "Invalid code value", "7", "XX"]
        assert "Correct it and replay it." in page

    def test_whoever_looks_is_recorded_once_a_day_and_told_apart(self, browse, world, alice):
        delivery = world.delivery()
        for _ in range(2):
            page = browse(alice, page_of(delivery))
        assert delivery.events.filter(kind="looked_at").count() == 1
        assert "Who looked at it or downloaded it (1)" in page

    def test_every_revision_leads_to_the_others(self, browse, world, alice):
        first = world.delivery("accepted", source_id="90001", revision=1)
        second = world.delivery("accepted", source_id="90001", revision=2)
        assert second.get_absolute_url() in browse(alice, page_of(first))
        assert first.get_absolute_url() in browse(alice, page_of(second))

    def test_hostile_content_stays_text(self, browse, world, alice):
        delivery = world.delivery(
            "failed",
            number="<script>alert(1)</script>",
            party_name="<b>",
            reason="<img src=x>",
            interchange=world.stored("<i>.x12", b"<script>alert(2)</script>\x00\x1b"),
            canonical=world.stored("x.json", b'{"schema": "invoice/1", "lines": [{"description": "<u>"}]}'),
        )
        page = browse(alice, page_of(delivery))
        for tag in ("<script>alert", "<b>", "<img src=x", "<u>", "<i>"):
            assert tag not in page

    @pytest.mark.parametrize("content", [b"\xff\xfe", b"[1, 2]", b'"text"', b""])
    def test_a_stored_document_that_cannot_be_read_leaves_the_page_whole(self, browse, world, alice, content):
        delivery = world.delivery("held", canonical=world.stored("x.json", content))
        assert "It could not be read." in browse(alice, page_of(delivery))


class TestDownload:
    def test_it_gives_the_exact_bytes_and_records_it(self, client, world, alice):
        delivery = world.delivery()
        client.force_login(alice)
        response = client.get(f"{HOME}{page_of(delivery)}bytes/{delivery.interchange_id}/")
        assert b"".join(response) == INTERCHANGE
        assert response["Content-Disposition"] == 'attachment; filename="invoice.x12"'
        assert delivery.events.filter(kind="downloaded", actor=alice).count() == 1

    def test_a_viewer_may_download(self, client, world, viewer):
        delivery = world.delivery()
        client.force_login(viewer)
        response = client.get(f"{HOME}{page_of(delivery)}bytes/{delivery.canonical_id}/")
        assert b"".join(response) == bytes(delivery.canonical.content)

    def test_bytes_of_another_document_are_not_given(self, browse, world, alice):
        delivery, other = world.delivery(), world.delivery()
        browse(alice, f"{page_of(delivery)}bytes/{other.interchange_id}/", status=404)


class TestDecide:
    def test_what_will_happen_is_said_first(self, browse, world, bob):
        delivery = world.delivery("failed")
        page = browse(bob, f"{page_of(delivery)}decide/replay/")
        assert "translated anew with the mappings of now" in page
        delivery.refresh_from_db()
        assert delivery.transfer == Transfer.FAILED

    def test_a_replay_is_carried_out_and_stands_on_record(self, press, world, bob):
        delivery = world.delivery("failed")
        response = press(bob, f"{page_of(delivery)}decide/replay/", {"why": "Room was made."}, follow=True)
        assert "is replayed." in response.content.decode()
        delivery.refresh_from_db()
        assert delivery.transfer == Transfer.READY
        event = delivery.events.get(kind="replayed")
        assert event.actor == bob
        assert "Reason: Room was made." in event.text

    def test_the_partner_gets_it_a_second_time_only_after_a_warning_and_a_tick(
        self, browse, press, world, bob
    ):
        delivery = world.delivery("accepted")
        path = f"{page_of(delivery)}decide/replay/"
        assert "the partner gets it a second time" in browse(bob, path)
        assert "This field is required" in press(bob, path, {"why": "x"}).content.decode()
        delivery.refresh_from_db()
        assert delivery.transfer == Transfer.DELIVERED
        press(bob, path, {"why": "x", "force": "on"})
        delivery.refresh_from_db()
        assert delivery.transfer == Transfer.READY

    @pytest.mark.parametrize(
        ("key", "transfer"), [("was-sent", "delivered"), ("not-sent", "ready"), ("dismiss", "dismissed")]
    )
    def test_a_doubt_is_resolved_by_a_person(self, press, world, bob, key, transfer):
        delivery = world.delivery("in_doubt")
        press(bob, f"{page_of(delivery)}decide/{key}/", {"why": ""})
        delivery.refresh_from_db()
        assert delivery.transfer == transfer

    def test_a_held_one_is_released(self, press, world, bob):
        delivery = world.delivery("held")
        press(bob, f"{page_of(delivery)}decide/release/", {"why": ""})
        assert delivery.events.filter(kind="released").exists()

    def test_what_is_not_possible_now_says_why_and_changes_nothing(self, press, world, bob):
        delivery = world.delivery("accepted")
        response = press(bob, f"{page_of(delivery)}decide/dismiss/", {"why": ""}, follow=True)
        assert "Dismiss is not possible now: delivered already." in response.content.decode()

    def test_a_decision_that_is_none_is_not_found(self, press, world, bob):
        assert press(bob, f"{page_of(world.delivery())}decide/destroy/").status_code == 404

    def test_only_open_decisions_are_offered_and_to_dismiss_comes_last(self, browse, world, bob):
        page = browse(bob, page_of(world.delivery("in_doubt")))
        offered = re.findall(r'decide/([\w-]+)/">', page)
        assert offered == ["was-sent", "not-sent", "dismiss"]


class TestWhatItSays:
    """What the document says, also where its lines say little."""

    def page_of(self, browse, world, alice, document):
        payload = PayloadFactory.create(tenant=world.tenant, content=to_json(document).encode())
        delivery = world.delivery("accepted", canonical=payload)
        return browse(alice, f"documents/{delivery.public_id}/")

    def test_of_a_journal_entry_debits_and_credits_stand_side_by_side(self, browse, world, alice):
        page = self.page_of(browse, world, alice, entry())
        assert "<strong>6000</strong>" in page
        assert '<td class="number">200.00 USD</td><td class="number"></td>' in page
        assert '<td class="number"></td><td class="number">200.00 USD</td>' in page
        assert "Payroll" in page

    def test_lines_with_a_buyer_s_item_alone_are_named_by_it(self, browse, world, alice):
        line = Line(number="1", quantity=Decimal(4), unit_price=Decimal("12.50"), buyer_item="PAPER-A4")
        page = self.page_of(browse, world, alice, order(lines=(line,)))
        assert "<strong>PAPER-A4</strong>" in page
