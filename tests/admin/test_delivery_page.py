"""The page of one delivery: what it says, whom it shows the bytes to, and what it writes down about that."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Arrival, Delivery, Event
from audit.services import record
from audit.states import Acknowledgement, Transfer
from tenants.models import User
from tests.admin.conftest import INTERCHANGE, World, browser_of, delivered_invoice, stored


def page_of(subject: Delivery | Arrival) -> str:
    return reverse(f"admin:audit_{subject._meta.model_name}_change", args=[subject.pk])


def bytes_of(subject: Delivery | Arrival, which: str) -> str:
    return reverse(f"admin:audit_{subject._meta.model_name}_bytes", args=[subject.pk, which])


def text_of(client: Client, subject: Delivery | Arrival) -> str:
    answer = client.get(page_of(subject))
    assert answer.status_code == 200
    return answer.content.decode()


def kinds(subject: Delivery | Arrival) -> list[str]:
    return list(subject.events.values_list("kind", flat=True))


class TestWhatItSays:
    def test_the_sentence_the_answers_and_who_it_is_about(self, world: World, desk: Client) -> None:
        text = text_of(desk, world.delivery)
        for expected in (
            "no acknowledgement is expected.",
            "INV-1001",
            "1234.50 USD",
            "Globex Corporation (55001)",
            "Invoices to Globex",
            "Byron Books",
            "Globex server",
            "message-4711",
        ):
            assert expected in text

    def test_the_reason_and_what_to_do(self, world: World, desk: Client) -> None:
        failed = delivered_invoice(
            world.tenant,
            world.route,
            world.partner,
            source_id="90002",
            transfer=Transfer.FAILED,
            reason="the disk is full.",
            reason_code="rejected",
            remedy="Ask them to make room.",
        )
        text = text_of(desk, failed)
        assert "the disk is full." in text
        assert "Ask them to make room." in text
        assert "<code>rejected</code>" in text

    def test_the_timeline_is_in_order_with_the_actor(self, world: World, desk: Client, sam: User) -> None:
        record(world.delivery, "replayed", "Replayed because of <b>rain</b>.", actor=sam)
        text = text_of(desk, world.delivery)
        first, last = text.index("Found in FreshBooks"), text.index("Replayed because of")
        assert first < last
        assert "by sam@example.org" in text
        assert "<b>rain</b>" not in text

    def test_links_to_revisions_and_to_the_arrival_that_answered(self, world: World, desk: Client) -> None:
        later = delivered_invoice(world.tenant, world.route, world.partner, revision=2)
        text = text_of(desk, world.delivery)
        assert page_of(later) in text
        assert page_of(world.arrival) in text
        assert page_of(world.delivery) in text_of(desk, world.arrival)

    def test_the_same_queries_for_a_short_and_a_long_story(
        self, world: World, desk: Client, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(400):
            record(world.delivery, "note", f"Note {number}.")
        with django_assert_max_num_queries(40):
            text = text_of(desk, world.delivery)
        assert "Only the last 300 events are shown." in text
        assert "Note 399." in text


class TestBytes:
    def test_segments_stand_one_a_line_with_their_line_ends(self, world: World, desk: Client) -> None:
        text = text_of(desk, world.delivery)
        assert '<li>BIG*20250102*INV-1001~<span class="control">LF</span></li>' in text
        assert "X12, one segment a line" in text

    def test_hostile_content_stays_text(self, world: World, desk: Client) -> None:
        world.delivery.interchange = stored(
            world.tenant, "<script>.edi", b"<script>alert(1)</script>\x1b\xe2\x80\xae"
        )
        world.delivery.canonical = stored(
            world.tenant, "a.json", json.dumps({"a": "</pre><script>"}).encode()
        )
        world.delivery.save()
        text = text_of(desk, world.delivery)
        assert "<script>alert" not in text
        assert "</pre><script>" not in text
        assert '<span class="control">ESC</span>' in text
        assert '<span class="control">U+202E</span>' in text

    def test_a_large_payload_is_shown_in_part(self, world: World, desk: Client) -> None:
        world.delivery.interchange = stored(world.tenant, "big.csv", b"0123456789\n" * 100_000)
        world.delivery.save()
        text = text_of(desk, world.delivery)
        assert "This is the beginning; the file to download is whole." in text
        assert len(text) < 400_000

    @pytest.mark.parametrize(
        ("which", "content"),
        [
            ("interchange", INTERCHANGE),
            ("source", b'{"invoiceid": 90001}'),
            ("canonical", b'{"number": "INV-1001", "total": "1234.50"}'),
        ],
    )
    def test_a_download_is_exact_and_harmless(
        self, world: World, desk: Client, which: str, content: bytes
    ) -> None:
        answer = desk.get(bytes_of(world.delivery, which))
        assert b"".join(answer) == content
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]

    def test_a_hostile_file_name_is_tamed(self, world: World, desk: Client) -> None:
        world.arrival.payload = stored(world.tenant, '..\\..//.evil"\r\nX: y.html', b"x")
        world.arrival.save()
        answer = desk.get(bytes_of(world.arrival, "content"))
        assert answer["Content-Disposition"] == 'attachment; filename="evilX_y.html"'

    def test_downloads_stand_on_the_timeline(self, world: World, desk: Client, sam: User) -> None:
        desk.get(bytes_of(world.delivery, "interchange"))
        event = Event.unscoped.get(kind="downloaded")
        assert event.delivery == world.delivery
        assert event.actor == sam
        assert event.payload == world.delivery.interchange
        assert event.text == "sam@example.org downloaded invoice-INV-1001.edi."

    def test_looking_is_written_down_once_a_day_for_each_person(self, world: World, desk: Client) -> None:
        for _ in range(3):
            text_of(desk, world.delivery)
        assert kinds(world.delivery).count("looked_at") == 1
        other = User.objects.create_superuser("rita@example.org", full_name="Rita")
        text_of(browser_of(other), world.delivery)
        assert kinds(world.delivery).count("looked_at") == 2
        Event.unscoped.filter(kind="looked_at").update(at=timezone.now() - timedelta(days=2))
        text_of(desk, world.delivery)
        assert kinds(world.delivery).count("looked_at") == 3

    def test_the_bytes_of_an_event_can_be_downloaded(self, world: World, desk: Client) -> None:
        answered = world.delivery.events.get(kind="acknowledgement")
        url = reverse("admin:audit_delivery_event_bytes", args=[world.delivery.pk, answered.sequence])
        assert url in text_of(desk, world.delivery)
        assert b"".join(desk.get(url)) == b"ISA*00*short~"

    def test_what_is_not_there_is_not_found(self, world: World, desk: Client) -> None:
        world.delivery.interchange = None
        world.delivery.save()
        assert desk.get(bytes_of(world.delivery, "interchange")).status_code == 404
        assert desk.get(bytes_of(world.delivery, "nonsense")).status_code == 404
        assert desk.get(reverse("admin:audit_delivery_bytes", args=[10**9, "source"])).status_code == 404


class TestPermissions:
    def test_without_the_permission_no_byte_is_shown_or_handed_out(self, world: World, olga: User) -> None:
        browser = browser_of(olga)
        text = text_of(browser, world.delivery)
        assert "BIG*20250102" not in text
        assert "invoiceid" not in text
        assert "may not see the contents" in text
        for which in ("interchange", "source", "canonical"):
            assert browser.get(bytes_of(world.delivery, which)).status_code == 403
        assert "looked_at" not in kinds(world.delivery)
        assert "downloaded" not in kinds(world.delivery)

    def test_the_permission_for_payloads_alone_opens_no_delivery(self, world: World, staff: User) -> None:
        staff.user_permissions.add(Permission.objects.get(codename="view_payload"))
        browser = browser_of(staff)
        assert browser.get(bytes_of(world.delivery, "interchange")).status_code == 403
        assert browser.get(page_of(world.delivery)).status_code == 403

    def test_nothing_can_be_posted_to_the_page(self, world: World, desk: Client) -> None:
        before = Delivery.unscoped.values().get(pk=world.delivery.pk)
        desk.post(page_of(world.delivery), {"transfer": "failed", "number": "changed"})
        after = Delivery.unscoped.values().get(pk=world.delivery.pk)
        assert (after["transfer"], after["number"]) == (before["transfer"], before["number"])

    def test_nobody_deletes_history(self, world: World, desk: Client) -> None:
        for subject in (world.delivery, world.arrival, world.server, world.partner, world.tenant):
            url = reverse(
                f"admin:{subject._meta.app_label}_{subject._meta.model_name}_delete", args=[subject.pk]
            )
            assert desk.post(url, {"post": "yes"}).status_code == 403


def test_buttons_offer_what_can_be_decided(world: World, desk: Client, olga: User) -> None:
    def offered(client: Client) -> list[str]:
        answer = client.get(page_of(world.delivery))
        return [decision["title"] for decision in answer.context["decisions"]]

    assert offered(desk) == ["Replay"]
    assert offered(browser_of(olga)) == []
    Delivery.unscoped.filter(pk=world.delivery.pk).update(
        transfer=Transfer.IN_DOUBT, acknowledgement=Acknowledgement.NONE
    )
    assert offered(desk) == [
        "Dismiss",
        "Resolve: the partner has it",
        "Resolve: the partner does not have it",
    ]
