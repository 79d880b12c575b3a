"""connections.views.connections: what there is, adding one, setting it up."""

import pytest

from connections.models import Connection, ConnectionState
from tests.factories import ConnectionFactory
from tests.pages.conftest import HOST_KEY, SECRETS, paused, step, stopped

SFTP = {
    "name": "Globex server",
    "poll_seconds": "300",
    "host": "sftp.globex.example",
    "port": "22",
    "username": "acme",
    "outbound_folder": "inbound",
    "writing": "rename",
    "temporary_name": "dot_part",
    "check_size": "on",
    "inbound_folder": "outbound",
    "settle_seconds": "30",
    "max_megabytes": "50",
    "after_collect": "leave",
}


class TestWho:
    PAGES = ("connections/", "connections/globex-server/")
    FORMS = (
        "connections/add/sftp/",
        "connections/globex-server/edit/",
        "connections/freshbooks/sign-in/",
    )

    def test_it_checks_ownership(self, browse, press, world, charlie):
        for path in (*self.PAGES, *self.FORMS):
            browse(charlie, path, status=404)
        assert press(charlie, "connections/globex-server/edit/", SFTP).status_code == 404

    def test_a_strangers_connection_is_not_reached_through_ones_own_organisation(
        self, client, world, charlie
    ):
        client.force_login(charlie)
        for path in ("connections/globex-server/", "connections/globex-server/edit/"):
            assert client.get(f"/t/other-company/{path}").status_code == 404

    def test_a_viewer_looks_and_presses_nothing(self, browse, press, world, viewer):
        for path in self.PAGES:
            page = browse(viewer, path)
            for word in ("/edit/", "/add/", "/test/", "/off/", "/delete/", "Connect FreshBooks"):
                assert word not in page
        for path in self.FORMS:
            browse(viewer, path, status=403)
        assert press(viewer, "connections/add/sftp/", SFTP).status_code == 403


class TestList:
    def test_it_says_how_each_is_doing(self, browse, world, alice):
        stopped(ConnectionFactory.create(tenant=world.tenant, system="sftp", key="old", name="Old server"))
        paused(ConnectionFactory.create(tenant=world.tenant, system="sftp", key="slow", name="Slow server"))
        page = browse(alice, "connections/")
        assert '<span class="badge failed">Needs attention</span>' in page
        assert '<span class="badge attention">Paused</span>' in page
        assert '<span class="badge ok">Active</span>' in page

    def test_every_system_can_be_added(self, browse, world, alice):
        page = browse(alice, "connections/")
        for system in ("freshbooks", "ibm_sterling", "sftp"):
            assert f"connections/add/{system}/" in page

    def test_a_system_that_is_none_is_not_found(self, browse, world, alice):
        browse(alice, "connections/add/telex/", status=404)


class TestOne:
    def test_a_stopped_one_says_why_and_what_to_do(self, browse, world, alice):
        stopped(world.server)
        page = browse(alice, "connections/globex-server/")
        assert "The folder “in” is not there." in page
        assert "Correct the folder." in page

    def test_a_paused_one_can_be_tried_now(self, browse, world, alice):
        paused(world.server)
        assert "Try now" in browse(alice, "connections/globex-server/")

    def test_it_names_its_routes_partners_and_what_is_looked_at(self, browse, world, alice):
        page = browse(alice, "connections/globex-server/")
        assert "Invoices to Globex" in page
        assert '<a href="/t/acme-trading/partners/globex/">Globex</a>' in page
        assert "Invoices" in browse(alice, "connections/freshbooks/")

    def test_one_without_routes_says_so(self, browse, world, alice):
        ConnectionFactory.create(tenant=world.tenant, system="sftp", key="new", name="New")
        page = browse(alice, "connections/new/")
        assert "No route uses it yet." in page
        assert "No partner has a delivery place on it yet." in page


class TestAddFreshBooks:
    def test_a_name_is_enough_and_then_the_person_is_on_the_way_there(self, press, tenant, alice):
        answer = press(alice, "connections/add/freshbooks/", {"name": "Our Books", "poll_seconds": "300"})
        assert answer["Location"] == "/t/acme-trading/connections/our-books/sign-in/"
        made = Connection.unscoped.get()
        assert (made.name, made.key, made.state) == ("Our Books", "our-books", ConnectionState.SETTING_UP)

    def test_the_browser_goes_on_to_freshbooks_by_itself(self, client, world, alice):
        client.force_login(alice)
        page = client.get("/t/acme-trading/connections/freshbooks/sign-in/")
        assert page["Refresh"] == "1; url=/t/acme-trading/connections/freshbooks/freshbooks/connect"
        assert "no-store" in page["Cache-Control"]


class TestAddAServer:
    def test_it_is_tested_at_once_and_not_active_before(self, press, tenant, alice):
        answer = press(alice, "connections/add/sftp/", SFTP | {"password": "a-long-password"})
        made = Connection.unscoped.get()
        assert answer["Location"] == made.get_absolute_url()
        assert made.state == ConnectionState.SETTING_UP
        assert made.test_report["running"] is True
        assert made.settings["host"] == "sftp.globex.example"
        assert made.credentials == {"password": "a-long-password"}
        assert made.credentials_set_at is not None

    def test_a_second_of_the_same_name_gets_a_key_of_its_own(self, press, tenant, alice):
        for _ in range(2):
            press(alice, "connections/add/sftp/", SFTP | {"password": "a-long-password"})
        assert set(Connection.unscoped.values_list("key", flat=True)) == {"globex-server", "globex-server-2"}

    @pytest.mark.parametrize(("name", "key"), [("Add", "add-2"), ("§§§", "sftp"), ("A" * 80, "a" * 36)])
    def test_keys_never_meet_our_own_addresses(self, press, tenant, alice, name, key):
        press(alice, "connections/add/sftp/", SFTP | {"password": "a-long-password", "name": name})
        assert Connection.unscoped.get().key == key

    def test_all_errors_are_shown_at_once_and_nothing_is_saved(self, press, tenant, alice):
        page = press(alice, "connections/add/sftp/", SFTP | {"name": "", "host": "https://x/"})
        text = page.content.decode()
        assert text.count("errorlist") >= 3
        assert not Connection.unscoped.exists()


class TestEdit:
    PATH = "connections/globex-server/edit/"

    def test_secrets_are_kept_when_nothing_is_entered(self, press, world, alice):
        press(alice, self.PATH, SFTP | {"name": "Renamed"})
        world.server.refresh_from_db()
        assert world.server.name == "Renamed"
        assert world.server.credentials == {"password": SECRETS["password"]}
        assert world.server.state == ConnectionState.ACTIVE, "its address is the one that was tested"

    def test_another_address_asks_for_the_secrets_again(self, press, world, alice):
        page = press(alice, self.PATH, SFTP | {"host": "sftp.evil.example"}).content.decode()
        assert "It is about to be sent to another address" in page.replace("it is", "It is")
        world.server.refresh_from_db()
        assert world.server.settings["host"] == "sftp.globex.example"

    def test_nothing_goes_to_another_address_before_the_test_has_passed(self, press, world, alice):
        press(alice, self.PATH, SFTP | {"host": "sftp2.globex.example", "password": "the-new-password"})
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.SETTING_UP
        assert world.server.test_report["running"] is True

    @pytest.mark.parametrize(("changed", "kept"), [({"host": "sftp2.globex.example"}, 0), ({}, 1)])
    def test_confirmed_keys_belong_to_the_address(self, press, world, alice, changed, kept):
        key = HOST_KEY["line"]
        world.server.settings["host_keys"] = [key]
        world.server.save()
        press(alice, self.PATH, SFTP | {"host_keys": key, "password": "the-new-password"} | changed)
        world.server.refresh_from_db()
        assert len(world.server.settings["host_keys"]) == kept

    def test_what_is_switched_off_stays_so(self, press, world, alice):
        world.server.state = ConnectionState.OFF
        world.server.save()
        press(alice, self.PATH, SFTP | {"host": "sftp2.globex.example", "password": "the-new-password"})
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.OFF

    def test_what_workers_write_meanwhile_is_not_overwritten(self, press, world, alice, monkeypatch):
        """A worker pauses the connection between the reading and the saving of the form."""
        from connections.views import connections as views

        save = views._save

        def pause_then_save(edited):
            paused(Connection.unscoped.get(pk=edited.pk), "Busy.")
            save(edited)

        monkeypatch.setattr(views, "_save", pause_then_save)
        press(alice, self.PATH, SFTP | {"name": "Renamed"})
        world.server.refresh_from_db()
        assert (world.server.name, world.server.pause_reason) == ("Renamed", "Busy.")

    def test_freshbooks_has_a_name_and_a_rhythm_only(self, browse, press, world, alice):
        page = browse(alice, "connections/freshbooks/edit/")
        assert "Save and test" not in page
        press(alice, "connections/freshbooks/edit/", {"name": "Books", "poll_seconds": "900"})
        world.books.refresh_from_db()
        assert (world.books.name, world.books.poll_seconds) == ("Books", 900)
        assert world.books.settings == {"business_name": "Acme Trading"}

    def test_an_unusual_rhythm_from_the_configuration_file_is_kept(self, browse, press, world, alice):
        world.books.poll_seconds = 7
        world.books.save()
        assert '<option value="7" selected>every 7 seconds</option>' in browse(
            alice, "connections/freshbooks/edit/"
        )
        press(alice, "connections/freshbooks/edit/", {"name": "Books", "poll_seconds": "7"})
        world.books.refresh_from_db()
        assert world.books.poll_seconds == 7

    def test_a_failed_test_leads_back_to_the_settings(self, browse, world, alice):
        world.server_test(step("Does it let us in?", "failed", "It does not."))
        assert "Correct the settings" in browse(alice, "connections/globex-server/")
