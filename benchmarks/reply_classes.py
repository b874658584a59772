"""How well replies are told apart: rules beside trained classifiers on unseen replies, and new text beside a library alone.

The replies of data/reply_classes.csv are invented, 36 of each class. Half of each class ("tune", by a digest of the text) was
seen while the rules were written and trains the classifiers; the other half ("held_out") was seen by neither. No published
set has these classes: email_intent tells whether a sentence asks for something or commits to it, which is tried as a second
opinion on what the rules call neutral.
"""

import csv
import gzip
import json
import os
import re
import time
from pathlib import Path

import numpy as np
import quotequail
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, f1_score
from sklearn.pipeline import make_pipeline, make_union

from segvspers.replies.classify import CLASSES, class_of_text
from segvspers.replies.mime import read_mime
from segvspers.replies.new_text import new_text, plain_of_html

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("SEGVSPERS_DATA") or HERE.parents[1] / "shared" / "data")


def classifier():
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    return make_pipeline(make_union(words, letters), LogisticRegression(C=10, max_iter=2000))


def intents(part):
    with gzip.open(
        SHARED / "email_intent" / f"email_intent_{part}.tsv.gz", "rt", encoding="utf-8", errors="replace"
    ) as file:
        rows = [line.rstrip("\n").split("\t", 1) for line in file if "\t" in line]
    return [text for _, text in rows], [label for label, _ in rows]


def compare_classes():
    with (HERE / "data" / "reply_classes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tune = [row for row in rows if row["part"] == "tune"]
    held = [row for row in rows if row["part"] == "held_out"]
    texts, truth = [row["text"] for row in held], [row["reply_class"] for row in held]
    started = time.process_time()
    said = {"rules (used)": [class_of_text(text) for text in texts]}
    seconds = time.process_time() - started
    model = classifier().fit([row["text"] for row in tune], [row["reply_class"] for row in tune])
    said["TF-IDF + logistic regression"] = list(model.predict(texts))
    sure = model.predict_proba(texts).max(axis=1)
    trained = said["TF-IDF + logistic regression"]
    said["rules, the classifier where they say neutral"] = [
        other if name == "neutral" and p > 0.5 else name
        for name, other, p in zip(said["rules (used)"], trained, sure, strict=True)
    ]
    if SHARED.is_dir():
        intent = classifier().fit(*intents("train"))
        asked = intent.predict_proba(texts)[:, list(intent.classes_).index("Yes")]
        said["rules, email_intent where they say neutral"] = [
            "positive" if name == "neutral" and p > 0.5 else name
            for name, p in zip(said["rules (used)"], asked, strict=True)
        ]
        print(
            f"email_intent: the classifier is right about {intent.score(*intents('test')):.1%} of its own 992 test sentences"
        )
    print(
        f"{len(held)} replies held out, {len(tune)} to tune and train on; rules take {seconds / len(texts) * 1e6:.0f} us a reply\n"
    )
    for name, found in said.items():
        right = np.mean(np.array(found) == truth)
        print(f"{name:<48} accuracy {right:.3f}   macro F1 {f1_score(truth, found, average='macro'):.3f}")
    print("\nrules (used), by class\n" + classification_report(truth, said["rules (used)"], labels=CLASSES, digits=3))
    if SHARED.is_dir():
        sentences = [text for part in ("train", "test") for text in intents(part)[0]]
        found = np.array([class_of_text(text) for text in sentences])
        shares = ", ".join(f"{name} {np.mean(found == name):.2%}" for name in CLASSES)
        print(f"what the rules call {len(sentences):,} sentences of business mail that are no replies: {shares}")


def library_alone(body, *, html):
    parts = quotequail.unwrap_html(body) if html else quotequail.unwrap(body)
    side = "html" if html else "text"
    kept = [parts[f"{side}_{end}"] for end in ("top", "bottom") if parts.get(f"{side}_{end}")] if parts else [body]
    return "\n".join(plain_of_html(part) if html else part for part in kept)


def compare_new_text():
    records = json.loads((SHARED / "reply_text_fixtures" / "reply_texts.json").read_text())
    asked = [record for record in records if record.get("answer") is not None]
    right = {"quotequail alone": 0, "quotequail and what all programs share (used)": 0}
    for record in asked:
        html = record["kind"] == "html"
        body = record["body"] if html else read_mime(record["body"]).text
        for name, found in zip(
            right,
            (library_alone(body, html=html), new_text("" if html else body, html=body if html else "")),
            strict=True,
        ):
            one, two = (re.sub(r"\s", "", text) if html else text.strip() for text in (found, record["answer"]))
            right[name] += one == two
    for name, count in right.items():
        print(f"{name:<48} {count} of {len(asked)} published answers")


if __name__ == "__main__":
    compare_classes()
    if SHARED.is_dir():
        print()
        compare_new_text()
