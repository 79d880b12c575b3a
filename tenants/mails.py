"""The e-mails that invite, confirm and reset: plain text, written in templates/tenants/mail/."""

import logging
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from tenants.models import Allowance

logger = logging.getLogger(__name__)

PER_ADDRESS = 5
PER_ADDRESS_SPAN = timedelta(hours=1)


class MailError(Exception):
    """An e-mail did not leave. `str(error)` tells the user what happened and what to do next."""


class TooManyMailsError(MailError):
    def __init__(self) -> None:
        super().__init__(
            "Several e-mails were sent within the last hour. Look for them among the junk mail too, "
            "or try again in an hour."
        )


class MailNotSentError(MailError):
    def __init__(self) -> None:
        super().__init__("The e-mail could not be sent just now. Try again in a few minutes.")


def link(url_name: str, *args: str) -> str:
    """The full address of a page, for use in an e-mail."""
    return settings.SITE_URL + reverse(url_name, args=args)


def send(name: str, to: str, **context: object) -> None:
    """Sends the template `name` to one address; the template's first line is the subject.

    Raises TooManyMailsError after five of the same kind within an hour (so that nobody's mailbox is flooded
    through us), MailNotSentError when the mail server does not take it.
    """
    if not Allowance.take(f"mail:{name}", to, limit=PER_ADDRESS, per=PER_ADDRESS_SPAN):
        raise TooManyMailsError
    text = render_to_string(f"tenants/mail/{name}.txt", {"site_url": settings.SITE_URL, **context})
    subject, _, body = text.strip().partition("\n")
    try:
        EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[to]).send()
    except (smtplib.SMTPException, OSError) as error:
        logger.exception("The mail server did not take a mail of kind %s", name)
        raise MailNotSentError from error
