"""What partner systems have sent to push addresses. The addresses themselves are not shown: they are secrets."""

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import Q

from connections.admin.work import OfConnection
from connections.models import Push


@admin.register(Push)
class PushAdmin(OfConnection):
    list_display = [
        "name",
        "connection",
        "organisation",
        "size",
        "media_type",
        "count",
        "first_at",
        "last_at",
    ]
    search_fields = ["name"]
    search_help_text = "Name of the file, or of the connection"
    exclude = ["payload"]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(name__icontains=text)
        yield Q(connection__name__icontains=text)
