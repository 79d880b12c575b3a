"""CSV as partners send it, and as they want it."""

import io
from dataclasses import replace

import pytest

from mappings.canonical import Line, Note
from mappings.codecs import layouts
from mappings.codecs.layouts import assemble
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import BILL, PAYMENT, D, column, plain_data, read, written

HEADER = b"Payment,Date,Amount,Currency,Invoice,Notes\n"


def rows(*lines):
    return HEADER + b"".join(line.encode() + b"\n" for line in lines)


def good(number):
    return f"{number},2026-03-09,5.00,USD,A-{number},"


def documents(data, layout=None, **changes):
    items, file = read(data, layout or plain_data(**changes))
    assert str(file.report) == ""
    assert ["\n".join(map(str, item.report)) for item in items] == [""] * len(items)
    return [item.document for item in items]


def numbers(data, layout=None, **changes):
    return [document.number for document in documents(data, layout, **changes)]


BILLS = {
    "document": "bill",
    "format": "csv",
    "each": "lines",
    "group": ["Bill"],
    "columns": [
        {"name": "Bill", "field": "number", "required": True},
        {"name": "Date", "field": "date"},
        {"name": "Total", "field": "total"},
        {"name": "Amount", "field": "lines.amount"},
        {"name": "Text", "field": "lines.description"},
    ],
    "assume": {"currency": "USD", "vendor.name": "Marlow"},
}
BILL_HEADER = "Bill,Date,Total,Amount,Text\n"


def bills(*lines, **changes):
    data = (BILL_HEADER + "\n".join(lines) + "\n").encode()
    return read(data, BILLS | changes)


class TestReading:
    def test_headers_in_any_order_and_spelling(self):
        data = b"pay_ment , AMOUNT,in-voice,d a t e\n1,5.00,A,2026-03-09\n"
        assert numbers(data) == ["1"]

    def test_unknown_columns_are_kept_as_they_are(self):
        data = b"Payment,Batch,Date,Amount,Invoice,Branch\n1, 07 ,2026-03-09,5.00,A,\n"
        (item,), _ = read(data, plain_data())
        assert item.extra == [{"Batch": " 07 "}]

    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    def test_marks_and_line_ends(self, mark, end):
        data = mark + rows(good(1), good(2)).replace(b"\n", end)
        assert numbers(data) == ["1", "2"]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found_out_if_the_layout_leaves_it_open(self, delimiter):
        data = rows(good(1)).replace(b",", delimiter.encode())
        assert numbers(data, delimiter="", direction="read") == ["1"]

    def test_without_header_columns_count_by_their_order(self):
        assert numbers(b"1,2026-03-09,5.00,USD,A,\n2,2026-03-09,5.00,USD,B,note\n", header=False) == [
            "1",
            "2",
        ]

    def test_lines_before_the_header_are_passed_over(self):
        assert numbers(b"Report of March\n\n" + rows(good(1)), skip=1) == ["1"]

    def test_empty_rows_are_nothing(self):
        assert numbers(rows("", good(1), ",,,,,", "  ", good(2), "\x1a"[:0])) == ["1", "2"]

    def test_an_old_mark_of_the_end_of_the_file_is_nothing(self):
        assert numbers(rows(good(1)) + b"\x1a") == ["1"]

    def test_quoted_cells_hold_delimiters_quotes_and_line_breaks(self):
        (payment,) = documents(rows('1,2026-03-09,5.00,USD,A,"a ""b"", c\nd"'), line_breaks="keep")
        assert payment.notes[0].text == 'a "b", c\nd'

    def test_cells_at_the_end_may_be_missing_if_no_row_needs_them(self):
        assert numbers(rows("1,2026-03-09,5.00,USD,A")) == ["1"]
        (item,), _ = read(rows("1,2026-03-09,5.00,USD"), plain_data())
        assert "the row has 4 cells, but there are 6 columns" in str(item.report)

    def test_half_a_row_at_the_end_of_the_file_is_noticed(self):
        items, _ = read(rows(good(1)) + b"2,2026-03-09,5.00,USD,A", plain_data())
        assert [item.document is None for item in items] == [False, True]

    def test_a_last_row_without_line_end_is_read_if_it_is_whole(self):
        assert numbers(rows(good(1))[:-1]) == ["1"]

    def test_more_cells_than_columns_are_a_shift_unless_they_are_empty(self):
        assert numbers(rows(good(1) + ",,")) == ["1"]
        (item,), _ = read(rows("1,2026-03-09,1,234.00,USD,A,x"), plain_data())
        assert "the row has 7 cells, but there are 6 columns" in str(item.report)

    def test_one_header_may_feed_two_fields(self):
        columns = [*plain_data()["columns"], {"name": "Notes", "field": "references[check]", "use": "read"}]
        (payment,) = documents(rows("1,2026-03-09,5.00,USD,A,77"), columns=columns)
        assert payment.notes == (Note(text="77"),)
        assert payment.reference_value("check") == "77"

    def test_files_that_are_not_of_this_kind(self):
        for data, expected in [
            (b"", "the file is empty"),
            (b"\n\n", "the file is empty"),
            (b"a,b\n1,2\n", "the header has no column Payment, Date, Amount, Invoice"),
            (b"Payment,Date,Amount,Invoice,Amount\n", "the header has a column amount more than once"),
            (b'"Payment,Date', "line 1: a quote is not closed"),
        ]:
            items, file = read(data, plain_data())
            assert items == []
            assert expected in str(file.report)

    def test_a_sample_is_matched_to_the_layout_whose_columns_it_has(self):
        known = {name: layouts.load(data) for name, data in layouts.STANDARD.items() if name.endswith("_csv")}
        for name, layout in known.items():
            header = (",".join(column.name for column in layout.records[0].columns) + "\n").encode()
            row = b",".join([b"1"] * len(layout.records[0].columns)) + b"\n"
            found = layouts.match(header + row, known.values())
            assert found is layout, name
        assert layouts.match(b"a,b\n1,2\n", known.values()) is None


class TestBadRows:
    def test_one_bad_row_does_not_stop_the_others(self):
        data = rows(good(1), "2,soon,5.00,USD,A,", good(3), "4,2026-03-09,five,USD,,", good(5))
        items, file = read(data, plain_data())
        assert [item.document and item.document.number for item in items] == ["1", None, "3", None, "5"]
        assert [str(problem) for problem in items[1].report] == [
            "line 3: Date is not a date in the form YYYY-MM-DD (it is 'soon'). Correct it, or the date format."
        ]
        assert [(problem.line, problem.field, problem.rule) for problem in items[3].report] == [
            (5, "Amount", "invalid_number"),
            (5, "Invoice", "mandatory_missing"),
        ]
        assert not file.report
        assert file.documents == 5

    @pytest.mark.parametrize(
        "bad", ['2,2026-03-09,5.00,USD,A,"open', '2,2026-03-09,5.00,USD,"A"x,', '2,"2026-03-09,5.00']
    )
    def test_a_quote_that_is_not_closed_costs_its_own_row_only(self, bad):
        items, _ = read(rows(good(1), bad, good(3), '4,2026-03-09,5.00,USD,"A, B",', good(5)), plain_data())
        assert [item.document and item.document.number for item in items] == ["1", None, "3", "4", "5"]
        assert items[1].line == 3
        assert "quote" in str(items[1].report)

    def test_an_open_quote_in_the_last_row(self):
        items, _ = read(rows(good(1), '2,2026-03-09,5.00,USD,A,"open'), plain_data())
        assert [item.document is not None for item in items] == [True, False]

    def test_an_open_quote_that_the_next_row_closes(self):
        items, _ = read(
            rows(good(1), '2,2026-03-09,5.00,USD,"A,', '3,2026-03-09,5.00,USD,"B",', good(4)), plain_data()
        )
        assert [item.document and item.document.number for item in items] == ["1", None, "3", "4"]

    def test_characters_that_are_none(self):
        items, _ = read(
            rows(good(1))
            + b"2,2026-03-09,5.00,USD,A,\xff\n3,2026-03-09,5.00,USD,A,a\x00b\n"
            + good(4).encode(),
            plain_data(),
        )
        assert [item.document is not None for item in items] == [True, False, False, True]
        assert "line 3: the line is not text in utf-8" in str(items[1].report)
        assert "line 4: the line contains control characters" in str(items[2].report)

    def test_rules_of_the_document_are_named_at_line_and_column(self):
        (item,), _ = read(rows("1,2026-03-09,5.00,usd,A,"), plain_data())
        assert str(item.report) == (
            "line 2, Currency: currency must be an ISO 4217 code such as USD, not 'usd'. Ask the sender to correct it."
        )


class TestGroups:
    def test_rows_with_one_key_are_one_document(self):
        items, _ = bills("1,2026-03-09,3.00,1.00,a", "1,2026-03-09,3.00,2.00,b", "2,2026-03-09,4.00,4.00,c")
        assert [[line.description for line in item.document.lines] for item in items] == [["a", "b"], ["c"]]
        assert [(item.line, item.rows) for item in items] == [(2, 2), (4, 1)]

    def test_the_document_may_be_described_in_its_first_row_only(self):
        items, _ = bills("1,2026-03-09,3.00,1.00,a", ",,,2.00,b", "2,2026-03-09,4.00,4.00,c")
        assert [len(item.document.lines) for item in items] == [2, 1]

    def test_rows_that_disagree_about_their_document(self):
        (item,), _ = bills("1,2026-03-09,3.00,1.00,a", "1,2026-03-10,3.00,2.00,b")
        assert str(item.report).startswith(
            "line 3: Date differs between the rows of one document: it was '2026-03-09' before (it is '2026-03-10')"
        )

    def test_a_bad_row_costs_its_document_and_no_other(self):
        items, _ = bills(
            "1,2026-03-09,3.00,1.00,a",
            "1,2026-03-09,3.00,x,b",
            "2,2026-03-09,4.00,4.00,c",
            '3,2026-03-09,"5',
            "4,2026-03-09,1.00,1.00,",
        )
        assert [item.document is not None for item in items] == [False, True, False, True]
        assert [item.line for item in items] == [2, 4, 5, 6]

    def test_a_line_too_few_is_noticed_by_the_total(self):
        (item,), _ = bills("1,2026-03-09,3.00,1.00,a")
        assert "line 2, Total: total is 3.00, but lines, charges, allowances and taxes add up to 1.00" in str(
            item.report
        )

    def test_a_problem_of_one_line_is_named_at_its_row(self):
        columns = [
            *BILLS["columns"],
            {"name": "Tax", "field": "lines.taxes.rate"},
            {"name": "Days", "field": "terms.net_days"},
        ]
        data = "Bill,Date,Total,Amount,Text,Tax,Days\n1,2026-03-09,3.00,1.00,a,,-1\n1,2026-03-09,3.00,2.00,b,7,\n"
        (item,), _ = read(data.encode(), BILLS | {"columns": columns})
        assert "line 2, Days: terms.net_days must not be negative" in str(item.report)

    def test_rows_that_are_apart_are_noticed_if_they_should_be_adjacent(self):
        lines = ("1,2026-03-09,1.00,1.00,a", "2,2026-03-09,4.00,4.00,c", "1,2026-03-09,1.00,1.00,b")
        items, _ = bills(*lines)
        assert [item.document is not None for item in items] == [True, True, False]
        assert "the rows of this document are not next to each other: it began in line 2" in str(
            items[2].report
        )

    def test_rows_that_are_apart_are_put_together_if_the_layout_says_so(self):
        lines = ("1,2026-03-09,3.00,1.00,a", "2,2026-03-09,4.00,4.00,c", "1,2026-03-09,3.00,2.00,b")
        items, _ = bills(*lines, adjacent=False)
        assert [(item.number, item.line, len(item.document.lines)) for item in items] == [
            (1, 2, 2),
            (2, 3, 1),
        ]

    def test_too_many_rows_to_put_together_are_refused(self, monkeypatch):
        monkeypatch.setattr(assemble, "MOST_HELD_ROWS", 2)
        items, _ = bills(
            "1,2026-03-09,1.00,1.00,a", "2,2026-03-09,4.00,4.00,c", "3,2026-03-09,1.00,1.00,b", adjacent=False
        )
        assert all("which is too much" in str(item.report) for item in items)

    def test_a_document_without_parts_is_one_row(self):
        layout = layouts.load(layouts.STANDARD["bill_csv"])
        bare = replace(BILL, lines=(), terms=(), total=D(0))
        data = layouts.write([bare, replace(BILL, number="2")], layout).data
        assert len(data.splitlines()) == 3
        items, _ = read(data, layout)
        assert [len(item.document.lines) for item in items] == [0, 1]


class TestKindsOfRows:
    DATA = {
        "document": "bill",
        "format": "csv",
        "records": [
            {"at": "start", "code": "A", "columns": [{"name": "Company", "context": "company_id"}]},
            {
                "at": "",
                "code": "H",
                "columns": [
                    {"name": "No", "field": "number"},
                    {"name": "Date", "field": "date"},
                    {"name": "Total", "field": "total"},
                ],
            },
            {
                "at": "lines",
                "code": "D",
                "columns": [{"name": "No", "field": "number"}, {"name": "Amount", "field": "lines.amount"}],
            },
            {
                "at": "lines.taxes",
                "code": "X",
                "columns": [
                    {"name": "Kind", "field": "lines.taxes.kind"},
                    {"name": "Tax", "field": "lines.taxes.amount"},
                ],
            },
            {
                "at": "end",
                "code": "T",
                "columns": [
                    {"name": "Documents", "file": "file.documents"},
                    {"name": "Rows", "file": "file.rows"},
                    {"name": "Sum", "file": "file.total"},
                ],
            },
        ],
        "assume": {"currency": "USD", "vendor.name": "Marlow", "lines.taxes.rate": "7"},
    }

    def test_header_detail_and_trailer(self):
        two = replace(BILL, number="2", total=D("1.00"), lines=(Line(amount=D("1.00")),))
        text = written(self.DATA, BILL, two, company_id="QUILL")
        assert text.splitlines() == [
            "A,QUILL",
            "H,MP-9931,2026-03-09,108.50",
            "D,MP-9931,100.00",
            "X,all,8.50",
            "H,2,2026-03-09,1.00",
            "D,2,1.00",
            "T,2,5,109.50",
        ]
        items, file = read(text.encode(), self.DATA)
        assert str(file.report) == ""
        assert [item.document.total for item in items] == [D("108.50"), D("1.00")]
        assert items[0].document.lines[0].taxes[0].amount == D("8.50")

    def test_a_trailer_that_does_not_agree(self):
        text = "A,Q\nH,1,2026-03-09,1.00\nD,1,1.00\nT,2,3,5.00\n"
        _items, file = read(text.encode(), self.DATA)
        assert [str(problem).partition(".")[0] for problem in file.report] == [
            "line 4: Documents says 2, but the file has 1",
            "line 4: Rows says 3, but the file has 2",
            "line 4: Sum says 5",
        ]

    def test_the_sum_is_not_compared_if_a_document_could_not_be_read(self):
        text = "H,1,2026-03-09,1.00\nD,1,1.00\nH,2,soon,1.00\nT,2,3,5.00\n"
        _items, file = read(text.encode(), self.DATA)
        assert str(file.report) == ""

    def test_rows_of_unknown_kinds_and_rows_without_what_they_belong_to(self):
        items, file = read(
            b"D,1,1.00\nH,1,2026-03-09,1.00\nD,1,1.00\nZ,1\nH,2,2026-03-09,1.00\nD,3,1.00\n", self.DATA
        )
        assert "line 1: this row stands before the one for the document" in str(file.report)
        assert "line 4: the row is of an unknown kind (it is 'Z')" in str(items[0].report)
        assert "line 6: No differs between the rows of one document" in str(items[1].report)

    def test_a_part_without_the_part_around_it(self):
        items, _ = read(b"H,1,2026-03-09,0.00\nX,all,1.00\n", self.DATA)
        assert "this row stands before the one for lines" in str(items[0].report)


class TestWriting:
    def test_the_options(self):
        payment = replace(PAYMENT, notes=(Note(text='a "b"'),))
        assert written(plain_data(), payment) == (
            'Payment,Date,Amount,Currency,Invoice,Notes\r\n771,2026-03-09,80.43,USD,FB-20418,"a ""b"""\r\n'
        )
        assert written(plain_data(header=False, line_end="lf", delimiter="|", quoting="all"), payment) == (
            '"771"|"2026-03-09"|"80.43"|"USD"|"FB-20418"|"a ""b"""\n'
        )

    def test_line_breaks_become_blanks_or_are_refused_or_kept(self):
        payment = replace(PAYMENT, notes=(Note(text="a\r\n b\nc"),))
        assert written(plain_data(), payment).endswith(",a b c\r\n")
        with pytest.raises(CodecError, match="Notes has more than one line"):
            written(plain_data(line_breaks="refuse"), payment)
        assert written(plain_data(line_breaks="keep"), payment).endswith(',"a\r\n b\nc"\r\n')

    @pytest.mark.parametrize("text", ["a,b", 'a"b', "a\nb"])
    def test_without_quotes_some_texts_cannot_be_written(self, text):
        with pytest.raises(CodecError, match="the layout does not quote"):
            written(
                plain_data(quoting="none", line_breaks="keep"), replace(PAYMENT, notes=(Note(text=text),))
            )

    def test_without_quotes_a_quote_is_read_as_it_stands(self):
        (payment,) = documents(rows('1,2026-03-09,5.00,USD,5" pipe,'), quoting="none")
        assert payment.pays.value == '5" pipe'

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "'=1", "''+1"])
    def test_formulas_are_guarded_if_the_layout_says_so_and_come_back(self, text):
        layout = plain_data(guard=True)
        payment = replace(PAYMENT, amount=D(-5), notes=(Note(text=text),))
        data = written(layout, payment)
        assert f",'{text}\r\n" in data
        assert ",-5.00," in data
        (read_back,) = documents(data.encode(), layout)
        assert read_back.notes == payment.notes
        assert f",{text}\r\n" in written(plain_data(), payment)

    def test_a_document_that_would_not_add_up_for_others_is_refused(self):
        layout = layouts.STANDARD["bill_csv"]
        without = [each for each in layout["columns"] if each["name"] not in ("Tax Total", "Line Tax")]
        with pytest.raises(CodecError) as error:
            written(layout | {"columns": without}, BILL)
        assert "total is 108.50, but lines, charges, allowances and taxes add up to 100.00" in str(
            error.value
        )
        assert "would say something else" in str(error.value)
        assert written(layout | {"columns": without, "verify": False}, BILL)

    def test_two_documents_that_the_file_cannot_tell_apart_are_refused(self):
        with pytest.raises(
            CodecError, match="documents 1 and 2 have the same Bill Number: nobody could tell"
        ):
            written(layouts.STANDARD["bill_csv"], BILL, BILL)

    def test_all_problems_are_named_with_their_document(self):
        wrong = replace(PAYMENT, number="772", notes=(Note(text="a,b"),))
        with pytest.raises(CodecError) as error:
            written(column(plain_data(), "Notes", required=True, max=2), PAYMENT, wrong)
        assert "document 1 (771): Notes: Notes has 7 characters" in str(error.value)
        assert "document 2 (772): Notes: Notes has 3 characters" in str(error.value)

    def test_calls_that_are_wrong(self):
        for arguments, expected in [
            ((plain_data(),), "there is no document to send"),
            ((plain_data(), BILL), "is for Payment, not for Bill"),
            ((plain_data(direction="read"), PAYMENT), "is for reading only"),
        ]:
            with pytest.raises(CodecError, match=expected):
                written(*arguments)


def test_streams_are_read_as_they_come():
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(3)

    layout = layouts.load(plain_data())
    items = list(layouts.read(Slow(rows(good(1), good(2))), layout))
    assert len(items) == 3
