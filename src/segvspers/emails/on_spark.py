"""Emails of PySpark frames: each bucket of contacts by `write_batch` in a worker, as in memory and in a stream.

What the whole list must tell comes as sums: sizes and topics of segments, and of how many contacts a statement is true.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._checks import require_columns
from segvspers._spark import as_pandas, by_bucket, check_all_spark, in_buckets, place_of
from segvspers.emails.audit.listed_on_spark import MOST_LISTED, listed_of
from segvspers.emails.batch import BUCKET, Run, write_batch
from segvspers.emails.brief import Writer
from segvspers.emails.campaign import Campaign
from segvspers.emails.merge_fields import check_fallbacks
from segvspers.emails.routing import route_contacts, usable_facts
from segvspers.emails.segment_brief import SegmentSums
from segvspers.emails.stream import NEEDED, WrittenEmails, check_no_budget, email_schema
from segvspers.emails.templates import Template, write_blast, written_templates
from segvspers.errors import ArgumentError, raise_all

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame


def write_on_spark(
    audience: Any,
    facts: Any,
    *,
    campaign: Campaign,
    writer: Writer,
    variants: Sequence[str],
    templates: Mapping[str, Template] | None,
    to: str | Path | None,
) -> DataFrame | WrittenEmails:
    """Return the emails as a PySpark frame in no order, or write them to a folder of Parquet.

    The texts are persisted until the audience of each is known; with `to` they are let go of at the end.
    """
    check_all_spark(audience=audience, facts=facts)
    check_no_budget(campaign)
    if writer.name != "offline":
        raise ArgumentError(
            "on PySpark only OfflineWriter writes, since a model's answers are bought once and kept in one file; for a "
            "model use OpenAIBatchWriter on the machine that holds the store, part by part."
        )
    require_columns(audience, ["contact_id", "segment_id"], table="contacts")
    require_columns(facts, NEEDED, table="facts")
    n_contacts = _checked(audience, facts, campaign)
    run = _run(audience, facts, campaign, writer, variants, templates, n_contacts)
    known = _coded(facts)
    emails = _written(audience, known, run).persist()
    finished = _with_audience(emails, known, run)
    if to is None:
        return finished
    finished.write.parquet(str(to))
    emails.unpersist()
    counts = audience.sparkSession.read.parquet(str(to)).groupBy("variant", "status").count().collect()
    told = {(row["variant"], row["status"]): row["count"] for row in counts}
    return WrittenEmails(place_of(to), sum(told.values()), told)


def _checked(audience: DataFrame, facts: DataFrame, campaign: Campaign) -> int:
    """Return the number of contacts; raise what is wrong with either table."""
    from pyspark.sql import functions as f

    parts = [f.count(f.lit(1)), f.countDistinct("contact_id"), f.count("segment_id")]
    n, n_distinct, n_placed = audience.agg(*(part.alias(f"n{place}") for place, part in enumerate(parts))).collect()[0]
    problems = []
    if n_distinct < n:
        problems.append("some contact_ids stand in more than one row; keep one row a contact")
    if n_placed < n:
        problems.append("some contacts have no segment_id; assign every contact to a segment")
    raise_all("audience", problems)
    usable_facts(facts.select("kind", "sensitivity").distinct().toPandas(), campaign)  # tells kinds that do not exist
    return int(n)


def _run(
    audience: DataFrame,
    facts: DataFrame,
    campaign: Campaign,
    writer: Writer,
    variants: Sequence[str],
    templates: Mapping[str, Template] | None,
    n_contacts: int,
) -> Run:
    """Return what all buckets share."""
    from pyspark.sql import functions as f

    sums = sum_segments(audience, facts, campaign)
    named = audience.agg(f.count("company")).collect()[0][0] if "company" in audience.columns else 0
    company = 2 * named >= n_contacts and "company" in audience.columns
    used = dict(written_templates(sums, campaign=campaign, company=company) if templates is None else templates)
    lacking = sorted(set(sums.sizes) - set(used))
    told = f"no template for segments {lacking}; they are needed for whoever is not written to individually"
    raise_all("templates", [told] if lacking else [])
    check_fallbacks(used, campaign=campaign)
    blast = write_blast(n_contacts, campaign=campaign, company=company)
    listed = listed_of(audience) if n_contacts <= MOST_LISTED else None
    if listed is None:
        warnings.warn(
            f"The list holds more than {MOST_LISTED:,} contacts, so drafts are judged without looking for other contacts' names.",
            stacklevel=4,
        )
    return Run(campaign, writer, variants, used, blast, sums.sizes, n_contacts, listed)


def sum_segments(audience: DataFrame, facts: DataFrame, campaign: Campaign) -> SegmentSums:
    """Return the sums that segment emails are written from: a row a segment, and a row a segment and topic."""
    from pyspark.sql import functions as f

    segment = f.col("segment_id").cast("string").alias("segment")
    told = f.lower(f.trim(f.col("purchase_status").cast("string"))) if "purchase_status" in audience.columns else None
    ends = [] if told is None else [f.count(told).alias("known"), f.min(told).alias("low"), f.max(told).alias("high")]
    rows = audience.groupBy(segment).agg(f.count(f.lit(1)).alias("n"), *ends).collect()
    statuses = {} if told is None else {
        row["segment"]: row["low"] for row in rows if row["known"] == row["n"] and row["low"] == row["high"]
    }  # fmt: skip
    about = (facts["kind"] == "engagement") & facts["topic"].isin(*campaign.claims) & (facts["sensitivity"] == "normal")
    read = facts.where(about).select("contact_id", "topic").distinct()
    opened = read.join(audience.select("contact_id", segment), "contact_id").groupBy("segment", "topic").count()
    topics = [(row["segment"], row["topic"], row["count"]) for row in opened.collect()] if campaign.claims else []
    return SegmentSums({row["segment"]: row["n"] for row in rows}, topics, statuses)


def _coded(facts: DataFrame) -> DataFrame:
    """Return facts with a code of what each says; two of a million codes agree by chance once in ten million lists."""
    from pyspark.sql import functions as f

    code = f.xxhash64("kind", f.coalesce("topic", f.lit("")), "value")
    return facts.select(*NEEDED, code.alias("statement"))


def _written(audience: DataFrame, known: DataFrame, run: Run) -> DataFrame:
    """Return the emails, with the codes of what each individual one says."""
    import pyarrow as pa
    from pyspark.sql.pandas.types import from_arrow_schema

    schema = email_schema(with_audience=False).append(pa.field("cited", pa.list_(pa.int64())))

    def work(people: pa.Table, facts: pa.Table) -> pa.Table:
        import pyarrow as pa

        if not len(people):
            return schema.empty_table()
        told, says = as_pandas(people).sort_values("contact_id", ignore_index=True), as_pandas(facts)
        routes = route_contacts(told, says, campaign=run.campaign)
        emails = write_batch(told, says, routes, run=run)
        return pa.Table.from_pandas(emails.assign(cited=_cited(emails, says)), schema=schema, preserve_index=False)

    n_buckets = -(-run.n_contacts // BUCKET)
    return by_bucket(in_buckets(audience, n_buckets), in_buckets(known, n_buckets), from_arrow_schema(schema), work)


def _cited(emails: pd.DataFrame, facts: pd.DataFrame) -> list[list[int] | None]:
    code_of = dict(zip(facts["fact_id"], facts["statement"].tolist(), strict=True))
    own = emails["writer"].ne("template")
    return [
        sorted({code_of[one] for sentence in sentences for one in sentence["fact_ids"]}) if mine else None
        for sentences, mine in zip(emails["sentences"], own, strict=True)
    ]


def _with_audience(emails: DataFrame, known: DataFrame, run: Run) -> DataFrame:
    """Return the emails with the size of their audience and its bits."""
    from pyspark.sql import functions as f

    of_segment = f.create_map(*(f.lit(one) for pair in run.sizes.items() for one in pair))[f.col("segment_id")]
    plain = f.when(f.col("variant") == "blast", f.lit(run.n_contacts)).otherwise(of_segment)
    size = f.coalesce("n_own", plain).cast("bigint").alias("audience_size")
    bits = f.round(f.log2(f.lit(float(run.n_contacts)) / f.greatest("audience_size", f.lit(1))), 4).alias("bits")
    sizes = _sizes(emails.where(f.col("cited").isNotNull()).select("cited").distinct(), known)
    named = [name for name in emails.columns if name != "cited"]
    return emails.join(sizes, "cited", "left").select(*named, size).select("*", bits)


def _sizes(sets: DataFrame, known: DataFrame) -> DataFrame:
    """Return of how many contacts all of each set of statements is true, the rarest looked up first.

    Most sets hold a statement that is true of one contact, and need no further look.
    """
    from pyspark.sql import functions as f

    says = known.select("contact_id", "statement").distinct()
    n_true = says.groupBy("statement").agg(f.count(f.lit(1)).alias("n_true"))
    each = sets.select("cited", f.explode("cited").alias("statement")).join(n_true, "statement").groupBy("cited")
    rarest = each.agg(f.min_by("statement", "n_true").alias("rarest"), f.min("n_true").alias("n_rarest"))
    still = rarest.where((f.col("n_rarest") > 1) & (f.size("cited") > 1))
    own = says.groupBy("contact_id").agg(f.collect_set("statement").alias("own"))
    some = still.join(says, still["rarest"] == says["statement"]).select("cited", "contact_id").join(own, "contact_id")
    held = (
        some.where(f.size(f.array_except("cited", "own")) == 0).groupBy("cited").agg(f.count(f.lit(1)).alias("n_held"))
    )
    return rarest.join(held, "cited", "left").select("cited", f.coalesce("n_held", "n_rarest").alias("n_own"))
