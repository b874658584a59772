"""What the commands do: the path with a progress bar, the notebooks run or copied."""

from __future__ import annotations

import os
import shutil
import subprocess  # only to name DEVNULL
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from segvspers._files import replacing
from segvspers.errors import ArgumentError, DataError, MissingFileError

if TYPE_CHECKING:
    from segvspers.emails import OpenAIWriter
    from segvspers.pipeline import Inputs

N_STEPS = 8
CELL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Model:
    """A model that writes the individual emails, as the command line names it."""

    name: str
    base_url: str | None
    key_env: str | None
    max_cost_usd: float

    def writer(self, out: Path) -> OpenAIWriter:
        """Return its writer; the answers are kept beside the results, for the next run."""
        from segvspers.emails import OpenAIWriter

        out.mkdir(parents=True, exist_ok=True)
        return OpenAIWriter(
            model=self.name, base_url=self.base_url, key_env=self.key_env, max_cost_usd=self.max_cost_usd,
            store=out / "emails.sqlite",
        )  # fmt: skip


def run_report(
    inputs: Inputs,
    out: Path,
    *,
    as_of: str | None = None,
    costs_path: Path | None = None,
    funnel_path: Path | None = None,
    rng: int = 7,
    model: Model | None = None,
) -> None:
    """Run the path, show each step, and say what was written where."""
    from tqdm import tqdm

    from segvspers.pipeline import run_path
    from segvspers.roi import Costs, Funnel

    costs = None if costs_path is None else Costs.from_yaml(costs_path)
    funnel = None if funnel_path is None else Funnel.from_yaml(funnel_path)
    writer = None if model is None else model.writer(out)
    with tqdm(total=N_STEPS, bar_format="{n_fmt}/{total_fmt} {desc} [{elapsed}]", file=sys.stderr) as bar:

        def step(name: str) -> None:
            bar.set_description_str(name)
            bar.update(1)

        written = run_path(inputs, out, as_of=as_of, costs=costs, funnel=funnel, rng=rng, writer=writer, progress=step)
    typer.echo(written.headline)
    if writer is not None and writer.report is not None:
        typer.echo(writer.report.summary())
    for path in written.files:
        typer.echo(f"wrote {path}")


def export_approved(
    emails: Path, contacts: Path, out: Path, *, form: str, campaign: Path | None, overwrite: bool
) -> list[str]:
    """Export approved emails and return what there is to say."""
    import pandas as pd

    from segvspers.contacts import read_contacts
    from segvspers.emails import export_emails, read_campaign

    if not emails.is_file():
        raise MissingFileError(f"emails: no file at {emails}; check the spelling and the folder.")
    try:
        table = pd.read_parquet(emails)
    except (OSError, ValueError):
        raise DataError(f"emails: {emails.name} is no Parquet file; write it with approved.to_parquet(...).") from None
    given = None if campaign is None else read_campaign(campaign)
    done = export_emails(
        table, out, form=form, contacts=read_contacts(contacts), campaign=given, overwrite=overwrite
    )  # fmt: skip
    return [done.summary(), f"wrote {done.path}", *done.next_steps]


def notebook_files() -> list[Path]:
    """Return the notebooks that come with the package, in order."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_shipped" / "notebooks", package.parents[1] / "notebooks"):
        found = sorted(folder.glob("[0-9]*.ipynb"))
        if found:
            return found
    raise MissingFileError("the notebooks did not come with this installation; install segvspers again")


def copy_notebooks(to: Path, *, force: bool) -> list[Path]:
    """Copy the notebooks; refuse to overwrite an analyst's work unless told to."""
    sources = notebook_files()
    taken = [source.name for source in sources if (to / source.name).exists()]
    if taken and not force:
        raise ArgumentError(f"{to} already holds {taken}; choose another folder with --to, or --force to overwrite.")
    to.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copy(source, to / source.name)) for source in sources]


def run_notebooks(out: Path) -> list[Path]:
    """Run every notebook and keep it with its outputs below the folder."""
    import nbformat
    from nbclient import NotebookClient
    from tqdm import tqdm

    os.environ.pop("MPLBACKEND", None)  # else the kernels would draw where nobody sees it
    done = []
    for source in tqdm(notebook_files(), desc="run notebooks", file=sys.stderr):
        notebook = nbformat.read(source, as_version=4)
        client = NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(source.parent)}})
        client.execute(stderr=subprocess.DEVNULL)  # kernels greet with a warning; errors come as exceptions
        target = out / "notebooks" / source.name
        with replacing(target) as draft:
            nbformat.write(notebook, draft)
        done.append(target)
    for path in done:
        typer.echo(f"wrote {path}")
    return done
