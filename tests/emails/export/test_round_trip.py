"""Any text that may be approved comes back from every form letter by letter."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import segvspers as sv
from segvspers.emails.export.unsafe import could_be_formula, fault_of

from .read_back import csv_rows, eml_messages, json_rows, mbox_messages, plain_of, xlsx_rows

LETTERS = st.characters(blacklist_categories=("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"))
HARD = st.sampled_from(
    [
        "From here",
        ">From there",
        ".",
        "..",
        "'",
        '"',
        '""',
        ",",
        ";",
        "=",
        "-",
        "+",
        "@",
        "=20",
        "=\u3042",
        "_x0041_",
        "_x000D_",
        "&amp;",
        "& <",
        "a\n\nFrom b",
        " ",
        "\u00a0",
        "é",
        "字",
        "😀",
        "☀️",
    ]
)
LINE = st.lists(st.one_of(HARD, st.text(LETTERS, max_size=40)), max_size=5).map("".join)
TEXTS = st.lists(st.tuples(LINE, LINE), min_size=3, max_size=12)


def fitting(pairs):
    found = [(subject.replace("\n", " "), body) for subject, body in pairs]
    return [
        (subject, body) for subject, body in found if not fault_of(subject, body, ()) and len(subject.encode()) < 900
    ]


@settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TEXTS)
def test_every_form_gives_back_every_text(letters, tmp_path_factory, pairs):
    pairs = fitting(pairs)
    if not pairs:
        return
    subjects, bodies = map(list, zip(*pairs, strict=True))
    emails, contacts = letters(bodies, subjects=subjects)
    folder = tmp_path_factory.mktemp("round")
    expected = list(zip(subjects, emails["body_text"], strict=True))
    files = {"csv": "e.csv", "xlsx": "e.xlsx", "jsonl": "e.jsonl", "eml": "eml", "mbox": "e.mbox"}
    for form, name in files.items():
        sv.export_emails(emails, folder / name, form=form, contacts=contacts)
    marked = [(f"'{subject}" if could_be_formula(subject) else subject, body) for subject, body in expected]
    assert [(row["subject"], row["body_text"]) for row in csv_rows(folder / "e.csv")] == marked
    assert [(row["subject"], row["body_text"]) for row in xlsx_rows(folder / "e.xlsx")] == expected
    assert [(row["subject"], row["body_text"]) for row in json_rows(folder / "e.jsonl")] == expected
    for messages in ([message for _, message in eml_messages(folder / "eml")], mbox_messages(folder / "e.mbox")):
        assert [plain_of(message) for message in messages] == [body for _, body in expected]
        assert ["".join(str(message["Subject"]).split()) for message in messages] == [
            "".join(subject.split()) for subject, _ in expected
        ]
