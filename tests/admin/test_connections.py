"""Connections at the support's desk: resume, switch off and on, and settings with write-only secrets."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from audit.services import notify
from audit.states import Transfer
from connections.models import Connection, ConnectionState
from tenants.models import User
from tests.admin.conftest import SECRETS, World, browser_of, delivered_invoice

LIST = "admin:connections_connection_changelist"
SETTINGS = {
    "host": "sftp.globex.example",
    "port": "22",
    "username": "byron",
    "outbound_folder": "in",
    "writing": "rename",
    "temporary_name": "dot_part",
    "settle_seconds": "30",
    "max_megabytes": "50",
    "after_collect": "leave",
}


def page_of(connection: Connection) -> str:
    return reverse("admin:connections_connection_change", args=[connection.pk])


def settings_of(connection: Connection) -> str:
    return reverse("admin:connections_connection_settings", args=[connection.pk])


def confirm_page(connection: Connection, key: str) -> str:
    return reverse("admin:connections_connection_decide", args=[connection.pk, key])


def confirm(client: Client, connection: Connection, key: str, why: str = "They asked for it.") -> Connection:
    assert client.post(confirm_page(connection, key), {"confirm": "1", "why": why}).status_code == 302
    return Connection.unscoped.get(pk=connection.pk)


@pytest.fixture
def paused(world: World) -> Connection:
    server = world.server
    server.failures_in_row, server.paused_until = 4, timezone.now() + timedelta(minutes=30)
    server.pause_reason = "The server does not answer."
    server.last_failure_at = timezone.now()
    server.save()
    return server


def history(connection: Connection) -> list[tuple[str, str]]:
    entries = LogEntry.objects.filter(content_type__model="connection", object_id=str(connection.pk))
    return [(str(entry.user), entry.get_change_message()) for entry in entries]


class TestHealth:
    def test_the_list_says_how_it_is(self, world: World, desk: Client, paused: Connection) -> None:
        waiting = delivered_invoice(
            world.tenant,
            world.route,
            world.partner,
            source_id="9",
            transfer=Transfer.WAITING,
            next_attempt_at=timezone.now() - timedelta(days=400),
        )
        text = desk.get(reverse(LIST)).content.decode()
        for expected in (
            "Paused",
            "The server does not answer.",
            "Active",
            "Globex server",
            "SFTP / flat files",
        ):
            assert expected in text
        assert waiting.next_attempt_at is not None
        assert waiting.next_attempt_at.isoformat() in text

    def test_it_is_found_by_name_key_and_organisation(self, world: World, desk: Client) -> None:
        for text in ("Globex ser", "globex", "Acme"):
            assert "Globex server" in desk.get(reverse(LIST), {"q": text}).content.decode(), text


class TestResume:
    @pytest.mark.django_db(transaction=True)
    def test_the_pause_ends_and_work_goes_on(self, world: World, desk: Client, paused: Connection) -> None:
        later = timezone.now() + timedelta(hours=2)
        resting = delivered_invoice(
            world.tenant,
            world.route,
            world.partner,
            source_id="9",
            transfer=Transfer.WAITING,
            next_attempt_at=later,
        )
        notify(
            tenant=world.tenant, key=f"connection-down-{paused.pk}", title="It is down", text="Look at it."
        )
        OrmQ.objects.all().delete()

        server = confirm(desk, paused, "resume")
        assert (server.paused_until, server.pause_reason, server.failures_in_row) == (None, "", 0)
        resting.refresh_from_db()
        assert resting.next_attempt_at is not None
        assert resting.next_attempt_at < later
        assert not world.tenant.notice_set.filter(key=f"connection-down-{paused.pk}", closed_at=None).exists()
        assert {row.task["func"] for row in OrmQ.objects.all()} >= {"connections.tasks.deliver"}
        assert history(server) == [("sam@example.org", "Resume now: They asked for it.")]

    def test_what_is_not_paused_is_left_alone(self, world: World, desk: Client) -> None:
        shown = desk.get(confirm_page(world.server, "resume")).content.decode()
        assert "1 of 1 is skipped: not paused." in shown

    def test_it_does_not_switch_on_what_is_off(self, desk: Client, paused: Connection) -> None:
        Connection.unscoped.filter(pk=paused.pk).update(state=ConnectionState.OFF)
        assert confirm(desk, paused, "resume").state == ConnectionState.OFF


class TestSwitching:
    def test_off_and_on_again(self, world: World, desk: Client) -> None:
        off = confirm(desk, world.server, "switch-off")
        assert off.state == ConnectionState.OFF
        assert off.state_text == "Switched off by sam@example.org: They asked for it."
        on = confirm(desk, off, "switch-on", "They are back.")
        assert (on.state, on.state_text) == (ConnectionState.ACTIVE, "")
        assert [text for _, text in history(on)] == [
            "Switch on: They are back.",
            "Switch off: They asked for it.",
        ]

    @pytest.mark.parametrize(
        ("state", "refusal"),
        [
            (ConnectionState.ACTIVE, "active already"),
            (ConnectionState.SETTING_UP, "still being set up by the customer"),
            (ConnectionState.NEEDS_SIGN_IN, "waiting for the customer to sign in at FreshBooks again"),
        ],
    )
    def test_what_support_cannot_switch_on(
        self, world: World, desk: Client, state: str, refusal: str
    ) -> None:
        Connection.unscoped.filter(pk=world.books.pk).update(state=state)
        assert refusal in desk.get(confirm_page(world.books, "switch-on")).content.decode()
        assert confirm(desk, world.books, "switch-on").state == state

    def test_several_at_once(self, world: World, desk: Client) -> None:
        said: dict[str, Any] = {
            "action": "switch-off",
            "_selected_action": [world.books.pk, world.server.pk],
            "confirm": "1",
            "why": "Maintenance.",
        }
        assert "2 connections switched off." in desk.post(reverse(LIST), said, follow=True).content.decode()
        assert set(Connection.unscoped.values_list("state", flat=True)) == {ConnectionState.OFF}

    @pytest.mark.parametrize("key", ["resume", "switch-off", "switch-on"])
    def test_each_needs_its_permission(self, olga: User, paused: Connection, key: str) -> None:
        assert (
            browser_of(olga).post(confirm_page(paused, key), {"confirm": "1", "why": "x"}).status_code == 403
        )
        codename = "resume_connection" if key == "resume" else "switch_connection"
        olga.user_permissions.add(Permission.objects.get(codename=codename))
        assert browser_of(User.objects.get(pk=olga.pk)).get(confirm_page(paused, key)).status_code == 200


class TestSettings:
    def test_a_secret_is_kept_when_nothing_is_entered(self, world: World, desk: Client) -> None:
        answer = desk.post(settings_of(world.server), {**SETTINGS, "outbound_folder": "inbox"}, follow=True)
        assert "The settings are saved." in answer.content.decode()
        server = Connection.unscoped.get(pk=world.server.pk)
        assert server.settings["outbound_folder"] == "inbox"
        assert server.credentials["password"] == SECRETS["password"]

    def test_a_secret_is_replaced_and_never_shown(self, world: World, desk: Client) -> None:
        fresh = "another-planted-secret-value"
        answer = desk.post(settings_of(world.server), {**SETTINGS, "password": fresh}, follow=True)
        server = Connection.unscoped.get(pk=world.server.pk)
        assert server.credentials["password"] == fresh
        assert fresh not in answer.content.decode()
        assert fresh not in desk.get(settings_of(server)).content.decode()
        who, text = history(server)[0]
        assert who == "sam@example.org"
        assert text.startswith("Changed by its settings form: password")
        assert fresh not in text

    def test_a_rejected_form_does_not_give_a_secret_back(self, world: World, desk: Client) -> None:
        wrong = {**SETTINGS, "host": "", "password": "planted-but-rejected"}
        answer = desk.post(settings_of(world.server), wrong)
        assert answer.status_code == 200
        assert "Nothing was saved" in answer.content.decode()
        assert "planted-but-rejected" not in answer.content.decode()

    def test_a_secret_cannot_be_sent_to_another_server(self, world: World, desk: Client) -> None:
        answer = desk.post(settings_of(world.server), {**SETTINGS, "host": "sftp.thief.example"})
        assert "Enter it again: it is about to be sent to another address." in answer.content.decode()
        assert Connection.unscoped.get(pk=world.server.pk).settings["host"] == "sftp.globex.example"

    def test_signing_in_by_browser_is_the_customers_affair(self, world: World, desk: Client) -> None:
        assert desk.get(settings_of(world.books)).status_code == 404
        assert "Settings and credentials" not in desk.get(page_of(world.books)).content.decode()
        assert settings_of(world.server) in desk.get(page_of(world.server)).content.decode()

    def test_it_needs_the_permission_to_change(self, world: World, olga: User) -> None:
        assert browser_of(olga).get(settings_of(world.server)).status_code == 403
        assert browser_of(olga).post(settings_of(world.server), SETTINGS).status_code == 403


def test_the_own_fields_can_be_changed_and_nothing_else(world: World, desk: Client) -> None:
    said = {"name": "Globex files", "poll_seconds": "60", "state": "off", "key": "x", "credentials": "{}"}
    assert desk.post(page_of(world.server), said).status_code == 302
    server = Connection.unscoped.get(pk=world.server.pk)
    assert (server.name, server.poll_seconds) == ("Globex files", 60)
    assert (server.state, server.key) == ("active", "globex")
    assert server.credentials["password"] == SECRETS["password"]


def test_a_route_stays_within_its_organisation(world: World, desk: Client, charlie: User) -> None:
    from tests.factories import ConnectionFactory

    strange = ConnectionFactory.create(
        tenant=charlie.memberships.get().tenant, system="sftp", name="Strange server"
    )
    url = reverse("admin:connections_route_change", args=[world.route.pk])
    assert "Strange server" not in desk.get(url).content.decode()
    said = {
        "name": "Invoices",
        "source": world.books.pk,
        "target": strange.pk,
        "format": "x12",
        "on_update": "replace",
        "every_minutes": "0",
        "times_of_day": "[]",
        "starts_at_0": "2025-01-01",
        "starts_at_1": "00:00:00",
    }
    assert "Select a valid choice." in desk.post(url, said).content.decode()
    assert desk.post(url, {**said, "target": world.server.pk}).status_code == 302
    world.route.refresh_from_db()
    assert world.route.name == "Invoices"
