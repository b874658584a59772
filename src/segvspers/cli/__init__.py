"""The command `segvspers`: the demo, a report on an analyst's own files, the export of emails, and the notebooks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from segvspers.errors import SegvspersError

INTERRUPTED = 130
STOPPED = "segvspers: stopped; files already written are whole, nothing is half-written"
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Does an email written for one person beat an email written for a segment, and is it worth it?\n\n"
    "Examples:\n\n"
    "  segvspers demo\n\n"
    "  segvspers report --contacts C.csv --history H.csv --campaign campaign.yml --out reports\n\n"
    "  segvspers export --emails approved.parquet --contacts C.csv --form hubspot --out hubspot\n\n"
    "  segvspers notebooks",
)

OutFolder = Annotated[Path, typer.Option(help="Folder for the results; made when missing.")]


@app.command()
def demo(
    out: OutFolder = Path("reports"),
    notebooks: Annotated[bool, typer.Option(help="Run the notebooks too and keep them in the folder.")] = True,
) -> None:
    """Run the whole path on the sample: emails, a simulated and a finished test, the ROI report.

    Example: segvspers demo --out reports
    """
    from segvspers.cli.steps import run_notebooks, run_report
    from segvspers.datasets import sample_path
    from segvspers.pipeline import Inputs

    sample = sample_path()
    run_report(
        Inputs(
            contacts=sample / "contacts.csv",
            history=sample / "history.csv",
            campaign=sample / "campaign.yml",
            outcomes=sample / "outcomes.csv",
        ),
        out,
        as_of="2026-11-01",
    )
    if notebooks:
        run_notebooks(out)


@app.command()
def report(  # noqa: PLR0917  each option of the command is one
    contacts: Annotated[Path, typer.Option(help="Your contacts: CSV, TSV, XLSX, Parquet or JSON.")],
    history: Annotated[Path, typer.Option(help="What happened so far, one row an event.")],
    campaign: Annotated[Path, typer.Option(help="The campaign, as YAML.")],
    outcomes: Annotated[Path | None, typer.Option(help="A finished test; without it the test is simulated.")] = None,
    costs: Annotated[Path | None, typer.Option(help="Your costs, as YAML; cited defaults without it.")] = None,
    funnel: Annotated[
        Path | None, typer.Option(help="Your funnel, as YAML; may be the same file. Cited defaults without it.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="Use history up to this day, such as 2026-11-01.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 7,
    out: OutFolder = Path("reports"),
    model: Annotated[
        str | None, typer.Option(help="Let this model write the individual emails; none without it.")
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="Server of the model; OpenAI without it.")] = None,
    key_env: Annotated[str | None, typer.Option(help="Environment variable that holds the server's key.")] = None,
    max_cost_usd: Annotated[float, typer.Option(help="The most that the model may cost in this folder.")] = 5.0,
) -> None:
    """Run the whole path on your own files.

    Example: segvspers report --contacts C.csv --history H.csv --outcomes O.csv
    --campaign campaign.yml --out DIR
    """
    from segvspers.cli.steps import Model, run_report
    from segvspers.pipeline import Inputs

    run_report(
        Inputs(contacts=contacts, history=history, campaign=campaign, outcomes=outcomes),
        out,
        as_of=as_of,
        costs_path=costs,
        funnel_path=funnel,
        rng=seed,
        model=None if model is None else Model(model, base_url, key_env, max_cost_usd),
    )


@app.command()
def export(
    emails: Annotated[Path, typer.Option(help="Approved emails, as Parquet: approved.to_parquet(...).")],
    contacts: Annotated[Path, typer.Option(help="Your contacts as they are now: who is suppressed gets nothing.")],
    form: Annotated[
        str, typer.Option(help="csv, xlsx, jsonl, eml, mbox, sequencer, smartlead, hubspot, klaviyo or mailchimp.")
    ],
    out: Annotated[Path, typer.Option(help="File or folder to write.")],
    campaign: Annotated[Path | None, typer.Option(help="The campaign, where the emails don't carry it.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace an earlier export.")] = False,
) -> None:
    """Write emails that were approved in a notebook to files; nothing is sent.

    Example: segvspers export --emails approved.parquet --contacts C.csv --form hubspot --out hubspot
    """
    from segvspers.cli.steps import export_approved

    for line in export_approved(emails, contacts, out, form=form, campaign=campaign, overwrite=overwrite):
        typer.echo(line)


@app.command()
def notebooks(
    to: Annotated[Path, typer.Option(help="Folder to copy to.")] = Path(),
    force: Annotated[bool, typer.Option(help="Overwrite notebooks that are there.")] = False,
) -> None:
    """Copy the five notebooks to the current folder.

    Example: segvspers notebooks --to my-analysis
    """
    from segvspers.cli.steps import copy_notebooks

    for path in copy_notebooks(to, force=force):
        typer.echo(f"copied {path}")


def main() -> None:
    """Run the command; an error of the user's input is one message, never a traceback."""
    try:
        code = app(standalone_mode=False)
        if code == INTERRUPTED:
            typer.echo(STOPPED, err=True)
        sys.exit(code if isinstance(code, int) else 0)
    except SegvspersError as problem:
        typer.echo(f"segvspers: {problem}", err=True)
        sys.exit(2)
    except typer.Exit as leaving:
        sys.exit(leaving.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo(STOPPED, err=True)
        sys.exit(INTERRUPTED)
    except Exception as problem:
        if not hasattr(problem, "exit_code") or not hasattr(problem, "format_message"):
            raise
        typer.echo(f"segvspers: {problem.format_message()} Try --help.", err=True)
        sys.exit(problem.exit_code)
