"""Mail: tell a tenant's owners and editors of what waits for them."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from audit.models import Notice
from tenants.models import Membership, Role

TRY_AGAIN = timedelta(minutes=10)

log = logging.getLogger(__name__)


def mail(notice_id: int) -> int:
    """Send one notice that is due; returns the number of people it went to.

    The next try is set before this one, so that a dead worker or mail server delays the mail, not loses it.
    """
    now = timezone.now()
    due = Notice.unscoped.filter(pk=notice_id, next_mail_at__lte=now, closed_at__isnull=True)
    if not due.update(next_mail_at=now + TRY_AGAIN):
        return 0
    notice = Notice.unscoped.select_related("tenant").get(pk=notice_id)
    people = Membership.objects.for_tenant(notice.tenant).filter(role__in=[Role.OWNER, Role.EDITOR])
    addresses = list(people.values_list("user__email", flat=True))
    told = sum(_reaches(address, notice) for address in addresses)
    if told or not addresses:
        notice.emailed_at, notice.next_mail_at = timezone.now(), None
        notice.save(update_fields=["emailed_at", "next_mail_at"])
    return told


def _reaches(address: str, notice: Notice) -> bool:
    """One person's mail. An address that is refused stops no other, and nobody is mailed twice for it."""
    try:
        send_mail(
            subject=" ".join(f"[{notice.tenant}] {notice.title}".split())[:180],
            message=f"{notice.text}\n\n{settings.SITE_URL}{notice.url}\n",
            from_email=None,
            recipient_list=[address],
        )
    except (OSError, ValueError):  # SMTP errors are OSErrors; a hostile header is a ValueError
        log.exception("a notice could not be mailed")
        return False
    return True
