"""Every model's list, search, add and change page opens, shows no secret, and is closed to strangers."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tenants.models import User
from tests.admin.conftest import SECRETS, World, browser_of

OURS = ("tenants", "mappings", "audit", "connections")
# Bytes are shown where their reading is recorded; counters and the canary are no matter for support.
# Bytes have their own pages; the address of a push is a secret.
NOT_SHOWN = {
    "audit.Payload",
    "audit.PayloadPart",
    "connections.KeyCanary",
    "connections.PushAddress",
    "tenants.Allowance",
}


def registered() -> dict[str, Any]:
    admin.autodiscover()
    return {
        model._meta.label: model_admin
        for model, model_admin in admin.site._registry.items()
        if model._meta.app_label in OURS
    }


def page(model: Any, name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def rows() -> Iterator[Any]:
    for model_admin in registered().values():
        row = model_admin.model._base_manager.first()
        assert row is not None, f"the world has no {model_admin.model.__name__}"
        yield row


def every_page() -> list[str]:
    found = [reverse("admin:index"), reverse("admin:queue"), reverse("admin:audit_delivery_replay")]
    for row in rows():
        found += [page(row, "changelist"), page(row, "change", row.pk), page(row, "history", row.pk)]
    return found


def test_every_model_is_at_the_desk() -> None:
    ours = {model._meta.label for model in apps.get_models() if model._meta.app_label in OURS}
    assert ours - set(registered()) == NOT_SHOWN


def test_lists_open(world: World, desk: Client) -> None:
    for model_admin in registered().values():
        answer = desk.get(page(model_admin.model, "changelist"))
        assert answer.status_code == 200, model_admin
        assert b'<tr><td class="action-checkbox' in answer.content or b"<tr><t" in answer.content


@pytest.mark.parametrize(
    "text", ["INV-1001", "globex", "a", "42", "1,234.50", "%_'\"\\", "\x00", "é", "x" * 500, "a" * 64]
)
def test_searches_open(world: World, desk: Client, text: str) -> None:
    for model_admin in registered().values():
        if model_admin.search_fields:
            answer = desk.get(page(model_admin.model, "changelist"), {"q": text})
            assert answer.status_code == 200, (model_admin, text)


def test_filters_open(world: World, desk: Client) -> None:
    for model_admin in registered().values():
        answer = desk.get(page(model_admin.model, "changelist"), {"tenant": "acme-trading"})
        if any(getattr(each, "parameter_name", "") == "tenant" for each in model_admin.list_filter):
            assert answer.status_code == 200, model_admin


def test_add_and_change_pages_open(world: World, desk: Client) -> None:
    for row in rows():
        may_add = registered()[row._meta.label].has_add_permission(desk.get("/admin/").wsgi_request)
        assert desk.get(page(row, "add")).status_code == (200 if may_add else 403), row._meta.label
        assert desk.get(page(row, "change", row.pk)).status_code == 200, row._meta.label


def test_no_page_shows_a_secret(world: World, desk: Client) -> None:
    settings = reverse("admin:connections_connection_settings", args=[world.server.pk])
    for url in [*every_page(), settings]:
        body = desk.get(url).content.decode()
        for secret in SECRETS.values():
            assert secret not in body, url


def test_lists_do_not_even_read_secrets(
    world: World, desk: Client, django_assert_max_num_queries: Any
) -> None:
    lists = [page(row, "changelist") for row in rows()]
    with django_assert_max_num_queries(200) as queries:
        for url in lists:
            desk.get(url)
    columns = ('"credentials"', '"access_token"', '"refresh_token"', '"verifier"')
    read = [query["sql"] for query in queries if any(column in query["sql"] for column in columns)]
    assert read == []


def test_visitors_and_customers_stay_outside(world: World, alice: User, client: Client) -> None:
    for url in every_page():
        assert client.get(url).status_code == 302
        assert browser_of(alice).get(url).status_code == 302


def test_staff_without_permissions_see_nothing(world: World, staff: User) -> None:
    for url in every_page():
        if url != reverse("admin:index"):
            assert browser_of(staff).get(url).status_code == 403, url
    start = browser_of(staff).get(reverse("admin:index")).content.decode()
    assert "Which organisation hurts" not in start


def test_nobody_can_add_a_task_or_a_schedule(desk: Client) -> None:
    assert [model for model in admin.site._registry if model._meta.app_label == "django_q"] == []
    assert desk.get("/admin/django_q/schedule/").status_code == 404
