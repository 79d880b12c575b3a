"""A webhook rings before its hint is due: whoever answers waits for it instead of leaving it to the sweep."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from connections.models import Callback, Connection, Hint, SourceRecord
from connections.pipeline.fetch import fetch_hinted
from connections.systems.freshbooks.webhooks import token_hash
from tests.freshbooks.test_webhooks import TOKEN, VERIFIER, post

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_task_that_was_rung_reads_the_record(connection: Connection) -> None:
    Callback.objects.create(
        connection=connection,
        event="invoice",
        token_hash=token_hash(TOKEN),
        verifier=VERIFIER,
        is_verified=True,
    )
    assert post(Browser()) == 204
    assert Hint.objects.get().due_at > timezone.now()
    assert fetch_hinted(connection.pk) == 1
    assert not Hint.objects.exists()
    assert SourceRecord.objects.get(connection=connection).source_id == "90001"
