"""Reports for leadership: one page and an appendix, in HTML, XLSX, JSON and Markdown; nothing is computed here."""

from segvspers.report.build import Report, build_report
from segvspers.report.json_form import json_schema

__all__ = ["Report", "build_report", "json_schema"]
