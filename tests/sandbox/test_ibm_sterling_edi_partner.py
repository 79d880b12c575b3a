"""The company at the other end: it reads strictly, complains of what is wrong, acknowledges as told."""

import io
import warnings
from datetime import UTC, datetime

import pytest
from pydifact.segmentcollection import Interchange
from pyx12.x12file import X12Reader

from connections.sandbox.edi import EdiPartner, Verdict
from tests.sandbox.interchanges import edifact, invoice, segments, x12

NOW = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)


@pytest.fixture
def partner() -> EdiPartner:
    return EdiPartner("acme")


def answer_to(partner: EdiPartner, payload: bytes) -> list[str]:
    """The segments of the one answer."""
    (answer,) = partner.receive("a.x12", payload, NOW)
    return segments(answer)


def kinds(partner: EdiPartner) -> list[str]:
    return [complaint["kind"] for complaint in partner.complaints]


class TestA997:
    def test_answers_from_receiver_to_sender_with_the_group_and_set_controls(
        self, partner: EdiPartner
    ) -> None:
        isa, *rest = answer_to(partner, x12(control=41, group_control=7))

        assert len(isa) + 1 == 106
        assert isa == (
            "ISA*00*          *00*          *ZZ*ACME           *ZZ*FRESHBOOKS     "
            "*260310*0830*U*00401*000000002*0*T*>"
        )
        assert rest == [
            "GS*FA*ACME*FRESHBOOKS*20260310*0830*1*X*004010",
            "ST*997*0001",
            "AK1*IN*7",
            "AK2*810*0001",
            "AK5*A",
            "AK9*A*1*1*1",
            "SE*6*0001",
            "GE*1*1",
            "IEA*1*000000002",
        ]
        assert partner.complaints == []

    def test_never_repeats_its_own_control_numbers(self, partner: EdiPartner) -> None:
        first, second = answer_to(partner, x12(control=1)), answer_to(partner, x12(invoice("B"), control=2))

        assert first[-1] != second[-1]
        assert first[1].split("*")[6] != second[1].split("*")[6]

    @pytest.mark.parametrize(
        ("verdict", "expected"),
        [
            (Verdict.ACCEPT, ["AK5*A", "AK9*A*1*1*1"]),
            (Verdict.ACCEPT_WITH_ERRORS, ["AK3*BIG*2**8", "AK4*2**7*INV-1001", "AK5*E*5", "AK9*E*1*1*1"]),
            (Verdict.REJECT, ["AK3*BIG*2**8", "AK4*2**7*INV-1001", "AK5*R*5", "AK9*R*1*1*0"]),
        ],
    )
    def test_says_what_the_verdict_says(
        self, partner: EdiPartner, verdict: Verdict, expected: list[str]
    ) -> None:
        partner.verdict = verdict

        assert answer_to(partner, x12())[5:-3] == expected

    def test_partial_rejects_the_first_set_of_a_group(self, partner: EdiPartner) -> None:
        partner.verdict = Verdict.PARTIAL

        answer = answer_to(partner, x12(invoice("A"), invoice("B", set_control="0002")))

        assert [line for line in answer if line.startswith(("AK5", "AK9"))] == [
            "AK5*R*5",
            "AK5*A",
            "AK9*P*2*2*1",
        ]

    def test_never_is_silence(self, partner: EdiPartner) -> None:
        partner.verdict = Verdict.NEVER

        assert partner.receive("a.x12", x12(), NOW) == []

    def test_a_verdict_on_one_invoice_goes_before_that_on_all(self, partner: EdiPartner) -> None:
        partner.verdicts["B"] = Verdict.REJECT

        answer = answer_to(partner, x12(invoice("A"), invoice("B", set_control="0002")))

        assert [line for line in answer if line.startswith(("AK5", "AK9"))] == [
            "AK5*A",
            "AK5*R*5",
            "AK9*P*2*2*1",
        ]

    def test_in_005010_it_names_the_version_and_can_be_a_999(self, partner: EdiPartner) -> None:
        partner.acknowledge_with = "999"
        partner.verdict = Verdict.REJECT

        answer = answer_to(partner, x12(version="00501"))

        assert answer[2:] == [
            "ST*999*0001",
            "AK1*IN*1*005010",
            "AK2*810*0001",
            "IK3*BIG*2**8",
            "IK4*2**7*INV-1001",
            "IK5*R*5",
            "AK9*R*1*1*0",
            "SE*8*0001",
            "GE*1*1",
            "IEA*1*000000002",
        ]

    def test_an_acknowledgement_is_not_acknowledged(self, partner: EdiPartner) -> None:
        theirs = x12(["ST*997*0001", "AK1*PO*5", "AK9*A*1*1*1"], functional_id="FA")

        assert partner.receive("ack.x12", theirs, NOW) == []
        assert partner.complaints == []

    def test_two_interchanges_in_one_file_get_two_answers(self, partner: EdiPartner) -> None:
        both = x12(invoice("A"), control=1) + b"\r\n" + x12(invoice("B"), control=2)

        assert len(partner.receive("a.x12", both, NOW)) == 2

    def test_a_ta1_is_added_when_it_is_asked_for(self, partner: EdiPartner) -> None:
        answer = answer_to(partner, x12(control=9, ack_requested="1"))

        assert answer[1] == "TA1*000000009*260309*1415*A*000"
        assert "AK9*A*1*1*1" in answer


class TestMalformedInterchange:
    @pytest.mark.parametrize(
        ("old", "new", "note"),
        [
            (b"IEA*1*000000001", b"IEA*1*000000002", "001"),
            (b"IEA*1*", b"IEA*2*", "021"),
            (b"~IEA*1*000000001~", b"~", "023"),
            (b"*U*00401*", b"*U*00501*", "032"),
            (b"*260309*1415*U", b"*261309*1415*U", "014"),
            (b"*0*T*>", b"*0*X*>", "020"),
            (b"GS*IN", b"XX*1~GS*IN", "022"),
        ],
    )
    def test_its_envelope_is_rejected_by_a_ta1_and_nothing_else(
        self, partner: EdiPartner, old: bytes, new: bytes, note: str
    ) -> None:
        answer = answer_to(partner, x12().replace(old, new))

        assert answer[1].startswith("TA1*000000001*")
        assert answer[1].endswith(f"*R*{note}")
        assert len(answer) == 3
        assert "malformed" in kinds(partner)
        assert partner.documents == [] or not partner.documents[0]["taken"]

    @pytest.mark.parametrize(
        "payload",
        [
            b"",
            b"hello",
            x12()[1:],
            x12().replace(b"FRESHBOOKS     ", b"FRESHBOOKS    ", 1),
            x12().replace(b"*000000001*0*T*", b"*00000001*0*T*", 1),
            x12()[:100],
            edifact()[:-1],
        ],
    )
    def test_one_that_cannot_be_read_is_a_complaint_and_no_answer(
        self, partner: EdiPartner, payload: bytes
    ) -> None:
        assert partner.receive("a.x12", payload, NOW) == []
        assert kinds(partner) == ["malformed"]

    @pytest.mark.parametrize(
        ("old", "new", "ak5", "ak9"),
        [
            (b"SE*9*0001", b"SE*8*0001", "AK5*R*4", "AK9*R*1*1*0"),
            (b"SE*9*0001", b"SE*9*0002", "AK5*R*3", "AK9*R*1*1*0"),
            (b"SE*9*0001~", b"", "AK5*R*2", "AK9*R*1*1*0"),
            (b"GS*IN", b"GS*PO", "AK5*R*6", "AK9*R*1*1*0"),
            (b"GE*1*1", b"GE*2*1", "AK5*A", "AK9*R*2*1*1*5"),
            (b"GE*1*1", b"GE*1*2", "AK5*A", "AK9*R*1*1*1*4"),
            (b"*X*004010", b"*X*4010", "AK5*A", "AK9*R*1*1*1*2"),
            (b"TDS*10850", b"TDS*108.50", "AK5*R*5", "AK9*R*1*1*0"),
            (b"CTT*1", b"CTT*1*", "AK5*R*5", "AK9*R*1*1*0"),
            (b"BIG*", b"BAG*", "AK5*R*5", "AK9*R*1*1*0"),
        ],
    )
    def test_a_fault_in_group_or_set_is_rejected_by_the_997(
        self, partner: EdiPartner, old: bytes, new: bytes, ak5: str, ak9: str
    ) -> None:
        answer = answer_to(partner, x12().replace(old, new))

        assert ak5 in answer
        assert ak9 in answer
        assert "malformed" in kinds(partner)
        assert not partner.documents[0]["taken"]

    def test_the_997_names_segment_element_and_value(self, partner: EdiPartner) -> None:
        answer = answer_to(partner, x12().replace(b"TDS*10850", b"TDS*108.50"))

        assert answer[answer.index("AK3*TDS*6**8") + 1] == "AK4*1**6*108.50"

    def test_a_malformed_set_is_rejected_even_when_the_verdict_is_to_accept(
        self, partner: EdiPartner
    ) -> None:
        partner.verdicts["INV-1001"] = Verdict.ACCEPT

        assert "AK5*R*4" in answer_to(partner, x12().replace(b"SE*9*", b"SE*10*"))


class TestComplaints:
    def test_a_repeated_interchange_is_rejected_as_duplicate(self, partner: EdiPartner) -> None:
        partner.receive("a.x12", x12(control=5), NOW)

        answer = answer_to(partner, x12(invoice("OTHER"), control=5))

        assert answer[1] == "TA1*000000005*260309*1415*R*025"
        assert kinds(partner) == ["duplicate interchange"]

    def test_another_sender_may_use_the_same_control_number(self, partner: EdiPartner) -> None:
        partner.receive("a.x12", x12(control=5), NOW)
        partner.receive("b.x12", x12(invoice("B"), control=5, sender="SOMEBODY"), NOW)

        assert partner.complaints == []

    def test_a_repeated_invoice_number_is_a_complaint_though_the_syntax_is_accepted(
        self, partner: EdiPartner
    ) -> None:
        partner.receive("a.x12", x12(control=1), NOW)

        answer = answer_to(partner, x12(control=2))

        assert "AK5*A" in answer
        assert partner.complaints == [
            {
                "at": "2026-03-10T08:30:00+00:00",
                "source": "a.x12",
                "kind": "duplicate document",
                "number": "INV-1001",
                "text": "810 number INV-1001 was sent before.",
            }
        ]

    def test_a_replacement_may_repeat_the_number(self, partner: EdiPartner) -> None:
        partner.receive("a.x12", x12(control=1), NOW)
        replaced = x12(control=2).replace(b"**PO-77", b"**PO-77****05")

        partner.receive("b.x12", replaced, NOW)

        assert partner.complaints == []

    @pytest.mark.parametrize(
        ("old", "new", "text"),
        [
            (b"TDS*10850", b"TDS*10950", "TDS01 says 109.5, lines, charges and taxes make 108.5."),
            (b"CTT*1", b"CTT*2", "CTT01 says 2, there are 1 IT1."),
            (b"MARLOW", b"MARL\xd6W", "Segment 'N1' holds a control or non-ASCII byte."),
        ],
    )
    def test_what_the_standard_allows_but_a_clerk_would_not_is_a_doubt(
        self, partner: EdiPartner, old: bytes, new: bytes, text: str
    ) -> None:
        answer = answer_to(partner, x12().replace(old, new))

        assert "AK5*A" in answer
        assert [(one["kind"], one["text"]) for one in partner.complaints] == [("doubtful", text)]

    def test_a_payment_must_add_up(self, partner: EdiPartner) -> None:
        payment = [
            "ST*820*0001",
            "BPR*C*100*C*ACH",
            "TRN*1*CHK-9",
            "ENT*1",
            "RMR*IV*INV-1**60",
            "RMR*IV*INV-2**30",
        ]
        partner.receive("pay.x12", x12(payment, functional_id="RA"), NOW)

        assert [one["text"] for one in partner.complaints] == ["BPR02 says 100, the remittances make 90."]
        assert partner.documents[0]["number"] == "CHK-9"


class TestEdifact:
    def test_contrl_acknowledges_the_interchange(self, partner: EdiPartner) -> None:
        (answer,) = partner.receive("a.edi", edifact(), NOW)

        assert answer.decode("ascii") == (
            "UNA:+.? '"
            "UNB+UNOC:3+ACME:ZZZ+FRESHBOOKS:ZZZ+260310:0830+00001'"
            "UNH+1+CONTRL:D:3:UN'"
            "UCI+REF1+FRESHBOOKS:ZZZ+ACME:ZZZ+7'"
            "UNT+3+1'"
            "UNZ+1+00001'"
        )
        assert partner.documents[0]["number"] == "INV-1001"
        assert partner.complaints == []

    def test_a_rejected_message_is_named(self, partner: EdiPartner) -> None:
        partner.verdicts["INV-1001"] = Verdict.REJECT

        (answer,) = partner.receive("a.edi", edifact(), NOW)

        assert b"+7'UCM+1+INVOIC:D:96A:UN+4+12'UNT+4+1'" in answer

    def test_a_wrong_count_is_rejected(self, partner: EdiPartner) -> None:
        (answer,) = partner.receive("a.edi", edifact(segments=9), NOW)

        assert b"UCM+1+INVOIC:D:96A:UN+4+29'" in answer
        assert kinds(partner) == ["malformed"]

    def test_a_repeated_interchange_is_rejected_whole(self, partner: EdiPartner) -> None:
        partner.receive("a.edi", edifact(), NOW)

        (answer,) = partner.receive("a.edi", edifact("INV-2"), NOW)

        assert b"UCI+REF1+FRESHBOOKS:ZZZ+ACME:ZZZ+4+26'UNT" in answer

    def test_a_contrl_is_not_answered(self, partner: EdiPartner) -> None:
        (answer,) = partner.receive("a.edi", edifact(), NOW)

        assert EdiPartner("other").receive("ack.edi", answer, NOW) == []


class TestJudgedByOthers:
    """Readers that others wrote find nothing wrong with the answers."""

    def faults(self, answer: bytes) -> list[object]:
        reader = X12Reader(io.StringIO(answer.decode("ascii")))
        return [*(fault for _ in reader for fault in reader.pop_errors()), *reader.pop_errors()]

    @pytest.mark.parametrize("verdict", [Verdict.ACCEPT, Verdict.PARTIAL, Verdict.REJECT])
    def test_pyx12_reads_the_997(self, partner: EdiPartner, verdict: Verdict) -> None:
        partner.verdict = verdict
        payload = x12(invoice("A"), invoice("B", set_control="0002"), ack_requested="1")

        (answer,) = partner.receive("a.x12", payload, NOW)

        assert self.faults(answer) == []
        assert self.faults(answer.replace(b"AK2*810*0001~\n", b"")) != []

    def test_pydifact_reads_the_contrl(self, partner: EdiPartner) -> None:
        partner.verdict = Verdict.REJECT
        (answer,) = partner.receive("a.edi", edifact(), NOW)

        with warnings.catch_warnings(action="ignore"):
            interchange = Interchange.from_str(answer.decode("ascii"))

        assert interchange.sender == ["ACME", "ZZZ"]
        assert [segment.tag for segment in interchange.segments] == ["UNH", "UCI", "UCM", "UNT"]


def test_it_reads_a_large_file_in_time(partner: EdiPartner) -> None:
    sets = [invoice(f"INV-{number}", set_control=f"{number:04}") for number in range(1, 5001)]

    answer = answer_to(partner, x12(*sets))

    assert "AK9*A*5000*5000*5000" in answer
    assert partner.complaints == []


def test_it_goes_on_where_it_was_after_a_restart(partner: EdiPartner) -> None:
    partner.verdicts["INV-1001"] = Verdict.REJECT
    partner.receive("a.x12", x12(control=1), NOW)

    again = EdiPartner("acme")
    again.restore(partner.dump())

    assert again.dump() == partner.dump()
    assert answer_to(again, x12(control=1))[1].endswith("*R*025")
