"""connections.views.routes: what flows where; switching on and off by way of what it means."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Backfill, ConnectionState, DocumentKind, Route
from mappings.models import PartnerLink
from tests.factories import ConnectionFactory, FileLayoutFactory, RouteFactory
from tests.pages.conftest import stopped

PAGE = "routes/invoices-to-globex/"


def route_data(world, **more):
    return {
        "name": "Second route",
        "kind": "invoice",
        "source": world.books.pk,
        "target": world.server.pk,
        "format": "x12",
        "starts_at": "2026-03-01T00:00",
        "on_update": "replace",
        "every_minutes": "0",
        "times_of_day": "",
        **more,
    }


def off(world, **values):
    for name, value in {"is_on": False, **values}.items():
        setattr(world.route, name, value)
    world.route.save()


class TestWho:
    FORMS = ("routes/add/", f"{PAGE}edit/", f"{PAGE}switch/")

    def test_it_checks_ownership(self, browse, press, world, charlie):
        for path in ("routes/", PAGE, *self.FORMS):
            browse(charlie, path, status=404)
            assert press(charlie, path, route_data(world)).status_code == 404
        world.route.refresh_from_db()
        assert world.route.is_on

    def test_a_strangers_route_is_not_reached_through_ones_own_organisation(self, client, world, charlie):
        client.force_login(charlie)
        for path in (PAGE, f"{PAGE}switch/", f"{PAGE}edit/"):
            assert client.post(f"/t/other-company/{path}").status_code == 404

    def test_a_viewer_looks_and_presses_nothing(self, browse, press, world, viewer):
        for path in ("routes/", PAGE):
            page = browse(viewer, path)
            for word in ("/add/", "/edit/", "/switch/", "/preview/", "/backfill/"):
                assert word not in page
        for path in self.FORMS:
            browse(viewer, path, status=403)
            assert press(viewer, path, route_data(world)).status_code == 403

    def test_a_strangers_connection_cannot_be_chosen(self, press, world, bob):
        strange = ConnectionFactory.create(system="sftp")
        page = press(bob, "routes/add/", route_data(world, target=strange.pk)).content.decode()
        assert "Select a valid choice" in page


class TestList:
    def test_it_says_what_flows_and_when(self, browse, world, alice):
        page = browse(alice, "routes/")
        for text in ("Invoices as X12 810 invoice", "FreshBooks", "Globex server", "at once", "On"):
            assert text in page

    def test_before_there_are_two_connections_it_leads_there(self, browse, tenant, alice):
        assert "A route needs two connections" in browse(alice, "routes/")


class TestAddAndEdit:
    def test_a_new_route_is_off(self, press, world, bob):
        answer = press(bob, "routes/add/", route_data(world))
        made = Route.unscoped.get(key="second-route")
        assert answer["Location"] == made.get_absolute_url()
        assert not made.is_on

    def test_its_start_is_in_the_organisations_zone(self, press, world, bob):
        press(bob, "routes/add/", route_data(world))
        assert Route.unscoped.get(key="second-route").starts_at.isoformat() == "2026-03-01T05:00:00+00:00"

    def test_the_only_connections_there_are_are_chosen_beforehand(self, browse, world, bob):
        page = browse(bob, "routes/add/")
        assert f'<option value="{world.books.pk}" selected>FreshBooks</option>' in page
        assert f'<option value="{world.server.pk}" selected>Globex server</option>' in page

    def test_times_of_the_day_are_put_in_order(self, press, world, bob):
        press(bob, "routes/add/", route_data(world, times_of_day="17:30; 8:00, 08:00 ,"))
        assert Route.unscoped.get(key="second-route").times_of_day == ["08:00", "17:30"]

    @pytest.mark.parametrize("times", ["teatime", "25:00", "8", "8:60"])
    def test_what_is_no_time_is_named(self, press, world, bob, times):
        page = press(bob, "routes/add/", route_data(world, times_of_day=f"09:00, {times}")).content.decode()
        assert f"“{times}” is no time of the day. Write it like 08:00." in page

    def test_an_interval_and_times_exclude_each_other(self, press, world, bob):
        data = route_data(world, times_of_day="08:00", every_minutes="60")
        assert (
            "Choose either an interval or times of the day."
            in press(bob, "routes/add/", data).content.decode()
        )

    @pytest.mark.parametrize(
        ("data", "complaint"),
        [
            (
                {"kind": "payment", "format": "rsx_json"},
                "Payments from clients cannot be sent as RSX in JSON.",
            ),
            ({"kind": "vendor", "format": "csv"}, "Say which partner is to get the vendors."),
            ({"file_name": "../{id}"}, "Use letters, digits, dots, hyphens and underscores"),
            ({"file_name": "{colour}"}, "There is no {colour}."),
        ],
    )
    def test_what_does_not_go_together_is_named(self, press, world, bob, data, complaint):
        assert complaint in press(bob, "routes/add/", route_data(world, **data)).content.decode()

    def test_bill_payments_in_one_file_with_a_name_of_ones_own(self, press, browse, world, bob):
        data = {
            "kind": "bill_payment",
            "format": "edifact",
            "batch": "on",
            "file_name": "{partner}_{sequence}",
        }
        press(bob, "routes/add/", route_data(world, **data))
        made = Route.unscoped.get(key="second-route")
        assert (made.batch, made.file_name) == (True, "{partner}_{sequence}")
        page = browse(bob, "routes/second-route/")
        for text in (
            "EDIFACT REMADV remittance advice",
            "in one file",
            "{partner}_{sequence}",
            "Link your vendors",
        ):
            assert text in page

    def test_a_layout_must_be_for_these_files(self, press, world, bob):
        layout = FileLayoutFactory.create(tenant=world.tenant)
        wrong = route_data(world, kind="bill", format="csv", layout=layout.pk)
        assert "This layout is for invoice files in csv." in press(bob, "routes/add/", wrong).content.decode()
        press(bob, "routes/add/", route_data(world, format="csv", layout=layout.pk))
        assert Route.unscoped.get(key="second-route").layout == layout

    def test_an_unusual_interval_from_the_configuration_file_is_kept(self, press, world, bob):
        world.route.every_minutes = 7
        world.route.save()
        press(bob, f"{PAGE}edit/", route_data(world, every_minutes="7", name="Renamed"))
        world.route.refresh_from_db()
        assert (world.route.name, world.route.every_minutes) == ("Renamed", 7)

    def test_once_documents_have_gone_its_ends_stay(self, press, world, bob):
        """They are told apart by route and FreshBooks id: of another business they would be taken for these."""
        world.delivery()
        other = ConnectionFactory.create(tenant=world.tenant, key="other")
        target = ConnectionFactory.create(tenant=world.tenant, key="target", system="sftp")
        press(bob, f"{PAGE}edit/", route_data(world, source=other.pk, target=target.pk, name="Renamed"))
        world.route.refresh_from_db()
        assert (world.route.source, world.route.target) == (world.books, world.server)
        assert world.route.name == "Renamed"

    def test_before_that_they_may_change(self, press, world, bob):
        target = ConnectionFactory.create(tenant=world.tenant, key="target", system="sftp")
        press(bob, f"{PAGE}edit/", route_data(world, target=target.pk))
        world.route.refresh_from_db()
        assert world.route.target == target


class TestOne:
    def test_it_says_whom_it_serves(self, browse, world, alice):
        assert "It serves 1 partner." in browse(alice, PAGE)
        PartnerLink.unscoped.all().delete()
        assert "No client of FreshBooks is linked" in browse(alice, PAGE)
        world.partner.places.all().delete()
        assert "No partner has a delivery place on Globex server yet" in browse(alice, PAGE)

    def test_a_stopped_connection_is_named(self, browse, world, alice):
        stopped(world.server)
        assert "Documents wait until it is." in browse(alice, PAGE)


class TestSwitchOn:
    def test_what_will_happen_is_said_first(self, browse, world, bob):
        off(world, is_test=True)
        page = browse(bob, f"{PAGE}switch/")
        for text in (
            "go to your partners by themselves, marked as test data",
            "It serves 1 partner.",
            "at once",
        ):
            assert text in page
        world.route.refresh_from_db()
        assert not world.route.is_on

    def test_a_dry_run_is_called_so(self, browse, world, bob):
        off(world, dry_run=True)
        assert "everything is done but the sending" in browse(bob, f"{PAGE}switch/")

    def test_it_warns_of_a_connection_that_is_not_active(self, browse, world, bob):
        off(world)
        world.server.state = ConnectionState.SETTING_UP
        world.server.save()
        assert "is not active (being set up)" in browse(bob, f"{PAGE}switch/")

    def test_it_is_switched_on(self, press, world, bob):
        off(world)
        press(bob, f"{PAGE}switch/")
        world.route.refresh_from_db()
        assert world.route.is_on
        assert not Backfill.unscoped.exists(), "its start is now: nothing was missed"

    def test_what_its_start_covers_and_polling_would_miss_is_fetched(self, browse, press, world, bob):
        """A poll that begins looks back one day only."""
        off(world, starts_at=timezone.now() - timedelta(days=10))
        page = browse(bob, f"{PAGE}switch/")
        assert "Also fetch the invoices dated" in page
        press(bob, f"{PAGE}switch/", {"catch_up": "on"})
        backfill = Backfill.unscoped.get()
        assert (backfill.date_to - backfill.date_from).days == 10
        assert backfill.requested_by == "bob@example.org"

    def test_fetching_it_can_be_declined(self, press, world, bob):
        off(world, starts_at=timezone.now() - timedelta(days=10))
        press(bob, f"{PAGE}switch/", {})
        world.route.refresh_from_db()
        assert world.route.is_on
        assert not Backfill.unscoped.exists()


class TestSwitchOff:
    def test_what_it_means_is_said_first(self, browse, world, bob):
        assert "What is on its way goes on." in browse(bob, f"{PAGE}switch/")

    def test_it_is_switched_off(self, press, world, bob):
        press(bob, f"{PAGE}switch/")
        world.route.refresh_from_db()
        assert not world.route.is_on


class TestIntoFreshBooks:
    @pytest.fixture
    def remittances(self, world):
        return RouteFactory.create(
            tenant=world.tenant,
            kind=DocumentKind.REMITTANCE,
            source=world.server,
            target=world.books,
        )

    def test_nothing_is_booked_before_it_is_switched_on(self, browse, world, alice):
        assert "Nothing is booked before you switch the route on" in browse(alice, "routes/add-inbound/")

    def test_a_layout_for_its_files_is_asked_for_until_there_is_one(self, browse, world, remittances, alice):
        address = f"routes/{remittances.key}/"
        assert "none reads remittances yet" in browse(alice, address)
        FileLayoutFactory.create(tenant=world.tenant, standard="payment_csv")
        assert "none reads remittances yet" not in browse(alice, address)
