"""Putting a document into `in/` once, whatever becomes of the answer."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.sandbox import sps_commerce as sandbox
from connections.sandbox.sps_commerce import orders
from connections.systems.base import (
    CannotTell,
    Misconfigured,
    Rejected,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from tests.sps_commerce.conftest import INVOICE, Connect, Progress, an_interchange, calls

HASH = hashlib.sha256(INVOICE).hexdigest()[:8]
PATH = f"in/INFB-20418-{HASH}.json"


def test_the_bytes_lie_under_the_name_that_the_template_makes(sps: sandbox.Running, connect: Connect) -> None:
    with connect() as system:
        receipt = system.send(an_interchange(), Progress())

    assert sps.sps.files("in/") == {PATH: INVOICE}
    assert (receipt.place, receipt.name) == ("in/", f"INFB-20418-{HASH}.json")
    assert sps.sps.mistakes == []


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{name}.{ext}", "invoice-FB-20418-k3x9.json"),
        ("{prefix}_{partner}_{number}_{hash}.{ext}", f"IN_4X7_FB-20418_{HASH}.json"),
    ],
)
def test_the_template_is_a_setting(sps: sandbox.Running, connect: Connect, template: str, name: str) -> None:
    with connect(name_template=template, outbound_directory="/testin") as system:
        sps.sps.store.directories.append("testin/")
        system.send(an_interchange(), Progress())

    assert list(sps.sps.files("testin/")) == [f"testin/{name}"]


def test_a_partner_may_have_a_directory_of_its_own(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.store.directories.append("in/Northline Retail/")
    with connect() as system:
        receipt = system.send(an_interchange(place="/in/Northline Retail/"), Progress())

    assert receipt.place == "in/Northline Retail/"
    assert len(sps.sps.files("in/Northline Retail/")) == 1


def test_a_number_of_odd_characters_makes_a_safe_name(sps: sandbox.Running, connect: Connect) -> None:
    odd = INVOICE.replace(b"FB-20418", b"../2026/ 5?#")
    with connect() as system:
        system.send(an_interchange(odd), Progress())

    [path] = sps.sps.files()
    assert path == f"in/IN2026_5-{hashlib.sha256(odd).hexdigest()[:8]}.json"


def test_what_is_no_rsx_is_named_after_the_delivery(sps: sandbox.Running, connect: Connect) -> None:
    with connect() as system:
        system.send(an_interchange(b"ISA*00*", name="invoice-7-abc.x12"), Progress())

    [path] = sps.sps.files()
    assert path.startswith("in/invoice-7-abc-")
    assert path.endswith(".x12")


@pytest.mark.parametrize("template", ["{prefix}{number}.{ext}", "{nothing}{hash}", "{hash", "../{hash}"])
def test_a_template_that_could_overwrite_or_escape_is_refused(connect: Connect, template: str) -> None:
    with connect(name_template=template) as system, pytest.raises(Misconfigured, match="name template"):
        system.send(an_interchange(), Progress())


def test_ours_that_lies_there_already_is_not_sent_again(sps: sandbox.Running, connect: Connect) -> None:
    with connect() as system:
        system.send(an_interchange(), Progress())
        system.send(an_interchange(), Progress())

    assert len(calls(sps, "POST", PATH)) == 1


def test_another_file_of_the_name_is_never_overwritten(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.drop(PATH, b"somebody else's")

    with connect() as system, pytest.raises(Rejected, match="would be overwritten"):
        system.send(an_interchange(), Progress())

    assert sps.sps.files("in/") == {PATH: b"somebody else's"}
    assert sps.sps.store.overwritten == []


def test_a_longer_name_that_begins_alike_is_another_file(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.drop(f"{PATH}.bak", b"other")

    with connect() as system:
        system.send(an_interchange(), Progress())

    assert sps.sps.files("in/")[PATH] == INVOICE


def test_a_missing_directory_is_a_wrong_setting(connect: Connect) -> None:
    with connect(outbound_directory="IN/") as system, pytest.raises(Misconfigured, match="“IN/”"):
        system.send(an_interchange(), Progress())


def test_a_missing_parent_is_told_by_the_upload_too(sps: sandbox.Running, connect: Connect) -> None:
    """The directory goes away between the look and the upload."""
    with connect() as system:

        def vanish(values: Any) -> None:
            sps.sps.store.directories.remove("in/")

        with pytest.raises(Misconfigured, match="Parent directory not found"):
            system.send(an_interchange(), vanish)


@pytest.mark.parametrize("form", ["", "problem_json", "plain_errors"])
def test_errors_are_read_in_all_their_forms(sps: sandbox.Running, connect: Connect, form: str) -> None:
    if form:
        sps.sps.faults.set(form)
    with (
        connect(outbound_directory="nowhere/") as system,
        pytest.raises(Misconfigured, match="Directory not found"),
    ):
        system.send(an_interchange(), Progress())


def test_an_error_inside_a_success_is_an_error(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.faults.set("error_in_success", method="POST")

    with connect() as system, pytest.raises(Rejected, match="The file was not accepted"):
        system.send(an_interchange(), Progress())
    assert sps.sps.files() == {}


def test_200_is_as_good_as_201(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.faults.set("created_as_200")
    with connect() as system:
        system.send(an_interchange(), Progress())

    assert sps.sps.files("in/") == {PATH: INVOICE}


@pytest.mark.parametrize(
    ("switch", "params", "kind"),
    [
        ("rate_limited", {}, Temporary),
        ("server_error", {"status": 500}, UnknownOutcome),
        ("connection_closed", {}, UnknownOutcome),
        ("forbidden", {}, Misconfigured),
        ("html_error", {"status": 413}, Rejected),
    ],
)
def test_a_failed_upload_is_what_it_is(
    sps: sandbox.Running, connect: Connect, switch: str, params: dict[str, Any], kind: type[SystemFailure]
) -> None:
    sps.sps.faults.set(switch, method="POST", **params)

    with connect() as system, pytest.raises(kind):
        system.send(an_interchange(), Progress())


class TestRests:
    """429 pauses the connection; nobody sleeps on it."""

    def rest(self, sps: sandbox.Running, connect: Connect, failures: int, **params: Any) -> timedelta | None:
        sps.sps.faults.set("rate_limited", **params)
        system = connect()
        system.connection.failures_in_row = failures
        with system, pytest.raises(Temporary) as failure:
            system.send(an_interchange(), Progress())
        return failure.value.retry_after

    def test_as_asked_in_seconds(self, sps: sandbox.Running, connect: Connect) -> None:
        assert self.rest(sps, connect, 0, retry_after=17) == timedelta(seconds=17)

    def test_as_asked_by_a_date(self, sps: sandbox.Running, connect: Connect) -> None:
        rest = self.rest(sps, connect, 0, retry_after="Wed, 01 Jan 2120 00:00:00 GMT")
        assert rest == timedelta(hours=1)  # nobody is left alone for longer

    @pytest.mark.parametrize(("failures", "seconds"), [(0, 2), (1, 4), (3, 16), (5, 64)])
    def test_else_doubling(self, sps: sandbox.Running, connect: Connect, failures: int, seconds: int) -> None:
        rest = self.rest(sps, connect, failures)
        assert rest is not None
        assert 0.8 * seconds <= rest.total_seconds() <= 1.2 * seconds

    def test_after_six_it_is_left_to_the_connection(self, sps: sandbox.Running, connect: Connect) -> None:
        assert self.rest(sps, connect, 6) is None


class TestAfterALostAnswer:
    """The listing knows what SPS has not taken yet, the history what it has."""

    def lose(
        self, sps: sandbox.Running, connect: Connect, *, stored: bool, consumed: bool = False
    ) -> Progress:
        if consumed:
            sps.sps.faults.set("consumed_at_once")
        switch = "reply_lost" if stored else "connection_closed"
        sps.sps.faults.set(switch, times=1, method="POST")
        progress = Progress()
        with connect() as system, pytest.raises(UnknownOutcome):
            system.send(an_interchange(), progress)
        return progress

    def test_what_still_lies_there_is_found(self, sps: sandbox.Running, connect: Connect) -> None:
        progress = self.lose(sps, connect, stored=True)

        with connect() as system:
            receipt = system.find(an_interchange(progress=progress))

        assert receipt is not None
        assert calls(sps, "GET", "/history") == []

    def test_what_was_taken_is_found_in_the_history(self, sps: sandbox.Running, connect: Connect) -> None:
        progress = self.lose(sps, connect, stored=True, consumed=True)

        with connect() as system:
            receipt = system.find(an_interchange(progress=progress))

        assert receipt is not None
        assert receipt.remote_id == sps.sps.store.history[-1].id

    def test_the_history_may_lag(self, sps: sandbox.Running, connect: Connect) -> None:
        progress = self.lose(sps, connect, stored=True, consumed=True)
        sps.sps.faults.set("history_lag", seconds=300)

        with connect() as system, pytest.raises(UnknownOutcome, match="behind by some minutes"):
            system.find(an_interchange(progress=progress))

    def test_after_the_lag_absence_is_certain(self, sps: sandbox.Running, connect: Connect) -> None:
        progress = self.lose(sps, connect, stored=False)
        began = timezone.now() - timedelta(minutes=6)

        with connect() as system:
            with pytest.raises(UnknownOutcome):
                system.find(an_interchange(progress=progress))
            assert system.find(an_interchange(progress={"began": began.isoformat()})) is None

    @pytest.mark.parametrize("switch", ["history_page", "history_counts_pages"])
    def test_the_history_is_followed_by_its_own_addresses(
        self, sps: sandbox.Running, connect: Connect, switch: str
    ) -> None:
        for number in range(3):
            sps.sps.drop(f"in/other{number}.json", b"{}")
        progress = self.lose(sps, connect, stored=True, consumed=True)
        sps.sps.faults.set("history_page", rows=1)
        sps.sps.faults.set(switch)

        with connect() as system:
            assert system.find(an_interchange(progress=progress)) is not None

    def test_the_history_is_not_followed_to_another_host(
        self, sps: sandbox.Running, connect: Connect
    ) -> None:
        sps.sps.drop("in/other.json", b"{}")
        progress = self.lose(sps, connect, stored=True, consumed=True)
        sps.sps.faults.set("history_page", rows=1)
        sps.sps.faults.set("history_elsewhere")

        with connect() as system, pytest.raises(Temporary, match="another host"):
            system.find(an_interchange(progress=progress))

    def test_an_upload_of_long_ago_is_not_this_one(self, sps: sandbox.Running, connect: Connect) -> None:
        with connect() as system:
            system.send(an_interchange(), Progress())
        sps.sps.store.consume(timezone.now(), 0)
        for step in sps.sps.store.history[-1].log:
            step["timestamp"] = "2020-01-01T00:00:00.000Z"
        began = timezone.now() - timedelta(minutes=6)

        with connect() as system:
            assert system.find(an_interchange(progress={"began": began.isoformat()})) is None

    def test_without_the_history_a_person_decides(self, sps: sandbox.Running, connect: Connect) -> None:
        progress = self.lose(sps, connect, stored=True, consumed=True)
        sps.sps.faults.set("forbidden", path="*/history")

        with connect() as system, pytest.raises(CannotTell, match="SPS may have taken it"):
            system.find(an_interchange(progress=progress))


def test_an_order_of_ours_would_carry_its_own_prefix(sps: sandbox.Running, connect: Connect) -> None:
    content = orders.as_json([orders.shipment("S-1", "77120")])
    with connect() as system:
        system.send(an_interchange(content), Progress())

    [path] = sps.sps.files()
    assert path.startswith("in/SHS-1-")
