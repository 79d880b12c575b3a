"""connections.views.switching: end a pause, switch off and on, delete."""

import pytest

from connections.models import AccessToken, Connection, ConnectionState
from tests.factories import ConnectionFactory, DeliveryPlaceFactory
from tests.pages.conftest import paused, stopped

PAGE = "connections/globex-server/"
ACTIONS = ("resume", "on", "off", "delete")


@pytest.fixture
def spare(world):
    """A server that nothing hangs on."""
    return ConnectionFactory.create(tenant=world.tenant, system="sftp", key="spare", name="Spare server")


class TestWho:
    def test_it_checks_ownership(self, press, world, spare, charlie):
        for action in ACTIONS:
            assert press(charlie, f"connections/spare/{action}/").status_code == 404
        assert Connection.unscoped.filter(key="spare", state="active").exists()

    def test_a_viewer_presses_nothing(self, press, world, spare, viewer):
        for action in ACTIONS:
            assert press(viewer, f"connections/spare/{action}/").status_code == 403

    def test_resuming_and_switching_on_are_not_done_by_a_link(self, browse, world, alice):
        for action in ("resume", "on"):
            browse(alice, f"{PAGE}{action}/", status=405)


class TestResume:
    def test_a_pause_ends(self, press, world, bob):
        paused(world.server)
        press(bob, f"{PAGE}resume/")
        world.server.refresh_from_db()
        assert world.server.paused_until is None

    @pytest.mark.parametrize("state", ["misconfigured", "needs_sign_in", "off", "setting_up"])
    def test_it_puts_nothing_right_that_a_person_has_to(self, press, world, bob, state):
        world.server.state = state
        world.server.save()
        press(bob, f"{PAGE}resume/")
        world.server.refresh_from_db()
        assert world.server.state == state


class TestSwitchOff:
    def test_what_it_means_is_said_first(self, browse, world, bob):
        assert "What is due waits until it is switched on again" in browse(bob, f"{PAGE}off/")
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.ACTIVE

    @pytest.mark.parametrize("state", ["active", "misconfigured", "needs_sign_in"])
    def test_it_says_who_did_it(self, browse, press, world, bob, state):
        world.server.state = state
        world.server.save()
        press(bob, f"{PAGE}off/")
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.OFF
        assert "Switched off by bob@example.org." in browse(bob, PAGE)

    def test_one_that_is_being_set_up_has_nothing_to_switch_off(self, press, world, bob):
        world.server.state = ConnectionState.SETTING_UP
        world.server.save()
        press(bob, f"{PAGE}off/")
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.SETTING_UP


class TestSwitchOn:
    def test_it_goes_on(self, press, world, bob):
        world.server.state = ConnectionState.OFF
        world.server.save()
        press(bob, f"{PAGE}on/")
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.ACTIVE

    def test_only_what_is_off_is_switched_on(self, press, world, bob):
        stopped(world.server)
        press(bob, f"{PAGE}on/")
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.MISCONFIGURED

    def test_freshbooks_without_its_tokens_is_connected_again_instead(self, press, world, bob):
        AccessToken.objects.all().delete()
        world.books.state = ConnectionState.OFF
        world.books.save()
        page = press(bob, "connections/freshbooks/on/", follow=True).content.decode()
        assert "Connect FreshBooks again." in page
        world.books.refresh_from_db()
        assert world.books.state == ConnectionState.OFF


class TestDelete:
    def test_one_that_is_in_use_is_switched_off_instead(self, press, world, bob):
        page = press(bob, f"{PAGE}delete/", follow=True).content.decode()
        assert "Routes hang on it, so it cannot be deleted. Switch it off instead." in page
        assert Connection.unscoped.filter(pk=world.server.pk).exists()

    def test_one_that_something_came_through_is_kept_too(self, press, world, spare, bob):
        world.arrival(connection=spare)
        page = press(bob, "connections/spare/delete/", follow=True).content.decode()
        assert "cannot be deleted" in page
        assert Connection.unscoped.filter(pk=spare.pk).exists()

    def test_it_says_what_goes_with_it(self, browse, press, world, spare, bob):
        DeliveryPlaceFactory.create(partner=world.partner, connection=spare)
        assert "and with them 1 delivery place of your partners" in browse(bob, "connections/spare/delete/")
        press(bob, "connections/spare/delete/")
        assert not Connection.unscoped.filter(pk=spare.pk).exists()

    def test_freshbooks_is_disconnected_first(self, press, world, bob):
        world.route.delete()
        page = press(bob, "connections/freshbooks/delete/", follow=True).content.decode()
        assert "Disconnect FreshBooks first" in page
        assert Connection.unscoped.filter(pk=world.books.pk).exists()
