"""connections.views.backfills: send the documents of a date range, watch it, cancel it."""

from datetime import date

import pytest

from connections.models import Backfill, BackfillState

PAGE = "routes/invoices-to-globex/"
WINTER = {"date_from": "2026-01-01", "date_to": "2026-02-28"}


@pytest.fixture
def running(world):
    return Backfill.objects.create(
        tenant=world.tenant,
        route=world.route,
        date_from=date(2026, 1, 1),
        date_to=date(2026, 2, 28),
        requested_by="alice@example.org",
        pages=9,
        next_page=4,
        looked_at=120,
        taken_in=31,
    )


class TestWho:
    def test_it_checks_ownership(self, press, world, running, charlie):
        for path in (f"{PAGE}backfill/", f"backfills/{running.pk}/cancel/"):
            assert press(charlie, path, WINTER).status_code == 404

    def test_a_strangers_backfill_is_not_reached_through_ones_own_organisation(
        self, client, running, charlie
    ):
        client.force_login(charlie)
        assert client.post(f"/t/other-company/backfills/{running.pk}/cancel/").status_code == 404
        running.refresh_from_db()
        assert running.state == BackfillState.RUNNING

    def test_a_viewer_watches_and_presses_nothing(self, browse, press, world, running, viewer):
        page = browse(viewer, PAGE)
        assert "120 documents looked at, 31 taken in." in page
        assert "/cancel/" not in page
        for path in (f"{PAGE}backfill/", f"backfills/{running.pk}/cancel/"):
            assert press(viewer, path, WINTER).status_code == 403


class TestStart:
    def test_it_begins_and_says_who_asked(self, press, world, bob):
        press(bob, f"{PAGE}backfill/", WINTER)
        made = Backfill.unscoped.get()
        assert (made.date_from, made.date_to) == (date(2026, 1, 1), date(2026, 2, 28))
        assert (made.state, made.requested_by) == (BackfillState.RUNNING, "bob@example.org")

    @pytest.mark.parametrize(
        ("dates", "fault"),
        [
            ({"date_from": "2026-02-28", "date_to": "2026-01-01"}, "The last day is before the first."),
            ({"date_from": "1990-01-01", "date_to": "2026-01-01"}, "Ask for ten years at most."),
            ({"date_from": "", "date_to": "2026-01-01"}, "This field is required."),
            ({"date_from": "yesterday", "date_to": "2026-01-01"}, "Enter a valid date."),
        ],
        ids=str,
    )
    def test_a_range_that_is_none_is_refused(self, press, world, bob, dates, fault):
        assert fault in press(bob, f"{PAGE}backfill/", dates).content.decode()
        assert not Backfill.unscoped.exists()

    def test_there_is_one_at_a_time(self, press, world, running, bob):
        page = press(bob, f"{PAGE}backfill/", WINTER, follow=True).content.decode()
        assert "A backfill is under way." in page
        assert Backfill.unscoped.count() == 1


class TestProgress:
    def test_it_is_polled_while_it_runs(self, browse, running, alice):
        page = browse(alice, PAGE)
        assert 'id="backfills" data-poll="2"' in page
        assert '<progress value="33" max="100"' in page

    def test_a_temporary_failure_is_named_and_it_goes_on(self, browse, running, alice):
        Backfill.unscoped.update(failure="FreshBooks is busy.")
        assert "FreshBooks is busy. It goes on by itself." in browse(alice, PAGE)

    @pytest.mark.parametrize(
        ("state", "word"), [("done", "Done"), ("failed", "Stopped"), ("cancelled", "Cancel")]
    )
    def test_when_it_is_over_it_stands_still(self, browse, running, alice, state, word):
        Backfill.unscoped.update(state=state, failure="No permission." if state == "failed" else "")
        page = browse(alice, PAGE)
        assert "data-poll" not in page
        assert word in page
        assert "Asked for by alice@example.org" in page


class TestCancel:
    def test_it_is_cancelled(self, press, running, bob):
        press(bob, f"backfills/{running.pk}/cancel/")
        running.refresh_from_db()
        assert running.state == BackfillState.CANCELLED
        assert running.finished_at is not None

    def test_what_is_done_is_not_cancelled(self, press, running, bob):
        Backfill.unscoped.update(state=BackfillState.DONE)
        press(bob, f"backfills/{running.pk}/cancel/")
        running.refresh_from_db()
        assert running.state == BackfillState.DONE
