"""A tiny world for reading: readers that are one-line functions, and very small ones with random weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

from turncoat.attacks.attack import Attack, Found
from turncoat.data.reading import ReadingDataset, ReadingExample
from turncoat.engine.query import Answer, Asked, Reading, Spending, Spent
from turncoat.engine.run import Task, run
from turncoat.goals.reading import Mislead
from turncoat.models.reader import Reader, reader_responders
from turncoat.space import Space
from turncoat.text import Text

NAMES = ("anna", "ben", "carl", "dora")
FILLERS = ("the", "old", "film", "about", "rain", "was", "made", "by", "a", "friend", "in", "spring", "again")


@dataclass
class ToyReader(Reader):
    """`answer` maps a paragraph to likely answers with probabilities; the first is the answer. Keeps what was asked."""

    answer: Callable[[str], dict[str, float]]
    tells: bool = True
    asked: list[str] = field(default_factory=list)

    name, unknown, fingerprint = "toy", "[UNK]", "toy"

    def read(self, batches: Any) -> list[Any]:
        answers = [np.empty(len(batch), object) for batch in batches]
        for batch, rows in zip(batches, answers, strict=True):
            rows[:] = [self._reading(str(asked.text)) for asked in batch]
        return answers

    def visible(self, text: Text) -> int:
        return len(text)

    def _reading(self, string: str) -> Reading:
        self.asked.append(string)
        likely = self.answer(string)
        first = next(iter(likely))
        start = string.index(first)
        return Reading(first, start, start + len(first), tuple(likely.items()) if self.tells else ())


def mislead(
    attack: Attack,
    reader: Reader,
    string: str,
    question: str,
    golds: tuple[str, ...],
    *,
    seed: int = 0,
    budget: int | None = None,
) -> tuple[Found, Spending]:
    """Run one search through the engine."""
    text = Text(string)

    async def work() -> tuple[Found, Spending]:
        (clean,) = await Answer([Asked(text, question)])
        goal = Mislead(original=text, question=question, golds=golds, clean=clean)
        options = await attack.substitutions.propose(text)
        found = await attack.search(Space(text, options), goal, np.random.default_rng(seed))
        return found, await Spent()

    ((_, result),) = run([Task("toy", work(), budget)], reader_responders(reader))
    return result


def reader_folder(folder: Path, head: bool = True, padding_side: str = "right") -> Path:
    """A BERT of one layer that answers questions, with the tokenizer it needs; sees at most 32 tokens."""
    torch.manual_seed(3)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "who", "it", "?", ".", ",", *NAMES, *FILLERS, "##s", "##ing"]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=32, padding_side=padding_side,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)  # fmt: skip
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=32, initializer_range=0.4,
    )  # fmt: skip
    model = BertForQuestionAnswering(config)
    (model if head else model.bert).save_pretrained(folder)
    return folder


def who_dataset(name: str, size: int, seed: int) -> ReadingDataset:
    """Each paragraph names one person; the question is who it is."""
    rng = np.random.default_rng(seed)

    def example(i: int) -> ReadingExample:
        words = rng.choice(FILLERS, rng.integers(6, 30)).tolist()
        person = str(rng.choice(NAMES))
        words.insert(int(rng.integers(len(words) + 1)), person)
        text = " ".join(words) + "."
        start = text.index(person)
        return ReadingExample(f"{name}-{i}", text, "Who was it?", (person, person), (start, start), f"article {i % 7}")

    return ReadingDataset(name, tuple(example(i) for i in range(size)))
