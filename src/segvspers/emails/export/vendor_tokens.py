"""A template's merge fields in the words of the program that will fill them, each with its fallback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from segvspers.emails.templates import parsed


@dataclass(frozen=True, slots=True)
class Tokens:
    """How a program names a field, says something else where it is empty, and names its own way out.

    `value` and `test` take the name of the field; `names` are those of fields that differ from ours.
    """

    value: str
    with_fallback: str
    choice: str
    unsubscribe: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    rename: Callable[[str], str] = str


VENDORS = {
    "mailchimp": Tokens(
        "*|{name}|*", "*|IF:{name}|**|{name}|**|ELSE:|*{fallback}*|END:IF|*", "*|IF:{name}|*{then}*|ELSE:|*{other}*|END:IF|*", "*|UNSUB|*",
        {"first_name": "FNAME", "last_name": "LNAME"}, lambda name: name.upper()[:10],
    ),
    # Filters do nothing to contact tokens in HubSpot's emails; its own function takes the fallback.
    "hubspot": Tokens(
        "{{{{ contact.{name} }}}}", "{{{{ personalization_token('contact.{name}', {quoted}) }}}}",
        "{{% if contact.{name} %}}{then}{{% else %}}{other}{{% endif %}}", "{{ unsubscribe_link }}",
        {"first_name": "firstname", "last_name": "lastname"}, str.lower,
    ),
    "klaviyo": Tokens(
        "{{{{ {name} }}}}", "{{{{ {name}|default:{quoted} }}}}", "{{% if {name} %}}{then}{{% else %}}{other}{{% endif %}}",
        "{% unsubscribe_link %}", {"first_name": "first_name", "last_name": "last_name", "company": "person|lookup:'Company'"},
        lambda name: f"person|lookup:'{name}'",
    ),
    # An empty text counts as true in Liquid.
    "liquid": Tokens(
        "{{{{ {name} }}}}", "{{{{ {name} | default: {quoted} }}}}",
        '{{% if {name} and {name} != "" %}}{then}{{% else %}}{other}{{% endif %}}', None, {"company": "company_name"},
    ),
}  # fmt: skip


class NotPortableError(ValueError):
    """A template does more than fill fields and choose by whether one is empty."""


def in_tokens(text: str, vendor: str, fallbacks: Mapping[str, str], *, html: bool) -> str:
    """Return a template's text with the tokens of a vendor.

    Parameters
    ----------
    text
        With merge fields in double braces; ``{% if field %}`` may stand in it.
    vendor
        One of mailchimp, hubspot, klaviyo, liquid.
    fallbacks
        What is said where a field is empty.
    html
        Escape the words for HTML; the tokens stay.

    Raises
    ------
    NotPortableError
        When the template does something that not every vendor can.

    Examples
    --------
    >>> in_tokens("Hi {{ first_name }},", "mailchimp", {"first_name": "there"}, html=False)
    'Hi *|IF:FNAME|**|FNAME|**|ELSE:|*there*|END:IF|*,'
    >>> in_tokens("Hi {{ first_name }},", "klaviyo", {"first_name": "there"}, html=False)
    "Hi {{ first_name|default:'there' }},"
    """
    return _nodes(parsed(text).body, VENDORS[vendor], fallbacks, escape_words=html)


def token_of(name: str, vendor: str) -> str:
    """Return the token of a column of ours, without a fallback."""
    tokens = VENDORS[vendor]
    return tokens.value.format(name=tokens.names.get(name) or tokens.rename(name))


def choice_of(name: str, tokens: Tokens, *, then: str, other: str = "") -> str:
    """Return what is said where a field, by the vendor's name, is filled, and what where it is empty."""
    text = tokens.choice.format(name=name, then=then, other=other)
    return (
        text
        if other
        else text.replace("{% else %}{% endif %}", "{% endif %}").replace("*|ELSE:|**|END:IF|*", "*|END:IF|*")
    )


def _nodes(nodes: list[Any], tokens: Tokens, fallbacks: Mapping[str, str], *, escape_words: bool) -> str:
    return "".join(_node(node, tokens, fallbacks, escape_words=escape_words) for node in nodes)


def _node(node: Any, tokens: Tokens, fallbacks: Mapping[str, str], *, escape_words: bool) -> str:
    from jinja2 import nodes

    if isinstance(node, nodes.TemplateData):
        return escape(node.data, quote=False) if escape_words else node.data
    if isinstance(node, nodes.Output):
        return _nodes(node.nodes, tokens, fallbacks, escape_words=escape_words)
    if isinstance(node, nodes.Name):
        fallback = fallbacks.get(node.name, "")
        name = tokens.names.get(node.name) or tokens.rename(node.name)
        if not fallback:
            return tokens.value.format(name=name)
        words = escape(fallback, quote=False) if escape_words else fallback
        return tokens.with_fallback.format(name=name, fallback=words, quoted=_quoted(words))
    if isinstance(node, nodes.If) and isinstance(node.test, nodes.Name) and not node.elif_:
        then = _nodes(node.body, tokens, fallbacks, escape_words=escape_words)
        if fallbacks.get(node.test.name):  # a field with a fallback is never empty
            return then
        other = _nodes(node.else_, tokens, fallbacks, escape_words=escape_words)
        if "*|IF:" in then + other:
            raise NotPortableError("a fallback inside a choice, which Mailchimp can't tell apart")
        return choice_of(
            tokens.names.get(node.test.name) or tokens.rename(node.test.name), tokens, then=then, other=other
        )
    raise NotPortableError(type(node).__name__)


def _quoted(words: str) -> str:
    mark = '"' if "'" in words else "'"
    if mark in words or "\\" in words:
        raise NotPortableError("a fallback with both kinds of quotes")
    return f"{mark}{words}{mark}"
