"""audit.pages.arrivals: what came in, and what was made of it."""

import re

import pytest

from audit.models.arrivals import ArrivalState
from tests.factories import ArrivalFactory, ConnectionFactory
from tests.pages.conftest import HOME
from tests.pages.plans import detours


def names(page):
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', page)


def page_of(arrival):
    return f"arrivals/{arrival.public_id}/"


class TestWho:
    def test_it_checks_ownership(self, browse, press, world, charlie):
        arrival = world.arrival(state="failed")
        paths = (
            "arrivals/",
            page_of(arrival),
            f"{page_of(arrival)}bytes/",
            f"{page_of(arrival)}decide/replay/",
        )
        for path in paths:
            browse(charlie, path, status=404)
        assert press(charlie, f"{page_of(arrival)}decide/replay/").status_code == 404

    def test_a_strangers_arrival_is_not_reached_through_ones_own_organisation(self, client, world, charlie):
        arrival = world.arrival()
        client.force_login(charlie)
        for path in (page_of(arrival), f"{page_of(arrival)}bytes/"):
            assert client.get(f"/t/other-company/{path}").status_code == 404

    def test_a_viewer_looks_and_decides_nothing(self, browse, press, world, viewer):
        arrival = world.arrival(state="failed")
        assert "decide/" not in browse(viewer, page_of(arrival))
        assert press(viewer, f"{page_of(arrival)}decide/dismiss/").status_code == 403


class TestList:
    def test_the_newest_come_first_and_others_are_not_among_them(self, browse, world, alice):
        world.arrival(name="997-1.edi")
        world.arrival(name="997-2.edi")
        ArrivalFactory.create(name="strange.edi")
        assert names(browse(alice, "arrivals/")) == ["997-2.edi", "997-1.edi"]

    def test_those_that_could_not_be_read(self, browse, world, alice):
        world.arrival(name="good.edi")
        world.arrival(name="bad.edi", state="failed")
        world.arrival(name="half.edi", state="partly_failed")
        assert names(browse(alice, "arrivals/", standing="waits")) == ["half.edi", "bad.edi"]

    def test_those_of_one_connection(self, browse, world, alice):
        other = ConnectionFactory.create(tenant=world.tenant, system="sftp", key="other")
        world.arrival(name="here.edi")
        world.arrival(name="there.edi", connection=other)
        assert names(browse(alice, "arrivals/", connection="other")) == ["there.edi"]
        browse(alice, "arrivals/", status=404, connection="nowhere")

    def test_the_documents_tab_is_the_current_one(self, browse, world, alice):
        assert '<a href="/t/acme-trading/documents/" aria-current="page">Documents</a>' in browse(
            alice, "arrivals/"
        )

    @pytest.mark.parametrize(
        "query", [{}, {"before": "9"}, {"standing": "waits"}, {"connection": "globex-server"}], ids=str
    )
    def test_an_index_serves_it(self, client, world, alice, query):
        client.force_login(alice)
        assert not detours(lambda: client.get(f"{HOME}arrivals/", query), "audit_arrival")


class TestArrival:
    def test_it_shows_where_it_came_from_what_it_answers_and_its_bytes(self, browse, world, alice):
        delivery = world.delivery("accepted", number="INV-1")
        arrival = world.answer(delivery)
        page = browse(alice, page_of(arrival))
        assert "Globex server" in page
        assert f'href="{delivery.get_absolute_url()}">Invoice INV-1' in page
        assert "ISA*00*short~" in page

    def test_a_fault_is_named(self, browse, world, alice):
        arrival = world.arrival(state="failed", reason="line 7: there is no ISA.")
        assert "Line 7: there is no ISA." in browse(alice, page_of(arrival))

    def test_its_bytes_can_be_downloaded(self, client, world, alice):
        arrival = world.arrival(name="..\\evil/997.edi")
        client.force_login(alice)
        response = client.get(f"{HOME}{page_of(arrival)}bytes/")
        assert b"".join(response) == b"ISA*00*short~"
        assert arrival.events.filter(kind="downloaded").count() == 1


class TestDecide:
    def test_it_is_read_again(self, press, world, bob):
        arrival = world.arrival(state="failed", reason="x")
        press(bob, f"{page_of(arrival)}decide/replay/", {"why": ""})
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.RECEIVED

    def test_it_is_dismissed(self, press, world, bob):
        arrival = world.arrival(state="failed", reason="x")
        press(bob, f"{page_of(arrival)}decide/dismiss/", {"why": "Spam."})
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.DISMISSED
        assert "Reason: Spam." in arrival.events.get(kind="dismissed").text

    def test_what_could_be_read_is_not_dismissed(self, press, world, bob):
        arrival = world.arrival(state="read")
        page = press(bob, f"{page_of(arrival)}decide/dismiss/", {"why": ""}, follow=True)
        assert "Dismiss is not possible now" in page.content.decode()
