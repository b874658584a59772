"""The finding: what it says, draws and shows; every text escaped, and no name in what a report takes over."""

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import segvspers as sv


@pytest.fixture(scope="module")
def wrong(audience, facts, campaign, contacts):
    emails = sv.write_emails(audience.iloc[40:60], facts, campaign=campaign).drop(columns="body_html")
    individual = (emails["variant"] == "individual") & (emails["writer"] == "offline")
    bad = emails["body_text"].where(
        ~individual, emails["body_text"].str.replace("Best,", "<b>NEVER</b> in 2019!! {{x}}\n\nBest,", regex=False)
    )
    bad.iloc[-1] = bad.iloc[-1].split("\n\n--\n")[0]
    return sv.audit_emails(emails.assign(body_text=bad), facts, contacts=contacts, campaign=campaign)


def test_the_summary_counts_and_names_nobody(wrong, contacts):
    told = wrong.summary()
    assert re.fullmatch(
        r"\d+ of 40 emails passed every check \([\d.]+ %\)\. \d+ emails should be looked at\. "
        r"Median bits of personalization: individual [\d.]+, segment [\d.]+\.", told
    )  # fmt: skip
    assert not any(name in told for name in contacts["first_name"].dropna().unique())
    assert not set(wrong.to_frame().columns) & {"span", "body_text", "subject"}


def test_the_worst_come_first_and_can_be_looked_at_as_a_table(wrong):
    worst = wrong.worst(5).to_frame()
    assert len(worst) == 5
    counts = list(zip(worst["n_failures"], worst["n_warnings"], strict=True))
    assert counts == sorted(counts, reverse=True)
    assert worst.loc[0, "checks"].startswith("text that no sentence accounts for")
    assert len(wrong.worst(1000).to_frame()) == wrong.findings["email_id"].nunique()


def test_the_html_marks_the_words_and_lets_nothing_live_through(wrong):
    told = wrong._repr_html_()
    assert told == wrong._repr_html_()
    assert "<b>NEVER" not in told
    assert "&lt;b&gt;NEVER" in told
    assert "unfilled token: “{{x}}” (must be mended)" in told
    assert "value not in the cited facts: “2019”" in told
    assert "no postal address (must be mended)" in wrong.worst(1000)._repr_html_()
    marked = "".join(re.findall(r"<mark[^>]*>(.*?)<sup", told, flags=re.DOTALL))
    assert "in 2019!! {{x}}" in marked
    assert told.count("<details") == told.count("</details>") == min(10, wrong.findings["email_id"].nunique())


def test_marks_around_words_leave_the_text_as_it_was(wrong):
    from html import unescape

    worst = wrong.worst(3)
    shown = re.findall(r"margin:6px 0\">(?!<strong>)(.*?)</div>", worst._repr_html_(), flags=re.DOTALL)
    plain = [unescape(re.sub(r"<[^>]+>", "", re.sub(r"<sup.*?</sup>", "", text))) for text in shown]
    assert plain == worst.to_frame()["body_text"].tolist()


def test_an_audit_without_findings_shows_no_emails(audience, facts, campaign):
    emails = sv.write_emails(audience.head(5), facts, campaign=campaign)
    audit = sv.audit_emails(emails, facts, campaign=campaign)
    assert audit.findings.empty
    assert "details" not in audit._repr_html_()
    assert audit.worst().to_frame().empty
    assert "No email has a finding." in audit.worst()._repr_html_()


def test_bits_of_all_variants_stand_on_one_axis(audience, facts, campaign):
    emails = sv.write_emails(audience.iloc[:30], facts, campaign=campaign, variants=["blast", "segment", "individual"])
    ax = plt.subplots()[1]
    assert sv.audit_emails(emails, facts, campaign=campaign).plot(ax=ax) is ax
    names = [tick.get_text().split("\n")[0] for tick in ax.get_yticklabels()]
    assert names == ["blast", "segment", "individual"]
    widths = [bar.get_width() for bar in ax.patches]
    assert widths[0] == 0
    assert widths == sorted(widths)


def test_findings_have_the_same_columns_with_and_without_any(wrong, audience, facts, campaign):
    none = sv.audit_emails(sv.write_emails(audience.head(2), facts, campaign=campaign), facts, campaign=campaign)
    assert none.findings.columns.tolist() == wrong.findings.columns.tolist()
    assert isinstance(wrong.findings, pd.DataFrame)


def test_emails_of_others_without_bits_and_no_emails_at_all_are_summed_up(facts, campaign):
    own = pd.DataFrame(
        {"variant": ["segment"], "contact_id": ["C1"], "subject": ["Hello"], "body_text": ["Hi,\n\nIt costs $900."]}
    )
    audit = sv.audit_emails(sv.read_emails(own), facts, campaign=campaign)
    assert audit.summary() == "0 of 1 emails passed every check (0.0 %). 1 email should be looked at."
    assert audit.findings.loc[audit.findings["severity"] == "fail", "span"].tolist()[0] == "$900"
    none = sv.audit_emails(sv.read_emails(own).head(0), facts, campaign=campaign)
    assert none.summary() == "0 of 0 emails passed every check (not estimable)."


def test_a_list_may_be_pandas_polars_or_arrow(contacts):
    import numpy as np
    import polars as pl

    from segvspers.emails.audit import Listed

    plain = contacts[["contact_id", "company", "first_name", "last_name", "email"]].head(300).astype(object)
    of_polars = pl.from_pandas(plain)
    hashes = [Listed.of(table).people for table in (plain, of_polars, of_polars.to_arrow())]
    np.testing.assert_array_equal(hashes[0], hashes[1])
    np.testing.assert_array_equal(hashes[0], hashes[2])
