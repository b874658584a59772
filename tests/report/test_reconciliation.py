"""Figures on the page agree with each other, with the JSON and with the tables that went in."""

import json
import math
import re
from html import unescape

import pytest

from segvspers import _display

NUMBER = re.compile(r"(?<![\w.$])-?[$€£]?\d+(?:,\d{3})*(?:\.\d+)?(?: %)?")
# Figures that are no finding: limits of mailbox providers, versions, ordinals.
KNOWN = {"0.1 %", "0.3 %", "5 %"}


@pytest.fixture(scope="module")
def payload(report, tmp_path_factory):
    return json.loads(report.to_json(tmp_path_factory.mktemp("json") / "r.json").read_text())


def values(payload):
    """Every number of the JSON: scalars of the findings, figures and cells of tables."""
    for part in payload["numbers"].values():
        yield from part.values()
    for part in payload["parts"]:
        yield from (figure["value"] for figure in part["figures"])
        for table in part["tables"]:
            yield from (cell for row in table["rows"] for cell in row)


def wordings(value):
    """Every way in which the page words a number, without sign and mark."""
    for digits in range(4):
        yield f"{abs(value) * 100:.{digits}f} %"
        yield f"{abs(value) * 100:.{digits}f}"
        yield f"{abs(value):,.{digits}f}"
        yield f"{abs(value - 1) * 100:.{digits}f} %"
    yield f"{abs(value):,.4g}"
    yield f"{abs(value):.3g}"


def test_every_number_in_every_sentence_and_tile_is_one_of_the_json(payload):
    known = set(KNOWN)
    for value in values(payload):
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            known.update(wordings(value))
    known.update(wordings(sum(payload["numbers"]["replies"][f"n_{arm}"] for arm in ("control", "treatment"))))
    total = sum(payload["numbers"]["revenue"][f"total_{arm}"] for arm in ("control", "treatment"))
    known.update(wordings(total))
    strange = []
    for part in payload["parts"]:
        if part["key"] in {"appendix", "health"}:
            continue
        texts = part["sentences"] + [figure["text"] + " " + figure["note"] for figure in part["figures"]]
        for text in texts:
            found = [match.group().lstrip("-$€£") for match in NUMBER.finditer(text)]
            strange += [
                (part["key"], one, text) for one in found if one not in known and one.removesuffix(" %") not in known
            ]
    assert strange == []


def test_tiles_and_tables_of_the_page_word_the_numbers_of_the_json(payload, report, tmp_path):
    page = unescape(report.to_html(tmp_path / "r.html").read_text())
    for part, block in zip(payload["parts"], report.parts, strict=True):
        for figure in part["figures"]:
            assert figure["text"] in page
        for table, shown in zip(part["tables"], block.tables, strict=True):
            for column, wording in shown.formats.items():
                place = table["columns"].index(column)
                for row in table["rows"]:
                    if isinstance(row[place], (int, float)):
                        assert f">{getattr(_display, wording)(row[place])}<" in page


def test_rates_lifts_and_totals_follow_from_the_counts(payload, outcomes):
    replies, roi = payload["numbers"]["replies"], payload["numbers"]["roi"]
    for arm, variant in (("control", "segment"), ("treatment", "individual")):
        rows = outcomes[outcomes["variant"] == variant]
        assert replies[f"n_{arm}"] == len(rows)
        assert replies[f"replies_{arm}"] == int(rows["replied"].sum())
        assert replies[f"rate_{arm}"] == pytest.approx(rows["replied"].mean())
        assert payload["numbers"]["revenue"][f"total_{arm}"] == pytest.approx(rows["revenue_usd"].sum())
    assert replies["lift"] == pytest.approx(replies["rate_treatment"] - replies["rate_control"])
    assert roi["lift"] == replies["lift"]
    assert roi["n_contacts"] == len(outcomes)


def test_means_add_up_from_the_items_to_the_net(findings):
    roi = findings[-1]
    items = roi.costs.groupby("variant")["cost_mean_usd"].sum()
    means = roi.quantities.set_index("quantity")["mean"]
    assert items["segment"] == pytest.approx(means["cost_control"])
    assert items["individual"] == pytest.approx(means["cost_treatment"])
    assert means["cost_difference"] == pytest.approx(items["individual"] - items["segment"])
    assert means["net"] == pytest.approx(means["benefit"] - means["cost_difference"])
    assert roi.net_mean_usd == pytest.approx(means["net"])
    assert roi.quarters["probability"].sum() == pytest.approx(1)
    earned = roi.funnel.pivot_table(index="step", columns="variant", values="mean").loc["margin"]
    assert earned["individual"] - earned["segment"] == pytest.approx(means["benefit"])


def test_revenue_on_the_page_ties_to_the_input(report, outcomes, tmp_path):
    total = outcomes["revenue_usd"].sum()
    assert f"adds up to ${total:,.2f}, the total of the input" in report.to_html(tmp_path / "r.html").read_text()
