"""The arithmetic of a billion rows and 100 million emails: measured seconds a row, times rows, over cores, times a price.

Every figure that was measured names the command that prints it; everything else is an assumption that stands in `Assumed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
# CPU seconds a row on one core of the machine that docs/scale.md describes, and the command that printed them.
STEPS = (
    ("explode_segments, 10 attributes", 1_000_000_000, "contacts", 30.9 / 1e8, "explosion.py --rows 0 --scored-rows 0"),
    ("derive_facts", 1_000_000_000, "history rows", 14.2 / 4e6, "facts_at_scale.py --rows 4000000 --contacts 400000"),
    ("Segmentation.assign", 1_000_000_000, "contacts", 1 / 192_874, "scale.py --contacts 5000 30000"),
    ("compare_reply_rates by company", 1_000_000_000, "outcome rows", 1 / 2_386_475, "scale.py --contacts 5000 30000"),
    ("write_emails, offline, individual", 100_000_000, "emails", 1.12e-3, "offline_writer.py 1000000"),
    ("audit_emails", 100_000_000, "emails", 1 / 3_034, "scale.py --contacts 5000 30000"),
)
MODELS = ("gpt-5-nano", "gpt-4.1-nano", "gpt-4.1-mini", "gpt-5-mini")
N_EMAILS = 100_000_000


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was not measured here.

    Attributes
    ----------
    n_cores
        Cores of the cluster.
    used
        Share of a core's time that does this work on a cluster; the rest is shuffle, stragglers and starting up.
    usd_core_hour
        What a core with 4 GB costs an hour on demand.
    read_tokens_s, written_tokens_s
        Tokens a second that one 80 GB GPU reads and writes in large batches, with an instruction-tuned model of about 8
        billion parameters under vLLM.
    usd_gpu_hour, n_gpus
        What that GPU costs an hour, and how many there are.
    """

    n_cores: int = 128
    used: float = 0.6
    usd_core_hour: float = 0.05
    read_tokens_s: float = 20_000.0
    written_tokens_s: float = 2_500.0
    usd_gpu_hour: float = 2.5
    n_gpus: int = 32


def print_plan(assumed: Assumed | None = None) -> None:
    """Print hours and dollars of each step, and of emails by a model."""
    given = assumed or Assumed()
    print(
        f"On {given.n_cores} cores, {given.used:.0%} of their time used, ${given.usd_core_hour:g} a core and hour "
        "(assumed); seconds a row measured on one core:"
    )
    print(f"{'step':<34}{'rows':>15}{'us a row':>10}{'core hours':>12}{'hours':>8}{'USD':>9}  measured by benchmarks/")
    for name, rows, unit, seconds, command in STEPS:
        hours = rows * seconds / 3600 / given.used
        told = f"{rows:>15,}{seconds * 1e6:>10.2f}{hours:>12,.1f}{hours / given.n_cores:>8.2f}{hours * given.usd_core_hour:>9,.2f}"
        print(f"{name:<34}{told}  {command} ({unit})")
    _print_models(given)


def _print_models(given: Assumed) -> None:
    from segvspers.emails.llm.money.prices import BATCH_SHARE, prices_of

    tokens_in, tokens_out = tokens_of_an_email()
    print(
        f"\n{N_EMAILS:,} emails by a model, {tokens_in:,.0f} tokens in and {tokens_out:,.0f} out each "
        "(estimate_cost on the sample), nothing cached, no repair:"
    )
    for model in MODELS:
        prices = prices_of(model, host="api.openai.com", openai=True)
        one = prices.cost_usd(tokens_in=tokens_in, tokens_out=tokens_out, cached=0)
        print(
            f"  {model:<14}${one * N_EMAILS:>12,.0f} one by one, ${BATCH_SHARE * one * N_EMAILS:>10,.0f} in batches "
            f"(prices of {prices.read_on}, {prices.source}); {N_EMAILS // 50_000:,} files of 50,000"
        )
    seconds = tokens_in / given.read_tokens_s + tokens_out / given.written_tokens_s
    hours = N_EMAILS * seconds / 3600
    print(
        f"  own GPU       ${hours * given.usd_gpu_hour:>12,.0f}: {tokens_in:,.0f} / {given.read_tokens_s:,.0f} + "
        f"{tokens_out:,.0f} / {given.written_tokens_s:,.0f} = {seconds:.3f} s an email, {hours:,.0f} GPU hours at "
        f"${given.usd_gpu_hour:g}, {hours / given.n_gpus:,.0f} hours on {given.n_gpus} (assumed: vLLM, about 8 billion parameters)"
    )


def tokens_of_an_email() -> tuple[int, int]:
    """Return mean tokens in and out of an individual email of the sample."""
    import segvspers as sv

    contacts = sv.read_contacts(SAMPLE / "contacts.csv").assign(segment_id="all")
    facts = sv.derive_facts(contacts, sv.read_history(SAMPLE / "history.csv"), as_of="2026-11-01")
    writer = sv.OpenAIBatchWriter(model=MODELS[-1], store=None, base_url="https://api.openai.com/v1")
    found = sv.estimate_cost(contacts, facts, campaign=sv.read_campaign(SAMPLE / "campaign.yml"), writer=writer)
    return round(found.tokens_in / found.n_to_buy), round(found.tokens_out / found.n_to_buy)
