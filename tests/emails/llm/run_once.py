"""Write emails in a process of its own, so that a test can kill it: address, store, number of contacts, cap."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import segvspers as sv
from emails.llm.conftest import PRICES, briefs_of


def main(url, store, n, cap):
    campaign = sv.read_campaign(Path(__file__).resolve().parents[3] / "data" / "sample" / "campaign.yml")
    writer = sv.OpenAIWriter(
        model="scripted",
        base_url=url,
        store=store,
        prices=PRICES,
        max_cost_usd=float(cap),
        concurrency=8,
        progress=False,
    )
    try:
        for start in range(0, int(n), 40):
            writer.write(briefs_of(campaign, min(40, int(n) - start), start))
    except sv.BudgetError:
        sys.stdout.write("capped")
    else:
        sys.stdout.write("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
