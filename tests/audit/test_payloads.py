"""Payloads: bytes come back as they were stored, whatever their size, and no row is large."""

import io
import os

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Payload, PayloadPart
from audit.models.payloads import PART
from tenants.models import Tenant

pytestmark = pytest.mark.django_db


def stored(tenant: Tenant, content: bytes) -> Payload:
    made = Payload.store(tenant_id=tenant.pk, content=content, media_type="text/csv", file_name="large.csv")
    return Payload.unscoped.get(pk=made.pk)


@pytest.mark.parametrize(
    ("size", "parts"),
    [(0, 0), (1, 0), (PART - 1, 0), (PART, 0), (PART + 1, 1), (3 * PART, 2), (3 * PART + 7, 3)],
)
def test_bytes_of_any_size_come_back(tenant: Tenant, size: int, parts: int) -> None:
    content = os.urandom(size)
    payload = stored(tenant, content)

    assert bytes(payload.content) == content
    assert payload.is_as_stored
    assert payload.parts.count() == parts


def test_no_row_is_larger_than_a_part(tenant: Tenant) -> None:
    stored(tenant, os.urandom(3 * PART + 7))

    rows = [
        *Payload.unscoped.values_list("content", flat=True),
        *PayloadPart.unscoped.values_list("content", flat=True),
    ]
    assert sorted(len(row) for row in rows) == [7, PART, PART, PART]


def test_a_deferred_content_comes_back_whole(tenant: Tenant) -> None:
    content = os.urandom(2 * PART)
    payload = stored(tenant, content)

    assert bytes(Payload.unscoped.defer("content").get(pk=payload.pk).content) == content


def test_saving_again_leaves_the_parts_alone(tenant: Tenant) -> None:
    content = os.urandom(2 * PART)
    payload = stored(tenant, content)
    payload.media_type = "text/plain"
    payload.save()

    assert bytes(Payload.unscoped.get(pk=payload.pk).content) == content


def test_a_changed_or_missing_part_is_noticed(tenant: Tenant) -> None:
    payload = stored(tenant, os.urandom(3 * PART))
    PayloadPart.unscoped.filter(number=2).delete()

    assert not Payload.unscoped.get(pk=payload.pk).is_as_stored


def test_deleting_takes_the_parts_too(tenant: Tenant) -> None:
    stored(tenant, os.urandom(2 * PART)).delete()

    assert not PayloadPart.unscoped.exists()


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 3 * PART + 7])
def test_a_file_is_stored_and_read_back_piece_by_piece(tenant: Tenant, size: int) -> None:
    content = os.urandom(size)
    source = io.BytesIO(content)
    source.seek(size // 2)

    payload = Payload.store(tenant_id=tenant.pk, content=source, media_type="text/csv", file_name="large.csv")

    with payload.open() as stored:
        pieces = list(iter(lambda: stored.read(70_000), b""))
        assert b"".join(pieces) == content
        assert stored.seek(-min(size, 5), io.SEEK_END) == max(0, size - 5)
        assert stored.read() == content[-5:]
        stored.seek(size // 3)
        assert stored.read(PART) == content[size // 3 :][:PART]
    assert (payload.size, payload.is_as_stored) == (size, True)


def test_reading_it_piece_by_piece_fetches_each_row_once(tenant: Tenant) -> None:
    payload = Payload.unscoped.defer("content").get(pk=stored(tenant, os.urandom(3 * PART + 7)).pk)

    with CaptureQueriesContext(connection) as queries, payload.open() as file:
        while file.read(100_000):
            pass

    assert len(queries) == 4
