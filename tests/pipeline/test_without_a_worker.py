"""`manage.py run_pending`: the whole product without a worker process."""

from io import StringIO

from django.core.management import call_command

from connections.models import Poll, PollKind
from connections.pipeline.poll import ensure_polls
from tests.pipeline.conftest import World


def test_it_prints_what_it_did(world: World) -> None:
    invoice = world.book()
    Poll.objects.update(next_at="2020-01-01T00:00:00Z")
    said = StringIO()
    call_command("run_pending", stdout=said)
    assert world.delivery(invoice).is_delivered
    assert "attempts to deliver" in said.getvalue()


def test_it_says_when_nothing_was_due(world: World) -> None:
    world.run()
    said = StringIO()
    call_command("run_pending", stdout=said)
    assert said.getvalue() == "Nothing was due.\n"


def test_polls_follow_the_routes_and_the_partners_places(world: World) -> None:
    subjects = set(Poll.objects.values_list("connection__key", "kind", "subject"))
    assert subjects == {
        ("freshbooks", PollKind.UPKEEP, ""),
        ("freshbooks", PollKind.RECORDS, "invoices"),
        ("files", PollKind.PLACE, "outbound"),
    }
    world.route.is_on = False
    world.route.save()
    ensure_polls(world.freshbooks)
    assert not Poll.objects.filter(kind=PollKind.RECORDS).exists()
