from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from tests.factories import PASSWORD, UserFactory
from tests.tenants.mailbox import link_in, only_mail

NEW = "a completely new phrase"


def sign_in(client, email="alice@example.org", password=PASSWORD, path="/sign-in/"):
    return client.post(path, {"username": email, "password": password})


class TestSignIn:
    def test_the_address_may_be_typed_in_capitals(self, client, alice):
        response = sign_in(client, " Alice@EXAMPLE.org")
        assert response["Location"] == "/"
        assert client.get("/")["Location"] == "/t/acme-trading/"

    def test_it_goes_on_where_the_visitor_was_headed_but_never_to_another_site(self, client, alice):
        fields = {"username": alice.email, "password": PASSWORD}
        for target, arrives in [
            ("/t/acme-trading/members/", "/t/acme-trading/members/"),
            ("//evil.test/", "/"),
        ]:
            client.logout()
            assert client.post("/sign-in/", fields | {"next": target})["Location"] == arrives

    @pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
    def test_a_wrong_password_and_an_unknown_address_read_the_same(self, client, alice, email):
        response = sign_in(client, email, "wrong")
        assert "The e-mail address or the password is wrong." in response.content.decode()

    def test_who_is_switched_off_can_not_sign_in(self, client, alice):
        alice.is_active = False
        alice.save()
        assert sign_in(client).status_code == 200
        assert "_auth_user_id" not in client.session

    def test_signing_out_needs_a_click_not_a_link(self, client, alice):
        client.force_login(alice)
        assert client.get("/sign-out/").status_code == 405
        assert client.post("/sign-out/")["Location"] == "/sign-in/"
        assert client.get("/t/acme-trading/").status_code == 302


class TestThrottle:
    def lock(self, client, path="/sign-in/"):
        spellings = ["alice@example.org", "ALICE@example.org", " Alice@Example.org "]
        return [sign_in(client, spellings[n % 3], "wrong", path) for n in range(8)][-1]

    def test_many_wrong_passwords_pause_the_address_however_it_is_spelt(self, client, alice):
        response = self.lock(client)
        assert response.status_code == 429
        page = response.content.decode()
        assert "After 8 wrong passwords" in page
        assert "15 minutes" in page
        assert sign_in(client).status_code == 429

    def test_the_support_pages_do_not_give_further_tries(self, client, alice):
        assert self.lock(client, "/admin/login/").status_code == 429

    def test_other_addresses_are_not_affected(self, client, alice, charlie):
        self.lock(client)
        assert sign_in(client, charlie.email).status_code == 302

    def test_it_ends_after_a_quarter_of_an_hour(self, client, alice):
        self.lock(client)
        with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=5)):
            assert sign_in(client).status_code == 302


def reset_link(client, email="alice@example.org"):
    client.post("/password/forgotten/", {"email": email})
    return link_in(only_mail(email.lower()))


class TestForgottenPassword:
    def choose(self, client, link, password=NEW):
        form = client.get(link)["Location"]
        return client.post(form, {"new_password1": password, "new_password2": password}, follow=True)

    def test_a_link_by_mail_sets_a_new_password(self, client, alice):
        response = self.choose(client, reset_link(client, "Alice@example.org"))
        assert "Your new password is set" in response.content.decode()
        assert sign_in(client, password=NEW).status_code == 302

    def test_it_ends_the_pause_after_wrong_passwords(self, client, alice):
        TestThrottle().lock(client)
        self.choose(client, reset_link(client))
        assert sign_in(client, password=NEW).status_code == 302

    def test_a_link_works_once(self, client, alice):
        link = reset_link(client)
        self.choose(client, link)
        page = client.get(link).content.decode()
        assert "This link does not work any more" in page
        assert "/password/forgotten/" in page

    def test_a_link_ends_after_three_days(self, client, alice):
        link = reset_link(client)
        with time_machine.travel(timezone.now() + timedelta(days=3, seconds=5)):
            assert "This link does not work any more" in client.get(link).content.decode()

    def test_a_weak_password_is_explained(self, client, alice):
        response = self.choose(client, reset_link(client), "short")
        assert "too short" in response.content.decode()

    def test_the_page_does_not_tell_whether_an_address_is_registered(self, client, alice):
        answers = []
        for email in ("alice@example.org", "nobody@example.org"):
            response = client.post("/password/forgotten/", {"email": email})
            page = client.get(response["Location"]).content.decode().replace(email, "")
            answers.append((response.status_code, response["Location"], page))
        assert answers[0] == answers[1]
        assert [message.to for message in mail.outbox] == [["alice@example.org"], ["nobody@example.org"]]

    def test_an_unknown_address_is_told_so_by_mail(self, client, db):
        client.post("/password/forgotten/", {"email": "nobody@example.org"})
        assert "There is no active account with it." in only_mail("nobody@example.org").body

    def test_who_never_had_a_password_gets_one_this_way(self, client, alice):
        user = UserFactory.create(email="made-by-support@example.org", password=None)
        self.choose(client, reset_link(client, user.email))
        assert sign_in(client, user.email, NEW).status_code == 302

    def test_a_mailbox_can_not_be_flooded_through_us(self, client, alice):
        responses = [client.post("/password/forgotten/", {"email": alice.email}) for _ in range(6)]
        assert "within the last hour" in responses[-1].content.decode()
        assert len(mail.outbox) == 5

    def test_the_page_after_it_needs_an_address_first(self, client, db):
        assert client.get("/password/forgotten/sent/")["Location"] == "/password/forgotten/"


class TestChangePassword:
    def test_it_signs_other_browsers_out(self, client, alice):
        from django.test import Client

        other = Client()
        for browser in (client, other):
            browser.force_login(alice)
        fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        response = client.post("/password/", fields, follow=True)
        assert "Your password is changed" in response.content.decode()
        assert client.get("/t/acme-trading/").status_code == 200
        assert other.get("/t/acme-trading/").status_code == 302

    def test_it_needs_the_old_password(self, client, alice):
        client.force_login(alice)
        fields = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
        assert "entered incorrectly" in client.post("/password/", fields).content.decode()

    def test_visitors_sign_in_first(self, client, db):
        assert client.get("/password/")["Location"] == "/sign-in/?next=/password/"
