"""The people of every test: alice owns the tenant, bob works there, charlie is a stranger with his own."""

import pytest

from tenants.models import Role, Tenant, User
from tests.factories import MembershipFactory, TenantFactory, UserFactory

pytest_plugins = ["tests.browser", "tests.openssh", "tests.services"]


@pytest.fixture
def tenant(db: None) -> Tenant:
    return TenantFactory.create(name="Acme Trading")


@pytest.fixture
def alice(tenant: Tenant) -> User:
    """The owner of `tenant`."""
    user = UserFactory.create(email="alice@example.org", full_name="Alice Archer")
    MembershipFactory.create(tenant=tenant, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def bob(tenant: Tenant, alice: User) -> User:
    """An editor in `tenant`."""
    user = UserFactory.create(email="bob@example.org", full_name="Bob Baker")
    MembershipFactory.create(tenant=tenant, user=user, role=Role.EDITOR)
    return user


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger to `tenant`: the owner of another organisation."""
    user = UserFactory.create(email="charlie@example.org", full_name="Charlie Cook")
    MembershipFactory.create(tenant__name="Other Company", user=user, role=Role.OWNER)
    return user


@pytest.fixture
def staff(db: None) -> User:
    """Someone of the support staff, a member of no organisation."""
    return UserFactory.create(email="support@example.org", full_name="Sam Support", is_staff=True)
