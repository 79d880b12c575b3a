"""`manage.py translate`: what it says of files, what it makes of them, and with which status it ends."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mappings.canonical import Invoice, PurchaseOrder, from_json, to_json
from mappings.codecs import x12
from tests.mappings.translating import AT, EXAMPLES, Ran, run
from tests.mappings.x12_examples import documents, invoice, messages, order, remittance, write

Translate = Callable[..., Ran]


@pytest.fixture
def translate(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Translate:
    monkeypatch.chdir(EXAMPLES)
    return partial(run, monkeypatch, capsysbinary)


@pytest.fixture
def partner(tmp_path: Path) -> Callable[..., Path]:
    """Writes a partner's file."""

    def written(**more: Any) -> Path:
        path = tmp_path / "partner.yaml"
        path.write_text(json.dumps({"sender_id": "BYRON", "receiver_id": "ACME", **more}))
        return path

    return written


def simple_invoice() -> Invoice:
    """One that every format can carry."""
    lines = tuple(replace(line, references=()) for line in invoice().lines)
    return invoice(lines=lines, references=(), dates=(), terms=(), parties=invoice().parties[:1])


def lines_of(*several: Any) -> bytes:
    return "".join(f"{to_json(document)}\n" for document in several).encode()


def numbers(ran: Ran) -> list[str]:
    """The numbers of the documents that were given as JSON."""
    return [json.loads(line)["number"] for line in ran.text.splitlines()]


class TestInspect:
    def test_says_from_whom_to_whom_and_how_much(self, translate):
        ran = translate("inspect", "order.x12")
        assert ran == Ran(
            0,
            b"X12\n"
            b"interchange 000000451: 08:9255550100 to ZZ:BYRON, 2026-01-15 09:30, version 00401, production, "
            b"acknowledgement requested\n"
            b"  group 88: PO (Purchase order), 9255550100 to BYRON, 2026-01-15 09:30, version 004010, 1 message\n"
            b"850: 1 message, valid\n"
            b"No problems.\n",
            "",
        )

    def test_says_what_is_wrong_and_where_and_what_to_do(self, translate):
        ran = translate("inspect", "broken-order.x12")
        assert ran.status == 1
        assert "850: 1 message, 0 of them valid\n3 problems:\n" in ran.text
        assert (
            "  message 0001 (850), line 8, segment 6 (DTM), element DTM02: the date is not a date "
            "(it is '20260230'). Use YYYYMMDD.\n"
        ) in ran.text

    def test_as_json(self, translate):
        ran = translate("inspect", "--json", "broken-order.x12")
        found = json.loads(ran.out)
        assert ran.status == 1
        assert found["format"] == "x12"
        assert found["valid"] is False
        assert found["messages"] == {"850": {"count": 1, "valid": 0}}
        assert found["interchanges"][0]["sender"] == "08:9255550100"
        assert found["interchanges"][0]["groups"][0]["control_number"] == "88"
        assert found["problems"][0] == {
            "in": "message 0001 (850)",
            "place": "line 8, segment 6 (DTM), element DTM02",
            "message": "the date is not a date",
            "remedy": "Use YYYYMMDD.",
            "value": "20260230",
            "rule": "invalid_date",
            "line": 8,
            "segment": "DTM",
            "position": 6,
            "element": 2,
        }

    def test_annotated(self, translate):
        ran = translate("inspect", "--annotate", "broken-order.x12")
        assert ran.status == 1
        assert "  DTM02  date            20260230\n  !! the date is not a date. Use YYYYMMDD.\n" in ran.text

    def test_annotates_the_first_segments_only(self, translate):
        ran = translate("inspect", "--annotate", "--first", 3, "order.x12")
        assert ran.status == 0
        assert ran.text.startswith("X12, the first 3 of 20 segments; no problems.\n")
        assert "BEG" not in ran.text

    def test_names_the_interchange_when_there_are_several(self, translate):
        broken = write(order()).replace(b"PO1*1*2*", b"PO1*1*TWO*")
        ran = translate("inspect", given=write(invoice()) + broken)
        assert "interchange 1, message 0001 (850), segment" in ran.text.replace(
            "interchange 2", "interchange 1"
        )
        assert ran.text.count("interchange 000000017:") == 2

    def test_a_file_that_is_not_ours(self, translate, tmp_path):
        (tmp_path / "invoice.x12").write_bytes(b"%PDF-1.7")
        ran = translate("inspect", tmp_path / "invoice.x12")
        assert ran.status == 1
        assert ran.err.endswith(
            "is a PDF file. Ask for the data itself; a picture of a document cannot be read.\n"
        )

    def test_nothing_at_all(self, translate):
        ran = translate("inspect", "-")
        assert (ran.status, ran.err) == (1, "- is empty. Ask the sender to send it again.\n")

    def test_a_byte_order_mark_and_padding_are_passed_over(self, translate):
        assert translate("inspect", given=b"\xef\xbb\xbf" + write(invoice()) + b"\r\n\x1a\x00").status == 0

    def test_hostile_texts_cannot_move_the_cursor(self, translate):
        ran = translate("inspect", given=write(order()).replace(b"BEG*00*", b"BEG*\x1b[2J*"))
        assert b"\x1b" not in ran.out
        ran = translate("decode", given=write(order()).replace(b"BEG*00*", b"BEG*\x1b[2J*"))
        assert "\x1b" not in ran.err


class TestDecode:
    def test_as_people_read_it(self, translate):
        ran = translate("decode", "order.x12")
        assert ran.text.startswith("Purchase order PO-7781\n======================\n")
        assert ran.text.endswith("Total  50.50 USD\n")
        assert ran.err == "1 document decoded.\n"

    def test_one_document_a_line(self, translate):
        ran = translate("decode", "--json", given=write(invoice(), invoice(number="INV-2")))
        assert ran.status == 0
        assert [from_json(line) for line in ran.text.splitlines()] == [invoice(), invoice(number="INV-2")]

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_an_array(self, translate, count):
        several = [invoice(number=f"INV-{n}") for n in range(count)]
        ran = translate("decode", "--array", given=write(*several) if several else b'{"schema": "x/1"}')
        assert [from_json(json.dumps(each)) for each in json.loads(ran.out)] == several

    def test_one_bad_message_does_not_stop_the_others(self, translate):
        data = write(invoice(), invoice(number="INV-2"), invoice(number="INV-3"))
        ran = translate("decode", "--json", given=data.replace(b"*INV-2*20260115", b"*INV-2*2026"))
        assert ran.status == 1
        assert numbers(ran) == ["INV-1", "INV-3"]
        assert ran.err.startswith(
            "message 0002 (810), segment 2 (BIG), element BIG03: the PO date is not a date"
        )
        assert ran.err.endswith("2 documents decoded.\n")

    def test_a_partners_deviations_are_understood(self, translate, partner):
        overlay: dict[str, Any] = {"codes": {"reference": {"department": "19"}}}
        data = write(invoice(), overlay=x12.Overlay(**overlay))
        ran = translate("decode", "--json", "--partner", partner(overlay=overlay), given=data)
        assert from_json(ran.text) == invoice()


class TestEncode:
    def test_an_interchange_for_a_partner(self, translate):
        ran = translate(
            *("encode", "invoice.json", "--format", "x12", "--message", "810", "--partner", "acme.yaml"),
            *("--control-number", 17, "--group-control-number", 101, "--at", AT),
        )
        assert ran.status == 0
        assert ran.err == "X12: 1 × 810.\n"
        assert ran.out.startswith(
            b"ISA*00*          *00*          *ZZ*BYRON          *08*9255550100     "
            b"*260201*1205*U*00401*000000017*0*P*>~\nGS*IN*BYRON*9255550100*20260201*1205*101*X*004010~\n"
        )
        assert b"BIG*20260201*INV-1001*20260115*PO-7781****00~\n" in ran.out
        assert b"REF*VR*77120~\n" in ran.out

    def test_bytes_are_bytes(self, translate, partner):
        """Line ends and letters leave as the codec wrote them."""
        settings = {"delimiters": {"line_end": "\r\n"}, "character_set": "latin-1"}
        document = replace(invoice(), parties=(replace(invoice().parties[0], name="Müller"),))
        words = ("encode", "--format", "x12", "--partner", partner(overlay=settings), "--at", AT)
        ran = translate(*words, given=lines_of(document))
        assert b"N1*ST*M\xfcller*92*0012~\r\n" in ran.out

    def test_a_test_interchange_says_so(self, translate):
        words = ("encode", "invoice.json", "--format", "x12", "--partner", "acme.yaml", "--test")
        assert b"*0*T*>" in translate(*words).out

    def test_a_document_of_another_kind_is_refused(self, translate, partner):
        words = ("encode", "--format", "x12", "--message", "810", "--partner", partner())
        ran = translate(*words, given=lines_of(order()))
        assert (ran.status, ran.out) == (1, b"")
        assert "Purchase order PO-7781 cannot be a 810: it is a 850." in ran.err

    def test_what_a_partner_could_reject_is_not_written(self, translate):
        words = ("encode", "--format", "x12", "--partner", "acme.yaml")
        ran = translate(*words, given=lines_of(invoice(purchase_order="")))
        assert (ran.status, ran.out) == (1, b"")
        assert "Invoice INV-1, segment 2 (BIG), element BIG04: the PO number is missing." in ran.err

    def test_a_bad_one_does_not_stop_the_others(self, translate, partner):
        good, bad = invoice(), invoice(number="X" * 23)
        words = ("encode", "--format", "x12", "--partner", partner(), "--at", AT)
        ran = translate(*words, given=lines_of(good, bad, good))
        assert ran.status == 1
        assert documents(ran.out) == [good, good]
        assert (
            "Invoice XXXXXXXXXXXXXXXXXXXXXXX, segment 2 (BIG), element BIG02: the invoice number is longer"
            in ran.err
        )

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (b'{"schema": "invoice/1", "number": "1"}', "document 1, line 1, date: is missing"),
            (b'\n\n{"schema": "invoice/9"}', "document 1, line 3, schema: is not one we know: 'invoice/9'"),
            (b'{"schema": "invoice/1", "number": ', "document 1, line 1: the JSON is not well-formed"),
            (b'{"schema": oops}\n{"schema": "x/1"}', "document 2, line 2, schema: is not one we know"),
            (b"", "file: the file holds no document"),
        ],
    )
    def test_json_that_is_no_document(self, translate, partner, given, said):
        ran = translate("encode", "--format", "x12", "--partner", partner(), given=given)
        assert ran.status == 1
        assert said in ran.err


class TestAcknowledge:
    def test_a_997_and_the_ta1_that_was_asked_for(self, translate):
        ran = translate("ack", "order.x12", "--control-number", 5, "--group-control-number", 6, "--at", AT)
        assert ran == Ran(
            0,
            b"ISA*00*          *00*          *ZZ*BYRON          *08*9255550100     *260201*1205*U*00401*000000005"
            b"*0*P*>~TA1*000000451*260115*0930*A*000~GS*FA*BYRON*9255550100*20260201*1205*6*X*004010~"
            b"ST*997*0001~AK1*PO*88~AK2*850*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*6~IEA*1*000000005~",
            "",
        )

    def test_a_rejection_names_the_elements(self, translate):
        ran = translate("ack", "broken-order.x12")
        assert ran.status == 0
        assert b"AK3*DTM*6**8~AK4*2*373*8*20260230~" in ran.out
        assert b"AK9*R*1*1*0~" in ran.out

    def test_a_999_instead(self, translate):
        ran = translate("ack", "--form", "999", given=write(invoice(), version="005010"))
        (answer,) = [message.document for message in messages(ran.out)]
        assert answer is not None
        assert ran.out.count(b"ST*999*0001~") == 1

    def test_a_ta1_that_nobody_asked_for(self, translate):
        assert b"TA1*" not in translate("ack", given=write(invoice())).out
        assert b"~TA1*000000017*260201*1205*A*000~" in translate("ack", "--ta1", given=write(invoice())).out

    def test_every_interchange_gets_its_own(self, translate):
        ran = translate("ack", "--control-number", 7, given=write(invoice()) + write(order()))
        assert [
            item.header.control_number for item in x12.read(ran.out) if isinstance(item, x12.Interchange)
        ] == [
            "000000007",
            "000000008",
        ]

    def test_acknowledgements_are_not_answered(self, translate):
        answer = translate("ack", "order.x12").out.replace(b"~TA1*000000451*260115*0930*A*000", b"")
        ran = translate("ack", given=answer)
        assert (ran.status, ran.out, ran.err) == (1, b"", "There is nothing in it that is answered.\n")

    def test_files_of_documents_are_not_answered(self, translate):
        ran = translate("ack", "invoice.json")
        assert (ran.status, ran.err) == (1, "our own JSON has no acknowledgements.\n")


class TestConvert:
    @pytest.mark.parametrize("to", ["x12", "edifact", "rsx-json", "rsx-xml", "csv", "xml", "fixed", "json"])
    def test_to_every_format_and_back(self, translate, partner, to):
        """What comes back is found by its content, and says the same in the fields that every format has."""
        plain = simple_invoice()
        written = translate("convert", "--to", to, "--partner", partner(), given=lines_of(plain))
        assert (written.status, written.err.count("\n")) == (0, 1), written.err
        back = translate("decode", "--json", given=written.out)
        assert back.status == 0, back.err
        (document,) = [from_json(line) for line in back.text.splitlines()]
        assert isinstance(document, Invoice)
        assert (document.number, document.date, document.total) == ("INV-1", plain.date, plain.total)
        assert [line.quantity for line in document.lines] == [line.quantity for line in plain.lines]

    def test_many_documents_go_into_several_interchanges(self, translate, partner, monkeypatch):
        monkeypatch.setattr("mappings.translate_command.formats.base.BATCH", 2)
        several = [invoice(), order(), remittance(), invoice(number="INV-2"), invoice(number="INV-3")]
        words = ("convert", "--to", "x12", "--partner", partner(), "--control-number", 41)
        ran = translate(*words, "--group-control-number", 7, given=lines_of(*several))
        items = list(x12.read(ran.out))
        assert [not item.report for item in items] == [True] * len(items)
        controls = [item.header.control_number for item in items if isinstance(item, x12.Interchange)]
        assert controls == ["000000041", "000000042", "000000043"]
        groups = [item.header.control_number for item in items if isinstance(item, x12.Group)]
        assert groups == ["7", "8", "9", "10", "11"]
        assert ran.err == "X12: 3 × 810, 1 × 850, 1 × 820.\n"

    @pytest.mark.parametrize(("to", "headers"), [("csv", 1), ("fixed", 0)])
    def test_lines_are_one_file_with_one_header_however_many_there_are(
        self, translate, monkeypatch, to, headers
    ):
        monkeypatch.setattr("mappings.translate_command.formats.base.BATCH", 2)
        several = [invoice(number=f"INV-{number}") for number in range(5)]
        ran = translate("convert", "--to", to, given=lines_of(*several))
        assert ran.text.count("Invoice Number") == headers
        assert numbers(translate("decode", "--json", given=ran.out)) == [
            "INV-0",
            "INV-1",
            "INV-2",
            "INV-3",
            "INV-4",
        ]

    def test_a_layout_with_values_from_outside(self, translate, tmp_path):
        layout = tmp_path / "layout.yaml"
        layout.write_text(
            "{name: ours, document: invoice, format: csv, direction: write, delimiter: ';',"
            " columns: [{name: Company, context: company}, {name: Number, field: number}, {name: Total, field: total}]}"
        )
        words = ("convert", "--to", "csv", "--layout", layout, "--set", "company=QUILL")
        ran = translate(*words, given=lines_of(invoice()))
        assert ran.text == "Company;Number;Total\r\nQUILL;INV-1;63.53\r\n"

    def test_documents_that_a_format_does_not_have_are_named(self, translate, partner):
        words = ("convert", "--to", "rsx-json", "--partner", partner())
        ran = translate(*words, given=lines_of(remittance()))
        assert (ran.status, ran.out) == (1, b"")
        assert ran.err.startswith("Remittance advice EFT-9 cannot be a message of RSX in JSON.\n")

    def test_from_one_partners_deviations_to_anothers(self, translate, partner, tmp_path):
        source = tmp_path / "source.yaml"
        source.write_text(
            "{sender_id: A1, receiver_id: B1, overlay: {codes: {reference: {department: '19'}}}}"
        )
        data = write(invoice(), overlay=x12.Overlay(codes={"reference": {"department": "19"}}))
        target = partner(overlay={"codes": {"reference": {"department": "DP"}}})
        ran = translate("convert", "--to", "x12", "--partner", target, "--source-partner", source, given=data)
        assert documents(ran.out) == [invoice()]


class TestWrongCalls:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("inspect", "no-such-file"), "no-such-file cannot be read: No such file or directory."),
            (("inspect", "."), ". cannot be read: Is a directory."),
            (("encode", "invoice.json", "--format", "x12"), "Say to whom: --partner FILE.yaml"),
            (("encode", "invoice.json", "--format", "word"), "invalid choice: 'word'"),
            (
                ("encode", "invoice.json", "--format", "x12", "--control-number", "0"),
                "invalid control_number",
            ),
            (
                ("encode", "invoice.json", "--format", "x12", "--partner", "nobody.yaml"),
                "nobody.yaml cannot be read",
            ),
            (("encode", "invoice.json", "--format", "x12", "--partner", "order.x12"), "holds no partner"),
            (
                ("encode", "invoice.json", "--format", "rsx-json", "--partner", "acme.yaml"),
                "RSX has no setting delimiters, messages",
            ),
            (
                ("convert", "invoice.json", "--to", "csv", "--layout", "nowhere"),
                "There is no layout 'nowhere'",
            ),
            (("convert", "invoice.json", "--to", "csv", "--set", "novalue"), "invalid value"),
            (("frobnicate",), "invalid choice: 'frobnicate'"),
            ((), "ACTION"),
        ],
    )
    def test_end_with_status_2_and_say_what_to_do(self, translate, words, said):
        ran = translate(*words)
        assert ran.status == 2
        assert said in ran.err
        assert ran.out == b""

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"colour": "red"}, "colour: there is no such key"),
            ({"receiver_qualifier": "QQ"}, "receiver_qualifier: Value 'QQ' is not a valid choice."),
            ({"sender_id": ""}, "The partner lacks sender_id."),
            ({"overlay": {"vrsion": "004010"}}, "overlay: vrsion: there is no such setting"),
            (
                {"overlay": {"messages": {"810": {"set": {"BIG99": "x"}}}}},
                "the segment BIG has no element 99",
            ),
        ],
    )
    def test_a_partner_that_makes_no_sense(self, translate, partner, more, said):
        ran = translate("encode", "invoice.json", "--format", "x12", "--partner", partner(**more))
        assert ran.status == 2
        assert said in ran.err

    def test_one_of_many_partners(self, translate, tmp_path):
        path = tmp_path / "all.yaml"
        path.write_text(
            "partners:\n- {code: a, sender_id: BYRON, receiver_id: AAA, places: []}\n"
            "- {code: b, sender_id: BYRON, receiver_id: BBB}\n"
        )
        words = ("encode", "invoice.json", "--format", "x12", "--partner", path)
        assert "holds the partners a, b: say which with --partner-code." in translate(*words).err
        assert b"*ZZ*BBB " in translate(*words, "--partner-code", "b").out
        assert "say which" in translate(*words, "--partner-code", "c").err


def test_orders_are_understood_as_orders(translate):
    (document,) = [from_json(line) for line in translate("decode", "--json", "order.x12").text.splitlines()]
    assert isinstance(document, PurchaseOrder)
    assert document.lines[1].unit == "BX"
