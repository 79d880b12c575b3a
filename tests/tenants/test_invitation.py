"""What the person does who was invited."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tenants import services
from tenants.models import Invitation, Role, User
from tests.factories import PASSWORD, MembershipFactory, UserFactory
from tests.tenants.mailbox import link_in, only_mail


@pytest.fixture
def link(alice):
    services.invite(by=alice.memberships.get(), email="dora@example.org", role=Role.EDITOR)
    return link_in(only_mail("dora@example.org"))


@pytest.fixture
def dora():
    return UserFactory.create(email="dora@example.org", full_name="Dora Dean")


class TestAsANewUser:
    def test_a_name_and_a_password_are_enough_to_join(self, client, link, tenant):
        page = client.get(link).content.decode()
        assert "Join Acme Trading" in page
        assert "Alice Archer invites you as editor" in page
        response = client.post(link, {"full_name": "Dora Dean", "password": PASSWORD}, follow=True)
        assert response.redirect_chain[-1][0] == "/t/acme-trading/"
        assert "You are now a member of Acme Trading" in response.content.decode()
        user = User.objects.get(email="dora@example.org")
        assert user.memberships.get().role == Role.EDITOR
        assert user.check_password(PASSWORD)

    def test_a_weak_password_leaves_the_invitation_open(self, client, link):
        response = client.post(link, {"full_name": "Dora Dean", "password": "short"})
        assert "too short" in response.content.decode()
        assert Invitation.unscoped.pending().count() == 1
        assert not User.objects.filter(email="dora@example.org").exists()


class TestAsAnExistingUser:
    def test_who_is_not_signed_in_does_that_first(self, client, link, dora):
        assert client.get(link)["Location"] == f"/sign-in/?next={link}"

    def test_looking_does_not_accept(self, client, link, dora):
        client.force_login(dora)
        assert "Join Acme Trading" in client.get(link).content.decode()
        assert not dora.memberships.exists()

    def test_joining_takes_one_click(self, client, link, dora):
        client.force_login(dora)
        response = client.post(link, follow=True)
        assert response.redirect_chain[-1][0] == "/t/acme-trading/"
        assert dora.memberships.get().role == Role.EDITOR

    def test_a_member_keeps_the_role_they_have(self, client, link, dora, tenant):
        MembershipFactory.create(tenant=tenant, user=dora, role=Role.OWNER)
        client.force_login(dora)
        client.post(link)
        assert dora.memberships.get().role == Role.OWNER


class TestWhatCanNotBeUsed:
    def test_a_wrong_address_is_explained_and_not_let_in(self, client, link, charlie):
        client.force_login(charlie)
        for response in (client.get(link), client.post(link)):
            assert response.status_code == 403
            page = response.content.decode()
            assert "This invitation is for another address" in page
            assert "dora@example.org" in page
            assert "charlie@example.org" in page
        assert charlie.memberships.count() == 1

    def test_signing_out_there_leads_back_to_the_invitation(self, client, link, charlie):
        client.force_login(charlie)
        assert client.post("/sign-out/", {"next": link})["Location"] == link

    def test_an_expired_one_says_whom_to_ask(self, client, link):
        with time_machine.travel(timezone.now() + timedelta(days=7, seconds=5)):
            response = client.get(link)
            assert response.status_code == 410
            assert "Ask an owner of Acme Trading to send it again." in response.content.decode()
            assert client.post(link, {"full_name": "D", "password": PASSWORD}).status_code == 410
        assert not User.objects.filter(email="dora@example.org").exists()

    def test_a_used_one_says_so(self, client, link):
        client.post(link, {"full_name": "Dora Dean", "password": PASSWORD})
        client.logout()
        response = client.post(link, {"full_name": "Someone", "password": PASSWORD})
        assert response.status_code == 410
        assert "This invitation was used already" in response.content.decode()

    def test_one_that_someone_used_a_moment_ago_lets_nobody_else_in(self, link, dora):
        first, second = (services.find_invitation(link.split("/")[-2]) for _ in range(2))
        services.accept_invitation(first, dora)
        with pytest.raises(services.InvitationError):
            services.accept_invitation(second, UserFactory.create())
        assert dora.memberships.exists()

    def test_a_withdrawn_or_made_up_one_says_so(self, client, link):
        Invitation.unscoped.all().delete()
        for path in (link, "/invitations/made-up/"):
            response = client.get(path)
            assert response.status_code == 404
            assert "This invitation is not valid" in response.content.decode()

    def test_an_earlier_link_ends_when_it_is_sent_again(self, client, link, alice):
        services.resend_invitation(Invitation.unscoped.get(), by=alice.memberships.get())
        assert client.get(link).status_code == 404
        assert client.get(link_in(only_mail("dora@example.org"))).status_code == 200
