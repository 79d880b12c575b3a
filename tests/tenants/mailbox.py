"""Reading the e-mails that a test caused."""

import re

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage


def only_mail(to: str) -> EmailMessage:
    """The one e-mail that was sent, which must have gone to `to`; the mailbox is empty afterwards."""
    (message,) = mail.outbox
    mail.outbox.clear()
    assert message.to == [to]
    return message


def link_in(message: EmailMessage) -> str:
    """The path of the first link in an e-mail."""
    match = re.search(rf"^{re.escape(settings.SITE_URL)}(/\S+)$", str(message.body), re.MULTILINE)
    assert match, message.body
    return match[1]
