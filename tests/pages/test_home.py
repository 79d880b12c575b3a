"""connector_site.views.home: calm while all is well, otherwise what waits for a person comes first."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.services import close_notice, notify
from connections.models import ConnectionState, Heartbeat, Poll
from tests.factories import ConnectionFactory, PartnerFactory, PartnerLinkFactory, RouteFactory
from tests.pages.conftest import HOME, paused, stopped
from tests.tenants.test_home import test_it_checks_ownership as checks_ownership

test_it_checks_ownership = checks_ownership


class TestCalm:
    def test_it_says_that_everything_flows(self, browse, world, alice):
        world.delivery("accepted", number="INV-1")
        page = browse(alice, "")
        assert "Everything flows. Nothing waits for you." in page
        assert "Invoice INV-1" in page
        assert "1,234.50 USD" in page
        for word in ("Notices", "need attention", "Nothing moves", "From sign-up"):
            assert word not in page

    def test_it_is_cheap_with_many_documents(self, client, world, alice):
        """The number of queries does not grow with what there is."""
        counts = []
        for _ in range(2):
            for standing in ("accepted", "held", "failed"):
                world.delivery(standing)
            client.force_login(alice)
            with CaptureQueriesContext(database) as queries:
                client.get(HOME)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestTroubles:
    def test_each_kind_is_counted_and_leads_to_its_documents(self, browse, full_world, alice):
        full_world.delivery("held")
        page = browse(alice, "")
        assert "Some documents wait for you." in page
        assert 'standing=held"><strong>2</strong><span>Held' in page
        for standing in ("in_doubt", "failed", "rejected", "overdue"):
            assert f'standing={standing}"><strong>1</strong>' in page
        assert "standing=accepted" not in page

    def test_the_worst_comes_first(self, browse, full_world, alice):
        page = browse(alice, "")
        assert page.index("standing=in_doubt") < page.index("standing=failed") < page.index("standing=held")

    def test_strangers_troubles_do_not_count(self, browse, full_world, charlie, client):
        client.force_login(charlie)
        page = client.get("/t/other-company/").content.decode()
        assert "standing=" not in page


class TestConnections:
    def test_those_that_need_a_person_are_shown_with_what_to_do(self, browse, world, alice):
        stopped(world.server)
        page = browse(alice, "")
        assert "Connections that need attention" in page
        assert "The folder “in” is not there. Correct the folder." in page

    def test_a_paused_one_says_until_when(self, browse, world, alice):
        world.delivery()
        paused(world.server, "The server did not answer.")
        page = browse(alice, "")
        assert "Documents wait for a connection." in page
        assert "Paused" in page

    @pytest.mark.parametrize("state", [ConnectionState.OFF, ConnectionState.SETTING_UP])
    def test_what_a_person_has_switched_off_needs_nobody(self, browse, world, alice, state):
        world.server.state = state
        world.server.save()
        assert "need attention" not in browse(alice, "")


class TestNotices:
    def test_open_ones_lead_to_their_matter_and_can_be_closed(self, browse, world, alice):
        notify(tenant=world.tenant, key="a", title="It failed", text="Look at it.", url="/t/x/documents/1/")
        notify(tenant=world.tenant, key="b", title="Over", text="It is over.")
        close_notice(tenant_id=world.tenant.pk, key="b")
        page = browse(alice, "")
        assert '<a href="/t/x/documents/1/"><strong>It failed' in page
        assert "/done/" in page
        assert "It is over." not in page

    def test_a_viewer_may_not_close_them(self, browse, world, viewer):
        notify(tenant=world.tenant, key="a", title="It failed", text="Look at it.")
        page = browse(viewer, "")
        assert "It failed" in page
        assert "/done/" not in page


class TestNothingMoves:
    SAYS = "Nothing moves at the moment; our support staff have been told."

    def test_when_the_workers_give_no_sign_of_life(self, browse, world, alice):
        world.delivery()
        Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=4))
        assert self.SAYS in browse(alice, "")

    def test_when_due_work_of_the_tenant_is_left_undone(self, browse, world, alice):
        delivery = world.delivery("ready")
        delivery.next_attempt_at = timezone.now() - timedelta(minutes=16)
        delivery.save()
        assert self.SAYS in browse(alice, "")

    def test_when_a_poll_of_the_tenant_is_left_undone(self, browse, world, alice):
        world.delivery()
        Poll.objects.update(next_at=timezone.now() - timedelta(minutes=16))
        assert self.SAYS in browse(alice, "")

    def test_not_when_its_connection_is_what_is_waited_for(self, browse, world, alice):
        delivery = world.delivery("ready")
        delivery.next_attempt_at = timezone.now() - timedelta(hours=16)
        delivery.save()
        paused(world.server)
        assert self.SAYS not in browse(alice, "")

    def test_not_for_what_others_wait_for(self, client, world, charlie):
        """Another organisation's overdue work is not this one's."""
        delivery = world.delivery("ready")
        delivery.next_attempt_at = timezone.now() - timedelta(hours=16)
        delivery.save()
        client.force_login(charlie)
        assert self.SAYS not in client.get("/t/other-company/").content.decode()


class TestSetUp:
    def test_the_first_step_is_freshbooks(self, browse, tenant, alice):
        page = browse(alice, "")
        assert "From sign-up to live" in page
        assert page.count('class="to_do"') == 4
        assert page.count("button primary") == 1

    def test_steps_are_ticked_as_they_are_done(self, browse, tenant, alice):
        books = ConnectionFactory.create(tenant=tenant)
        server = ConnectionFactory.create(tenant=tenant, system="sftp", state=ConnectionState.SETTING_UP)
        assert browse(alice, "").count('class="passed"') == 1
        server.state = ConnectionState.ACTIVE
        server.save()
        assert browse(alice, "").count('class="passed"') == 2
        partner = PartnerFactory.create(tenant=tenant)
        PartnerLinkFactory.create(partner=partner, connection=books)
        assert browse(alice, "").count('class="passed"') == 2, "it has no delivery place yet"
        partner.places.create(tenant=tenant, connection=server, outbound="in")
        assert browse(alice, "").count('class="passed"') == 3
        RouteFactory.create(tenant=tenant, source=books, target=server, is_on=True)
        page = browse(alice, "")
        assert "From sign-up to live" not in page
        assert "The first one appears here" in page

    def test_it_does_not_come_back_once_documents_have_gone(self, browse, world, alice):
        world.delivery()
        world.route.is_on = False
        world.route.save()
        assert "From sign-up to live" not in browse(alice, "")
