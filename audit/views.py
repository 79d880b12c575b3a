"""Handing out bytes. Who took them, or looked at them, stands on the timeline."""

from django.http import FileResponse, HttpResponse
from django.utils import timezone
from django.utils.text import get_valid_filename

from audit.models import Payload
from audit.services import Subject, record
from tenants.models import User


def download(user: User, subject: Subject, payload: Payload) -> FileResponse | HttpResponse:
    """The bytes of `payload`, which belongs to `subject`, as a file that no browser will open by itself.

    410 if retention has taken them.
    """
    if payload.removed_at:
        return HttpResponse("These bytes were removed when their retention time was over.", status=410)
    record(
        subject,
        "downloaded",
        f"{user} downloaded {payload.file_name}.",
        data={"sha256": payload.sha256, "size": payload.size},
        payload=payload,
        actor=user,
    )
    return FileResponse(
        payload.open(),
        as_attachment=True,
        filename=safe_file_name(payload.file_name),
        content_type="application/octet-stream",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def safe_file_name(name: str) -> str:
    """A name that came from outside, without folders, hidden characters or a leading dot."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return get_valid_filename(last.lstrip(".") or "bytes")[:150]


def note_look(user: User, subject: Subject) -> None:
    """Record that `user` was shown the bytes; once a day for each of them."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if not subject.events.filter(kind="looked_at", actor=user, at__gte=today).exists():
        record(subject, "looked_at", f"{user} looked at the bytes.", actor=user)
