"""Whatever a text file holds, reading ends in a table whose counts add up or in one of our own errors; nothing is lost."""

import csv
import io
import json
import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import segvspers as sv

QUICK = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
NASTY = ['"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", "\x00", "\\", "=1+1", "@SUM(A1)", "é", "ß", "😀", "שלום", "\u202e", "\ufeff",
         "\u2028", "\x85", "'", " ", "\u00a0", "NULL", "nan", "-", "#", "0x1F", "1e999", "1.234,5", "03/04/2026", "a", "b"]  # fmt: skip
WORDS = st.lists(st.sampled_from(NASTY), max_size=5).map("".join) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8
)
HEADER = ["contact_id", "name", "notes"]


def read(content, **options):
    """Read bytes as a file of contacts; nothing when one of our own errors says why not."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", sv.RejectWarning)
        path = Path(folder) / "people.csv"
        path.write_bytes(content)
        try:
            return sv.read_contacts(path, **options)
        except sv.SegvspersError:
            return None


def check_counts(frame):
    report = sv.read_report(frame)
    assert report.n_rows == report.n_used + report.n_rejected
    assert report.n_used == len(frame) > 0
    assert report.n_rows == sum(source.n_rows for source in report.sources)
    assert frame["contact_id"].notna().all()
    assert not frame["contact_id"].duplicated().any()
    assert report.rejects[["source", "row", "reason", "raw"]].notna().all(axis=None)
    assert report.rejects["row"].is_unique
    assert report.rejects["row"].between(1, report.n_rows).all()
    assert f"{report.n_rows:,} row" in report.counts()
    assert report._repr_html_()


def told(frame):
    """All that a reading tells: the values that are used, and what was set aside or left empty."""
    report = sv.read_report(frame)
    texts = [value for name in frame.columns for value in frame[name].dropna().astype(str)]
    return "\n".join([*texts, *report.rejects["raw"], *report.unread["value"].astype(str), *map(str, frame.columns)])


@QUICK
@given(st.binary(max_size=300))
@example(b"contact_id,name\n1,\xff\xfe\n2,b\n")
@example(b"\xff\xfec\x00")
@example(b"\x00\x00\x00,\x00")
def test_any_bytes_end_in_a_table_or_in_our_own_error(content):
    for text in (content, b"contact_id,name\nC1,Ada\n" + content):
        frame = read(text)
        if frame is not None:
            check_counts(frame)


@QUICK
@given(st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
@example([["a", '"b'], ["c", "d"], ['e"', "f"]], "\n")
@example([['"";', '""=1+1'], ["c", "d"]], "\n")
@example([['"'], ['"";', '"";', "", ""]], "\n")
@example([['"p"q', '"r"s', "x", "y"], ["c", "d"]], "\n")
@example([['"p"q', '"r"s', '"t"u'], ['"p"q', '"r"s']], "\r\n")
@example([["a", "b\rc"], ["d", "e\nf"], ["g", "h\r\ni"]], "\n")
def test_lines_of_any_shape_are_used_or_set_aside_and_no_line_is_lost(lines, end):
    marked = [",".join([f"T{number}T", *cells]) for number, cells in enumerate(lines)]
    frame = read(end.join(["contact_id,name,notes", "C1,Ada,x", *marked]).encode())
    if frame is not None:
        check_counts(frame)
        everything = told(frame)
        assert all(f"T{number}T" in everything for number in range(len(lines)))


ONE_LINE = st.lists(st.sampled_from([mark for mark in NASTY if not set(mark) & set("\r\n")]), max_size=5).map("".join)


@QUICK
@given(st.lists(st.lists(ONE_LINE, min_size=1, max_size=6), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
@example([["", '"p"q', '"r"s', "x", "y"], ["c", "d"]], "\n")
def test_no_row_is_made_up(lines, end):
    marked = [",".join([f"T{number}T", *cells]) for number, cells in enumerate(lines)]
    frame = read(end.join(["contact_id,name,notes", "C1,Ada,x", *marked]).encode())
    if frame is not None:
        check_counts(frame)
        assert set(frame["contact_id"]) <= {"C1", *(f"T{number}T" for number in range(len(lines)))}


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


@QUICK
@given(
    rows=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(ENCODINGS),
)
@example([("", ""), ("=1+1", "😀")], ";", "\r\n", "utf-16-be")
def test_what_was_written_well_is_read_whole(rows, delimiter, end, encoding):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    writer.writerows((f"C{number}", *row) for number, row in enumerate(rows))
    frame = read(text.getvalue().encode(encoding), delimiter=delimiter, encoding=encoding)
    check_counts(frame)
    assert len(frame) == len(rows)
    for place, name in enumerate(("name", "notes")):
        if str(frame[name].dtype) in {"str", "object"}:
            found = [value if isinstance(value, str) else None for value in frame[name]]
            expected = [row[place] if name == "notes" else row[place].strip() for row in rows]
            assert found == [value or None for value in expected]


@QUICK
@given(
    st.lists(
        st.tuples(st.text("abé€ßñ", min_size=1, max_size=6), st.sampled_from(["utf-8", "cp1252", "utf-16-le"])),
        min_size=2,
        max_size=10,
    )
)
def test_lines_of_several_encodings_are_used_or_set_aside(lines):
    rows = b"".join(f"C{number},{word}\n".encode(encoding) for number, (word, encoding) in enumerate(lines))
    frame = read(b"contact_id,name\n" + rows)
    if frame is not None:
        check_counts(frame)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_is_found(encoding):
    frame = read("contact_id;name\nC1;Zoë\nC2;Åse\nC3;José\n".encode(encoding))
    assert frame["name"].tolist() == ["Zoë", "Åse", "José"]
    named = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with BOM", "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE",
             "utf-16-be": "UTF-16 BE", "cp1252": "cp1252"}  # fmt: skip
    assert sv.read_report(frame).sources[0].encoding == named[encoding]
    assert sv.read_report(frame).sources[0].delimiter == "semicolon"


def test_a_letter_of_cp1252_far_below_the_head_makes_the_file_cp1252():
    rows = "".join(f"C{number},{'x' * 40}\n" for number in range(8_000)).encode()
    frame = read(b"contact_id,name\n" + rows + "D1,Zoë\nD2,Åse\n".encode("cp1252"))
    assert frame["name"].tolist()[-2:] == ["Zoë", "Åse"]
    assert sv.read_report(frame).sources[0].encoding == "cp1252"


def test_a_few_unreadable_bytes_in_utf8_set_their_rows_aside_and_keep_them():
    frame = read("contact_id,name\nC1,Zoë\nC2,José\n".encode() + b"C3,Jos\xe9\nC4,Ada\n")
    rejects = sv.read_report(frame).rejects
    assert frame["contact_id"].tolist() == ["C1", "C2", "C4"]
    assert rejects[["row", "reason", "raw"]].values.tolist() == [[3, "unreadable bytes", r"C3,Jos\xe9"]]


def test_a_quote_that_nobody_closed_does_not_swallow_the_rest():
    lines = [f"C{number},Ada" for number in range(1, 1001)]
    lines[99] = 'C100,"Ada'
    frame = read("\n".join(["contact_id,name", *lines]).encode())
    assert len(frame) == 999
    assert frame["contact_id"].tolist() == [f"C{number}" for number in range(1, 1001) if number != 100]
    rejects = sv.read_report(frame).rejects
    assert rejects[["row", "raw"]].values.tolist() == [[100, 'C100,"Ada']]


def test_a_row_with_two_quotes_at_fault_is_kept_as_it_stands():
    text = 'contact_id,name,notes\n1,"x\nx",y\n2,"Bob" Roe,"Ann" Lee\n3,"p"q,"r"s,"t"u\n\n4,x,y\n'
    rejects = sv.read_report(read(text.encode())).rejects
    assert rejects[["row", "raw"]].values.tolist() == [[2, '2,"Bob" Roe,"Ann" Lee'], [3, '3,"p"q,"r"s,"t"u']]


def test_no_row_is_made_of_the_pieces_of_a_torn_one():
    text = 'contact_id,name,notes\n1,x,y\n2,"p"q,"r"s,x,y\n"3"z,"p"q,y,"z"\n4,x,y\n'
    frame = read(text.encode())
    assert frame["contact_id"].tolist() == ["1", "4"]
    rejects = sv.read_report(frame).rejects
    assert rejects[["row", "raw"]].values.tolist() == [[2, '2,"p"q,"r"s,x,y'], [3, '"3"z,"p"q,y,"z"']]


def test_row_numbers_leave_blank_lines_out_and_count_quoted_line_ends_once():
    text = 'contact_id,name\n\nC1,"a\nb"\n\n\nC2\nC3,c\n\nC4,d,e\nC5,f\nC1,again\n'
    rejects = sv.read_report(read(text.encode())).rejects
    assert rejects["row"].tolist() == [2, 4, 6]
    assert rejects["reason"].tolist() == [
        "wrong number of fields: 1 instead of 2",
        "wrong number of fields: 3 instead of 2",
        "contact_id is repeated: row 1 has it and is kept",
    ]
    assert json.loads(rejects["raw"][2]) == {"contact_id": "C1", "name": "again"}


def test_ten_thousand_columns_are_read():
    names = ["contact_id", *(f"c{number}" for number in range(9_999))]
    rows = [",".join([f"C{row}", *(str(number % 7) for number in range(9_999))]) for row in range(3)]
    frame = read("\n".join([",".join(names), *rows]).encode())
    assert frame.shape == (3, 10_000)
    assert frame["c8"].tolist() == [1, 1, 1]


def test_a_field_of_five_megabytes_is_read():
    frame = read(b"contact_id,notes\nC1," + b"x" * (5 << 20) + b'\nC2,"' + b"y\n" * 100_000 + b'"\nC3,z\n')
    assert frame["notes"].str.len().tolist() == [5 << 20, 200_000, 1]


def test_formulas_stay_the_text_that_they_are():
    frame = read(b'contact_id,notes\nC1,"=HYPERLINK(""x"")"\nC2,+1\nC3,@SUM(A1)\n')
    assert frame["notes"].tolist() == ['=HYPERLINK("x")', "+1", "@SUM(A1)"]
