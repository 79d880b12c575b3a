"""connections.views.testing and connections.pipeline.check: the test as people see it, and what it does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection, ConnectionState
from connections.pipeline.check import check, start_report
from connections.systems.base import Misconfigured, Step, StepState, System
from connections.systems.sftp.session import fetch_host_keys
from tests.openssh import OpenSSHServer
from tests.pages.conftest import HOST_KEY, SECRETS, UNKNOWN_KEY, step

pytest_plugins = ["tests.openssh"]

PAGE = "connections/globex-server/"
CONFIRM = f"{PAGE}host-key/"


class TestWho:
    def test_it_checks_ownership(self, browse, press, world, charlie):
        world.server_test(UNKNOWN_KEY)
        browse(charlie, CONFIRM, status=404)
        for path in (CONFIRM, f"{PAGE}test/"):
            assert press(charlie, path, {"key": HOST_KEY["line"]}).status_code == 404

    def test_a_viewer_sees_the_steps_and_presses_nothing(self, browse, press, world, viewer):
        world.server_test(UNKNOWN_KEY)
        page = browse(viewer, PAGE)
        assert "Nobody has confirmed the server&#x27;s host key yet." in page
        assert "host-key" not in page
        for path in (CONFIRM, f"{PAGE}test/"):
            assert press(viewer, path, {"key": HOST_KEY["line"]}).status_code == 403

    def test_it_is_not_run_by_a_link(self, browse, world, alice):
        browse(alice, f"{PAGE}test/", status=405)


class TestReport:
    def test_it_is_polled_while_it_runs_and_then_loaded_anew(self, browse, world, alice):
        world.server_test(step("Is the server's name known?"), running=True)
        page = browse(alice, PAGE)
        assert 'id="test" data-poll="2" data-reload>' in page
        assert "Test it" not in page

    def test_it_stands_still_when_it_is_over(self, browse, world, alice):
        world.server_test(step("Is the server's name known?"))
        assert "data-poll" not in browse(alice, PAGE)

    @pytest.mark.parametrize(
        ("steps", "ago"), [([], timedelta(minutes=3)), ([step("Begun")], timedelta(minutes=11))]
    )
    def test_a_test_whose_worker_is_gone_is_not_waited_for(self, browse, world, alice, steps, ago):
        world.server_test(*steps, running=True, ago=ago)
        page = browse(alice, PAGE)
        assert "data-poll" not in page
        assert "The test did not come to an end." in page
        assert "Test it" in page

    def test_pressing_again_while_it_runs_changes_nothing(self, press, world, alice):
        world.server_test(step("Begun"), running=True)
        press(alice, f"{PAGE}test/")
        world.server.refresh_from_db()
        assert len(world.server.test_report["steps"]) == 1

    def test_technical_details_stay_with_support(self, browse, world, alice):
        world.server_test(UNKNOWN_KEY)
        assert SECRETS["technical"] not in browse(alice, PAGE)


class TestHostKey:
    def test_the_fingerprints_are_shown_to_be_compared(self, browse, world, alice):
        world.server_test(UNKNOWN_KEY)
        page = browse(alice, CONFIRM)
        assert HOST_KEY["fingerprint"] in page
        assert "sftp.globex.example" in page

    def test_confirming_pins_them_and_tests_again(self, press, world, bob):
        world.server_test(UNKNOWN_KEY)
        press(bob, CONFIRM, {"key": HOST_KEY["line"]})
        world.server.refresh_from_db()
        assert world.server.settings["host_keys"] == [HOST_KEY["line"]]
        assert world.server.test_report["running"] is True

    def test_only_what_was_shown_can_be_confirmed(self, press, world, bob):
        """The server showed another key in a test that ran after the person looked."""
        world.server_test(UNKNOWN_KEY)
        page = press(bob, CONFIRM, {"key": "ssh-ed25519 AAAAother"}).content.decode()
        assert "The server showed other keys since you looked." in page
        world.server.refresh_from_db()
        assert "host_keys" not in world.server.settings

    def test_a_changed_key_is_warned_of(self, browse, world, alice):
        world.server.settings["host_keys"] = ["ssh-ed25519 AAAAknown"]
        world.server.save()
        world.server_test(UNKNOWN_KEY)
        assert "The server shows other keys than those that were confirmed." in browse(alice, CONFIRM)

    def test_without_a_key_to_confirm_it_says_so(self, press, world, bob):
        world.server_test(step("Does it let us in?"))
        page = press(bob, CONFIRM, {"key": HOST_KEY["line"]}, follow=True).content.decode()
        assert "There is no host key to confirm." in page

    def test_freshbooks_has_none(self, browse, world, alice):
        browse(alice, "connections/freshbooks/host-key/", status=404)


class Scripted(System):
    """A system whose test says what the test below wants, and does what it wants in between."""

    steps: list[Step] = []
    meanwhile = staticmethod(lambda: None)

    def check(self):
        for one in self.steps:
            yield one
            type(self).meanwhile()


def said(state):
    return Step(key="x", title="X?", state=state, text="So.")


PASSED, FAILED, NOT_RUN = (said(state) for state in (StepState.PASSED, StepState.FAILED, StepState.NOT_RUN))


class TestWhatFollows:
    @pytest.fixture
    def system(self, monkeypatch):
        class Own(Scripted):
            pass

        monkeypatch.setattr("connections.pipeline.check.open_system", Own)
        return Own

    @pytest.mark.parametrize("before", ["setting_up", "needs_sign_in", "misconfigured"])
    def test_a_passed_test_makes_it_active(self, world, system, before):
        Connection.unscoped.filter(pk=world.server.pk).update(state=before, state_text="x")
        system.steps = [PASSED, NOT_RUN]
        assert check(world.server.pk)
        world.server.refresh_from_db()
        assert (world.server.state, world.server.state_text) == (ConnectionState.ACTIVE, "")
        assert world.server.test_report["running"] is False

    def test_a_failed_one_leaves_it_as_it_is(self, world, system):
        Connection.unscoped.filter(pk=world.server.pk).update(state="misconfigured")
        system.steps = [PASSED, FAILED, NOT_RUN]
        assert not check(world.server.pk)
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.MISCONFIGURED

    def test_what_a_person_has_switched_off_stays_off(self, world, system):
        system.steps = [PASSED]

        def switch_off():
            Connection.unscoped.filter(pk=world.server.pk).update(state="off")

        system.meanwhile = staticmethod(switch_off)
        Connection.unscoped.filter(pk=world.server.pk).update(state="misconfigured")
        assert check(world.server.pk)
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.OFF

    def test_a_test_that_a_newer_one_overtakes_writes_nothing_more(self, world, system):
        """The settings were saved again while it ran: what it found out is about the old ones."""
        Connection.unscoped.filter(pk=world.server.pk).update(state="setting_up")
        start_report(world.server)
        system.steps = [PASSED]

        def start_again():
            later = timezone.now() + timedelta(seconds=1)
            report = {"running": True, "started_at": later.isoformat(), "steps": []}
            Connection.unscoped.filter(pk=world.server.pk).update(test_report=report)

        system.meanwhile = staticmethod(start_again)
        assert not check(world.server.pk)
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.SETTING_UP
        assert world.server.test_report["steps"] == []

    def test_settings_that_cannot_be_read_are_a_failed_step(self, world, monkeypatch):
        def refuse(connection):
            raise Misconfigured("The setting “port” cannot be used.", remedy="Save it again.")

        monkeypatch.setattr("connections.pipeline.check.open_system", refuse)
        assert not check(world.server.pk)
        world.server.refresh_from_db()
        report = world.server.test_report
        assert not report["running"]
        assert report["steps"][0]["text"] == "The setting “port” cannot be used. Save it again."


@pytest.mark.openssh
class TestAgainstOpenSSH:
    """The whole way with a real server: unknown, confirmed, active; then its keys change."""

    @pytest.fixture
    def server(self, world, openssh: OpenSSHServer, settings):
        settings.OUTBOUND_ALLOW_LOOPBACK = True
        world.server.settings = {
            "host": openssh.host,
            "port": openssh.port,
            "username": openssh.username,
            "outbound_folder": openssh.remote("inbound"),
            "inbound_folder": openssh.remote("outbound"),
            "processed_folder": openssh.remote("processed"),
            "error_folder": openssh.remote("error"),
        }
        world.server.credentials = {"private_key": openssh.client_key_path.read_text()}
        world.server.state = ConnectionState.SETTING_UP
        world.server.save()
        return openssh

    def confirm(self, browse, press, alice):
        page = browse(alice, CONFIRM)
        lines = [part.split('"')[0] for part in page.split('name="key" value="')[1:]]
        press(alice, CONFIRM, {"key": lines})
        return lines

    def test_its_key_is_confirmed_and_the_test_passes(self, browse, press, world, server, alice):
        press(alice, f"{PAGE}test/")
        assert not check(world.server.pk)
        page = browse(alice, PAGE)
        assert "Compare the server&#x27;s fingerprints" in page or "Compare the server's fingerprints" in page
        lines = self.confirm(browse, press, alice)
        assert lines == [key.line for key in fetch_host_keys(server.host, server.port)]
        assert check(world.server.pk)
        world.server.refresh_from_db()
        assert world.server.state == ConnectionState.ACTIVE
        assert browse(alice, PAGE).count('class="passed"') >= 6

    def test_changed_keys_stop_the_test_and_are_warned_of(self, browse, press, world, server, alice):
        press(alice, f"{PAGE}test/")
        check(world.server.pk)
        self.confirm(browse, press, alice)
        server.change_host_keys()
        assert not check(world.server.pk)
        assert "Ask the partner before you go on." in browse(alice, CONFIRM)
