"""`manage.py demo_tenant`: the demo organisation, its people, and its sign-in at the FreshBooks stand-in."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand

from connections.config.load import import_config
from connections.models import AccessToken, Connection, ConnectionState
from connections.systems.sftp.session import fetch_host_keys
from connector_site import stack
from connector_site.stack.running import OWNER, PASSWORD, SUPPORT
from tenants.models import Membership, Role, Tenant, User

CONFIG = Path(stack.__file__).parent / "demo.yaml"


class Command(BaseCommand):
    help = "Load the demo tenant into a stack that runs against the sandbox. Doing it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        # The stand-in's key is taken on trust here; a customer confirms a server's fingerprint on a page.
        keys = fetch_host_keys("127.0.0.1", int(os.environ["DEMO_SFTP_PORT"]))
        os.environ["DEMO_SFTP_HOST_KEY"] = keys[0].line
        tenant, _ = import_config(CONFIG)
        _person(OWNER, "Ada Byron", tenant)
        _person(SUPPORT, "Sam Support", None)
        _sign_in(Connection.objects.for_tenant(tenant).get(key="freshbooks"))


def _person(email: str, name: str, tenant: Tenant | None) -> None:
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email=email, password=PASSWORD, full_name=name
    )
    if tenant is None:
        user.is_staff = user.is_superuser = True
        user.save()
    elif not Membership.objects.for_tenant(tenant).filter(user=user).exists():
        Membership.objects.create(tenant=tenant, user=user, role=Role.OWNER)


def _sign_in(connection: Connection) -> None:
    """Tokens as the consent page would have brought them, unless the connection has a working pair."""
    if connection.is_usable and AccessToken.objects.filter(connection=connection).exists():
        return
    answer = requests.post(f"{settings.FRESHBOOKS_API_URL}/_sandbox/tokens", json={}, timeout=30)
    answer.raise_for_status()
    pair = answer.json()
    AccessToken.objects.update_or_create(
        connection=connection,
        defaults={
            "access_token": pair["access_token"],
            "refresh_token": pair["refresh_token"],
            "scope": pair.get("scope", ""),
            "expires_at": datetime.fromtimestamp(pair["created_at"], UTC)
            + timedelta(seconds=pair["expires_in"]),
        },
    )
    connection.state = ConnectionState.ACTIVE
    connection.save(update_fields=["state"])
