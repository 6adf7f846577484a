"""How large a micro-batch should be, and what `predict` costs beside the bare forward pass.

    python benchmarks/micro_batches.py [cnn|lstm|FOLDER ...]

Random weights serve for cnn and lstm; a folder is loaded as a victim. 500 made-up spaces like those of MR (18 words on
average, about 118 variants). Times are per text, the best of a few repeats.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from turncoat.models import tokens
from turncoat.models.batching import Batching
from turncoat.models.forms import Form, WordForm
from turncoat.models.loading import load_victim
from turncoat.models.network import Network
from turncoat.models.network_victim import NetworkVictim, padded
from turncoat.models.networks import build_network
from turncoat.models.transformer import TransformerVictim
from turncoat.models.victim import Victim
from turncoat.models.vocabulary import Vocabulary
from turncoat.space import Space, Variants
from turncoat.text import Text

VOCABULARY = 9_000
SIZES = {
    "cnn": {"widths": (3, 4, 5), "filters": 100, "embedding": 300, "dropout": 0.5, "max_words": 400},
    "lstm": {"hidden": 128, "embedding": 100, "bidirectional": False, "dropout": 0.5, "max_words": 400},
}


def reviews(vocabulary: Sequence[str], spaces: int, seed: int = 0) -> list[Variants]:
    """Every single replacement in texts of 4 to 40 words; a third of the options are words nobody knows."""
    rng = np.random.default_rng(seed)

    def word() -> str:
        return vocabulary[int(rng.zipf(1.3)) % len(vocabulary)]

    texts = [
        Text(" ".join(word() for _ in range(length))) for length in rng.normal(18, 8, spaces).clip(4, 40).astype(int)
    ]
    return [Space(text, [[word() for _ in range(rng.poisson(8.5))] for _ in text.words]).swaps() for text in texts]


def victim_of(name: str) -> Victim:
    if name not in SIZES:
        return load_victim(name)
    vocabulary = Vocabulary(f"w{i}" for i in range(VOCABULARY))
    network = build_network(name, len(vocabulary), 2, SIZES[name])
    return NetworkVictim(network, WordForm(vocabulary, 400), ("negative", "positive"), name)


def plain_words(victim: TransformerVictim) -> list[str]:
    """Words that the tokenizer keeps whole."""
    return sorted(word for word in victim.tokenizer.get_vocab() if word.isalpha() and len(word) > 1)


def best(run: Callable[[], object], repeats: int = 3) -> float:
    """Seconds of the fastest repeat."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def bare_forward(
    victim: NetworkVictim[Network, Form], batches: Sequence[Variants], batching: Batching
) -> tuple[float, int]:
    """Seconds of the network alone over the distinct rows, cut beforehand; and how many rows there are."""
    distinct = victim.form.rows(batches)
    inputs = [padded(distinct, rows, length) for rows, length in batching.cut(distinct.lengths)]

    def run() -> None:
        with torch.inference_mode():
            for ids, lengths in inputs:
                victim.network(ids, lengths)

    return best(run), len(distinct.lengths)


def measure(name: str) -> None:
    """Print a line for each size of micro-batch, and one for a round of single questions."""
    victim = victim_of(name)
    own = isinstance(victim, NetworkVictim)
    vocabulary = [f"w{i}" for i in range(VOCABULARY * 3 // 2)] if own else plain_words(victim)
    batches = reviews(vocabulary, 500 if own else 8)
    texts = sum(map(len, batches))
    place, name_there = (type(victim.network), "batching") if own else (tokens, "BATCHING")
    standard = getattr(place, name_there)
    for budget in (256, 512, 1024, 2048, 4096, 8192):
        batching = replace(standard, tokens=budget)
        setattr(place, name_there, batching)
        victim.predict(batches[:4])
        seconds = best(lambda: victim.predict(batches))
        line = f"{name}: {budget:5} tokens: predict {seconds / texts * 1e6:8.1f} us a text of {texts}"
        if own:
            bare, rows = bare_forward(victim, batches, batching)
            line += f", {seconds / rows * 1e6:6.1f} us a row of {rows}, bare forward {bare / rows * 1e6:6.1f}"
        print(line, flush=True)
    setattr(place, name_there, standard)
    singles = [batch.take([0]) for batch in reviews(vocabulary, 64)]
    seconds = best(lambda: victim.predict(singles), repeats=9)
    print(f"{name}: one text of each of {len(singles)}: {seconds / len(singles) * 1e6:.1f} us a text")


def main() -> None:
    print(f"{torch.get_num_threads()} threads")
    for name in sys.argv[1:] or SIZES:
        measure(name)


if __name__ == "__main__":
    main()
