"""Who signed in, and which FreshBooks businesses they may use for us: `GET /auth/api/v1/users/me`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from connections.systems.freshbooks.client import Client
from mappings.freshbooks.values import identifier, rows, text

# Whoever keeps the books. A client of a business also has a membership, but may only read its own documents.
ROLES = frozenset({"owner", "business_partner", "business_manager", "business_accountant"})
ROLE_WORDS = {
    "business_partner": "partner",
    "business_manager": "manager",
    "business_accountant": "accountant",
    "business_employee": "employee",
}


@dataclass(frozen=True, slots=True)
class Business:
    """One business of the person who signed in. `obstacle` says why it cannot be used; empty if it can."""

    account_id: str
    business_id: str
    business_uuid: str
    name: str
    role: str
    identity_id: str
    person: str
    obstacle: str

    @property
    def role_word(self) -> str:
        return ROLE_WORDS.get(self.role, self.role.replace("_", " "))

    def unusable(self, why: str) -> "Business":
        return replace(self, obstacle=why)

    def as_settings(self) -> dict[str, str]:
        """What a connection keeps of it."""
        return {
            "account_id": self.account_id,
            "business_id": self.business_id,
            "business_uuid": self.business_uuid,
            "business_name": self.name,
            "identity_id": self.identity_id,
            "role": self.role,
        }


def businesses(client: Client) -> list[Business]:
    """All businesses of the person, usable ones first. FreshBooks allows this call 20 times a minute."""
    body = client.request("GET", "/auth/api/v1/users/me", what="your FreshBooks profile")
    person = body.get("response") if isinstance(body, dict) else None
    found = _memberships(person) if isinstance(person, dict) else []
    return sorted(found, key=lambda business: (bool(business.obstacle), business.name))


def the_chosen(found: Iterable[Business], account_id: str) -> Business | None:
    """The business with that account, if the person belongs to it."""
    return next((business for business in found if account_id and business.account_id == account_id), None)


def _memberships(person: dict[str, Any]) -> list[Business]:
    found = []
    name = f"{text(person, 'first_name')} {text(person, 'last_name')}".strip() or text(person, "email")
    for membership in rows(person, "business_memberships"):
        business = membership.get("business")
        if not isinstance(business, dict):
            continue
        account_id, role = text(business, "account_id"), text(membership, "role")
        found.append(
            Business(
                account_id=account_id,
                # Not the id of the membership.
                business_id=identifier(business, "id"),
                business_uuid=text(business, "business_uuid"),
                name=text(business, "name") or "A business without a name",
                role=role,
                identity_id=identifier(person, "identity_id", "id"),
                person=name,
                obstacle=_obstacle(account_id, role, is_active=business.get("active") is not False),
            )
        )
    return found


def _obstacle(account_id: str, role: str, *, is_active: bool) -> str:
    if role == "client":
        return "You are only a client of this business: you can see its documents to you, not its books."
    if role not in ROLES:
        return "Your role here may not keep the books; an owner can give you another one."
    if not account_id:
        return "This business has no books in FreshBooks."
    if not is_active:
        return "This business is not active."
    return ""
