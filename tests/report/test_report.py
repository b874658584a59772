"""The report: seventeen parts, one truth in every form, nobody's name, nothing loaded from elsewhere."""

import json
import re
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError
from segvspers.report import json_schema

ORDER = [
    "decision", "net", "evidence", "replies", "break-even", "costs", "funnel", "tornado", "scenarios", "segments",
    "who-gains", "guardrails", "payback", "health", "assumptions", "next-test", "appendix",
]  # fmt: skip


def test_seventeen_parts_stand_in_order_and_all_are_there(report):
    assert [part.key for part in report.parts] == ORDER
    assert [part.key for part in report.parts if not part.present] == []


def test_parts_without_inputs_say_so(findings):
    report = sv.build_report(findings[3])
    absent = {part.key: part.missing for part in report.parts if not part.present}
    assert absent["net"] == "An estimate of ROI was not handed to the report."
    assert absent["who-gains"] == "A comparison by group was not handed to the report."
    assert "replies" not in absent


def test_the_page_is_small_whole_and_loads_nothing(report, tmp_path):
    page = report.to_html(tmp_path / "roi.html").read_text()
    assert len(page.encode()) < 1_000_000
    assert not re.search(r"<script|<link|<iframe|url\((?!#)|src=", page)
    assert set(re.findall(r'(?:href|xlink:href)="(?!#)([^"]*)"', page)) == set()
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    assert all(f'id="{key}"' in page for key in ORDER)
    assert len(re.findall(r'<svg role="img" aria-label="[^"]+', page)) == page.count("<svg ")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_no_form_holds_a_name_an_address_or_a_company(report, sample, tmp_path):
    contacts = pd.read_csv(sample / "contacts.csv", dtype=str)
    names = {
        f"{row.first_name} {row.last_name}" for row in contacts.dropna(subset=["first_name", "last_name"]).itertuples()
    }
    names |= set(contacts["email"]) | set(contacts["company"])
    report.to_xlsx(tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    text = report.to_html(tmp_path / "r.html").read_text() + report.to_markdown(tmp_path / "r.md").read_text()
    text += report.to_json(tmp_path / "r.json").read_text() + "\n".join(cells)
    assert [name for name in names if name in text] == []


def test_names_are_shown_when_asked_for(findings, tmp_path):
    shown = sv.build_report(*findings, show_names=True).to_html(tmp_path / "r.html").read_text()
    assert "[name]" not in shown


def test_the_same_findings_give_the_same_bytes(findings, tmp_path):
    one = sv.build_report(*findings).to_html(tmp_path / "one.html").read_bytes()
    two = sv.build_report(*findings).to_html(tmp_path / "two.html").read_bytes()
    assert one == two


def test_json_follows_its_schema_and_agrees_with_the_estimate(report, findings, tmp_path):
    payload = json.loads(report.to_json(tmp_path / "r.json").read_text())
    check(payload, json_schema())
    roi = findings[-1]
    figures = {one["label"]: one["value"] for one in payload["parts"][1]["figures"]}
    assert figures["Net value"] == roi.net_usd
    assert figures["Probability of a gain"] == roi.p_net_positive
    assert payload["evidence"] == "randomised"


def check(value, schema):
    """Hold a value against the few words of JSON schema that ours uses."""
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "number": (int, float), "null": type(None)}
    if "const" in schema:
        assert value == schema["const"]
    if "enum" in schema:
        assert value in schema["enum"]
    if "type" in schema:
        wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert isinstance(
            value,
            tuple(
                kind for name in wanted for kind in (kinds[name] if isinstance(kinds[name], tuple) else (kinds[name],))
            ),
        )
    if isinstance(value, dict):
        assert set(schema.get("required", [])) <= set(value)
        if schema.get("additionalProperties") is False:
            assert set(value) <= set(schema["properties"])
        for name, part in value.items():
            check(part, schema.get("properties", {}).get(name, {}))
    if isinstance(value, list):
        for part in value:
            check(part, schema.get("items", {}))


def test_simulated_evidence_is_stamped_on_every_form(tmp_path):
    people = pd.DataFrame({"contact_id": [f"C{number}" for number in range(3000)]})
    world = sv.World(reply_rate=0.06, log_effect=0.3)
    outcomes = sv.simulate_outcomes(sv.assign_variants(people, rng=1), world=world, rng=1)
    replies = sv.compare_reply_rates(outcomes, control="segment")
    report = sv.build_report(replies, sv.estimate_roi(replies, rng=1, n_draws=5_000))
    page = report.to_html(tmp_path / "r.html").read_text()
    assert report.simulated
    assert page.count(">SIMULATED<") >= 1 + page.count("<svg ")
    assert report.to_markdown(tmp_path / "r.md").read_text().startswith("# SIMULATED: ")
    assert json.loads(report.to_json(tmp_path / "r.json").read_text())["simulated"] is True
    report.to_xlsx(tmp_path / "r.xlsx")
    for sheet in openpyxl.load_workbook(tmp_path / "r.xlsx"):
        assert sheet["A1"].value == "SIMULATED", sheet.title
    assert report.headline.startswith("SIMULATED. ")


def test_findings_of_different_evidence_are_not_mixed(findings):
    people = pd.DataFrame({"contact_id": [f"C{number}" for number in range(900)]})
    outcomes = sv.simulate_outcomes(sv.assign_variants(people, rng=1), world=sv.World(reply_rate=0.1), rng=1)
    with pytest.raises(ArgumentError, match="mix the evidence"):
        sv.build_report(findings[-1], sv.compare_reply_rates(outcomes, control="segment"))


def test_what_is_no_finding_or_comes_twice_is_refused(findings):
    with pytest.raises(ArgumentError, match="can't show str"):
        sv.build_report("net")
    with pytest.raises(ArgumentError, match="two of RoiEstimate"):
        sv.build_report(findings[-1], findings[-1])


def test_no_form_shows_inf_or_nan(report, tmp_path):
    text = report.to_html(tmp_path / "r.html").read_text() + report.to_markdown(tmp_path / "r.md").read_text()
    assert not re.search(
        r"(?<![\w-])(?:nan|inf|NaN|None)(?![\w-])",
        re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", text, flags=re.DOTALL),
    )


@pytest.mark.parametrize(("rate", "decision"), [(0.12, "adopt"), (0.02, "do not adopt"), (0.046, "test more")])
def test_every_branch_of_the_decision_has_its_badge(rate, decision, tmp_path):
    test = SimpleNamespace(
        control="segment", treatment="individual", n_control=9000, n_treatment=9000, rate_control=0.04,
        rate_treatment=rate, lift=rate - 0.04, lift_low=rate - 0.046, lift_high=rate - 0.034, confidence=0.95,
        cluster=None, evidence="randomised",
    )  # fmt: skip
    if decision == "test more":
        test.n_control = test.n_treatment = 900
        test.lift_low, test.lift_high = rate - 0.06, rate - 0.02
    roi = sv.estimate_roi(test, rng=3, n_draws=20_000, n_contacts=20_000)
    report = sv.build_report(roi)
    assert roi.decision == decision
    page = report.to_html(tmp_path / "r.html").read_text()
    assert f'class="status status-{decision.replace(" not adopt", "_not").replace(" ", "_")}"' in page


def test_curves_looks_and_past_sends_have_their_place(outcomes, tmp_path):
    settings = {"control": "segment", "cluster": "company_id"}
    findings = [
        sv.compare_reply_rates(outcomes, **settings),
        sv.compare_over_time(outcomes, horizon_days=7, **settings),
        sv.monitor_reply_rates(outcomes, **settings),
        sv.check_health(outcomes, cluster="company_id"),
    ]
    parts = {part.key: part for part in sv.build_report(*findings).parts}
    assert findings[1].summary() in parts["replies"].sentences
    assert len(parts["replies"].pictures) == 2
    assert findings[2].summary() in parts["health"].sentences
    past = sv.compare_historical(outcomes, control="segment", covariates=["industry", "prior_opens"])
    report = sv.build_report(past, sv.estimate_roi(past, n_draws=2000, rng=1))
    assert report.evidence == "observational"
    assert report.parts[3].sentences[0] == past.summary()
    assert "not randomised" in report.to_html(tmp_path / "r.html").read_text()


def test_the_badge_tells_when_the_emails_left(report):
    assert re.search(r"; sent 2026-09-\d\d to 2026-09-\d\d, replies until 2026-\d\d-\d\d\.$", report.evidence_note)
