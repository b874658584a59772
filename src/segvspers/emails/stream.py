"""Emails streamed from Parquet to Parquet in buckets, so that memory does not grow with what is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from segvspers._files import replacing
from segvspers.emails.audience import AudienceIndex
from segvspers.emails.audit import Listed
from segvspers.emails.batch import BUCKET, Run, write_batch
from segvspers.emails.brief import Brief, Writer
from segvspers.emails.briefs import TURNED_TO, make_briefs, people_of
from segvspers.emails.campaign import Campaign
from segvspers.emails.merge_fields import check_fallbacks
from segvspers.emails.routing import route_contacts, usable_facts
from segvspers.emails.segment_brief import SegmentSums
from segvspers.emails.templates import Template, write_blast, written_templates
from segvspers.errors import ArgumentError, DataError, MissingFileError, raise_all

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

LOOKED_UP = 100_000
MEMORY_LIMIT = "1GB"
NEEDED = ("contact_id", "fact_id", "kind", "topic", "value", "fields", "bits", "salience", "sensitivity")


@dataclass(frozen=True, slots=True)
class WrittenEmails:
    """What a stream wrote: the file (or the address of a folder), its rows, and how many each variant and status has."""

    path: Path | str
    n_emails: int
    counts: dict[tuple[str, str], int]

    def __str__(self) -> str:
        told = ", ".join(f"{n:,} {variant} {status}" for (variant, status), n in sorted(self.counts.items()))
        return f"{self.n_emails:,} emails in {Path(self.path).name}: {told}"


def email_schema(*, with_audience: bool = True) -> pa.Schema:
    """Return the columns of the emails table as Arrow types, for a file or a cluster."""
    import pyarrow as pa

    text, many = pa.string(), pa.list_(pa.string())
    sentence = pa.struct([("text", text), ("role", text), ("fact_ids", many)])
    columns = [
        *((name, text) for name in ("email_id", "variant", "contact_id", "segment_id", "subject", "body_text", "body_html")),
        ("sentences", pa.list_(sentence)), ("identity", many), ("status", text), ("reason", text),
        ("tokens_in", pa.int64()), ("tokens_out", pa.int64()), ("cost_usd", pa.float64()), ("writer", text),
    ]  # fmt: skip
    if with_audience:
        columns += [("audience_size", pa.int64()), ("bits", pa.float64())]
    return pa.schema(columns)


def stream_emails(
    audience: pd.DataFrame | str | Path,
    facts: pd.DataFrame | str | Path,
    *,
    campaign: Campaign,
    writer: Writer,
    variants: Sequence[str],
    templates: Mapping[str, Template] | None,
    recommended: Any = None,
    to: str | Path,
) -> WrittenEmails:
    """Write the emails of an audience to a Parquet file, bucket by bucket; the file is whole or not there.

    Notes
    -----
    DuckDB sorts contacts and facts by bucket on disk. Held in memory are one bucket, its emails, and the index of what is
    said (four bytes a fact).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_no_budget(campaign)
    schema, n_emails = email_schema(), 0
    counts: dict[tuple[str, str], int] = {}
    with TemporaryDirectory(prefix="emails-") as folder, replacing(to) as draft:
        source = _Source(Path(folder), audience, facts, campaign)
        run = source.run(writer, variants, templates)
        with pq.ParquetWriter(draft, schema, compression="zstd") as file:
            for people, known in source.buckets():
                routes = route_contacts(people, known, campaign=campaign, recommended=recommended)
                emails = write_batch(people, known, routes, run=run)
                for pair, n in emails.groupby(["variant", "status"]).size().items():
                    counts[pair] = counts.get(pair, 0) + int(n)
                file.write_table(pa.Table.from_pandas(emails, schema=schema, preserve_index=False))
                n_emails += len(emails)
        source.close()
    return WrittenEmails(Path(to), n_emails, counts)


def stream_briefs(audience: Any, facts: Any, *, campaign: Campaign) -> Iterator[Brief]:
    """Give the brief of every contact who gets an individual email, in the order in which a stream writes them.

    Parameters
    ----------
    audience, facts
        Tables or Parquet files, as for `write_emails`.
    campaign
        What the emails are for.

    Yields
    ------
    Brief
        What a writer may know of one contact; a bucket of about 20,000 contacts is held in memory.

    Raises
    ------
    DataError
        When a table lacks a column or repeats a contact.
    ArgumentError
        When the campaign has a budget, which ranks the whole list.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv").assign(segment_id="all")
    >>> facts = sv.derive_facts(contacts, sv.read_history("data/sample/history.csv"), as_of="2026-11-01")
    >>> briefs = sv.stream_briefs(contacts, facts, campaign=sv.read_campaign("data/sample/campaign.yml"))
    >>> next(briefs).campaign.campaign_id
    'nov-outreach'
    """
    check_no_budget(campaign)
    with TemporaryDirectory(prefix="emails-") as folder:
        source = _Source(Path(folder), audience, facts, campaign)
        try:
            for people, known in source.buckets():
                routes = route_contacts(people, known, campaign=campaign)
                chosen = people[(routes["route"] == "individual").to_numpy()]
                yield from make_briefs(people_of(chosen, campaign=campaign), known, campaign=campaign)
        finally:
            source.close()


def check_no_budget(campaign: Campaign) -> None:
    """Raise `ArgumentError` when a campaign ranks the whole list."""
    if campaign.budget_usd is not None:
        raise ArgumentError(
            "a campaign with budget_usd ranks the whole list, which a stream never holds; route with route_contacts, "
            "keep the contacts to write to, and leave budget_usd out."
        )


class _Source:
    """Contacts and usable facts, sorted by bucket in a database on disk."""

    def __init__(self, folder: Path, audience: Any, facts: Any, campaign: Campaign) -> None:
        import duckdb

        self.campaign = campaign
        self.connection = duckdb.connect(str(folder / "run.duckdb"))
        self.connection.execute(
            f"SET memory_limit = '{MEMORY_LIMIT}'; SET threads = 1; SET preserve_insertion_order = false"
        )
        _register(self.connection, "audience_table", audience, "audience", ("contact_id", "segment_id"))
        _register(self.connection, "fact_table", facts, "facts", NEEDED)
        self._check()
        self.n_contacts = self._one("SELECT count(*) FROM audience_table")
        self._sort()

    def _one(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])

    def _check(self) -> None:
        problems = []
        if self._one("SELECT count(*) - count(DISTINCT contact_id) FROM audience_table"):
            problems.append("some contact_ids stand in more than one row; keep one row a contact")
        if self._one("SELECT count(*) FROM audience_table WHERE segment_id IS NULL"):
            problems.append("some contacts have no segment_id; assign every contact to a segment")
        raise_all("audience", problems)
        kinds = self.connection.execute("SELECT DISTINCT kind, sensitivity FROM fact_table").df()
        usable_facts(kinds, self.campaign)  # tells kinds that do not exist

    def _sort(self) -> None:
        n_buckets = max(1, -(-self.n_contacts // BUCKET))
        kinds = sorted({*self.campaign.may_mention, *TURNED_TO})
        allowed = ", ".join("'" + kind.replace("'", "''") + "'" for kind in kinds)
        self.connection.execute(f"""
CREATE TABLE people AS SELECT *, CAST('0x' || substr(md5(contact_id), 1, 6) AS BIGINT) % {n_buckets} AS bucket,
  CAST(row_number() OVER (ORDER BY bucket, contact_id) - 1 AS INTEGER) AS place FROM audience_table ORDER BY place;
CREATE TABLE statements AS SELECT *, CAST(row_number() OVER (ORDER BY kind, topic, value) - 1 AS INTEGER) AS statement
  FROM (SELECT DISTINCT kind, coalesce(topic, '') AS topic, value FROM fact_table WHERE kind IN ({allowed}));
CREATE TABLE known AS SELECT f.contact_id, fact_id, f.kind, f.topic, f.value, fields, bits, salience, sensitivity, statement,
  place, bucket FROM fact_table f JOIN people p ON f.contact_id = p.contact_id
  JOIN statements s ON f.kind = s.kind AND coalesce(f.topic, '') = s.topic AND f.value = s.value
  ORDER BY place;
""")

    def run(self, writer: Writer, variants: Sequence[str], templates: Mapping[str, Template] | None) -> Run:
        """Return what all buckets share."""
        sizes = self.connection.execute(
            "SELECT CAST(segment_id AS VARCHAR), count(*) FROM people GROUP BY 1 ORDER BY 1"
        ).fetchall()
        used = dict(self._templates() if templates is None else templates)
        lacking = sorted({segment for segment, _ in sizes} - set(used))
        raise_all("templates", [f"no template for segments {lacking}"] if lacking else [])
        check_fallbacks(used, campaign=self.campaign)
        blast = write_blast(self.n_contacts, campaign=self.campaign, company=self._has_companies())
        run = Run(self.campaign, writer, variants, used, blast, dict(sizes), self.n_contacts)
        return replace(run, index=self._index(), listed=self._listed())

    def _templates(self) -> dict[str, Template]:
        return written_templates(self._sums(), campaign=self.campaign, company=self._has_companies())

    def _sums(self) -> SegmentSums:
        """Return the sums that segment emails are written from, as the database adds them up."""
        run = self.connection.execute
        sizes = dict(run("SELECT CAST(segment_id AS VARCHAR), count(*) FROM people GROUP BY 1").fetchall())
        run("CREATE OR REPLACE TEMP TABLE claimed AS SELECT unnest(?) AS topic", [[*self.campaign.claims, ""]])
        opened = run(
            "SELECT CAST(segment_id AS VARCHAR), topic, count(DISTINCT contact_id) FROM fact_table JOIN claimed USING (topic) "
            "JOIN people USING (contact_id) WHERE kind = 'engagement' AND sensitivity = 'normal' AND topic <> '' GROUP BY 1, 2"
        ).fetchall()
        if "purchase_status" not in self._columns():
            return SegmentSums(sizes, opened)
        told = "lower(trim(CAST(purchase_status AS VARCHAR)))"
        statuses = run(
            f"SELECT CAST(segment_id AS VARCHAR), min({told}) FROM people GROUP BY 1 "
            f"HAVING count(*) = count(purchase_status) AND min({told}) = max({told})"
        ).fetchall()
        return SegmentSums(sizes, opened, dict(statuses))

    def _columns(self) -> list[str]:
        return [row[0] for row in self.connection.execute("DESCRIBE people").fetchall()]

    def _has_companies(self) -> bool:
        return "company" in self._columns() and 2 * self._one("SELECT count(company) FROM people") >= self.n_contacts

    def _listed(self) -> Listed:
        """Return the hashes of the whole list, a hundred thousand contacts at a time."""
        import pyarrow as pa

        named = ("contact_id", "email", "phone", "first_name", "last_name", "company")
        texts = [f"CAST({name} AS VARCHAR) AS {name}" for name in named if name in self._columns()]
        found = self.connection.sql(f"SELECT {', '.join(texts)} FROM people")
        batches: Iterable[pa.RecordBatch] = found.to_arrow_reader(LOOKED_UP)
        return Listed.merged([Listed.of(pa.Table.from_batches([batch])) for batch in batches])

    def _index(self) -> AudienceIndex:
        n_facts = self._one("SELECT count(*) FROM known")
        found = self.connection.sql("SELECT statement, place FROM known ORDER BY statement, place")
        batches = ((one.column(0).to_numpy(), one.column(1).to_numpy()) for one in found.to_arrow_reader(LOOKED_UP))
        return AudienceIndex.ordered(batches, n_facts, self.n_contacts)

    def buckets(self) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
        """Give the contacts of each bucket with their facts, in the order of ids."""
        for (bucket,) in self.connection.execute("SELECT DISTINCT bucket FROM people ORDER BY 1").fetchall():
            people = self.connection.execute(
                "SELECT * EXCLUDE (place, bucket) FROM people WHERE bucket = ? ORDER BY place", [bucket]
            )
            told = people.df()
            known = self.connection.execute(
                "SELECT * EXCLUDE (place, bucket) FROM known WHERE bucket = ? ORDER BY place", [bucket]
            )
            yield told, known.df()

    def close(self) -> None:
        """Let go of the database, so that its folder can be removed."""
        self.connection.close()


def _register(connection: duckdb.DuckDBPyConnection, name: str, table: Any, what: str, needed: Sequence[str]) -> None:
    """Let the database see a frame or a Parquet file."""
    if isinstance(table, (str, Path)):
        if "*" not in str(table) and not Path(table).exists():
            raise MissingFileError(f"{what}: no file at {table}; check the spelling and the folder.")
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{str(table).replace(chr(39), chr(39) * 2)}')"
        )
    else:
        plain = table.copy(deep=False)
        for column in plain.columns:
            if str(plain[column].dtype) == "category":
                plain[column] = plain[column].astype(object).where(plain[column].notna(), None)
        connection.register(name, plain)
    has = [row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()]
    missing = [column for column in needed if column not in has]
    if missing:
        raise DataError(f"{what} lacks {missing}; it has {has[:40]}.")
