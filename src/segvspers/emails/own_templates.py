"""Templates that a team has written itself, read and checked before they stand beside individual emails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segvspers.emails.brief import Sentence
from segvspers.emails.templates import Template
from segvspers.errors import ArgumentError, MissingFileError, raise_all


def read_templates(path: str | Path) -> dict[str, Template]:
    """Read a team's own templates from YAML: a subject and a body for each segment.

    Parameters
    ----------
    path
        A file that maps each `segment_id` to ``subject`` and ``body``. Merge fields stand in double braces, as in
        ``{{ company }}``; ``{% if company %}`` works too. The greeting, the signature and the footer are added.

    Returns
    -------
    dict
        Templates by segment, for `templates=` of `write_emails` and `check_merge_fields`.

    Raises
    ------
    MissingFileError
        When there is no such file.
    ArgumentError
        With every problem of every template at once.

    Examples
    --------
    >>> from segvspers.emails.own_templates import make_templates
    >>> make_templates({"S1": {"subject": "News for {{ company }}", "body": "We have news."}})["S1"].fields
    ('company', 'first_name')
    """
    import yaml

    source = Path(path)
    if not source.is_file():
        raise MissingFileError(f"templates: no file at {path}; check the spelling and the folder.")
    try:
        given = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        where = getattr(problem, "problem_mark", None)
        line = f" near line {where.line + 1}" if where is not None else ""
        raise ArgumentError(f"{source.name} is no readable YAML{line}; check quotes and indents.") from None
    if not isinstance(given, dict) or not given:
        raise ArgumentError(f"{source.name} must map each segment_id to a subject and a body.")
    return make_templates(given, what=source.name)


def make_templates(given: Mapping[Any, Any], *, what: str = "templates") -> dict[str, Template]:
    """Return templates from plain values; all problems come in one `ArgumentError`."""
    problems = [problem for segment, told in given.items() for problem in _problems(str(segment), told)]
    raise_all(what, problems, error=ArgumentError)
    return {str(segment): _template(str(segment), told["subject"], told["body"]) for segment, told in given.items()}


def _problems(segment: str, told: Any) -> list[str]:
    from jinja2 import TemplateSyntaxError

    if not isinstance(told, Mapping) or set(told) != {"subject", "body"}:
        return [f"{segment}: give a subject and a body, and nothing else"]
    found = []
    for name, text in told.items():
        if not isinstance(text, str) or not text.strip():
            found.append(f"{segment}.{name}: it is empty")
            continue
        try:
            _template(segment, text, text).fields  # noqa: B018  reading the fields parses the text
        except TemplateSyntaxError as problem:
            found.append(f"{segment}.{name}: line {problem.lineno} is no template; check its braces")
    if not found and "\n" in told["subject"].strip():
        found.append(f"{segment}.subject: it must stand on one line")
    return found


def _template(segment: str, subject: str, body: str) -> Template:
    paragraphs = [" ".join(part.split()) for part in body.strip().split("\n\n")]
    sentences = tuple(Sentence(text, "body", (), opens_paragraph=True) for text in paragraphs)
    return Template(segment, subject.strip(), sentences, 0)
