"""Can the cross-entropy method drive training? Adversarial texts for every batch, found with a few questions each.

Open question 2 of the CEA paper (Ni, Gong and Liu, arXiv 2501.11852). Every training text is learned from twice a step:
as it is, and as the worst text that a search finds against the network as it is at that step (Goodfellow, Shlens and
Szegedy, arXiv 1412.6572, do so with images; weights 1/2 and 1/2 as there). Two searches ask the same number of
questions: several iterations of the cross-entropy method, or all draws at once from where it begins. A third asks none.

Differences from CEA: a word is kept at first with a fixed probability, not as one option among many, so that a first
text has few changes; no similarity is measured, the share of kept words stands for it; what has been found once is
forgotten at the next step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from turncoat.attacks.elite import choose_elite
from turncoat.attacks.tilting import Tilt
from turncoat.data.example import Dataset
from turncoat.disk import plain
from turncoat.engine.query import Predict
from turncoat.engine.run import Task, run
from turncoat.errors import UsageError
from turncoat.models.card import Card
from turncoat.models.networks import WordVictim
from turncoat.models.victim import responders
from turncoat.space import Choices, Space
from turncoat.substitutions.proposing import Substitutions
from turncoat.text import Text
from turncoat.training.learners import Learner
from turncoat.training.recipes import Cnn, Lstm
from turncoat.training.rows import WordRows
from turncoat.training.trainer import Progress, Trained, fit
from turncoat.training.word_learner import WordLearner


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """A search for one bad text among `iterations` x `samples` draws.

    Attributes:
        samples: texts drawn an iteration.
        iterations: 1: all draws are from the first distribution; 0: one text is drawn, and nothing asked.
        elite: share of the samples that the distribution is tilted towards.
        changed: probability with which a word that has options is changed in a first draw.
        smoothing: share of the elite's frequencies in the next distribution.
    """

    samples: int = 8
    iterations: int = 3
    elite: float = 0.25
    changed: float = 0.3
    smoothing: float = 0.7

    def __post_init__(self) -> None:
        if self.samples < 1 or self.iterations < 0:
            raise UsageError(f"expected samples >= 1 and iterations >= 0, got {self.samples} and {self.iterations}")
        if not (0 < self.elite <= 1 and 0 < self.changed <= 1 and 0 < self.smoothing <= 1):
            raise UsageError("expected elite, changed and smoothing in (0, 1]")

    @property
    def questions(self) -> int:
        """Texts that the network is asked about for each training text."""
        return self.samples * self.iterations

    def begin(self, space: Space) -> Tilt:
        """The first distribution: a word is kept with 1 - `changed`, its options share the rest."""
        tilt = Tilt.uniform(space.sizes, allow_unchanged=True)
        theta = np.where(tilt.theta > 0, self.changed / space.sizes[tilt.positions, None], 0)
        theta[:, 0] = 1 - self.changed
        return replace(tilt, theta=theta)


async def worst(space: Space, label: int, sampler: Sampler, rng: Generator) -> Choices:
    """The choices (words,) of the drawn text with the largest (1 - F_label) x share of kept words."""
    if not len(space.positions):
        return np.zeros(len(space.text), np.int16)
    tilt = sampler.begin(space)
    if not sampler.iterations:
        row: Choices = tilt.sample(1, rng)[0]
        return row
    best, most = np.zeros(len(space.text), np.int16), -np.inf
    for _ in range(sampler.iterations):
        texts = space.variants(tilt.sample(sampler.samples, rng))
        answers = await Predict(texts)
        fitness = (1 - answers[:, label]) * (1 - texts.changed / len(space.text))
        leader = int(fitness.argmax())
        if fitness[leader] > most:
            best, most = texts.choices[leader], float(fitness[leader])
        _, elite = choose_elite(fitness, sampler.elite, rng)
        tilt = tilt.towards(texts.choices[elite], sampler.smoothing)
    return best


class BatchAttacked(Learner):
    """A word network that learns from every text and from a bad text beside it.

    Args:
        inner: the network and its texts.
        spaces: what may be built from each text.
        labels: gold classes (texts,).
        sampler: finds the bad texts.
        seed: of the draws, which touch no other generator.

    Attributes:
        asked: questions to the network so far, repeats not counted.
    """

    def __init__(
        self, inner: WordLearner, spaces: Sequence[Space], labels: Sequence[int], sampler: Sampler, seed: int
    ) -> None:
        self.network, self.kind, self.architecture = inner.network, inner.kind, inner.architecture
        self.lengths, self.perturbing, self.asked = inner.lengths, inner.perturbing, 0
        self._inner, self._spaces, self._labels, self._sampler = inner, spaces, labels, sampler
        self._rng = np.random.default_rng(seed)

    def loss(self, rows: NDArray[np.int64]) -> Tensor:
        bad = WordRows(map(str, self._bad(rows)), self._inner.vocabulary, self._inner.max_words)
        golds = torch.tensor([self._labels[row] for row in rows])
        ids, lengths = bad.padded(np.arange(len(rows)))
        return (self._inner.loss(rows) + cross_entropy(self.network(ids, lengths), golds)) / 2

    def victim(self) -> WordVictim:
        return self._inner.victim()

    def _bad(self, rows: NDArray[np.int64]) -> list[Text]:
        """One bad text for each row."""
        spaces = [self._spaces[row] for row in rows]
        tasks = [
            Task(str(i), worst(space, self._labels[row], self._sampler, generator))
            for i, (row, space, generator) in enumerate(zip(rows, spaces, self._rng.spawn(len(rows)), strict=True))
        ]
        found: dict[str, Choices] = {}
        for task, choices in run(tasks, responders(self.victim()), len(tasks)):
            found[task.name] = choices
            self.asked += task.spending.unique
        self.network.train()  # a victim is in use, not in training
        return [space.variants(found[str(i)][None])[0] for i, space in enumerate(spaces)]


def spaces_of(dataset: Dataset, substitutions: Substitutions, max_words: int) -> list[Space]:
    """What may be built from each text, from a source that asks no model."""
    texts = {str(i): Text(example.text) for i, example in enumerate(dataset)}
    options = {
        task.name: found for task, found in run((Task(n, substitutions.propose(t)) for n, t in texts.items()), {})
    }
    return [Space(text, options[name], max_words) for name, text in texts.items()]


def train_against(
    train_set: Dataset,
    dev_set: Dataset,
    recipe: Cnn | Lstm,
    sampler: Sampler,
    spaces: Sequence[Space],
    seed: int,
    progress: Progress = lambda epoch, step, steps, loss: None,
) -> Trained:
    """A network trained on its texts and on bad texts found for each batch; its card tells the questions asked.

    Same arguments and machine: same weights. First weights and order are those of a plain training of that seed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        inner = WordLearner(train_set, recipe)
        learner = BatchAttacked(inner, spaces, [example.label for example in train_set], sampler, seed)
        best = fit(learner, dev_set, recipe, seed, progress)
    victim = learner.victim()
    training = {
        "data": train_set.name, "rows": len(train_set), "dev": dev_set.name, "seed": seed,
        "recipe": type(recipe).__name__, **plain(asdict(recipe)),
        "sampler": asdict(sampler), "questions": learner.asked,
    }  # fmt: skip
    card = Card(inner.kind, inner.labels, inner.architecture, training, {"dev": best}, weights=victim.weights)
    return Trained(victim, card)
