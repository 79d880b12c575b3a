from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from tenants.models import Role, User
from tests.factories import PASSWORD, UserFactory
from tests.tenants.mailbox import link_in, only_mail

DETAILS = {
    "full_name": "Dora Dean",
    "organisation": "Dean & Daughters",
    "time_zone": "Europe/Paris",
    "password": PASSWORD,
}

pytestmark = pytest.mark.django_db


def ask(client, email="Dora@Example.org"):
    return client.post("/sign-up/", {"email": email})


@pytest.fixture
def link(client):
    ask(client)
    return link_in(only_mail("dora@example.org"))


class TestAsking:
    def test_the_address_gets_a_link_and_nothing_is_created_yet(self, client):
        response = ask(client)
        assert response["Location"] == "/sign-up/sent/"
        assert "Finish your sign-up" in only_mail("dora@example.org").subject
        assert not User.objects.exists()

    def test_the_page_does_not_tell_whether_an_address_is_registered(self, client):
        UserFactory.create(email="dora@example.org")
        known, unknown = ask(client, "dora@example.org"), ask(client, "erik@example.org")
        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        pages = []
        for email in ("dora@example.org", "erik@example.org"):
            ask(client, email)
            pages.append(client.get("/sign-up/sent/").content.decode().replace(email, ""))
        strip = [page.split("csrfmiddlewaretoken")[0] for page in pages]
        assert strip[0] == strip[1]

    def test_who_has_an_account_is_reminded_of_it_by_mail(self, client):
        UserFactory.create(email="dora@example.org")
        ask(client)
        message = only_mail("dora@example.org")
        assert "It has an account already" in message.body
        assert link_in(message) == "/sign-in/"

    def test_a_mistyped_address_is_explained_at_the_field(self, client):
        response = ask(client, "dora at example")
        assert "Enter a valid email address." in response.content.decode()
        assert not mail.outbox

    def test_the_mail_can_be_sent_again(self, client):
        ask(client)
        mail.outbox.clear()
        response = client.post("/sign-up/sent/", follow=True)
        assert "was sent again" in response.content.decode()
        assert "Finish your sign-up" in only_mail("dora@example.org").subject

    def test_sending_again_needs_an_address_first(self, client):
        assert client.get("/sign-up/sent/")["Location"] == "/sign-up/"

    def test_a_mailbox_can_not_be_flooded_through_us(self, client):
        for _ in range(5):
            ask(client)
        response = ask(client)
        assert "within the last hour" in response.content.decode()
        assert len(mail.outbox) == 5

    def test_a_visitor_can_not_flood_many_mailboxes(self, client):
        for number in range(30):
            ask(client, f"person{number}@example.org")
        assert "within the last hour" in ask(client, "person30@example.org").content.decode()
        assert len(mail.outbox) == 30

    def test_a_mail_server_that_is_down_is_admitted(self, client, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        response = ask(client)
        assert response.status_code == 200
        assert "could not be sent just now. Try again" in response.content.decode()

    def test_who_is_signed_in_makes_another_organisation_instead(self, client, alice):
        client.force_login(alice)
        assert client.get("/sign-up/")["Location"] == "/organisations/new/"


class TestFinishing:
    def test_it_creates_user_and_organisation_and_signs_in(self, client, link):
        response = client.post(link, DETAILS, follow=True)
        assert response.redirect_chain[-1][0] == "/t/dean-daughters/"
        assert "Welcome, Dora" in response.content.decode()
        user = User.objects.get(email="dora@example.org")
        assert user.check_password(PASSWORD)
        membership = user.memberships.get()
        assert membership.role == Role.OWNER
        assert membership.tenant.name == "Dean & Daughters"
        assert membership.tenant.time_zone == "Europe/Paris"

    def test_a_used_link_leads_to_sign_in(self, client, link):
        client.post(link, DETAILS)
        client.logout()
        response = client.post(link, DETAILS | {"organisation": "Another"}, follow=True)
        assert response.redirect_chain[-1][0] == "/sign-in/"
        assert "complete already" in response.content.decode()
        assert User.objects.count() == 1

    @pytest.mark.parametrize("harm", [lambda link: link[:-2] + "/", lambda link: "/sign-up/made-up/"])
    def test_a_damaged_link_says_what_to_do(self, client, link, harm):
        response = client.get(harm(link))
        assert response.status_code == 410
        assert "Enter your address to get a new one" in response.content.decode()

    def test_a_link_ends_after_two_days(self, client, link):
        with time_machine.travel(timezone.now() + timedelta(days=2, seconds=5)):
            assert client.get(link).status_code == 410
            assert client.post(link, DETAILS).status_code == 410
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value", "complaint"),
        [
            ("full_name", "", "This field is required."),
            ("organisation", " ", "This field is required."),
            ("time_zone", "Mars/Olympus", "Select a valid choice."),
            ("password", "short", "too short"),
            ("password", "password123", "too common"),
            ("password", "dora@example.org", "too similar"),
        ],
    )
    def test_each_mistake_is_explained_at_its_field(self, client, link, field, value, complaint):
        response = client.post(link, DETAILS | {field: value})
        assert complaint in " ".join(response.context["form"].errors[field])
        assert not User.objects.exists()


class TestNewOrganisation:
    def test_a_user_may_own_several(self, client, alice):
        client.force_login(alice)
        response = client.post("/organisations/new/", {"name": "Second Co", "time_zone": "UTC"})
        assert response["Location"] == "/t/second-co/"
        assert alice.memberships.get(tenant__slug="second-co").role == Role.OWNER

    def test_visitors_sign_in_first(self, client):
        assert client.get("/organisations/new/")["Location"] == "/sign-in/?next=/organisations/new/"
