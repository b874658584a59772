"""The forms as other programs see them: a spreadsheet that recalculates, a browser that prints, slides that open."""

import json
import os
import re
import shutil
import subprocess
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import MissingPackageError, NotEstimableError
from segvspers.report.live import live_sheets

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
needs_office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")


def recalculated(path, folder):
    """Let LibreOffice compute every cell anew; values by the name of the cell."""
    book = openpyxl.load_workbook(path)  # drops the values that were written beside the formulas
    book.save(folder / "bare.xlsx")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    out = folder / "out"
    command = [OFFICE, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out)]
    subprocess.run([*command, str(folder / "bare.xlsx")], check=True, capture_output=True, timeout=120)
    book = openpyxl.load_workbook(out / "bare.xlsx", data_only=True)
    return named(book)


def named(book):
    rows = {}
    for sheet, value in (("Inputs", 1), ("Result", 2)):
        for row in book[sheet].iter_rows(min_row=1):
            if row[5].value and row[5].value != "name in formulas":
                rows[row[5].value] = row[value].value
    return rows


def change(path, name, value):
    book = openpyxl.load_workbook(path)
    for row in book["Inputs"].iter_rows(min_row=1):
        if row[5].value == name:
            row[1].value = value
    book.save(path)


def a_test(**changes):
    fields = {
        "control": "segment", "treatment": "individual", "n_control": 2500, "n_treatment": 2500, "replies_control": 85,
        "replies_treatment": 115, "rate_control": 0.034, "rate_treatment": 0.046, "lift": 0.012, "lift_low": 0.001,
        "lift_high": 0.023, "confidence": 0.95, "cluster": None, "evidence": "randomised",
    }  # fmt: skip
    return SimpleNamespace(**fields | changes)


def assumed():
    return sv.estimate_roi(a_test(), n_draws=4000, rng=1)


def observed_and_lasting():
    costs = sv.Costs(email_cost_usd=sv.uniform(0.01, 0.03), setup_usd=5000)
    return sv.estimate_roi(
        a_test(), costs=costs, funnel=sv.Funnel(retention=0.8, discount_rate=0.12), n_draws=4000, rng=1
    )


def free_and_worse():
    costs = sv.Costs(template_hours=0, reply_minutes=3000, setup_usd=0)
    return sv.estimate_roi(
        a_test(rate_treatment=0.02, replies_treatment=50, lift=-0.014), costs=costs, n_draws=4000, rng=1
    )


def seen_per_contact():
    sent = pd.DataFrame({"variant": ["no", "yes"] * 500, "bought": ([0, 0] * 9 + [0, 1]) * 50})
    values = sv.observe_values(sent, control="no", value="bought", value_usd=10, contact_cost_usd={"yes": 2.0})
    return sv.estimate_roi(values, n_draws=4000, rng=1)


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("make", [assumed, observed_and_lasting, free_and_worse, seen_per_contact])
def test_a_spreadsheet_that_recalculates_gives_pythons_figures(make, tmp_path):
    roi = make()
    path = sv.build_report(roi).to_xlsx(tmp_path / "r.xlsx")
    live, found = live_sheets(roi), recalculated(path, tmp_path)
    for line in live.lines:
        if isinstance(line.value, str):
            assert found[line.name] == line.value, line.name
        else:
            assert found[line.name] == pytest.approx(line.value, rel=1e-6, abs=1e-9), line.name


@needs_office
@pytest.mark.slow
def test_a_changed_input_moves_the_sheet_as_it_moves_python(tmp_path):
    path = sv.build_report(assumed()).to_xlsx(tmp_path / "r.xlsx")
    change(path, "value_usd", 9000.0)
    change(path, "n_segments", 600.0)
    found = recalculated(path, tmp_path)
    deal = 9000.0 * found["margin"]
    reply = found["positive_share"] * found["meeting_share"] * found["win_share"] * deal
    benefit = found["n_contacts"] * (found["rate_treatment"] - found["rate_control"]) * reply
    assert found["benefit_usd"] == pytest.approx(benefit, rel=1e-9)
    assert found["template_cost"] == pytest.approx(600 * found["template_hours"] * found["writer_rate_usd"])
    assert found["net_usd"] == pytest.approx(benefit - found["cost_treatment"] + found["cost_control"], rel=1e-9)
    assert found["verdict"] == "better and cheaper"
    assert found["roi_ratio"] == "no extra cost"


def test_live_cells_stand_at_the_means_of_the_draws():
    roi = sv.estimate_roi(a_test(), n_draws=200_000, rng=1)
    lines = {line.name: line.value for line in live_sheets(roi).lines}
    standard_error = 20_000 / 200_000**0.5
    assert lines["net_usd"] == pytest.approx(roi.net_mean_usd, abs=5 * standard_error)
    assert lines["cost_treatment"] == pytest.approx(
        roi.quantities.set_index("quantity").loc["cost_treatment", "mean"], rel=0.01
    )


def test_slides_hold_native_charts_with_the_numbers_of_the_estimate(findings, tmp_path):
    pptx = pytest.importorskip("pptx")
    roi = findings[-1]
    path = sv.build_report(*findings, title="November outreach").to_pptx(tmp_path / "r.pptx")
    deck = pptx.Presentation(str(path))
    assert len(deck.slides) == 5
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 3
    rates = charts[0].plots[0].series[0].values
    assert rates[-1] == pytest.approx(roi.rate_control)
    assert rates[-2] == pytest.approx(roi.rate_treatment)
    costs = {series.name: sum(series.values) for series in charts[1].plots[0].series}
    assert costs["segment"] == pytest.approx(roi.costs.query("variant == 'segment'")["cost_usd"].sum())
    words = " ".join(shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame)
    assert roi.decision_sentence in words
    assert "SIMULATED" not in words


def test_every_slide_of_simulated_evidence_is_stamped(tmp_path):
    pptx = pytest.importorskip("pptx")
    roi = sv.estimate_roi(a_test(evidence="simulated"), n_draws=4000, rng=1)
    deck = pptx.Presentation(str(sv.build_report(roi).to_pptx(tmp_path / "r.pptx")))
    for slide in deck.slides:
        assert "SIMULATED" in [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def test_slides_of_values_seen_per_contact_leave_out_what_was_not_assumed(tmp_path):
    pptx = pytest.importorskip("pptx")
    deck = pptx.Presentation(str(sv.build_report(seen_per_contact()).to_pptx(tmp_path / "r.pptx")))
    words = " ".join(shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame)
    assert "Assumptions to confirm" not in words
    assert not re.search(r"\b(nan|inf|None)\b", words)


def test_slides_need_an_estimate_and_their_package(findings, tmp_path, monkeypatch):
    with pytest.raises(NotEstimableError, match="hand over estimate_roi"):
        sv.build_report(findings[3]).to_pptx(tmp_path / "r.pptx")
    monkeypatch.setitem(__import__("sys").modules, "pptx", None)
    with pytest.raises(MissingPackageError, match=r"pip install segvspers\[pptx\]"):
        sv.build_report(findings[-1]).to_pptx(tmp_path / "r.pptx")
    assert list(tmp_path.iterdir()) == []


@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize(("paper", "size"), [("A4", (594, 842)), ("Letter", (612, 792))])
def test_the_page_prints_to_a_short_clean_pdf(report, tmp_path, paper, size):
    page = report.to_html(tmp_path / "r.html")
    page.write_text(page.read_text().replace("@page {", f"@page {{ size: {paper};"))
    out = tmp_path / "r.pdf"
    command = [BROWSER, *QUIET, f"--user-data-dir={tmp_path}/b", "--no-pdf-header-footer", f"--print-to-pdf={out}"]
    subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=120)
    text = out.read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", text)
    assert boxes
    assert all(abs(float(w) - size[0]) < 3 and abs(float(h) - size[1]) < 3 for w, h in boxes)
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", text)) <= 14
    if shutil.which("pdftotext"):
        first = subprocess.run(
            ["pdftotext", "-l", "1", str(out), "-"], check=True, capture_output=True, text=True
        ).stdout
        assert "Decision" in first
        assert "Probability of a gain" in first
        assert "Evidence" in first
        assert "Skip to the report" not in first


def axe_script(root):
    """The accessibility engine axe-core, where it was installed: in SEGVSPERS_AXE or in .venv/node_modules."""
    named_file = os.environ.get("SEGVSPERS_AXE")
    return (
        root / ".venv/node_modules/axe-core/axe.min.js"
        if named_file is None
        else __import__("pathlib").Path(named_file)
    )


@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(report, tmp_path, root, scheme):
    axe = axe_script(root)
    if not axe.is_file():
        pytest.skip("axe-core is not installed: .ci/tools brings it")
    page = report.to_html(tmp_path / "r.html").read_text()
    page = re.sub(r"<meta http-equiv=[^>]*>", "", page)  # our own rule forbids the script that is to look at the page
    if scheme == "dark":
        page = page.replace("(prefers-color-scheme: dark)", "all")
    run = (
        "axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(r => { document.title = 'done'; "
        "document.body.textContent = 'AXE' + JSON.stringify({passes: r.passes.length, violations: r.violations.map("
        "v => [v.id, v.nodes.map(n => n.html.slice(0, 200))])}) + 'AXE'; })"
    )
    (tmp_path / "axe.html").write_text(
        page.replace("</body>", f"<script>{axe.read_text()}</script><script>{run}</script></body>")
    )
    command = [BROWSER, *QUIET, f"--user-data-dir={tmp_path}/b", "--virtual-time-budget=20000", "--dump-dom"]
    done = subprocess.run(
        [*command, (tmp_path / "axe.html").as_uri()], check=True, capture_output=True, text=True, timeout=120
    )
    found = json.loads(__import__("html").unescape(done.stdout.split("AXE")[1]))
    assert found["passes"] > 20
    assert found["violations"] == []
