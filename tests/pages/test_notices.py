"""audit.pages.notices: done with one."""

import pytest

from audit.models import Notice
from audit.services import notify
from tests.pages.conftest import HOME


@pytest.fixture
def notice(world):
    return notify(tenant=world.tenant, key="a", title="It failed", text="Look at it.")


def test_it_checks_ownership(press, notice, charlie):
    assert press(charlie, f"notices/{notice.pk}/done/").status_code == 404
    assert Notice.unscoped.get().closed_at is None


def test_a_strangers_notice_is_not_reached_through_ones_own_organisation(client, notice, charlie):
    client.force_login(charlie)
    assert client.post(f"/t/other-company/notices/{notice.pk}/done/").status_code == 404


def test_a_viewer_may_not_press(press, notice, viewer):
    assert press(viewer, f"notices/{notice.pk}/done/").status_code == 403


def test_it_is_not_done_by_a_link(client, notice, alice):
    client.force_login(alice)
    assert client.get(f"{HOME}notices/{notice.pk}/done/").status_code == 405


def test_closing_leads_home_and_twice_is_harmless(press, notice, bob):
    for _ in range(2):
        assert press(bob, f"notices/{notice.pk}/done/")["Location"] == HOME
    assert Notice.unscoped.get().closed_at is not None


def test_should_the_matter_come_up_again_there_is_a_new_notice(press, notice, bob, world):
    press(bob, f"notices/{notice.pk}/done/")
    assert notify(tenant=world.tenant, key="a", title="Again", text="Again.").pk != notice.pk
