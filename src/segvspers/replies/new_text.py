"""The new text of a reply, told from what it quotes.

`quotequail` (Close, MIT) finds most quotations, in plain text and by the structure of HTML. What it leaves is cut by what
all mail programs share in any language: a line that ends with a colon and names a time of day and an address, or a block of
header lines with an address or a time in it.
"""

from __future__ import annotations

import re

LONGEST, MOST_LINES = 100_000, 1_000
TIME = r"\d{1,2}[:.h]\d{2}"
ADDRESS = r"[^\s<>@]{1,64}@[^\s<>@]{1,255}"
HEADER = re.compile(r"^[*_> ]{0,4}[^\W\d_][\w .-]{0,24}[*_]{0,2}\s?:[*_]{0,2}\s\S.*$")
DASHES = re.compile(r"^\s*[-_*=]{2,}[^\n]{0,60}[-_*=]{2,}\s*$|^\s*_{10,}\s*$")


def new_text(text: str, *, html: str = "") -> str:
    r"""Return what the writer of a reply added.

    Parameters
    ----------
    text
        The plain body.
    html
        The HTML body, which counts where the plain one is empty.

    Examples
    --------
    >>> new_text("Yes, Thursday.\n\nOn Mon, Apr 2, 2012 at 6:26 PM, Maya <maya@example.com> wrote:\n> Would Thursday suit you?")
    'Yes, Thursday.'
    """
    if text.strip():
        return _tidy("\n".join(map(_cut, _without_quotation(_plain(text)))))
    return _tidy("\n".join(map(_cut, _text_of_html(_plain(html))))) if html.strip() else ""


def _plain(text: str) -> str:
    """Return a text without marks of direction, which stand inside times, cut at its limits."""
    head = "\n".join(text[:LONGEST].split("\n")[:MOST_LINES])
    return re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", head)


def _tidy(text: str) -> str:
    """Drop lines at the end that are empty or only draw a rule."""
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or (len(lines[-1].strip()) >= 5 and not lines[-1].strip(" -_=*"))):
        lines.pop()
    return "\n".join(lines).strip()


def plain_of_html(html: str) -> str:
    """Return HTML as text: one line a block, nothing of styles, scripts and comments."""
    import lxml.etree
    import lxml.html

    try:
        tree = lxml.html.fromstring(
            html.encode("utf-8", errors="replace"), parser=lxml.html.HTMLParser(encoding="utf-8")
        )
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return re.sub(r"<[^>]{0,1000}>", " ", html)
    for gone in tree.xpath("//style|//script|//head|//title|//comment()|//processing-instruction()"):
        if gone.getparent() is not None:
            gone.drop_tree()
    for block in tree.iter("br", "p", "div", "tr", "li", "blockquote", "hr", "h1", "h2", "h3", "table", "pre"):
        block.tail = "\n" + (block.tail or "")
        if block.tag not in {"br", "hr"}:
            block.text = "\n" + (block.text or "")
    lines = [re.sub(r"[^\S\n]+", " ", line).strip() for line in tree.text_content().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _text_of_html(html: str) -> list[str]:
    import quotequail

    if len(re.findall(r"<(?:br|p|div|tr|li)\b", html, flags=re.IGNORECASE)) > MOST_LINES:
        return _without_quotation(_plain(plain_of_html(html)))
    try:
        parts = quotequail.unwrap_html(html)
    except Exception:  # noqa: BLE001  lxml and the library raise what they like on broken HTML; the text is cut all the same
        parts = None
    kept = _tops(parts, "html_top", "html_bottom") if parts else None
    return list(map(plain_of_html, kept or [html]))


def _without_quotation(text: str) -> list[str]:
    import quotequail

    try:
        parts = quotequail.unwrap(text)
    except Exception:  # noqa: BLE001  as above
        parts = None
    kept = _tops(parts, "text_top", "text_bottom") if parts else None
    return kept or [text]


def _tops(parts: dict[str, str], *names: str) -> list[str]:
    return [parts[name] for name in names if (parts.get(name) or "").strip()]


def _cut(text: str) -> str:
    """Cut at the first line that introduces a quotation, and drop quoted lines."""
    lines = text.split("\n")
    for place in range(len(lines)):
        if _introduces(lines, place):
            after = [line for line in lines[place + 1 :] if line.strip()]
            below = [] if after and not after[0].lstrip().startswith(">") else _below(lines, place)
            lines = [*lines[:place], *below]
            break
    kept = [line for line in lines if not line.lstrip().startswith(">")]
    return "\n".join(kept)


def _below(lines: list[str], place: int) -> list[str]:
    """Return what is written under a quotation whose lines are marked."""
    return [line for line in lines[place + 1 :] if not line.lstrip().startswith(">")]


def _introduces(lines: list[str], place: int) -> bool:
    line = lines[place].strip()
    if not line or len(line) > 400 or line.startswith(">"):
        return False
    for span in (1, 2, 3) if re.search(TIME, line) or re.search(ADDRESS, line) else ():
        one = " ".join(part.strip() for part in lines[place : place + span])
        if one.endswith(":") and len(one) < 400 and re.search(TIME, one) and re.search(ADDRESS, one):
            return True
    if DASHES.match(line) and place + 1 < len(lines):
        return _is_header_block([one for one in lines[place + 1 : place + 8] if one.strip()])
    return _is_header_block(lines[place : place + 5])


def _is_header_block(lines: list[str]) -> bool:
    """Tell whether lines are headers of a quoted mail: three or more, with an address or a time among them."""
    block = []
    for line in lines:
        if not HEADER.match(line.strip()):
            break
        block.append(line)
    told = "\n".join(block)
    return len(block) >= 3 and bool(re.search(ADDRESS, told) or re.search(TIME, told))
