import pytest
from django.core import mail

from tenants import mails, services
from tenants.models import Invitation, Role
from tests.factories import MembershipFactory, UserFactory
from tests.tenants.mailbox import link_in, only_mail

MEMBERS = "/t/acme-trading/members/"
INVITE = f"{MEMBERS}invite/"


@pytest.fixture
def invitation(alice):
    invitation = services.invite(by=alice.memberships.get(), email="dora@example.org", role=Role.VIEWER)
    mail.outbox.clear()
    return invitation


@pytest.fixture
def viewer(tenant):
    user = UserFactory.create(full_name="Vera Viewer")
    MembershipFactory.create(tenant=tenant, user=user, role=Role.VIEWER)
    return user


def paths_of(alice, bob, invitation):
    return [
        INVITE,
        f"{MEMBERS}{bob.memberships.get().pk}/role/",
        f"{MEMBERS}{bob.memberships.get().pk}/remove/",
        f"/t/acme-trading/invitations/{invitation.pk}/resend/",
        f"/t/acme-trading/invitations/{invitation.pk}/revoke/",
    ]


class TestRoles:
    def test_it_checks_ownership(self, client, alice, bob, charlie, invitation):
        client.force_login(charlie)
        assert client.get(MEMBERS).status_code == 404
        for path in paths_of(alice, bob, invitation):
            assert client.post(path).status_code == 404

    def test_only_owners_change_members(self, client, alice, bob, viewer, invitation):
        for user in (bob, viewer):
            client.force_login(user)
            for path in paths_of(alice, bob, invitation):
                response = client.post(path)
                assert response.status_code == 403
                assert "This needs the role of owner" in response.content.decode()
        assert bob.memberships.get().role == Role.EDITOR
        assert Invitation.unscoped.count() == 1

    def test_an_owner_does_not_reach_another_organisations_members(self, client, alice, charlie):
        stranger = charlie.memberships.get()
        client.force_login(alice)
        assert client.post(f"{MEMBERS}{stranger.pk}/role/", {"role": "viewer"}).status_code == 404
        assert client.post(f"{MEMBERS}{stranger.pk}/remove/").status_code == 404

    def test_an_owner_does_not_reach_another_organisations_invitations(self, client, charlie, invitation):
        client.force_login(charlie)
        for action in ("resend", "revoke"):
            path = f"/t/other-company/invitations/{invitation.pk}/{action}/"
            assert client.post(path).status_code == 404

    def test_what_changes_something_is_not_done_by_a_link(self, client, alice, bob, invitation):
        client.force_login(alice)
        assert client.get(f"{MEMBERS}{bob.memberships.get().pk}/role/").status_code == 405
        assert client.get(f"/t/acme-trading/invitations/{invitation.pk}/resend/").status_code == 405


class TestList:
    def test_everyone_sees_the_members(self, client, alice, bob, viewer, charlie):
        client.force_login(viewer)
        page = client.get(MEMBERS).content.decode()
        assert "alice@example.org" in page
        assert "bob@example.org" in page
        assert "charlie@example.org" not in page

    def test_only_owners_are_offered_changes(self, client, alice, bob, invitation):
        client.force_login(bob)
        page = client.get(MEMBERS).content.decode()
        assert "dora@example.org" in page
        assert "Invite a member" not in page
        assert "/remove/" not in page
        assert "/revoke/" not in page
        client.force_login(alice)
        page = client.get(MEMBERS).content.decode()
        assert "Invite a member" in page
        assert "/remove/" in page
        assert "/revoke/" in page


class TestInvite:
    def invite(self, client, email="Dora@example.org", role="editor"):
        return client.post(INVITE, {"email": email, "role": role}, follow=True)

    def test_it_mails_a_link(self, client, alice):
        client.force_login(alice)
        response = self.invite(client)
        assert "An invitation is on its way to dora@example.org." in response.content.decode()
        message = only_mail("dora@example.org")
        assert message.subject == "Acme Trading invites you to ml-connector"
        assert "Alice Archer (alice@example.org) invites you" in message.body
        assert link_in(message).startswith("/invitations/")
        invitation = Invitation.unscoped.get()
        assert (invitation.role, invitation.invited_by) == (Role.EDITOR, alice)

    def test_names_with_markup_are_plain_in_mail_and_escaped_on_screen(self, client, alice, tenant):
        tenant.name = "A & B <script>"
        tenant.save()
        client.force_login(alice)
        page = self.invite(client).content.decode()
        assert "<script>" not in page
        assert only_mail("dora@example.org").subject == "A & B <script> invites you to ml-connector"

    def test_a_name_with_a_line_break_does_not_make_a_mail_header(self, client, alice, tenant):
        tenant.name = "Acme\r\nBcc: all@example.org"
        tenant.save()
        client.force_login(alice)
        self.invite(client)
        message = only_mail("dora@example.org")
        assert message.recipients() == ["dora@example.org"]
        assert "\n" not in message.subject

    def test_who_is_a_member_is_not_invited(self, client, alice, bob):
        client.force_login(alice)
        page = self.invite(client, "BOB@example.org").content.decode()
        assert "bob@example.org is a member already." in page
        assert not mail.outbox

    def test_who_is_invited_is_not_invited_twice(self, client, alice, invitation):
        client.force_login(alice)
        page = self.invite(client).content.decode()
        assert "This person is invited already. Send it again from the list." in page
        assert not mail.outbox

    def test_the_answer_is_the_same_whether_the_address_is_registered_or_not(self, client, alice, charlie):
        client.force_login(alice)
        pages = [self.invite(client, email) for email in (charlie.email, "nobody@example.org")]
        assert [page.redirect_chain for page in pages] == [[(MEMBERS, 302)]] * 2
        assert ["is on its way" in page.content.decode() for page in pages] == [True, True]

    @pytest.mark.parametrize(("email", "role"), [("dora", "editor"), ("dora@example.org", "king")])
    def test_mistakes_are_explained(self, client, alice, email, role):
        client.force_login(alice)
        response = self.invite(client, email, role)
        assert response.context["form"].errors
        assert not Invitation.unscoped.exists()

    def test_a_mail_that_does_not_leave_keeps_the_invitation(self, client, alice, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        client.force_login(alice)
        page = self.invite(client).content.decode()
        assert "The invitation is stored, but: The e-mail could not be sent just now." in page
        assert Invitation.unscoped.pending().count() == 1

    def test_an_organisation_sends_a_hundred_a_day(self, alice):
        membership = alice.memberships.get()
        for number in range(100):
            services.invite(by=membership, email=f"person{number}@example.org", role=Role.VIEWER)
        with pytest.raises(mails.TooManyMailsError):
            services.invite(by=membership, email="person100@example.org", role=Role.VIEWER)
        assert len(mail.outbox) == 100


class TestPendingInvitations:
    def test_they_can_be_sent_again(self, client, alice, invitation):
        client.force_login(alice)
        response = client.post(f"/t/acme-trading/invitations/{invitation.pk}/resend/", follow=True)
        assert "A new invitation is on its way to dora@example.org." in response.content.decode()
        assert only_mail("dora@example.org")

    def test_sending_again_has_its_limit(self, client, alice, invitation):
        client.force_login(alice)
        path = f"/t/acme-trading/invitations/{invitation.pk}/resend/"
        pages = [client.post(path, follow=True).content.decode() for _ in range(5)]
        assert "within the last hour" in pages[-1]
        assert len(mail.outbox) == 4

    def test_they_are_withdrawn_after_a_question(self, client, alice, invitation):
        client.force_login(alice)
        path = f"/t/acme-trading/invitations/{invitation.pk}/revoke/"
        assert "Withdraw the invitation of dora@example.org?" in client.get(path).content.decode()
        assert Invitation.unscoped.exists()
        assert "is withdrawn" in client.post(path, follow=True).content.decode()
        assert not Invitation.unscoped.exists()

    def test_accepted_ones_are_left_alone(self, client, alice, invitation):
        invitation.claim()
        client.force_login(alice)
        assert "dora@example.org" not in client.get(MEMBERS).content.decode()
        for action in ("resend", "revoke"):
            assert client.post(f"/t/acme-trading/invitations/{invitation.pk}/{action}/").status_code == 404


class TestChangeRole:
    def change(self, client, user, role):
        path = f"{MEMBERS}{user.memberships.get().pk}/role/"
        return client.post(path, {"role": role}, follow=True).content.decode()

    def test_an_owner_changes_it(self, client, alice, bob):
        client.force_login(alice)
        assert "Bob Baker is now viewer." in self.change(client, bob, "viewer")
        assert bob.memberships.get().role == Role.VIEWER

    def test_the_last_owner_stays_owner(self, client, alice, bob):
        client.force_login(alice)
        assert "needs at least one owner. Make another member owner first." in self.change(
            client, alice, "editor"
        )
        assert alice.memberships.get().role == Role.OWNER

    def test_a_role_that_does_not_exist_changes_nothing(self, client, alice, bob):
        client.force_login(alice)
        assert "king is not one of the available choices" in self.change(client, bob, "king")
        assert bob.memberships.get().role == Role.EDITOR


class TestRemove:
    def path(self, user):
        return f"{MEMBERS}{user.memberships.get().pk}/remove/"

    def test_it_asks_first_and_then_ends_the_access_at_once(self, client, alice, bob):
        path = self.path(bob)
        client.force_login(alice)
        assert "Remove Bob Baker?" in client.get(path).content.decode()
        assert bob.memberships.exists()
        assert "Bob Baker is no longer a member" in client.post(path, follow=True).content.decode()
        client.force_login(bob)
        assert client.get("/t/acme-trading/").status_code == 404

    def test_the_last_owner_stays(self, client, alice, bob):
        client.force_login(alice)
        page = client.post(self.path(alice), follow=True).content.decode()
        assert "needs at least one owner" in page
        assert alice.memberships.exists()

    def test_an_owner_who_leaves_is_led_out(self, client, alice, bob):
        bob.memberships.update(role=Role.OWNER)
        client.force_login(alice)
        assert client.post(self.path(alice))["Location"] == "/"
        assert "You belong to no organisation" in client.get("/").content.decode()
