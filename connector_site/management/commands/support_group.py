"""`manage.py support_group`: the group that lets support staff do their work, and nothing beside it."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand
from django.db.models import Q

NAME = "Support"
OURS = ("tenants", "mappings", "audit", "connections")
CHANGED = {
    "tenants": ("tenant", "membership"),
    "mappings": ("tradingpartner", "deliveryplace", "partnerlink", "glmapping"),
    "connections": ("connection", "route"),
}
DECIDED = {
    "audit": (
        "replay_delivery",
        "release_delivery",
        "dismiss_delivery",
        "resolve_delivery",
        "replay_arrival",
        "dismiss_arrival",
    ),
    "connections": ("resume_connection", "switch_connection"),
}


def permissions() -> Q:
    """See everything, decide about documents and connections, change partners and mappings."""
    wanted = Q(content_type__app_label__in=OURS, codename__startswith="view_")
    wanted |= Q(content_type__app_label="django_q", codename="view_failure")
    for app, models in CHANGED.items():
        changed = [f"change_{model}" for model in models]
        if app == "mappings":
            changed += [f"{verb}_{model}" for model in models for verb in ("add", "delete")]
        wanted |= Q(content_type__app_label=app, codename__in=changed)
    for app, codenames in DECIDED.items():
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    return wanted


class Command(BaseCommand):
    help = f"Make the group “{NAME}”, or bring it up to date; put support staff into it."

    def handle(self, *args: Any, **options: Any) -> None:
        group, made = Group.objects.get_or_create(name=NAME)
        group.permissions.set(Permission.objects.filter(permissions()))
        did = "made" if made else "brought up to date"
        self.stdout.write(f"The group “{NAME}” is {did}: {group.permissions.count()} permissions.")
