"""SQuAD (Rajpurkar et al. 2016), and any JSON file of its form, cut by article so that no article is in two splits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from turncoat.data.example import Fault
from turncoat.data.originals import original, unpacked
from turncoat.data.reading import ReadingDataset, ReadingExample
from turncoat.data.splitting import check_split, shuffled
from turncoat.errors import BrokenData, UsageError
from turncoat.registry import READING_DATASETS

SHARES = {"test": 0.2, "dev": 0.1}  # of the questions, about: whole articles; all others are for training
SEED = 1  # the first that keeps Super_Bowl_50 out of train: the best-known adversarial example is about it

Json = Mapping[str, Any]


def load_squad(split: str) -> ReadingDataset:
    """SQuAD v1.1, its dev set cut by article; splits train 7,166 (33 articles), dev 1,249 (3), test 2,155 (12).

    The published training set is not here. Rebuilt from pages without offsets: an answer that occurs more than once in
    its paragraph (4,162 of 34,726) starts at its first occurrence, which need not be the one that was meant.
    """
    check_split("squad", split, ("train", *SHARES))
    path = original("squad", "squad_dev_v1.1_rebuilt.json.xz")
    return cut_by_article(replace(read_squad(path), name="squad"), split)


def read_questions(source: str, split: str = "test", strict: bool = False) -> ReadingDataset:
    """A named reading data set, or a JSON file of SQuAD's form (also .gz or .xz), which is one split.

    Raises:
        UnknownName: neither a name nor a file. UsageError: the data set has no such split, or there is no such file.
        MissingResource: the data set is not on this machine. BrokenData: see `read_squad`.
    """
    if is_questions_file(source):
        return read_squad(source, strict)
    return READING_DATASETS.get(source)(split)  # type: ignore[no-any-return]


def is_questions_file(source: str) -> bool:
    """Whether the source names a file rather than a registered data set."""
    return ".json" in Path(source).suffixes


def read_squad(path: str | Path, strict: bool = False) -> ReadingDataset:
    """All questions of a JSON file of SQuAD's form (also .gz or .xz). Those that cannot be used are told in `faults`.

    Args:
        strict: raise at a question that cannot be used instead of leaving it out.

    Raises:
        UsageError: no such file.
        BrokenData: the file has another form, no usable question, or, if `strict`, a broken one.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"expected a data file at {path}, found none")
    examples: dict[str, ReadingExample] = {}
    faults = []
    try:
        for number, example in enumerate(_examples(json.loads(unpacked(path))), 1):
            if why := _why_unusable(example, examples):
                faults.append(Fault(path.name, number, why))
            else:
                examples[example.id] = example
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenData(
            f'{path}: expected {{"data": [{{"title", "paragraphs": [{{"context", "qas": [{{"id", "question", '
            f'"answers": [{{"text", "answer_start"}}]}}]}}]}}]}}, got {type(error).__name__}: {error}'
        ) from error
    if not examples or (strict and faults):
        first = f"; the first broken one (file:question): {faults[0]}" if faults else ""
        raise BrokenData(f"{path}: {len(faults)} broken questions, {len(examples)} fine ones{first}")
    return ReadingDataset(path.name, tuple(examples.values()), tuple(faults), str(path))


def cut_by_article(dataset: ReadingDataset, split: str) -> ReadingDataset:
    """The questions of one split, in data set order: whole articles, always the same ones.

    Articles are shuffled; each split of `SHARES` takes articles until it has its share, train takes the rest.

    Raises:
        UsageError: there are too few articles for three splits.
    """
    sizes = Counter(example.article for example in dataset)
    articles = shuffled(sizes, SEED)
    splits: dict[str, list[str]] = {}
    for name, share in SHARES.items():
        splits[name] = []
        while articles and sum(sizes[article] for article in splits[name]) < share * len(dataset):
            splits[name].append(articles.pop(0))
    splits["train"] = articles
    if not all(splits.values()):
        raise UsageError(f"{dataset.name}: expected articles for three splits, got only {len(sizes)}")
    chosen = set(splits[split])
    examples = tuple(example for example in dataset if example.article in chosen)
    return replace(dataset, name=f"{dataset.name}/{split}", examples=examples)


def _examples(content: Json) -> Iterator[ReadingExample]:
    for number, article in enumerate(content["data"]):
        title = str(article.get("title") or f"article {number}")
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                answers = asked["answers"]
                yield ReadingExample(
                    str(asked["id"]),
                    str(paragraph["context"]),
                    str(asked["question"]),
                    tuple(str(answer["text"]) for answer in answers),
                    tuple(int(answer["answer_start"]) for answer in answers),
                    title,
                )


def _why_unusable(example: ReadingExample, others: Mapping[str, ReadingExample]) -> str:
    if example.id in others:
        return f"there is already a question {example.id!r}"
    if not example.question.strip():
        return f"{example.id}: the question is empty"
    if not example.answers:
        return f"{example.id}: no answer in the paragraph"
    for answer, start in zip(example.answers, example.starts, strict=True):
        if not answer.strip() or start < 0 or not example.text.startswith(answer, start):
            return f"{example.id}: the paragraph has no answer {answer!r} at character {start}"
    return ""
