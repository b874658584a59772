"""A preview as static HTML: footnotes and hover say what each sentence states; all of the data is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from segvspers._display import html_table

if TYPE_CHECKING:
    import pandas as pd

    from segvspers.emails.preview import Preview, ShownEmail, ShownSentence

# The two colours that the variants have in every picture.
COLOURS = {"segment": "#0072B2", "individual": "#D55E00"}
STYLE = (
    "<style>.sv-preview{font-family:sans-serif;color:#222;background:#fff;padding:8px;max-width:1080px}"
    ".sv-preview h4{margin:14px 0 4px}"
    ".sv-pair{display:flex;gap:14px;flex-wrap:wrap}"
    ".sv-mail{flex:1 1 380px;border:1px solid #ccc;border-top:4px solid var(--c);border-radius:4px;padding:8px 12px}"
    ".sv-mail .subject{font-weight:600;border-bottom:1px solid #e4e4e4;padding-bottom:6px;margin-bottom:8px}"
    ".sv-mail p{margin:8px 0;line-height:1.45}"
    ".sv-mail .told{background:#eaf3fb;border-radius:2px;cursor:help}"
    ".sv-mail sup{color:#0072b2;font-size:.72em;margin-left:1px}"
    ".sv-preview table{border-collapse:collapse;font-size:13px}"
    ".sv-preview td,.sv-preview th{padding:2px 8px;border-bottom:1px solid #e4e4e4}"
    ".sv-preview td:not([style]),.sv-preview th:not([style]){text-align:left}"
    ".sv-preview pre{white-space:pre-wrap;background:#f6f6f6;padding:8px;font-size:12px;border-radius:4px}</style>"
)


def html_preview(preview: Preview) -> str:
    """Return the whole preview as one block of HTML without scripts."""
    told = _told(preview.facts, ("kind", "topic", "value"))
    sums = _told(preview.sums, ("what", "topic", "n_contacts"))
    pair = "".join(_email(email, sums if email.variant == "segment" else told) for email in preview.emails)
    return (
        f'<div class="sv-preview">{STYLE}<p>{escape(preview.summary())}</p><div class="sv-pair">{pair}</div>'
        f"<h4>Facts that may be stated</h4>{_facts_table(preview.facts)}"
        f"{_sums_table(preview.sums)}"
        "<h4>What would leave, if a language model wrote</h4>"
        f"<details open><summary>The contact, as quoted data</summary><pre>{escape(preview.data)}</pre></details>"
        f"<details><summary>The instructions, the same for the whole campaign</summary>"
        f"<pre>{escape(preview.instructions)}</pre></details></div>"
    )


def _told(table: pd.DataFrame, columns: tuple[str, ...]) -> dict[int, str]:
    """Return what each numbered row says, for the hover text."""
    return {
        int(row["place"]): " · ".join(str(row[name]) for name in columns if str(row[name]))
        for _, row in table.iterrows()
    }


def _email(email: ShownEmail, told: dict[int, str]) -> str:
    paragraphs: list[list[str]] = []
    for sentence in email.sentences:
        if sentence.opens_paragraph or not paragraphs:
            paragraphs.append([])
        paragraphs[-1].append(_sentence(sentence, told))
    body = "".join(f"<p>{' '.join(paragraph)}</p>" for paragraph in paragraphs)
    size = f"{email.bits:.1f} bits: true of {email.audience_size:,}"
    return (
        f'<div class="sv-mail" style="--c:{COLOURS[email.variant]}"><small>{email.variant} · {size}</small>'
        f'<div class="subject">{_sentence(email.subject, told)}</div><p>Hi {escape(email.greeting)},</p>{body}</div>'
    )


def _sentence(sentence: ShownSentence, told: dict[int, str]) -> str:
    if not sentence.stated:
        return f"<span>{escape(sentence.text)}</span>"
    hover = escape("; ".join(f"{place}: {told.get(place, '')}" for place in sentence.stated), quote=True)
    notes = ", ".join(map(str, sentence.stated))
    return f'<span class="told" title="{hover}">{escape(sentence.text)}</span><sup>{notes}</sup>'


def _facts_table(facts: pd.DataFrame) -> str:
    shown = facts.assign(
        occurred_on=facts["occurred_on"].dt.strftime("%Y-%m-%d").fillna(""),
        stated=facts["stated"].map({True: "yes", False: ""}),
    )
    return html_table(shown.rename(columns={"place": "note", "position": "in the prompt"}))


def _sums_table(sums: pd.DataFrame) -> str:
    if sums.empty:
        return ""
    table = html_table(sums.rename(columns={"place": "note"}), formats={"share": "percent", "n_contacts": "count"})
    return f"<h4>Sums that the segment's template was written from</h4>{table}"
