from tenants.models import Role
from tests.factories import MembershipFactory, TenantFactory, UserFactory


def test_visitors_sign_in_first(client, db):
    assert client.get("/")["Location"] == "/sign-in/?next=/"


def test_it_checks_ownership(client, tenant, charlie):
    client.force_login(charlie)
    assert client.get("/t/acme-trading/").status_code == 404


def test_a_member_of_one_organisation_is_led_there(client, alice):
    client.force_login(alice)
    assert client.get("/")["Location"] == "/t/acme-trading/"


def test_a_member_of_several_chooses_and_switches(client, alice):
    MembershipFactory.create(user=alice, tenant=TenantFactory.create(name="Second Co"), role=Role.VIEWER)
    client.force_login(alice)
    for path in ("/", "/t/acme-trading/", "/t/second-co/"):
        page = client.get(path).content.decode()
        assert 'href="/t/acme-trading/"' in page
        assert 'href="/t/second-co/"' in page


def test_a_member_of_none_is_told_what_to_do(client, db):
    client.force_login(UserFactory.create(email="new@example.org"))
    page = client.get("/").content.decode()
    assert "Ask an owner of your organisation for an invitation to new@example.org" in page
    assert 'href="/organisations/new/"' in page


def test_staff_are_led_to_the_support_pages(client, staff):
    client.force_login(staff)
    assert client.get("/")["Location"] == "/admin/"


def test_tabs_show_the_pages_that_exist_and_mark_the_current_one(client, alice):
    client.force_login(alice)
    page = client.get("/t/acme-trading/members/").content.decode()
    assert '<a href="/t/acme-trading/members/" aria-current="page">Members</a>' in page
    assert '<a href="/t/acme-trading/">Home</a>' in page
