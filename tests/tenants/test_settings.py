from tenants.models import Role, Tenant
from tests.factories import MembershipFactory, UserFactory

SETTINGS = "/t/acme-trading/settings/"


def test_it_checks_ownership(client, tenant, charlie):
    client.force_login(charlie)
    assert client.get(SETTINGS).status_code == 404
    assert client.post(SETTINGS, {"name": "Hijacked", "time_zone": "UTC"}).status_code == 404


def test_editors_change_name_and_time_zone(client, bob, tenant):
    client.force_login(bob)
    response = client.post(SETTINGS, {"name": "Acme Ltd", "time_zone": "Europe/London"}, follow=True)
    assert "The settings are saved." in response.content.decode()
    tenant.refresh_from_db()
    assert (tenant.name, tenant.time_zone, tenant.slug) == ("Acme Ltd", "Europe/London", "acme-trading")


def test_viewers_read_them(client, tenant):
    viewer = UserFactory.create()
    MembershipFactory.create(tenant=tenant, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    page = client.get(SETTINGS).content.decode()
    assert str(tenant.public_id) in page
    assert "<select" not in page
    assert client.post(SETTINGS, {"name": "Changed", "time_zone": "UTC"}).status_code == 403
    assert Tenant.objects.get(pk=tenant.pk).name == "Acme Trading"


def test_a_rejected_change_shows_at_its_field_and_not_in_the_header(client, alice):
    client.force_login(alice)
    response = client.post(SETTINGS, {"name": "x" * 121, "time_zone": "Mars/Olympus"})
    assert set(response.context["form"].errors) == {"name", "time_zone"}
    assert '<summary aria-label="Organisation: Acme Trading">' in response.content.decode()
