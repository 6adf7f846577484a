"""Does showing texts to many models cost their forward passes only? Models that read alike read each text once.

    TURNCOAT_DATA=../shared OMP_NUM_THREADS=1 python benchmarks/scoring_speed.py --zoo ../zoo/mr

Shows 500 texts to every trained instance of a zoo folder (but transformers), those that read alike one after another,
as `turncoat transfer` does; then the same numbers to the same networks. Seconds are of the processor, one
thread; both ways are timed in turn, five times. Writes results/transfer/scoring.md.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import torch

from study import RESULTS, markdown, number
from turncoat import load_dataset, load_victim
from turncoat.evaluation.environment import provenance
from turncoat.intervals import mean
from turncoat.models.network_victim import NetworkVictim, padded
from turncoat.studies.zoo import members
from turncoat.text import Text

TEXTS, TIMES = 500, 5


def forwards(victim: NetworkVictim, texts: list[Text]) -> float:
    """Seconds of the network alone, in the micro-batches in which it is asked."""
    distinct = victim.form.rows([texts])
    start = time.process_time()
    with torch.inference_mode():
        victim.network.batching.answer(distinct.lengths, lambda rows, length: (
            victim.network(*padded(distinct, rows, length)).softmax(1).numpy()
        ))  # fmt: skip
    return time.process_time() - start


def whole(victims: list[NetworkVictim], strings: list[str]) -> float:
    """Seconds from strings to probabilities of all victims."""
    start = time.process_time()
    texts = list(map(Text, strings))
    for victim in victims:
        victim.predict([texts])
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zoo", type=Path, required=True)
    parser.add_argument("--data", default="mr")
    options = parser.parse_args()
    torch.set_num_threads(1)
    strings = [example.text for example in load_dataset(options.data).sample(TEXTS, 0)]
    forms: dict[str, list[NetworkVictim]] = defaultdict(list)
    for member in members(options.zoo):
        if member.trained and isinstance(victim := load_victim(str(member.folder)), NetworkVictim):
            forms[type(victim.form).__name__].append(victim)
    rows = []
    for form, victims in sorted(forms.items()):
        ratios, spent = [], []
        for _ in range(TIMES):
            seconds = whole(victims, strings)
            ratios.append(sum(forwards(victim, list(map(Text, strings))) for victim in victims) / seconds)
            spent.append(seconds)
        rows.append({
            "form": form, "models": str(len(victims)), "seconds for all": number(mean(spent), 2),
            "of them forward passes": number(mean(ratios), 2),
        })  # fmt: skip
        print(rows[-1], flush=True)
    page = [
        "# Showing texts to many models",
        f"{TEXTS} texts of {options.data} shown to trained instances of a zoo, from strings to probabilities, and the "
        "share of that time which the networks alone take on the same numbers in the same batches (1: nothing but "
        f"forward passes; above 1: noise). Processor seconds, one thread, mean of {TIMES} turns with 95 % intervals.",
        markdown(rows),
        provenance(),
    ]
    (RESULTS / "transfer/scoring.md").write_text("\n\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
