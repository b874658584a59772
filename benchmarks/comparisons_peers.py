"""CPU seconds of another package on a file of outcomes: comparisons_peers.py NAME PATH."""

import sys
import time
import warnings

warnings.filterwarnings("ignore")
COLUMNS = ["variant", "segment_id", "replied", "revenue_usd", "prior_revenue_usd"]


def tea_tasting(path):
    import polars as pl
    import tea_tasting as tt

    test = tt.Experiment(
        {
            "replies": tt.Mean("replied"),
            "revenue": tt.Mean("revenue_usd"),
            "adjusted": tt.Mean("revenue_usd", "prior_revenue_usd"),
        },
        variant="variant",
    )

    def work():
        rows = pl.scan_parquet(path).with_columns(pl.col("replied").cast(pl.Int8))
        names = rows.select("segment_id").unique().collect()["segment_id"]
        parts = [rows, *(rows.filter(pl.col("segment_id") == name) for name in names)]
        return [test.analyze(part, control="segment") for part in parts]

    return work


def pandas_statsmodels(path):
    import numpy as np
    import pandas as pd
    import statsmodels.api as sm
    from statsmodels.stats.proportion import confint_proportions_2indep
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    def compare(rows):
        treated = (rows["variant"] == "individual").to_numpy()
        replies, spent, before = (rows[name].to_numpy(float) for name in COLUMNS[2:])
        confint_proportions_2indep(replies[treated].sum(), treated.sum(), replies[~treated].sum(), (~treated).sum())
        CompareMeans(DescrStatsW(spent[treated]), DescrStatsW(spent[~treated])).tconfint_diff(usevar="unequal")
        design = np.column_stack([np.ones(len(rows)), treated, before - before.mean()])
        return sm.OLS(spent, design).fit(cov_type="HC1").conf_int()

    def work():
        rows = pd.read_parquet(path, columns=COLUMNS)
        return [compare(rows), *(compare(part) for _, part in rows.groupby("segment_id"))]

    return work


if __name__ == "__main__":
    try:
        run = {"tea-tasting": tea_tasting, "pandas and statsmodels": pandas_statsmodels}[sys.argv[1]](sys.argv[2])
    except ImportError as missing:
        sys.exit(f"it has no {missing.name}")
    start = time.process_time()
    run()
    print(time.process_time() - start)
