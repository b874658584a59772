"""The report as five slides whose charts are native, so that a presenter can edit every number."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._display import count, interval, money, percent, points, spoken
from segvspers.errors import MissingPackageError, NotEstimableError
from segvspers.plots.style import SERIES, variant_colour

if TYPE_CHECKING:
    from segvspers.report.build import Report
    from segvspers.roi import RoiEstimate

INK, SOFT, PANEL, STAMP = "1D1D1F", "56565C", "F5F6F8", "B00020"
STATUS_COLOURS = {"adopt": "00664F", "adopt_for_groups": "00664F", "do_not": "A3001B"}
WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
N_ROWS = 7


def write_pptx(report: Report, path: Path) -> None:
    """Write the slides.

    Raises
    ------
    MissingPackageError
        When python-pptx is not installed.
    NotEstimableError
        When the report holds no estimate of ROI: there is nothing to present.
    """
    try:
        from pptx import Presentation
        from pptx.util import Inches
    except ImportError:
        raise MissingPackageError("slides need python-pptx; install it with `pip install segvspers[pptx]`.") from None
    if report.found.roi is None:
        raise NotEstimableError(
            "slides tell an estimate of ROI, and this report has none; hand over estimate_roi(...)."
        )
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    deck.core_properties.title = report.title
    deck.core_properties.author = "segvspers"
    for draw in (_decision, _replies, _costs, _doubt, _next):
        slide = _Slide(deck, report)
        draw(slide, report.found.roi)
    deck.save(str(path))


class _Slide:
    """One slide and the few things that are put on it, placed in inches."""

    def __init__(self, deck: Any, report: Report) -> None:
        self.report = report
        self.slide = deck.slides.add_slide(deck.slide_layouts[5])  # title only
        self.number = len(deck.slides)
        self.text(f"{report.evidence_label} {report.evidence_note}", MARGIN, 7.0, 10.2, 0.35, size=10, colour=SOFT)
        self.text(str(self.number), 12.2, 7.0, 0.55, 0.35, size=10, colour=SOFT, right=True)
        if report.simulated:
            self.text("SIMULATED", 10.3, 0.05, 2.5, 0.4, size=16, colour=STAMP, bold=True, right=True)

    def title(self, text: str) -> None:
        from pptx.util import Inches

        shape = self.slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = map(Inches, (MARGIN, 0.4, WIDTH - 2 * MARGIN, 1.0))
        self._fill(shape.text_frame, text, size=26, colour=INK, bold=True)

    def text(
        self, text: str, left: float, top: float, width: float, height: float, *, size: int = 16, colour: str = INK,
        bold: bool = False, right: bool = False,
    ) -> None:  # fmt: skip
        from pptx.util import Inches

        box = self.slide.shapes.add_textbox(*map(Inches, (left, top, width, height)))
        self._fill(box.text_frame, text, size=size, colour=colour, bold=bold, right=right)

    def panel(self, label: str, figure: str, note: str, left: float, top: float, width: float) -> None:
        from pptx.dml.color import RGBColor
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Inches

        shape = self.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *map(Inches, (left, top, width, 1.7)))
        shape.fill.solid()
        shape.fill.fore_color.rgb = RGBColor.from_string(PANEL)
        shape.line.fill.background()
        shape.shadow.inherit = False
        self.text(label, left + 0.1, top + 0.08, width - 0.2, 0.35, size=13, colour=SOFT)
        self.text(figure, left + 0.1, top + 0.45, width - 0.2, 0.6, size=26 if len(figure) < 13 else 18, bold=True)
        self.text(note, left + 0.1, top + 1.1, width - 0.2, 0.55, size=11, colour=SOFT)

    def badge(self, text: str, colour: str, left: float, top: float, width: float) -> None:
        from pptx.dml.color import RGBColor
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Inches

        shape = self.slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *map(Inches, (left, top, width, 0.45)))
        shape.fill.solid()
        shape.fill.fore_color.rgb = RGBColor.from_string(colour)
        shape.line.fill.background()
        self._fill(shape.text_frame, text, size=16, colour="FFFFFF", bold=True)

    def bars(
        self, categories: list[str], series: list[tuple[str, list[float], str]], *, title: str, number_format: str,
        left: float, top: float, width: float, height: float, stacked: bool = False, colours: list[str] | None = None,
    ) -> None:  # fmt: skip
        """Put a bar chart; the first category is on top. `colours` are those of the bars of a single series."""
        from pptx.chart.data import CategoryChartData
        from pptx.dml.color import RGBColor
        from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
        from pptx.util import Inches, Pt

        data = CategoryChartData(number_format=number_format)
        data.categories = categories[::-1]  # a bar chart is drawn from below
        for name, values, _ in series:
            data.add_series(name, values[::-1])
        kind = XL_CHART_TYPE.BAR_STACKED if stacked else XL_CHART_TYPE.BAR_CLUSTERED
        chart = self.slide.shapes.add_chart(kind, *map(Inches, (left, top, width, height)), data).chart
        chart.font.size, chart.font.color.rgb = Pt(12), RGBColor.from_string(INK)
        chart.has_title = True
        self._fill(chart.chart_title.text_frame, title, size=14, colour=INK, bold=False)
        chart.has_legend = len(series) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        chart.category_axis.format.line.color.rgb = RGBColor.from_string(SOFT)
        chart.value_axis.major_gridlines.format.line.color.rgb = RGBColor.from_string("D9D9D9")
        chart.value_axis.tick_labels.number_format = number_format
        chart.value_axis.tick_labels.number_format_is_linked = False
        if min(value for _, values, _ in series for value in values) >= 0:
            chart.value_axis.minimum_scale = 0
        plot = chart.plots[0]
        plot.gap_width, plot.overlap = 60, 100 if stacked else -10
        for drawn, (_, _, colour) in zip(plot.series, series, strict=True):
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = RGBColor.from_string(colour.lstrip("#"))
        for place, colour in enumerate(reversed(colours or [])):
            fill = plot.series[0].points[place].format.fill
            fill.solid()
            fill.fore_color.rgb = RGBColor.from_string(colour.lstrip("#"))
        if not stacked and len(categories) <= 6:
            plot.has_data_labels = True
            plot.data_labels.number_format, plot.data_labels.number_format_is_linked = number_format, False
            plot.data_labels.font.size = Pt(11)

    def table(self, rows: list[tuple[str, ...]], widths: list[float], left: float, top: float) -> None:
        from pptx.dml.color import RGBColor
        from pptx.util import Inches

        frame = self.slide.shapes.add_table(
            len(rows), len(widths), *map(Inches, (left, top, sum(widths), 0.34 * len(rows)))
        )
        table = frame.table
        for column, width in enumerate(widths):
            table.columns[column].width = Inches(width)
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                cell = table.cell(place, column)
                cell.fill.solid()
                cell.fill.fore_color.rgb = RGBColor.from_string("E6EEF5" if place == 0 else "FFFFFF")
                cell.margin_top = cell.margin_bottom = Inches(0.03)
                self._fill(cell.text_frame, text, size=11, colour=INK, bold=place == 0)

    @staticmethod
    def _fill(frame: Any, text: str, *, size: int, colour: str, bold: bool, right: bool = False) -> None:
        from pptx.dml.color import RGBColor
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        frame.word_wrap = True
        frame.text = text
        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
            for run in paragraph.runs:
                run.font.size, run.font.bold = Pt(size), bold
                run.font.color.rgb = RGBColor.from_string(colour)


def _money(roi: RoiEstimate, value: float) -> str:
    return money(value, currency=roi.currency)


def _money_format(roi: RoiEstimate) -> str:
    mark = {"USD": "$", "EUR": "€", "GBP": "£"}.get(roi.currency, f'"{roi.currency} "')
    return f"{mark}#,##0;-{mark}#,##0"


def _decision(slide: _Slide, roi: RoiEstimate) -> None:
    report = slide.report
    slide.title(report.title)
    slide.badge(report.status_label, STATUS_COLOURS.get(report.status, "7A5200"), MARGIN, 1.45, 3.4)
    slide.text(roi.decision_sentence, MARGIN, 2.05, WIDTH - 2 * MARGIN, 1.6, size=20)
    tiles = next(part.tiles for part in report.parts if part.key == "net")
    width = (WIDTH - 2 * MARGIN - 0.2 * (len(tiles) - 1)) / len(tiles)
    for place, tile in enumerate(tiles):
        slide.panel(tile.label, tile.text, tile.note, MARGIN + place * (width + 0.2), 4.0, width)
    slide.text(report.parts[2].sentences[0], MARGIN, 6.0, WIDTH - 2 * MARGIN, 0.8, size=13, colour=SOFT)


def _replies(slide: _Slide, roi: RoiEstimate) -> None:
    name = "Replies" if not roi.value_path else "Outcome"
    slide.title(
        f"{name}: {percent(roi.rate_treatment, 2)} with {roi.treatment} emails, {percent(roi.rate_control, 2)} with {roi.control}"
    )
    rates = [("reply rate" if not roi.value_path else "rate", [roi.rate_control, roi.rate_treatment], SERIES[0])]
    categories = [roi.control, roi.treatment]
    colours = [variant_colour(roi.control, role="control"), variant_colour(roi.treatment), SERIES[6]]
    told = math.isfinite(roi.break_even_rate) and 0 < roi.break_even_rate < 1
    if told:
        categories.append("needed to break even")
        rates[0][1].append(roi.break_even_rate)
    slide.bars(categories, rates, title=f"{name} of all contacts assigned", number_format="0.00%", left=MARGIN, top=1.5,
               width=7.4, height=5.2, colours=colours[: len(categories)])  # fmt: skip
    span = interval(points(roi.lift_low), points(roi.lift_high))
    lines = [
        f"{count(roi.n_control)} contacts with {roi.control}, {count(roi.n_treatment)} with {roi.treatment} emails.",
        f"Lift seen: {points(roi.lift)} ({percent(roi.lift_confidence, 0)} interval {span}).",
    ]
    if told:
        lines.append(
            f"Lift needed to break even: {points(roi.break_even_lift)}; met with probability {percent(roi.p_above_break_even, 0)}."
        )
    slide.text("\n\n".join(lines), 8.3, 1.7, 4.4, 4.5, size=16)


def _costs(slide: _Slide, roi: RoiEstimate) -> None:
    more = "more" if roi.cost_difference_usd > 0 else "less"
    slide.title(
        f"{roi.treatment} emails cost {_money(roi, abs(roi.cost_difference_usd))} {more} than {roi.control} emails".capitalize()
    )
    table = roi.costs[roi.costs["cost_usd"] > 0]
    items = list(dict.fromkeys(table["item"]))
    cost = table.pivot_table(index="item", columns="variant", values="cost_usd", aggfunc="sum").reindex(items).fillna(0)
    series = [
        (str(variant), [float(value) for value in cost[variant]], variant_colour(variant, role=role))
        for variant, role in ((roi.control, "control"), (roi.treatment, "treatment"))
        if variant in cost.columns
    ]
    if items:
        slide.bars([spoken(item) for item in items], series, title=f"Cost of {count(roi.n_contacts)} contacts by item, medians",
                   number_format=_money_format(roi), left=MARGIN, top=1.5, width=7.8, height=5.3)  # fmt: skip
    span = interval(_money(roi, roi.net_low_usd), _money(roi, roi.net_high_usd))
    lines = [
        f"Extra margin: {_money(roi, roi.benefit_usd)}.",
        f"Extra cost: {_money(roi, roi.cost_difference_usd)}.",
        f"Net: {_money(roi, roi.net_usd)}, {percent(roi.confidence, 0)} range {span}. Medians do not add up exactly.",
    ]
    if math.isfinite(roi.crossing_segments):
        lines.append(f"{count(roi.crossing_segments)} templates would cost as much as one email a person.")
    slide.text("\n\n".join(lines), 8.7, 1.7, 4.0, 4.8, size=16)


def _doubt(slide: _Slide, roi: RoiEstimate) -> None:
    rows = roi.tornado.head(N_ROWS)
    first = spoken(rows["parameter"].iloc[0]) if len(rows) else "nothing"
    slide.title(f"What moves the result most: {first}")
    if len(rows):
        centre = roi.tornado_centre_usd
        series = [
            (text, [float(value) - centre for value in rows[f"net_{end}_usd"]], colour)
            for end, text, colour in (
                ("low", "input at its 10th percentile", SERIES[4]),
                ("high", "at its 90th", SERIES[5]),
            )
        ]
        slide.bars([spoken(name) for name in rows["parameter"]], series, stacked=True, number_format=_money_format(roi),
                   title=f"Change of net from {_money(roi, centre)}, other inputs at their medians",
                   left=MARGIN, top=1.5, width=6.6, height=5.3)  # fmt: skip
    head = ("scenario", "extra margin", "extra cost", "net", "P(gain)")
    body = [
        (str(row.scenario), _money(roi, row.benefit_usd), _money(roi, row.cost_difference_usd), _money(roi, row.net_usd),
         percent(row.p_net_positive, 0))
        for row in roi.scenarios.itertuples()
    ]  # fmt: skip
    slide.table([head, *body], [1.5, 1.1, 1.0, 1.0, 0.85], 7.4, 1.8)
    if roi.funnel_dominates:
        text = f"The steps after a reply make {percent(roi.funnel_share, 0)} of the swing: confirm those shares first."
        slide.text(text, 7.4, 4.2, 5.3, 1.0, size=15)


def _next(slide: _Slide, roi: RoiEstimate) -> None:
    slide.title("What would change the answer")
    part = next(one for one in slide.report.parts if one.key == "next-test")
    slide.text("\n".join(part.sentences[:5]), MARGIN, 1.5, WIDTH - 2 * MARGIN, 1.9, size=15)
    rows = roi.assumptions[roi.assumptions["confirm"]] if len(roi.assumptions) else roi.assumptions
    if len(rows):
        slide.text("Assumptions to confirm before money moves", MARGIN, 3.3, 8.0, 0.4, size=16, bold=True)
        body = [
            (spoken(row.parameter), str(row.value), str(row.unit), str(row.source), str(row.grade) or "none")
            for row in rows.head(N_ROWS + 1).itertuples()
        ]
        slide.table([("input", "value", "unit", "source", "grade"), *body], [2.0, 2.5, 2.1, 4.7, 0.8], MARGIN, 3.75)
