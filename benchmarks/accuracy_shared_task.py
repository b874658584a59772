"""How many errors that people marked in generated texts the checks of the audit find (INLG 2021 shared task).

    python benchmarks/accuracy_shared_task.py FOLDER [--missed]     FOLDER holds the data set

Every third text was kept apart while the rules were made; its figures are the ones to quote. A mark counts as found when a
finding overlaps it, each finding for one mark at most; precision is the share of findings that found one.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from box_scores import flagged, game_of, read_games

CATEGORIES = ("NUMBER", "NAME", "WORD", "CONTEXT", "NOT_CHECKABLE", "OTHER")


def is_held_out(text_id):
    return int(text_id[1:]) % 3 == 0


def league(records):
    """Return every team that any record names, by its name and by city and name."""
    teams = {(told[f"{side}_city"], told[f"{side}_name"]) for told in records.values() for side in ("home", "vis")}
    cities = {city for city, _ in teams}
    return {name for _, name in teams} | {f"{city} {name}" for city, name in teams} | cities


def measured(folder, *, held_out):
    """Return one row a category, one over all, and what was missed and found wrongly, in words.

    A category's precision is that of the checks that look for its errors: values, names, words on how a matter stands.
    """
    records, texts, marks = read_games(Path(folder))
    teams = league(records)
    counts = {name: Counter() for name in ("n_marks", "n_found", "n_findings", "n_right")}
    missed, false = Counter(), []
    for text_id in sorted(one for one in texts if is_held_out(one) == held_out):
        left, words = flagged(game_of(records[text_id], teams), texts[text_id]), texts[text_id].split()
        counts["n_findings"].update(category for _, category in left)
        for span, category in marks[text_id]:
            counts["n_marks"][category] += 1
            hit = next((one for one in left if one[0] & span), None)
            if hit is None:
                missed[category, " ".join(words[place - 1] for place in sorted(span))] += 1
            else:
                left.remove(hit)
                counts["n_found"][category] += 1
                counts["n_right"][hit[1]] += 1
        false += [in_words(words, span) for span, _ in left]
    table = pd.DataFrame({name: [told[one] for one in CATEGORIES] for name, told in counts.items()}, index=CATEGORIES)
    table.loc["all"] = table.sum()
    return (
        table.assign(recall=table["n_found"] / table["n_marks"], precision=table["n_right"] / table["n_findings"]),
        missed,
        false,
    )


def in_words(words, span):
    low, high = min(span) - 1, max(span)
    return f"{' '.join(words[max(0, low - 6) : low])} [{' '.join(words[low:high])}] {' '.join(words[high : high + 5])}"


def main():
    for name, held_out in (("texts that the rules were made on", False), ("texts kept apart", True)):
        table, missed, false = measured(sys.argv[1], held_out=held_out)
        print(f"{name}\n{table.to_string(float_format='{:.3f}'.format)}\n")
        if "--missed" in sys.argv and not held_out:
            print("missed:", missed.most_common(70))
            print("false:", *false[:90], sep="\n  ")


if __name__ == "__main__":
    main()
