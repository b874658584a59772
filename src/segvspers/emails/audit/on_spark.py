"""The audit of PySpark frames: each bucket of emails with the facts it cites, and what the whole run must tell by sums."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from segvspers._checks import require_columns
from segvspers._spark import BUCKET, arrow_schema, as_pandas, bucket_of, by_bucket, check_all_spark, n_rows
from segvspers.emails.audit.finding import COLUMNS
from segvspers.emails.audit.frame import without_footer
from segvspers.emails.audit.listed import Listed
from segvspers.emails.audit.listed_on_spark import MOST_LISTED, listed_of
from segvspers.emails.audit.masking import mask
from segvspers.emails.audit.readability import reading_ease
from segvspers.emails.audit.report import EmailAudit
from segvspers.emails.audit.run import FAMILIAR, NEEDED, find_problems
from segvspers.emails.campaign import Campaign
from segvspers.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame

BUCKET_EMAILS = 20_000
TOLD = ("contact_id", "writer", "status", "bits")
FINDINGS = "array<struct<check: string, severity: string, part: string, start: bigint, end: bigint, span: string>>"
CHECKED = (
    "email_id string, variant string, writer string, status string, bits double, body binary, frame binary, n_words double, "
    f"reading_ease double, failed boolean, found {FINDINGS}"
)


def audit_on_spark(emails: Any, facts: Any, *, contacts: Any, campaign: Campaign | None) -> EmailAudit:
    """Return the audit of PySpark frames; its findings and texts are PySpark frames, and its digests are left out.

    What was found in each email is persisted, since it is added up in several ways.
    """
    from pyspark.sql import functions as f

    check_all_spark(emails=emails, facts=facts, contacts=contacts)
    require_columns(emails, [*NEEDED, *TOLD], table="emails")
    require_columns(facts, ["fact_id", "fields"], table="facts")
    if campaign is None:
        raise ArgumentError(
            "a PySpark frame carries no campaign; give the one the emails were written for with campaign=."
        )
    listed = None if contacts is None else _listed(contacts)
    checked = _checked(emails, facts, listed, campaign).persist()
    warned = f.exists("found", lambda one: one["severity"] == "warn")
    sums = checked.agg(f.count(f.lit(1)), f.count_if(~f.col("failed")), f.count_if(warned))
    n_emails, n_passed, n_warned = sums.collect()[0]
    rows = checked.select("email_id", "variant", f.explode("found").alias("one")).select("email_id", "variant", "one.*")
    wrong = checked.where(f.size("found") > 0).select("email_id")
    texts = emails.select("email_id", "variant", "subject", "body_text").join(wrong, "email_id", "left_semi")
    findings: Any = rows.select(*COLUMNS)
    return EmailAudit(n_emails, n_passed, findings, _variants(checked), frozenset(), texts, n_warned)


def worst_rows(findings: Any, texts: Any, n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the findings and texts of the emails with the most failures, then the most warnings, in memory."""
    from pyspark.sql import functions as f

    fails, warns = (f.count_if(f.col("severity") == kind) for kind in ("fail", "warn"))
    times = findings.groupBy("email_id").agg(fails.alias("fails"), warns.alias("warns"))
    worst = times.orderBy(f.desc("fails"), f.desc("warns"), "email_id").limit(n).select("email_id")
    first, second = (frame.join(f.broadcast(worst), "email_id").select(*frame.columns) for frame in (findings, texts))
    return first.toPandas(), second.toPandas()


def _listed(contacts: DataFrame) -> Listed:
    """Return the hashes of the list, unless there are more than a worker can hold."""
    n = n_rows(contacts)
    if n > MOST_LISTED:
        raise ArgumentError(
            f"contacts holds {n:,} contacts; on PySpark other contacts' names are looked for on lists of up to {MOST_LISTED:,}. "
            "Leave contacts out to check all the rest, or audit one part of the list at a time."
        )
    return listed_of(contacts)


def _checked(emails: DataFrame, facts: DataFrame, listed: Listed | None, campaign: Campaign) -> DataFrame:
    """Return a row an email: what was found in it, and what is added up over all of them."""
    from pyspark.sql import functions as f

    names = [name for name in (*NEEDED, *TOLD, "body_html") if name in emails.columns]
    rows = emails.select(*names, bucket_of("contact_id", -(-n_rows(emails) // BUCKET_EMAILS)).alias(BUCKET))
    cited = rows.select(BUCKET, f.explode(f.flatten("sentences.fact_ids")).alias("fact_id")).distinct()
    kinds = [name for name in ("fact_id", "kind", "fields") if name in facts.columns]
    familiar = None if listed is None else _familiar(rows)
    schema = arrow_schema(CHECKED)

    def work(mails: pa.Table, known: pa.Table) -> pa.Table:
        import pyarrow as pa

        told = as_pandas(mails)
        if told.empty:
            return schema.empty_table()
        found = find_problems(told, as_pandas(known), listed=listed, campaign=campaign, familiar=familiar)
        return pa.Table.from_pylist(_summed(told, found), schema=schema)

    return by_bucket(rows, cited.join(facts.select(*kinds), "fact_id").select(BUCKET, *kinds), CHECKED, work)


def _summed(emails: pd.DataFrame, findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what is added up of each email, with its findings."""
    of_email: dict[str, list[dict[str, Any]]] = {}
    for row in findings.to_dict("records"):
        of_email.setdefault(row["email_id"], []).append({name: row[name] for name in COLUMNS[2:]})
    made = []
    for row in emails.itertuples(index=False):
        found, text = of_email.get(row.email_id, []), str(row.body_text)
        masked = mask(text, row.identity)
        made.append(
            {
                "email_id": row.email_id, "variant": row.variant, "writer": row.writer, "status": row.status, "bits": row.bits,
                "body": hashlib.sha256(text.encode()).digest(), "frame": hashlib.sha256(masked.encode()).digest(),
                "n_words": float(len(text.split())), "reading_ease": reading_ease(without_footer(text)),
                "failed": any(one["severity"] == "fail" for one in found), "found": found,
            }
        )  # fmt: skip
    return made


def _familiar(rows: DataFrame) -> frozenset[str]:
    """Return the words in small letters of all texts: a vocabulary, which grows with the language and not the list."""

    def words(batches: Any) -> Any:
        import pyarrow as pa

        seen: set[str] = set()
        for batch in batches:
            for name in ("subject", "body_text"):
                for text in batch.column(name).to_pylist():
                    seen.update(re.findall(FAMILIAR, without_footer(text) if name == "body_text" else text))
        yield pa.RecordBatch.from_pydict({"word": sorted(seen)}, schema=pa.schema([("word", pa.string())]))

    found = rows.select("subject", "body_text").mapInArrow(words, "word string").distinct().toArrow()
    return frozenset(found.column("word").to_pylist())


def _variants(checked: DataFrame) -> pd.DataFrame:
    """Return one row a variant, all of it summed in Spark; medians are exact."""
    from pyspark.sql import functions as f

    sums = checked.groupBy("variant").agg(
        f.count(f.lit(1)).alias("n_emails"),
        f.count_if(~f.col("failed")).alias("n_passed"),
        f.count_if(f.col("status") == "fell_back").alias("n_fell_back"),
        f.count_if(f.col("status") == "held").alias("n_held"),
        f.countDistinct("body").alias("distinct_bodies"),
        f.bool_or(f.col("writer") != "template").alias("own"),
        *(f.percentile(name, share).alias(told) for name, share, told in (
            ("bits", 0.5, "median_bits"), ("bits", 0.9, "bits_90"), ("n_words", 0.5, "median_words"),
            ("reading_ease", 0.5, "median_reading_ease"),
        )),
    )  # fmt: skip
    looked_at = checked.join(sums.select("variant", "own"), "variant").where(
        ~f.col("own") | (f.col("writer") != "template")
    )
    times = looked_at.groupBy("variant", "frame").agg(f.count(f.lit(1)).alias("n"))
    twins = times.groupBy("variant").agg(
        (f.sum(f.when(f.col("n") > 1, f.col("n")).otherwise(0)) / f.sum("n")).alias("masked_twin_share")
    )
    named = [
        "variant", "n_emails", "n_passed", "n_fell_back", "n_held", "distinct_bodies", "masked_twin_share", "median_bits",
        "bits_90", "median_words", "median_reading_ease",
    ]  # fmt: skip
    return sums.join(twins, "variant", "left").select(*named).orderBy("variant").toPandas()
