"""997, 999 and TA1: answering what came, and reading what comes back."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from mappings.canonical import Acknowledgement, Reason
from mappings.codecs import x12
from tests.mappings.x12_examples import answers, documents, envelope, invoice, messages, segments, write


def broken_invoices(version: str = "004010") -> bytes:
    """Three invoices, of which the first has four errors."""
    data = write(invoice(), invoice(number="INV-2"), invoice(number="INV-3"), version=version)
    data = data.replace(b"*PO-7781~", b"*" + b"P" * 23 + b"~", 1)
    data = data.replace(b"IT1*1*2*EA*10.25", b"IT1*1*x*EA*", 1)
    return data.replace(b"SE*22*0001", b"SE*23*0001")


def write_answers(data: bytes, form: str = "997", **changes: Any) -> list[str]:
    return segments(write(*answers(data, form), **changes))


class TestAnswering:
    def test_all_accepted(self):
        assert write_answers(write(invoice(), invoice(number="INV-2")))[2:-2] == [
            "ST*997*0001",
            "AK1*IN*101",
            "AK2*810*0001",
            "AK5*A",
            "AK2*810*0002",
            "AK5*A",
            "AK9*A*2*2*2",
            "SE*8*0001",
        ]

    def test_errors_down_to_the_element_with_a_copy_of_the_bad_data(self):
        assert write_answers(broken_invoices())[2:-2] == [
            "ST*997*0001",
            "AK1*IN*101",
            "AK2*810*0001",
            "AK3*BIG*2**8",
            "AK4*4*324*5*PPPPPPPPPPPPPPPPPPPPPPP",
            "AK3*IT1*12*IT1*8",
            "AK4*2*358*6*x",
            "AK4*4*212*2",
            "AK5*R*4*5",
            "AK2*810*0002",
            "AK5*A",
            "AK2*810*0003",
            "AK5*A",
            "AK9*P*3*3*2",
            "SE*15*0001",
        ]

    def test_the_999_says_the_same_in_its_own_segments(self):
        lines = write_answers(broken_invoices("005010"), "999", version="005010")
        assert lines[2:10] == [
            "ST*999*0001",
            "AK1*IN*101*005010",
            "AK2*810*0001",
            "IK3*BIG*2**8",
            "IK4*4*324*5*PPPPPPPPPPPPPPPPPPPPPPP",
            "IK3*IT1*12*IT1*8",
            "IK4*2*358*6*x",
            "IK4*4*212*2",
        ]

    def test_a_total_that_does_not_add_up_is_no_matter_of_syntax(self):
        assert "AK9*A*1*1*1" in write_answers(write(invoice()).replace(b"TDS*6353", b"TDS*6354"))

    def test_a_group_with_wrong_counts_is_rejected(self):
        lines = write_answers(write(invoice()).replace(b"GE*1*101", b"GE*2*102"))
        assert lines[4:5] == ["AK9*R*2*1*0*4*5"]

    def test_an_unknown_version_is_rejected_whole(self):
        lines = write_answers(write(invoice()).replace(b"*X*004010~", b"*X*009010~"))
        assert lines[4:5] == ["AK9*R*1*1*0*2"]

    def test_acknowledgements_are_never_acknowledged(self):
        acknowledgements = write(*answers(write(invoice())))
        assert answers(acknowledgements) == []

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            (b"IEA*1*000000017", b"IEA*1*000000018", "001"),
            (b"IEA*1*000000017", b"IEA*2*000000017", "021"),
            (b"*260201*1205*U", b"*261301*1205*U", "014"),
            (b"*0*P*>", b"*0*X*>", "020"),
            (b"IEA*1*000000017~", b"", "023"),
        ],
    )
    def test_a_bad_envelope_is_rejected_with_a_ta1(self, old, new, code):
        (answer,) = [a for a in answers(write(invoice()).replace(old, new)) if a.form == "ta1"]
        assert (answer.status, answer.reasons[0].code) == ("rejected", code)

    def test_a_ta1_is_sent_when_asked_for(self):
        lines = write_answers(write(invoice(), acknowledgement_requested=True))
        assert lines[1] == "TA1*000000017*260201*1205*A*000"

    def test_an_interchange_of_nothing_but_a_ta1(self):
        (answer,) = [a for a in answers(write(invoice(), acknowledgement_requested=True)) if a.form == "ta1"]
        data = write(answer)
        assert segments(data)[1:] == ["TA1*000000017*260201*1205*A*000", "IEA*0*000000017"]
        assert documents(data) == [dataclasses.replace(answer, sender="", receiver="")]
        assert documents(data.replace(b"IEA*0*", b"IEA*1*"))  # as many write it

    def test_a_duplicate_interchange_is_the_callers_to_know(self):
        (interchange,) = [item for item in x12.read(write(invoice())) if isinstance(item, x12.Interchange)]
        answer = x12.interchange_answer(interchange, x12.DUPLICATE)
        assert "TA1*000000017*260201*1205*R*025" in segments(write(answer))

    def test_the_envelope_of_the_reply(self):
        items = list(x12.read(write(invoice(), version="005010", usage="T")))
        (group,) = [item for item in items if isinstance(item, x12.Group)]
        reply = x12.reply_envelope(
            group.interchange,
            group,
            date=dt.date(2026, 2, 2),
            time=dt.time(8),
            control_number=1,
            group_control_number=2,
        )
        assert (reply.sender.qualifier, reply.sender.id, reply.receiver.id) == ("08", "9255550100", "BYRON")
        assert (reply.version, reply.usage) == ("005010", "T")


class TestReading:
    @pytest.mark.parametrize("form", ["997", "999"])
    def test_what_was_answered_is_read_back(self, form):
        (answer,) = answers(broken_invoices("005010"), form)
        assert documents(write(answer, version="005010")) == [answer]

    def test_a_997_without_details_accepts_all(self):
        (document,) = documents(acknowledgement("AK1*IN*101~AK9*A*3*3*3"))
        assert x12.status_of(document, "0002") == "accepted"

    @pytest.mark.parametrize(
        ("body", "control_number", "status"),
        [
            ("AK1*IN*101~AK9*R*3*3*0", "0002", "rejected"),
            ("AK1*IN*101~AK9*E*3*3*3", "0002", "accepted_with_errors"),
            ("AK1*IN*101~AK2*810*0002~AK5*E~AK9*E*3*3*3", "0002", "accepted_with_errors"),
            ("AK1*IN*101~AK2*810*000000002~AK5*M*5~AK9*P*3*3*2", "0002", "rejected"),
            ("AK1*IN*101~AK2*810*0002~AK5*R*5~AK9*P*3*3*2", "0001", "accepted"),
            ("AK1*IN*101~AK2*810*0002~AK5*R*5~AK9*P*3*3*1", "0001", ""),
        ],
    )
    def test_what_it_says_of_one_message(self, body, control_number, status):
        (document,) = documents(acknowledgement(body))
        assert x12.status_of(document, control_number) == status

    def test_reasons_are_in_words(self):
        body = "AK1*IN*101~AK2*810*0001~AK3*IT1*9*IT1*8~AK4*3:1*355*7*XX~AK3*TDS*30**3~AK5*R*5~AK9*R*1*1*0*5"
        (document,) = documents(acknowledgement(body.replace(":", ">")))
        assert document.reasons == (Reason(code="5", message="number of messages does not match"),)
        assert document.parts[0].reasons == (
            Reason(
                code="7",
                message="invalid code value",
                segment="IT1",
                position=9,
                loop="IT1",
                element=3,
                component=1,
                data_element="355",
                value="XX",
            ),
            Reason(code="3", message="mandatory segment missing", segment="TDS", position=30),
            Reason(code="5", message="one or more segments in error"),
        )

    def test_context_segments_of_a_999_are_passed_over(self):
        body = (
            "AK1*IN*101~AK2*810*0001~IK3*IT1*9*IT1*8~CTX*SITUATIONAL TRIGGER*IT1*9~IK4*3*355*I12*XX~CTX*BIG02>1~"
            "IK5*R*I5~AK9*R*1*1*0"
        )
        (document,) = documents(acknowledgement(body, "999", version="005010"))
        reason = document.parts[0].reasons[0]
        assert (reason.code, reason.element, reason.value) == ("I12", 3, "XX")

    def test_a_ta1_that_rejects(self):
        answer = Acknowledgement(
            form="ta1",
            level="interchange",
            status="rejected",
            control_number="000000004",
            date=dt.date(2026, 2, 1),
            time=dt.time(9, 30),
            reasons=(Reason(code="025", message="duplicate control number"),),
        )
        (message,) = messages(write(answer))
        assert message.document == answer
        assert message.group is None


def acknowledgement(body: str, form: str = "997", version: str = "004010") -> bytes:
    """An interchange with one acknowledgement of these segments between ST and SE."""
    count = body.count("~") + 3
    frame = write(Acknowledgement(form=form, level="group", status="accepted", control_number="1", document_type="IN",
                                  included=0, received=0, accepted=0), version=version).decode()  # fmt: skip
    start, end = frame.index("AK1"), frame.index("GE*")
    return f"{frame[:start]}{body}~SE*{count}*0001~{frame[end:]}".encode()


def test_the_envelope_is_part_of_the_examples():
    assert envelope().control_number == 17
