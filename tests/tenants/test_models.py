from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tenants.models import Allowance, Invitation, LastOwnerError, Membership, Role, Tenant, User
from tests.factories import PASSWORD, MembershipFactory, TenantFactory, UserFactory


@pytest.mark.django_db
class TestUser:
    def test_an_address_is_kept_in_lower_case(self):
        user = User.objects.create_user("Alice@Example.ORG", PASSWORD)
        assert user.email == "alice@example.org"
        assert User.objects.get(email="ALICE@example.org") == user

    def test_capitals_do_not_make_another_user(self):
        User.objects.create_user("alice@example.org")
        with pytest.raises(IntegrityError):
            User.objects.create_user("ALICE@example.org")

    def test_the_database_refuses_capitals_that_come_around_the_model(self):
        user = UserFactory.create()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE tenants_user SET email = 'ALICE@example.org' WHERE id = %s", [user.pk])

    def test_a_user_without_a_password_can_not_sign_in(self, rf):
        User.objects.create_user("alice@example.org")
        assert authenticate(rf.post("/"), username="alice@example.org", password="") is None

    def test_a_member_can_not_be_deleted_only_switched_off(self, alice):
        with pytest.raises(ProtectedError):
            alice.delete()

    def test_a_superuser_is_staff(self):
        assert User.objects.create_superuser("root@example.org", PASSWORD).is_staff

    def test_names_fall_back_to_the_address(self):
        assert UserFactory.build(full_name="Alice Archer").get_short_name() == "Alice"
        assert UserFactory.build(full_name="", email="a@example.org").get_short_name() == "a@example.org"


@pytest.mark.django_db
class TestTenant:
    def test_the_slug_follows_the_name_once(self):
        tenant = Tenant.objects.create(name="Müller & Söhne, Inc.")
        assert tenant.slug == "muller-sohne-inc"
        tenant.name = "Renamed"
        tenant.save()
        assert tenant.slug == "muller-sohne-inc"

    def test_a_second_organisation_of_the_same_name_gets_another_slug(self):
        first, second = TenantFactory.create(name="Acme"), TenantFactory.create(name="Acme")
        assert first.slug == "acme"
        assert second.slug.startswith("acme-")
        assert len(second.slug) == len("acme-") + 6

    @pytest.mark.parametrize("name", ["株式会社", "!!!", "x" * 120])
    def test_every_name_gives_a_slug_that_fits(self, name):
        slugs = [Tenant.objects.create(name=name).slug for _ in range(2)]
        assert all(0 < len(slug) <= 50 for slug in slugs)
        assert len(set(slugs)) == 2

    def test_public_ids_tell_nothing_and_differ(self):
        assert TenantFactory.create().public_id != TenantFactory.create().public_id

    def test_the_time_zone_is_a_real_one(self):
        tenant = TenantFactory.build(time_zone="Mars/Olympus_Mons")
        with pytest.raises(ValidationError, match="no time zone"):
            tenant.full_clean(exclude=["slug"])


class TestRole:
    @pytest.mark.parametrize(
        ("role", "allowed"),
        [
            (Role.OWNER, {Role.OWNER, Role.EDITOR, Role.VIEWER}),
            (Role.EDITOR, {Role.EDITOR, Role.VIEWER}),
            (Role.VIEWER, {Role.VIEWER}),
        ],
    )
    def test_each_role_may_do_what_the_roles_after_it_may(self, role, allowed):
        membership = Membership(role=role)
        assert {other for other in Role if membership.allows(other)} == allowed
        assert membership.can_edit == (Role.EDITOR in allowed)
        assert membership.can_manage == (Role.OWNER in allowed)


class TestTheLastOwner:
    def test_can_not_step_down(self, alice, bob):
        membership = alice.memberships.get()
        membership.role = Role.EDITOR
        with pytest.raises(LastOwnerError, match="at least one owner"):
            membership.save()
        with pytest.raises(ValidationError, match="at least one owner"):
            membership.full_clean()
        assert alice.memberships.get().role == Role.OWNER

    def test_can_not_be_removed(self, alice, bob):
        with pytest.raises(LastOwnerError):
            alice.memberships.get().delete()
        assert alice.memberships.exists()

    def test_may_go_once_there_is_another(self, alice, bob):
        bob.memberships.update(role=Role.OWNER)
        membership = alice.memberships.get()
        membership.role = Role.VIEWER
        membership.save()
        membership.delete()
        assert not alice.memberships.exists()

    def test_does_not_stand_in_the_way_of_others(self, alice, bob):
        membership = bob.memberships.get()
        membership.role = Role.VIEWER
        membership.save()
        membership.delete()
        assert not bob.memberships.exists()

    def test_of_one_organisation_does_not_count_for_another(self, alice, charlie, tenant):
        MembershipFactory.create(tenant=charlie.memberships.get().tenant, user=alice, role=Role.OWNER)
        with pytest.raises(LastOwnerError):
            alice.memberships.get(tenant=tenant).delete()

    def test_a_user_is_a_member_once(self, alice, tenant):
        with pytest.raises(IntegrityError):
            Membership.objects.create(tenant=tenant, user=alice, role=Role.VIEWER)

    def test_a_role_is_one_of_three(self, charlie, tenant):
        with pytest.raises(IntegrityError):
            Membership.objects.create(tenant=tenant, user=charlie, role="king")


@pytest.fixture
def invitation(tenant, alice):
    invitation = Invitation(tenant=tenant, email="Dora@Example.org", role=Role.EDITOR)
    invitation.renew(by=alice)
    invitation.save()
    return invitation


class TestInvitation:
    def test_only_a_hash_of_the_token_is_stored(self, invitation, alice):
        token = invitation.renew(by=alice)
        invitation.save()
        row = Invitation.unscoped.filter(pk=invitation.pk).values().get()
        assert len(token) >= 40
        assert not any(token in str(value) for value in row.values())
        assert Invitation.unscoped.with_token(token) == invitation
        assert Invitation.unscoped.with_token("guess") is None

    def test_it_can_be_claimed_once(self, invitation):
        twin = Invitation.unscoped.get(pk=invitation.pk)
        assert invitation.claim()
        assert not twin.claim()

    def test_it_can_not_be_claimed_when_expired(self, invitation):
        with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
            assert invitation.is_expired
            assert not invitation.claim()

    def test_renewing_makes_the_earlier_link_useless(self, invitation, alice):
        first = invitation.renew(by=alice)
        invitation.save()
        old = Invitation.unscoped.get(pk=invitation.pk)
        invitation.renew(by=alice)
        invitation.save()
        assert Invitation.unscoped.with_token(first) is None
        assert not old.claim()

    def test_one_pending_invitation_per_address(self, invitation, tenant, alice):
        second = Invitation(tenant=tenant, email="dora@example.org", role=Role.VIEWER)
        second.renew(by=alice)
        with pytest.raises(ValidationError, match="invited already"):
            second.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            second.save()
        assert invitation.claim()
        second.save()


@pytest.mark.django_db
class TestAllowance:
    def take(self, subject="a"):
        return Allowance.take("mail", subject, limit=2, per=timedelta(hours=1))

    def test_it_is_used_up_and_comes_back(self):
        with time_machine.travel("2025-03-14 10:00Z", tick=False) as clock:
            assert [self.take() for _ in range(4)] == [True, True, False, False]
            clock.shift(timedelta(minutes=59))
            assert not self.take()
            clock.shift(timedelta(minutes=1))
            assert self.take()

    def test_each_subject_and_purpose_has_its_own(self):
        assert [self.take() for _ in range(3)] == [True, True, False]
        assert self.take("b")
        assert Allowance.take("other", "a", limit=1, per=timedelta(hours=1))

    def test_counters_that_ended_are_cleared_away(self):
        with time_machine.travel("2025-03-14 10:00Z", tick=False) as clock:
            self.take("a")
            clock.shift(timedelta(hours=2))
            self.take("b")
            assert Allowance.objects.count() == 1

    def test_the_subject_is_not_stored(self):
        self.take("alice@example.org")
        assert "alice" not in Allowance.objects.get().key
