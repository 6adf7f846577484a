"""Sentiment of tweets: SemEval-2017 task 4A and Twitter US Airline Sentiment."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from turncoat.data.cache import cached
from turncoat.data.example import Dataset, Example, Fault
from turncoat.data.originals import numbered_lines, original, unpacked
from turncoat.data.splitting import check_split, cut
from turncoat.data.tweet_cleaning import RULES, clean_tweet

SENTIMENT = ("negative", "neutral", "positive")

SEMEVAL_TEST = "SemEval2017-task4-test.subtask-A.english.tsv.xz"
SEMEVAL_DEV = "twitter-2016devtest-A.tsv.xz"
SEMEVAL_TRAIN = (
    "twitter-2013train-A.tsv.xz",
    "twitter-2013dev-A.tsv.xz",
    "twitter-2013test-A.tsv.xz",
    "twitter-2014sarcasm-A.tsv.xz",
    "twitter-2014test-A.tsv.xz",
    "twitter-2015train-A.tsv.xz",
    "twitter-2015test-A.tsv.xz",
    "twitter-2016train-A.tsv.xz",
    "twitter-2016dev-A.tsv.xz",
    "twitter-2016test-A.tsv.xz",
)

ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class _Tweet:
    file: str
    line: int
    id: str
    label: str
    text: str

    def fault(self, why: str) -> Fault:
        return Fault(self.file, self.line, why)


def load_semeval2017(split: str) -> Dataset:
    """SemEval-2017 task 4A, tweets negative, neutral or positive; splits train, dev (2016devtest), test (official).

    train and dev are the files of 2013 to 2016; a tweet that stands there with two labels is left out, one that stands
    there twice is kept once (dev first), both told in `faults`. test is as published. Literal `\\uXXXX` and the quotes
    around whole tweets are undone; ids are Twitter's.
    """
    check_split("twitter_semeval2017", split, ("train", "dev", "test"))
    files = {"train": SEMEVAL_TRAIN, "dev": (SEMEVAL_DEV,), "test": (SEMEVAL_TEST,)}[split]
    faults: list[Fault] = []
    if split == "test":
        kept = _semeval(files)
    else:
        kept, faults = _without_repeats(_semeval((SEMEVAL_DEV, *SEMEVAL_TRAIN)))
    examples = tuple(Example(f"semeval-{t.id}", t.text, SENTIMENT.index(t.label)) for t in kept if t.file in files)
    left_out = tuple(fault for fault in faults if fault.file in files)
    source = str(original("twitter_semeval2017", files[0]).parent)
    return Dataset(f"twitter_semeval2017/{split}", examples, SENTIMENT, left_out, source)


def load_semeval2017_binary(split: str) -> Dataset:
    """SemEval-2017 task 4A without the neutral tweets; splits train, dev, test. See twitter_semeval2017."""
    return _without_neutral(load_semeval2017(split), f"twitter_semeval2017_binary/{split}")


def load_tweets(split: str) -> Dataset:
    """SemEval-2017 task 4A cleaned by `clean_tweet`: negative, positive; splits train, dev, test. See tweets_3way."""
    check_split("tweets", split, ("train", "dev", "test"))
    return _without_neutral(load_tweets_3way(split), f"tweets/{split}")


def load_tweets_3way(split: str) -> Dataset:
    """SemEval-2017 task 4A cleaned by `clean_tweet`: negative, neutral, positive; splits train, dev, test.

    Tweets of which nothing is left are left out, told in `faults`. Cleaning all of train takes ten seconds, once: the
    result is kept in the cache folder.
    """
    check_split("tweets_3way", split, ("train", "dev", "test"))
    raw = load_semeval2017(split)
    texts = cached(f"tweets-{RULES}-{split}", lambda: [clean_tweet(example.text) for example in raw])
    cleaned = [replace(example, text=text) for example, text in zip(raw, texts, strict=True)]
    empty = tuple(
        Fault(f"twitter_semeval2017/{split}", i, "is empty when cleaned") for i, t in enumerate(texts, 1) if not t
    )
    return replace(
        raw,
        name=f"tweets_3way/{split}",
        examples=tuple(example for example in cleaned if example.text),
        faults=(*raw.faults, *empty),
    )


def load_airline(split: str) -> Dataset:
    """Tweets about US airlines (CrowdFlower 2015): negative, neutral, positive; splits train 80 %, dev 10 %, test 10 %.

    There is no official split: ours is drawn at random with a fixed seed, class by class, after leaving out tweets that
    stand there with two labels or a second time (told in `faults`).
    """
    shares = {"test": 0.1, "dev": 0.1, "train": 0.8}
    check_split("twitter_airline", split, shares)
    path = original("twitter_airline", "airline_tweets.csv.xz")
    kept, faults = _without_repeats(_airline(path))
    examples = [Example(f"airline-{t.id}", t.text, SENTIMENT.index(t.label)) for t in kept]
    return Dataset(f"twitter_airline/{split}", cut(examples, shares, split), SENTIMENT, tuple(faults), str(path))


def _semeval(files: Sequence[str]) -> list[_Tweet]:
    tweets = []
    for file in files:
        for number, line in numbered_lines(original("twitter_semeval2017", file)):
            key, label, text = line.split("\t")[:3]  # the file of 2016 has an empty fourth column
            tweets.append(_Tweet(file, number, key, label, _readable(text)))
    return tweets


def _airline(path: Path) -> list[_Tweet]:
    reader = csv.DictReader(io.StringIO(unpacked(path).decode(), newline=""))
    tweets, line = [], 2  # a quoted tweet may span lines
    for row in reader:
        tweets.append(_Tweet(path.name, line, row["tweet_id"], row["airline_sentiment"], row["text"]))
        line = reader.line_num + 1
    return tweets


def _readable(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('\\""', '"').replace('""', '"')
    return ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text).strip()


def _without_repeats(tweets: Sequence[_Tweet]) -> tuple[list[_Tweet], list[Fault]]:
    """Each tweet once, and none that has two labels; a tweet is the same by its id or by its text."""
    labels: dict[str, set[str]] = defaultdict(set)
    for tweet in tweets:
        labels[tweet.id].add(tweet.label)
        labels[tweet.text].add(tweet.label)
    kept, faults, seen = [], [], set()
    for tweet in tweets:
        if len(labels[tweet.id] | labels[tweet.text]) > 1:
            faults.append(tweet.fault("stands elsewhere with another label"))
        elif tweet.id in seen or tweet.text in seen:
            faults.append(tweet.fault("repeats an earlier row"))
        else:
            kept.append(tweet)
        seen |= {tweet.id, tweet.text}
    return kept, faults


def _without_neutral(dataset: Dataset, name: str) -> Dataset:
    labels = ("negative", "positive")
    left = [example for example in dataset if dataset.labels[example.label] in labels]
    examples = tuple(replace(example, label=labels.index(dataset.labels[example.label])) for example in left)
    return replace(dataset, name=name, examples=examples, labels=labels)
