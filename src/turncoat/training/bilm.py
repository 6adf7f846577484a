"""Training a small bidirectional language model, the input of the "word + character" models.

Source: Peters et al. 2018 (see `models/bilm.py`).

Differences from the paper: a small network and a small corpus (both on the card); an adaptive softmax (Grave et al.
2017) over the words of the corpus in place of a sampled one; Adam for Adagrad; every sentence is read by itself; one
word in a hundred is made of unknown characters, so that the victim's token for an unknown word has a trained vector.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from turncoat.data.passages import passages, sentences
from turncoat.errors import UsageError
from turncoat.models.bilm import END, START, BiLM, BiLMSizes
from turncoat.models.bilm_files import KIND, WEIGHTS, sizes_table, write_bilm
from turncoat.models.card import Card, versions, write_card
from turncoat.models.forms import UNKNOWN_CHARACTER
from turncoat.text import WORD
from turncoat.training.storing import new_folder

Progress = Callable[[int, int, int, float], None]  # epoch (1), step (from 1), steps, loss in nats a word
Sentence = list[str]

RARE, LEAST_WORDS = 0, 3  # what all words outside the vocabulary are predicted as; shorter sentences are left out


@dataclass(frozen=True, kw_only=True)
class BiLMRecipe:
    """How it is trained.

    Attributes:
        sizes: of the network.
        words: of the corpus to read at most (tokens).
        vocabulary: commonest words to predict; all others are one class.
        longest: words of a sentence; longer ones are cut in pieces.
        batch: words a step, about.
        rate: highest learning rate; it falls to 0.
        hidden: share of the words that are made unknown where they are read.
        dropout: on what the predictions are made from.
    """

    sizes: BiLMSizes = field(default_factory=BiLMSizes)
    words: int = 1_200_000
    vocabulary: int = 20_000
    longest: int = 40
    batch: int = 500
    rate: float = 3e-3
    hidden: float = 0.01
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if min(self.words, self.batch, self.longest, self.vocabulary) < 1 or self.rate <= 0 or not 0 <= self.hidden < 1:
            raise UsageError(
                "expected words, batch, longest and vocabulary of at least 1, a rate above 0 and a share hidden below 1"
            )


def train_bilm(
    sources: Sequence[str],
    folder: Path,
    recipe: BiLMRecipe,
    seed: int = 0,
    progress: Progress = lambda epoch, step, steps, loss: None,
    command: str = "",
) -> Card:
    """Train a model on the sentences of some sources and keep it, with its card, in a new folder.

    Args:
        sources: text files or named data sets; see `passages`. Every source gives the same number of words.

    Raises:
        UsageError: the folder is there already, or the sources hold too few sentences.
    """
    with new_folder(folder) as partial:
        share = -(-recipe.words // max(1, len(sources)))
        corpus = [*chain.from_iterable(_first(_sentences(source, recipe.longest), share) for source in sources)]
        model, perplexity = fit(corpus, recipe, seed, progress)
        write_bilm(model, partial)
        digest = sha256("\n".join(map(" ".join, corpus)).encode("utf-8", "surrogatepass")).hexdigest()
        about = {key: value for key, value in asdict(recipe).items() if key != "sizes"}
        card = Card(
            kind=KIND,
            labels=(),
            architecture=sizes_table(recipe.sizes),
            training={
                "data": [*sources], "sentences": len(corpus), "sha256": digest, "seed": seed, "command": command,
                "perplexity_of_the_last_tenth": round(perplexity, 1), **about,
            },
            versions=versions("torch", "numpy", "safetensors"),
            weights=WEIGHTS,
        )  # fmt: skip
        return write_card(card, partial)


def fit(corpus: Sequence[Sentence], recipe: BiLMRecipe, seed: int, progress: Progress) -> tuple[BiLM, float]:
    """A trained model, and the mean perplexity of the last tenth of its steps (each sentence is read once).

    Raises:
        UsageError: there are fewer than two batches of sentences.
    """
    rng = np.random.default_rng(seed)
    batches = [*_batches(corpus, recipe, rng)]
    if len(batches) < 2:
        raise UsageError(f"expected at least {2 * recipe.batch} words to train on, got {sum(map(len, corpus))}")
    counts = Counter(word.lower() for word in chain.from_iterable(corpus))
    numbers = {word: i for i, (word, _) in enumerate(counts.most_common(recipe.vocabulary), RARE + 1)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _Predictor(recipe, len(numbers) + 1).train()
        optimizer = Adam(network.parameters(), lr=recipe.rate)
        schedule = LambdaLR(optimizer, lambda step: min((step + 1) / 50, 1 - step / len(batches)))
        losses = []
        for step, batch in enumerate(batches, 1):
            loss = network(batch, numbers, rng)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            progress(1, step, len(batches), losses[-1])
    return network.model.eval(), float(np.exp(np.mean(losses[-max(1, len(losses) // 10) :])))


class _Predictor(nn.Module):
    """The model, and the softmax that says how well it foretells the next and the previous word."""

    def __init__(self, recipe: BiLMRecipe, classes: int) -> None:
        super().__init__()
        self.hidden = recipe.hidden
        self.model = BiLM(recipe.sizes)
        self.dropout = nn.Dropout(recipe.dropout)
        cutoffs = [cut for cut in (1000, 5000) if cut < classes - 1]
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(recipe.sizes.projected, classes, cutoffs or [classes - 1])

    def forward(self, batch: Sequence[Sentence], numbers: dict[str, int], rng: np.random.Generator) -> Tensor:
        """Mean loss in nats a word, over both directions."""
        lengths = torch.tensor([len(sentence) for sentence in batch])
        shown = [
            [UNKNOWN_CHARACTER * len(word) if hide else word for word, hide in zip(s, hidden, strict=True)]
            for s, hidden in ((s, rng.random(len(s)) < self.hidden) for s in batch)
        ]
        rows: dict[str | int, int] = {START: 0, END: 1}
        marked: list[list[str | int]] = [[START, *words, END] for words in shown]
        ids = nn.utils.rnn.pad_sequence(
            [torch.tensor([rows.setdefault(word, len(rows)) for word in words]) for words in marked], batch_first=True
        )
        vectors = self.model.speller(torch.tensor([self.model.speller.spell(word) for word in rows]))
        forward, backward = self.model(vectors[ids], lengths + 2)
        golds = nn.utils.rnn.pad_sequence(
            [torch.tensor([numbers.get(word.lower(), RARE) for word in s]) for s in batch], batch_first=True
        )
        inside = torch.arange(golds.shape[1]) < lengths[:, None]
        # a word stands at step i + 1; what comes before it has been read forwards up to i, what follows from i + 2
        states = torch.cat([forward[-1][:, :-2][inside], backward[-1][:, 2:][inside]])
        return self.softmax(self.dropout(states), golds[inside].repeat(2)).loss  # type: ignore[no-any-return]


def _sentences(source: str, longest: int) -> Iterator[Sentence]:
    for passage in passages(source):
        for sentence in sentences(passage):
            words = WORD.findall(sentence)
            yield from (words[i : i + longest] for i in range(0, len(words), longest))


def _first(all_sentences: Iterable[Sentence], words: int) -> Iterator[Sentence]:
    """Sentences until they hold so many words."""
    for sentence in all_sentences:
        if words <= 0:
            return
        if len(sentence) >= LEAST_WORDS:
            words -= len(sentence)
            yield sentence


def _batches(corpus: Sequence[Sentence], recipe: BiLMRecipe, rng: np.random.Generator) -> Iterator[list[Sentence]]:
    """Sentences of like length together, in random order."""
    order = rng.permutation(len(corpus))
    by_length = order[np.argsort([len(corpus[i]) for i in order], kind="stable")]
    groups: list[list[Sentence]] = [[]]
    for i in by_length:
        if (len(groups[-1]) + 1) * len(corpus[i]) > recipe.batch and groups[-1]:
            groups.append([])
        groups[-1].append(corpus[i])
    return (groups[i] for i in rng.permutation(len(groups)))
