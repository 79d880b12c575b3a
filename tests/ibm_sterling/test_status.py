"""What becomes of documents for which no acknowledgement by EDI comes: asked for, and shown in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Delivery, Notice
from audit.states import Acknowledgement
from connections.sandbox.edi import Verdict
from connections.systems.base import Receipt
from mappings.models.partners import Acknowledges
from tests.ibm_sterling.conftest import (
    OUTBOUND,
    Connect,
    Progress,
    an_interchange,
    installation,
)
from tests.ibm_sterling.flow import Flow, books, flow, server

__all__ = ["books", "flow", "installation", "server"]

GATEWAY = {
    "status_source": "file_gateway",
    "state_map": ["Started=waiting", "Routing=waiting", "Complete=accepted", "Failed=rejected"],
}


def silent(flow: Flow, **settings: object) -> None:
    """The partner sends no acknowledgement; the state is asked for instead."""
    flow.acme.acknowledges = Acknowledges.NONE
    flow.acme.save()
    flow.installation.sterling.sites["acme"].company.verdict = Verdict.NEVER
    flow.set(**(settings or GATEWAY))


class TestTheFileGateway:
    def test_a_delivery_that_is_complete_is_accepted(self, flow: Flow) -> None:
        silent(flow)
        invoice = flow.book()
        flow.run()
        delivery = flow.delivery(invoice)
        assert (delivery.transfer, delivery.acknowledgement) == ("delivered", Acknowledgement.WAITING)

        flow.tick()
        flow.run()

        delivery.refresh_from_db()
        assert delivery.acknowledgement == Acknowledgement.ACCEPTED
        assert delivery.remote_state == "arrived file Routed; route Routed; delivery Complete"
        assert delivery.next_status_at is None
        said = delivery.events.get(kind="acknowledgement")
        assert said.text.endswith("delivery Complete. That is: accepted.")
        assert flow.installation.sterling.mistakes == []

    def test_201_is_stored_and_not_delivered_to_the_partner(self, flow: Flow) -> None:
        silent(flow)
        invoice = flow.book()
        flow.run()
        flow.run()
        assert flow.delivery(invoice).acknowledgement == Acknowledgement.WAITING

    def test_a_routing_that_fails_is_a_rejection_that_people_are_told_of(self, flow: Flow) -> None:
        silent(flow)
        flow.installation.sterling.faults.set("routing_fails", times=1)
        invoice = flow.book()
        flow.run()
        flow.tick()
        flow.run()

        delivery = flow.delivery(invoice)
        assert delivery.acknowledgement == Acknowledgement.REJECTED
        assert delivery.reason == "Sterling says: arrived file Failed; route Failed; delivery Failed"
        assert Notice.unscoped.filter(key=f"rejected-{delivery.pk}", closed_at__isnull=True).exists()

    def test_a_word_without_a_meaning_is_kept_shown_once_and_settles_nothing(self, flow: Flow) -> None:
        silent(flow, status_source="file_gateway")
        invoice = flow.book()
        flow.run()
        flow.tick()
        flow.run()
        flow.run()

        delivery = flow.delivery(invoice)
        assert delivery.acknowledgement == Acknowledgement.WAITING
        [said] = delivery.events.filter(kind="remote_state", text__contains="Complete")
        assert "What “Complete” means is not said in the settings" in said.text

        flow.set(**GATEWAY)
        flow.run()
        delivery.refresh_from_db()
        assert delivery.acknowledgement == Acknowledgement.ACCEPTED

    def test_overdue_after_the_partners_time_and_a_late_answer_still_counts(self, flow: Flow) -> None:
        silent(flow)
        invoice = flow.book()
        flow.run()
        past = timezone.now() - timedelta(minutes=1)
        Delivery.unscoped.update(acknowledgement_due_at=past)
        flow.run()
        assert flow.delivery(invoice).acknowledgement == Acknowledgement.OVERDUE

        flow.tick()
        flow.run()
        assert flow.delivery(invoice).acknowledgement == Acknowledgement.ACCEPTED

    def test_who_acknowledges_by_edi_is_not_asked_about(self, flow: Flow) -> None:
        flow.set(**GATEWAY)
        invoice = flow.book()
        flow.run()
        assert flow.delivery(invoice).next_status_at is None
        calls = [call["path"] for call in flow.installation.sterling.calls]
        assert not [path for path in calls if "fg" in path]

    def test_asking_that_is_refused_stops_no_documents(self, flow: Flow) -> None:
        silent(flow)
        flow.book()
        flow.run()
        flow.installation.sterling.faults.set("html_error", status=403, path="*/fgarrivedfiles/")
        flow.run()
        invoice = flow.book()
        flow.later()
        assert flow.is_active(flow.sterling)
        assert Notice.unscoped.filter(key=f"status-{flow.sterling.pk}", closed_at__isnull=True).exists()
        assert flow.delivery(invoice).transfer == "delivered"

    def test_it_is_asked_ever_more_seldom_and_given_up_in_the_end(self, flow: Flow) -> None:
        silent(flow)
        invoice = flow.book()
        flow.run()
        rests = []
        for age in (timedelta(0), timedelta(days=1), timedelta(days=90)):
            now = timezone.now()
            Delivery.unscoped.update(delivered_at=now - age)
            flow.run()
            next_at = flow.delivery(invoice).next_status_at
            rests.append(next_at - now if next_at else None)
        assert rests[0] is not None and rests[1] is not None  # noqa: PT018 - two rests of three
        assert timedelta(minutes=4) < rests[0] < timedelta(minutes=7)
        assert timedelta(hours=2) < rests[1] < timedelta(hours=3)
        assert rests[2] is None


class TestTheStepsOfTheProcess:
    def test_all_steps_successful_twice_is_accepted(self, flow: Flow) -> None:
        silent(flow, status_source="workflow")
        invoice = flow.book()
        flow.run()
        flow.tick()
        flow.run()
        flow.run()

        delivery = flow.delivery(invoice)
        assert delivery.acknowledgement == Acknowledgement.ACCEPTED
        assert delivery.remote_state == "Success in 3 steps"
        posts = [
            call
            for call in flow.installation.sterling.calls
            if "workflowmonitors" in call["path"] and call["method"] != "GET"
        ]
        assert posts == []

    @pytest.mark.parametrize(
        ("state", "meaning", "words"),
        [
            ("Error", "rejected", ()),
            ("terminated", "rejected", ()),
            ("Waiting_on_IO", "", ()),
            ("Interrupted_Man", "", ()),
            ("1", "", ("1",)),
        ],
    )
    def test_any_other_state_of_a_step_decides(
        self, connect: Connect, installation: object, state: str, meaning: str, words: tuple[str, ...]
    ) -> None:
        running = installation
        running.sterling.faults.set("workflow_state", state=state)  # type: ignore[attr-defined]
        with connect(status_source="workflow") as system:
            receipt = system.send(an_interchange(content=b"x"), Progress())
            running.sterling.tick()  # type: ignore[attr-defined]
            found = system.status(Receipt(remote_id=receipt.remote_id, place=OUTBOUND, name=receipt.name))
        assert found is not None
        assert (found.meaning, tuple(found.unknown)) == (meaning, words)
        assert found.words.startswith(state)

    def test_a_customers_own_meaning_wins(self, connect: Connect, installation: object) -> None:
        running = installation
        running.sterling.faults.set("workflow_state", state="Warning")  # type: ignore[attr-defined]
        with connect(status_source="workflow", state_map=["warning=accepted_with_errors"]) as system:
            receipt = system.send(an_interchange(content=b"x"), Progress())
            running.sterling.tick()  # type: ignore[attr-defined]
            found = system.status(receipt)
        assert found is not None
        assert found.meaning == "accepted_with_errors"

    def test_a_document_that_is_not_known_says_nothing(self, connect: Connect) -> None:
        for source in ("workflow", "file_gateway"):
            with connect(status_source=source) as system:
                assert system.status(Receipt(remote_id="4711", place=OUTBOUND, name="x")) is None


class TestSterlingWritesTheEnvelope:
    def test_the_messages_go_alone_and_its_own_control_numbers_match_nothing_of_ours(
        self, flow: Flow
    ) -> None:
        flow.set(envelope_owner="sterling", **GATEWAY)
        invoice = flow.book()
        flow.run()

        [sent] = flow.installation.sterling.payloads(OUTBOUND)
        assert sent.startswith(b"ST*810*")
        assert b"ISA" not in sent
        assert b"IEA" not in sent
        delivery = flow.delivery(invoice)
        assert (delivery.interchange_control, delivery.group_control) == ("", "")
        assert bytes(delivery.interchange.content) == sent  # type: ignore[union-attr]

        flow.tick()
        flow.run()
        delivery.refresh_from_db()
        assert flow.installation.sterling.complaints() == []
        assert delivery.acknowledgement == Acknowledgement.ACCEPTED
        assert "Complete" in delivery.events.get(kind="acknowledgement").text
        arrival = flow.tenant.arrival_set.get()
        assert "which we did not send" in arrival.events.get(kind="read").text

    def test_by_us_the_acknowledgement_is_matched(self, flow: Flow) -> None:
        invoice = flow.book()
        flow.run()
        flow.tick()
        flow.run()
        assert flow.delivery(invoice).acknowledgement == Acknowledgement.ACCEPTED
        assert "997" in flow.delivery(invoice).events.get(kind="acknowledgement").text
