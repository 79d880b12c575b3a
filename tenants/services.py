"""How people come in: sign-up, invitations, forgotten passwords.

An answer on screen never tells whether an address is registered; the e-mail to that address does.
"""

import logging
from datetime import timedelta

from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tenants import mails
from tenants.models import Allowance, Invitation, Membership, Role, Tenant, User

logger = logging.getLogger(__name__)

SIGN_UP_SALT = "tenants.sign_up"
SIGN_UP_LIFETIME = timedelta(days=2)
INVITATIONS_PER_DAY = 100


class LinkError(Exception):
    """A link from an e-mail can not be used. `title` and `str(error)` are for the user."""

    status = 410

    def __init__(self, title: str, text: str) -> None:
        super().__init__(text)
        self.title = title


class SignUpLinkError(LinkError):
    def __init__(self) -> None:
        super().__init__(
            "This link does not work any more",
            "It is older than two days, or was not copied as a whole. Enter your address to get a new one.",
        )


class InvitationError(LinkError):
    """An invitation that is unknown, revoked, expired or used."""


def request_sign_up(email: str) -> None:
    """Mails a link that finishes the sign-up; to an address that has an account, a reminder of it.

    Raises mails.MailError.
    """
    if User.objects.filter(email=email).exists():
        mails.send("already_registered", email, link=mails.link("login"), reset=mails.link("password_reset"))
        return
    token = signing.dumps(email, salt=SIGN_UP_SALT)
    mails.send("sign_up", email, link=mails.link("finish_sign_up", token))


def confirmed_email(token: str) -> str:
    """The address that a sign-up link was mailed to. Raises SignUpLinkError."""
    try:
        email: str = signing.loads(token, salt=SIGN_UP_SALT, max_age=SIGN_UP_LIFETIME)
    except signing.BadSignature as error:
        raise SignUpLinkError from error
    return email


@transaction.atomic
def sign_up(*, email: str, full_name: str, password: str, organisation: str, time_zone: str) -> User:
    """A new user with an organisation of their own. The caller has seen to it that the address is theirs."""
    user = User.objects.create_user(email, password, full_name=full_name)
    found_organisation(user, name=organisation, time_zone=time_zone)
    return user


@transaction.atomic
def found_organisation(user: User, *, name: str, time_zone: str) -> Tenant:
    """A new tenant with `user` as its owner."""
    tenant = Tenant.objects.create(name=name, time_zone=time_zone)
    Membership.objects.create(tenant=tenant, user=user, role=Role.OWNER)
    logger.info("User %s founded tenant %s", user.pk, tenant.pk)
    return tenant


def request_password_reset(email: str) -> None:
    """Mails a link to choose a new password; to an address without an account, a word that it has none.

    Raises mails.MailError.
    """
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        mails.send("not_registered", email, link=mails.link("sign_up"))
        return
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    mails.send("password_reset", email, user=user, link=mails.link("password_reset_confirm", uid, token))


def invite(*, by: Membership, email: str, role: str) -> Invitation:
    """Invites an address into the organisation of `by`. Raises ValidationError, and mails.MailError when the
    invitation is stored but its e-mail did not leave.
    """
    invitation = Invitation(tenant=by.tenant, email=email, role=role)
    if Membership.objects.for_tenant(by.tenant).filter(user__email=email).exists():
        raise ValidationError(f"{email} is a member already. Change the role in the list of members.")
    token = invitation.renew(by=by.user)
    invitation.full_clean()
    invitation.save()
    logger.info("User %s invited to tenant %s as %s", by.user_id, by.tenant_id, role)
    _mail_invitation(invitation, token)
    return invitation


def resend_invitation(invitation: Invitation, *, by: Membership) -> None:
    """Mails a fresh link, good for seven more days; the earlier one stops working. Raises mails.MailError."""
    token = invitation.renew(by=by.user)
    invitation.save()
    _mail_invitation(invitation, token)


def _mail_invitation(invitation: Invitation, token: str) -> None:
    per_day = timedelta(days=1)
    if not Allowance.take("invitations", str(invitation.tenant_id), limit=INVITATIONS_PER_DAY, per=per_day):
        raise mails.TooManyMailsError
    mails.send("invitation", invitation.email, invitation=invitation, link=mails.link("invitation", token))


def find_invitation(token: str) -> Invitation:
    """The pending invitation that a link belongs to. Raises InvitationError."""
    invitation = Invitation.unscoped.with_token(token)
    if invitation is None:
        error = InvitationError(
            "This invitation is not valid",
            "It was withdrawn or replaced by a newer one, or the link was not copied as a whole. "
            "Use the link in the latest e-mail, or ask for a new invitation.",
        )
        error.status = 404
        raise error
    if invitation.accepted_at:
        raise InvitationError(
            "This invitation was used already",
            f"Each invitation works once. If it was you who used it, sign in to get to {invitation.tenant}.",
        )
    if invitation.is_expired:
        raise InvitationError(
            "This invitation has expired",
            f"Invitations are good for seven days. Ask an owner of {invitation.tenant} to send it again.",
        )
    return invitation


@transaction.atomic
def accept_invitation(invitation: Invitation, user: User) -> Membership:
    """Makes `user` a member and uses the invitation up. Raises InvitationError if someone else was faster."""
    if not invitation.claim():
        raise InvitationError(
            "This invitation was used already",
            f"Sign in to get to {invitation.tenant}, or ask for a new one.",
        )
    membership, _ = Membership.unscoped.get_or_create(
        tenant=invitation.tenant, user=user, defaults={"role": invitation.role}
    )
    logger.info("User %s joined tenant %s as %s", user.pk, invitation.tenant_id, membership.role)
    return membership


@transaction.atomic
def join_as_new_user(invitation: Invitation, *, full_name: str, password: str) -> User:
    """A new user for the invited address, and member at once. Raises InvitationError."""
    user = User.objects.create_user(invitation.email, password, full_name=full_name)
    accept_invitation(invitation, user)
    return user
