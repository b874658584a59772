"""Near duplicates among 100,000 emails: CPU, memory, how many planted ones are found, and peers in the same run.

    python benchmarks/near_duplicates.py                     ours, and scikit-learn's exact product at 20,000
    python benchmarks/near_duplicates.py --peers PYTHON      rensa and datasketch too, where that Python has them

Emails of 92 words: phrases that all share, and words drawn by Zipf's law. 2,000 of them are copies in which one to seven words were
changed; of those, the ones whose exact similarity is at least 0.6 count as planted.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from segvspers.emails import find_near_duplicates

N, N_PLANTED, WORDS, THRESHOLD = 100_000, 2_000, 92, 0.6
SHARED = [
    "thank you for your time and all the best to you",
    "would thursday or friday suit you for a short call",
    "i hope this finds you well today",
]
PEERS = """
import json, re, sys, time
texts, pairs = json.load(open(sys.argv[1]))
shingled = [list({" ".join(words[i:i + 3]) for i in range(len(words) - 2)}) for words in (re.findall(r"[a-z0-9]+", t) for t in texts)]
def jaccard(a, b):
    a, b = set(shingled[a]), set(shingled[b])
    return len(a & b) / len(a | b)
def told(name, start, candidates):
    found = {(a, b) for a, b in candidates if jaccard(a, b) >= 0.6}
    hit = sum(tuple(p) in found for p in pairs)
    print(f"{name:<44}{time.process_time() - start:8.2f} CPU s{hit / len(pairs):9.1%} of planted")
try:
    from rensa import RMinHash, RMinHashLSH
    start = time.process_time()
    lsh, made = RMinHashLSH(0.6, 64, 16), []
    for place, one in enumerate(shingled):
        m = RMinHash(64, 7); m.update(one); made.append(m); lsh.insert(place, m)
    told("rensa, 64 permutations, 16 bands", start, {(min(a, b), max(a, b)) for a, m in enumerate(made) for b in lsh.query(m) if a != b})
except ImportError:
    print("rensa is not installed there")
try:
    from datasketch import MinHash, MinHashLSH
    start = time.process_time()
    lsh, made = MinHashLSH(num_perm=64, params=(16, 4)), []
    for place, one in enumerate(shingled):
        m = MinHash(num_perm=64, seed=7); m.update_batch([s.encode() for s in one]); made.append(m); lsh.insert(place, m)
    told("datasketch, 64 permutations, 16 bands", start, {(min(a, b), max(a, b)) for a, m in enumerate(made) for b in lsh.query(m) if a != b})
except ImportError:
    print("datasketch is not installed there")
"""


def made(n, n_planted, *, seed=11):
    """Return texts, and the pairs of a text and its changed copy."""
    rng = np.random.default_rng(seed)
    bank = np.array([f"w{place}x" for place in range(20_000)])
    n_free = WORDS - sum(len(one.split()) for one in SHARED)
    drawn = np.minimum(rng.zipf(1.15, (n, n_free)), len(bank)) - 1
    drawn[:, ::2] = rng.integers(0, len(bank), drawn[:, ::2].shape)
    copies = rng.choice(np.arange(n // 2, n), n_planted, replace=False)
    sources = rng.integers(0, n // 2, n_planted)
    drawn[copies] = drawn[sources]
    for row, changed in zip(copies, rng.integers(1, 8, n_planted), strict=True):
        places = rng.choice(n_free, changed, replace=False)
        drawn[row, places] = rng.integers(0, len(bank), changed)
    words = bank[drawn]
    texts = [f"{SHARED[2]} {' '.join(row)} {SHARED[1]} {SHARED[0]}" for row in words]
    pairs = [tuple(sorted(map(int, pair))) for pair in zip(sources, copies, strict=True)]
    return texts, [pair for pair in pairs if similarity(texts[pair[0]], texts[pair[1]]) >= THRESHOLD]


def similarity(first, second):
    one, other = (
        {tuple(words[place : place + 3]) for place in range(len(words) - 2)}
        for words in (first.split(), second.split())
    )
    return len(one & other) / len(one | other)


def ours(texts, pairs):
    emails = pd.DataFrame({"email_id": np.arange(len(texts)), "body_text": texts})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    result = find_near_duplicates(emails, threshold=THRESHOLD)
    spent = time.process_time() - start
    found = set(zip(result.pairs["email_id"], result.pairs["other_id"], strict=True))
    hit = sum(pair in found for pair in pairs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = f"find_near_duplicates, {len(texts):,}, {'exact' if result.exact else 'MinHash'}"
    print(
        f"{name:<44}{spent:8.2f} CPU s{hit / len(pairs):9.1%} of planted, peak {peak:,.0f} MiB (before {before:,.0f})"
    )
    return spent


def sklearn_product(texts, pairs):
    """Find pairs with the product of two sparse matrices of hashed runs of three words, in blocks of rows."""
    from sklearn.feature_extraction.text import HashingVectorizer

    start = time.process_time()
    matrix = HashingVectorizer(ngram_range=(3, 3), analyzer="word", binary=True, norm=None, alternate_sign=False, n_features=2**22,
                               token_pattern=r"\w+").transform(texts).astype(np.float32)  # fmt: skip
    sizes, found = np.asarray(matrix.sum(axis=1)).ravel(), set()
    for low in range(0, len(texts), 500):
        product = (matrix[low : low + 500] @ matrix.T).tocoo()
        first, second = product.row + low, product.col
        alike = (first < second) & (product.data >= THRESHOLD * (sizes[first] + sizes[second] - product.data))
        found |= set(zip(first[alike].tolist(), second[alike].tolist(), strict=True))
    spent = time.process_time() - start
    hit = sum(pair in found for pair in pairs)
    print(f"{f'scikit-learn product, {len(texts):,}, exact':<44}{spent:8.2f} CPU s{hit / len(pairs):9.1%} of planted")
    return spent


def main():
    ours(*made(2_000, 40))  # imports what is needed
    texts, pairs = made(20_000, 400)
    small = ours(texts, pairs)
    print(f"ratio of the peer to ours at 20,000: {sklearn_product(texts, pairs) / small:.1f}")
    texts, pairs = made(N, N_PLANTED)
    print(f"{len(texts):,} emails, {len(pairs):,} planted")
    ours(texts, pairs)
    if "--peers" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "texts.json").write_text(json.dumps([texts, pairs]))
            (Path(folder) / "peers.py").write_text(PEERS)
            python = sys.argv[sys.argv.index("--peers") + 1]
            subprocess.run([python, f"{folder}/peers.py", f"{folder}/texts.json"], check=False)


if __name__ == "__main__":
    main()
