"""Near duplicates: exact against an obvious count of all pairs, MinHash against the exact answer, masked against raw."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.emails.duplicates import candidates, find
from segvspers.emails.duplicates.candidates import minhash_pairs
from segvspers.emails.duplicates.shingles import shingles_of
from segvspers.errors import ArgumentError, DataError

FOOTER = "\n\n--\nPostwell, 12 Harbor Lane\nUnsubscribe: https://postwell.example/unsubscribe"


def table(texts, identity=None):
    ids = [f"e{place}" for place in range(len(texts))]
    return pd.DataFrame({"email_id": ids, "body_text": texts, "identity": identity or [[] for _ in texts]})


def drawn(n, rng, *, copies):
    """Texts of 40 words, and copies of some of them with a few words changed."""
    bank = np.array([f"w{place}" for place in range(400)])
    words = rng.integers(0, len(bank), (n, 40))
    rows = rng.choice(np.arange(n // 2, n), copies, replace=False)
    words[rows] = words[rng.integers(0, n // 2, copies)]
    for row in rows:
        words[row, rng.choice(40, int(rng.integers(0, 6)), replace=False)] = rng.integers(0, 400)
    return [" ".join(row) for row in bank[words]]


def sets_of(texts):
    cut = [text.lower().split() for text in texts]
    return [{tuple(words[place : place + 3]) for place in range(len(words) - 2)} for words in cut]


def oracle(texts, threshold):
    sets = sets_of(texts)
    told = {}
    for first, second in itertools.combinations(range(len(texts)), 2):
        if texts[first] != texts[second]:
            similarity = len(sets[first] & sets[second]) / len(sets[first] | sets[second])
            if similarity >= threshold - 1e-9:
                told[frozenset((texts[first], texts[second]))] = similarity
    return told


@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.9])
def test_pairs_equal_a_count_of_all_pairs(threshold):
    texts = drawn(160, np.random.default_rng(3), copies=40)
    emails = table(texts)
    found = sv.find_near_duplicates(emails, threshold=threshold)
    text_of = dict(zip(emails["email_id"], texts, strict=True))
    told = {
        frozenset((text_of[row.email_id], text_of[row.other_id])): row.similarity for row in found.pairs.itertuples()
    }
    assert found.exact
    assert told == pytest.approx(oracle(texts, threshold))


@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.9])
def test_no_pair_is_lost_where_all_texts_share_their_ending(threshold, monkeypatch):
    monkeypatch.setattr(candidates, "FEW", 3)
    rng = np.random.default_rng(4)
    endings = [
        "would thursday or friday suit you for a short call then",
        "tell me and i will send it to you at once by return",
    ]
    texts = [
        f"{text} {endings[int(rng.integers(2))]} all the best from all of us here"
        for text in drawn(150, rng, copies=50)
    ]
    found = sv.find_near_duplicates(table(texts), threshold=threshold)
    assert len(found.pairs) == len(oracle(texts, threshold))


def test_minhash_finds_nearly_all_that_the_exact_product_finds():
    texts = drawn(3000, np.random.default_rng(5), copies=600)
    exact = sv.find_near_duplicates(table(texts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(find, "EXACT_UP_TO", 0)
        hashed = sv.find_near_duplicates(table(texts))
    assert not hashed.exact
    pairs, near = ({tuple(pair) for pair in one.pairs[["email_id", "other_id"]].to_numpy()} for one in (exact, hashed))
    assert near <= pairs
    assert len(near) > 0.95 * len(pairs) > 300


def test_signatures_agree_as_often_as_sets_are_alike():
    """The share of equal MinHash values estimates the Jaccard similarity (Broder 1997)."""
    from segvspers.emails.duplicates.candidates import _signatures

    texts = drawn(400, np.random.default_rng(8), copies=150)
    sets, made = sets_of(texts), _signatures(shingles_of(texts), 7)
    pairs = list(itertools.combinations(range(200, 400), 2))[::7] + [
        (a, b) for a in range(200) for b in range(200, 400) if texts[a][:9] == texts[b][:9]
    ]
    truth = np.array([len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in pairs])
    told = np.array([(made[:, a] == made[:, b]).mean() for a, b in pairs])
    assert (truth > 0.5).sum() > 30
    assert np.abs(told - truth).mean() < 0.02
    assert abs((told - truth)[truth > 0.5].mean()) < 0.03


def test_the_legal_footer_is_not_compared():
    texts = [f"entirely {word} words stand here" + FOOTER for word in ("other", "different", "unlike")]
    assert sv.find_near_duplicates(table(texts)).n_alike == 0
    alike = [
        f"{text} and so on and so forth until the end" + footer
        for text, footer in zip(["we say the same"] * 2, ["", FOOTER], strict=True)
    ]
    assert sv.find_near_duplicates(table(alike)).n_alike == 2


def test_masked_finds_the_mail_merge_that_raw_does_not():
    names = ["Ada", "Grace", "Joan"]
    texts = [
        f"Hi {name},\n\nYou bought Plan {place + 3} in {month} and {name} spent ${place * 7 + 10} with us."
        for place, (name, month) in enumerate(zip(names, ["May", "June", "July"], strict=True))
    ]
    emails = table(texts, [[name] for name in names])
    assert sv.find_near_duplicates(emails).n_alike == 0
    masked = sv.find_near_duplicates(emails, masked=True)
    assert masked.clusters["n_alike"].tolist() == [3, 3, 3]
    assert masked.pairs.empty  # one text, three emails
    assert masked.alike_share == 1


def test_order_and_doubling_change_clusters_only_as_they_must():
    texts = drawn(200, np.random.default_rng(9), copies=60)
    emails = table(texts)
    once = sv.find_near_duplicates(emails)
    turned = sv.find_near_duplicates(emails.iloc[::-1])
    groups = [set(map(frozenset, one.clusters.groupby("cluster")["email_id"].agg(list))) for one in (once, turned)]
    assert groups[0] == groups[1]
    doubled = sv.find_near_duplicates(pd.concat([emails, emails.assign(email_id=emails["email_id"] + "b")]))
    assert doubled.alike_share == 1
    assert len(doubled.pairs) == len(once.pairs)


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["One"], ["One", "Two words", "", "!!!"]])
def test_few_and_short_texts_are_compared_too(texts):
    found = sv.find_near_duplicates(table(texts))
    assert found.n_emails == len(texts)
    assert found.n_alike == (2 if texts == ["", ""] else 0)
    assert isinstance(found.summary(), str)


def test_many_equal_texts_stay_quick():
    texts = [f"the same words again and again in row number {place % 3}" for place in range(3000)]
    assert len(minhash_pairs(shingles_of(texts))) <= 16 * 64 * 3000
    assert sv.find_near_duplicates(table(texts)).n_alike == 3000


def test_what_is_missing_is_told():
    with pytest.raises(DataError, match=r"emails lacks \['identity'\]"):
        sv.find_near_duplicates(table(["a"]).drop(columns="identity"), masked=True)
    with pytest.raises(ArgumentError, match="threshold=60 must be a proportion"):
        sv.find_near_duplicates(table(["a"]), threshold=60)


def test_the_finding_reads_and_draws(campaign):
    texts = drawn(100, np.random.default_rng(2), copies=30)
    found = sv.find_near_duplicates(table(texts))
    assert found.summary() == (
        f"{found.n_alike} of 100 emails ({found.alike_share * 100:.1f} %) share at least 60% of their runs of three words "
        f"with another one as they stand, in {found.n_clusters} groups of up to {found.clusters['n_alike'].max()}."
    )
    ax = plt.subplots()[1]
    assert found.plot(ax=ax) is ax
    assert "Near duplicates" in found._repr_html_()
    pd.testing.assert_frame_equal(found.to_frame(), found.clusters)
