"""Files in which much is wrong: the first problems are said, the rest is counted, and memory stays bounded."""

from audit.models import ArrivedDocument
from audit.models.documents import DocumentState
from connections.pipeline.read import PROBLEMS_SAID
from tests.inbound.conftest import World, interchange, order


def test_of_many_stray_segments_the_first_are_said_and_all_are_counted(world: World) -> None:
    whole = interchange(order())
    strays = 3000

    arrival = world.arrive(whole.replace(b"GE*", b"XX*1~" * strays + b"GE*", 1))

    said = arrival.reason.splitlines()
    assert arrival.state == "partly_failed"
    assert all("segment 'XX' stands outside of any message" in line for line in said[:-1])
    assert said[PROBLEMS_SAID:] == [f"… and {strays - PROBLEMS_SAID} more."]


def test_of_many_broken_documents_the_first_are_said_and_all_are_kept(world: World) -> None:
    orders = [order(f"PO-{number}") for number in range(PROBLEMS_SAID + 20)]
    broken = interchange(*orders).replace(b"BEG*00*", b"BEG*??*")

    arrival = world.arrive(broken)

    assert arrival.state == "failed"
    kept = ArrivedDocument.unscoped.filter(arrival=arrival, state=DocumentState.INVALID)
    assert kept.count() == len(orders)
    assert [row.position for row in kept] == list(range(1, len(orders) + 1))
    assert "(document 1)" in arrival.reason
    assert arrival.reason.endswith("… and 20 more.")
