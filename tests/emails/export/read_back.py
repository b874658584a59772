"""Read an export with the programs that will: what each email says and to whom, by the id of its contact or address."""

import csv
import email.policy
import json
import mailbox
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import fast_mail_parser
import openpyxl
import pandas as pd
from lxml import etree
from openpyxl.utils.escape import unescape  # its reader leaves that to us; Excel and LibreOffice do it

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def csv_rows(path):
    text = Path(path).read_bytes().decode("utf-8-sig")
    with_csv = list(csv.DictReader(text.splitlines(keepends=True)))
    with_pandas = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").to_dict("records")
    assert with_pandas == [{name: _one_end(cell) for name, cell in row.items()} for row in with_csv]
    found = duckdb.connect().execute(
        "SELECT * FROM read_csv(?, all_varchar=true, header=true, quote='\"', escape='\"')", [str(path)]
    )
    names = [column[0] for column in found.description]
    with_duckdb = [dict(zip(names, (cell or "" for cell in row), strict=True)) for row in found.fetchall()]
    assert with_duckdb == with_csv
    return with_csv


def _one_end(text):
    return text.replace("\r\n", "\n")


def xlsx_rows(path):
    sheet = openpyxl.load_workbook(path)["emails"]
    rows = list(sheet.iter_rows())
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} <= {"s", "inlineStr"}
    assert not any(cell.hyperlink for row in rows for cell in row)
    names = [cell.value for cell in rows[0]]
    return [dict(zip(names, (unescape(cell.value or "") for cell in row), strict=True)) for row in rows[1:]]


def json_rows(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").split("\n") if line]


def eml_messages(folder):
    index = csv_rows(folder / "index.csv")
    found = [(row["email_id"], (folder / row["file"]).read_bytes()) for row in index]
    assert {path.name for path in folder.glob("*.eml")} == {row["file"] for row in index}
    return [(email_id, _both_parsers(raw)) for email_id, raw in found]


def mbox_messages(path):
    box = mailbox.mbox(path, factory=lambda file: email.message_from_binary_file(file, policy=email.policy.default))
    return list(box)


def _both_parsers(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    other = fast_mail_parser.parse_email(raw)
    assert not message.defects
    assert other.subject.strip() == message["Subject"].strip()
    assert other.text_plain[0].replace("\r\n", "\n").rstrip("\n") == plain_of(message)
    assert sorted(name.lower() for name in other.headers) == sorted({name.lower() for name in message})
    return message


def plain_of(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n")


def html_of(message):
    return message.get_body(("html",)).get_content()


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text, self.others = set(), [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def read_page(text):
    """Return a page as a browser's tokenizer sees it."""
    page = _Page()
    page.feed(text)
    page.close()
    return page


def cells_in_office(paths, folder):
    """Open files in LibreOffice as a user would; return the texts of all cells and how many formulas there are, by file."""
    command = [
        OFFICE,
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "fods",
        "--outdir",
    ]
    for kind, how in ((".csv", ["--infilter=Text - txt - csv (StarCalc):44,34,76,1"]), (".xlsx", [])):
        some = [str(path) for path in paths if path.suffix == kind]
        subprocess.run([*command, str(folder / "out"), *how, *some], check=True, capture_output=True, timeout=180)
    found = {}
    for path in paths:
        flat = etree.parse(folder / "out" / f"{Path(path).stem}.fods")
        cells = flat.iterfind(".//{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table-cell")
        texts, n_formulas = [], 0
        for cell in cells:
            n_formulas += any(name.endswith("}formula") for name in cell.attrib)
            texts.append("\n".join("".join(line.itertext()) for line in cell))
        found[Path(path).name] = (texts, n_formulas)
    return found
