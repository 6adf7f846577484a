"""How much of a run's wall time is spent on the questions that must be asked.

    TURNCOAT_DATA=../shared python benchmarks/engine_efficiency.py --out results/speed/engine.jsonl

Efficiency = pure forward seconds of the run's unique questions / wall seconds of the run. The run is `execute` on MR
with its outcomes written to disk: proposing words, searching, asking, the final check. What any run loads once (models,
WordNet, the tagger) is loaded before. The pure forward pass gets the same questions (to the victim and, if the attack
asks it, to the sentence encoder), all at once, already cut into token numbers and sorted by length; it is timed at
several micro-batch sizes and the fastest counts. All in one process.

Three floors for word models:
    texts  every unique text, through our network as it is used (the CNN looks products up instead of convolving)
    rows   only texts that the model can tell apart (unknown words all look the same to it): what is really asked
    plain  every unique text through the same CNN as everyone writes it, with torch's convolutions (CNN only)
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from turncoat import load_dataset, load_victim
from turncoat.engine.query import Embed, Predict, Responder
from turncoat.evaluation.attacking import Setting
from turncoat.evaluation.environment import environment
from turncoat.evaluation.execution import execute
from turncoat.evaluation.folder import RunFolder
from turncoat.models.convolutional import Convolutional
from turncoat.models.encoder import SentenceEncoder
from turncoat.models.forms import Form
from turncoat.models.network import Network
from turncoat.models.network_victim import NetworkVictim
from turncoat.models.tokens import pad
from turncoat.models.victim import Victim, responders
from turncoat.registry import ATTACKS
from turncoat.substitutions.expression import read_substitutions
from turncoat.text import Text

VICTIMS = ("models/mr-cnn", "models/mr-lstm", "models/mr-minilm")
WORD_SIZES, TOKEN_SIZES = (16, 32, 64, 128), (32, 64)
Batch = Sequence[Text]


def recorded(responder: Responder, asked: list[Batch]) -> Responder:
    """A responder that remembers what it was asked."""

    def answer(batches: Sequence[Batch]) -> list[Any]:
        asked.extend(batches)
        return responder(batches)

    return answer


def fastest(cut: Callable[[int], list[Callable[[], object]]], sizes: Sequence[int]) -> tuple[float, int]:
    """Seconds of the best micro-batch size, and that size. `cut(size)` gives ready forward passes."""
    times = {}
    for size in sizes:
        passes = cut(size)
        with torch.inference_mode():
            for forward in passes[:: max(1, len(passes) // 10)]:
                forward()
            start = time.perf_counter()
            for forward in passes:
                forward()
            times[size] = time.perf_counter() - start
    return min((seconds, size) for size, seconds in times.items())


def word_floor(victim: NetworkVictim[Network, Form], asked: Sequence[Batch], kind: str) -> tuple[float, int]:
    rows = victim.form.rows(asked)
    order = np.arange(len(rows.lengths)) if kind == "rows" else rows.numbers
    network = plain_convolution(victim.network) if kind == "plain" else victim.network
    order = order[np.argsort(rows.lengths[order], kind="stable")]

    def cut(size: int) -> list[Callable[[], object]]:
        passes = []
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            ids = torch.from_numpy(rows.padded(chosen, int(rows.lengths[chosen].max())))
            lengths = torch.from_numpy(rows.lengths[chosen])
            passes.append(lambda ids=ids, lengths=lengths: network(ids, lengths))
        return passes

    return fastest(cut, WORD_SIZES)


def plain_convolution(network: Convolutional) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """The same CNN with `conv1d`: same weights, same logits."""
    weights = network.products.weight.split([width * network.filters for width in network.widths])
    kernels = [
        block.view(width, network.filters, -1).permute(1, 2, 0).contiguous()
        for width, block in zip(network.widths, weights, strict=True)
    ]
    biases = network.bias.split(network.filters)

    def forward(ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        vectors = network.embedding(ids).transpose(1, 2)
        outside = torch.arange(ids.shape[1]) >= lengths[:, None]
        features = []
        for kernel, bias in zip(kernels, biases, strict=True):
            padded = torch.nn.functional.pad(vectors, (0, kernel.shape[2] - 1))
            responses = torch.nn.functional.conv1d(padded, kernel, bias)
            features.append(responses.masked_fill(outside[:, None], -torch.inf).amax(2).relu())
        return network.classes(torch.cat(features, 1))

    return forward


def token_floor(model: Callable[[dict[str, Any]], object], tokenizer: Any, limit: int, asked: Sequence[Batch]) -> Any:
    encoding = tokenizer([str(text) for batch in asked for text in batch], truncation=True, max_length=limit)
    lengths = np.array([len(ids) for ids in encoding["input_ids"]])
    order = np.argsort(lengths, kind="stable")

    def cut(size: int) -> list[Callable[[], object]]:
        passes = []
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            rows = {key: [encoding[key][i] for i in chosen] for key in encoding}
            inputs = pad(tokenizer, rows, int(lengths[chosen].max()))
            passes.append(lambda inputs=inputs: model(inputs))
        return passes

    return fastest(cut, TOKEN_SIZES)


def measure(victim: Victim, name: str, examples: int, live: int, encoder: SentenceEncoder | None) -> dict[str, Any]:
    """One run and its floor."""
    data = load_dataset("mr").sample(examples, 0)
    elsewhere = load_dataset("mr", "train").sample(1, 0)
    attack = ATTACKS.get(name)()
    if name.startswith("cea"):
        attack = replace(attack, substitutions=read_substitutions("content-words(wordnet-inflected)"))
    asked: dict[type, list[Batch]] = {Predict: [], Embed: []}
    answers = {Predict: recorded(responders(victim)[Predict], asked[Predict])}
    if encoder is not None:
        answers[Embed] = recorded(encoder.embed, asked[Embed])
    setting = Setting(attack, victim, measure_similarity=False)
    execute(elsewhere, setting, answers, {"config": {}})  # loads the words and the models, as before any run
    for texts in asked.values():
        texts.clear()
    with tempfile.TemporaryDirectory() as folder:
        run = execute(data, setting, answers, {"config": {}}, 500, live, RunFolder(Path(folder) / "run"))
    line: dict[str, Any] = {
        "victim": victim.name, "attack": name, "examples": examples, "live": live, "threads": torch.get_num_threads(),
        "questions": sum(outcome.queries for outcome in run), "asked_texts": sum(map(len, asked[Predict])),
        "embedded_texts": sum(map(len, asked[Embed])), "wall_s": round(run.seconds, 3),
    }  # fmt: skip
    encoding = 0.0
    if asked[Embed] and encoder is not None:
        encoding, _ = token_floor(encoder._vectors, encoder.tokenizer, encoder.max_tokens, asked[Embed])
    if isinstance(victim, NetworkVictim):
        kinds = ("texts", "rows", "plain") if isinstance(victim.network, Convolutional) else ("texts", "rows")
        floors = {kind: word_floor(victim, asked[Predict], kind) for kind in kinds}
    else:
        floors = {"texts": token_floor(victim._probabilities, victim.tokenizer, victim.max_tokens, asked[Predict])}
    for kind, (seconds, size) in floors.items():
        line |= {
            f"forward_{kind}_s": round(seconds, 3), f"micro_batch_{kind}": size, "encoder_s": round(encoding, 3),
            f"efficiency_{kind}": round((seconds + encoding) / run.seconds, 3),
        }  # fmt: skip
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("victims", nargs="*", default=VICTIMS, help="victims trained on MR (`turncoat train`)")
    parser.add_argument("--attacks", nargs="+", default=["pwws:500", "cea-min:200"], help="name:examples")
    parser.add_argument("--live", type=int, default=128)
    parser.add_argument("--out", type=Path, help="also write the lines to this file")
    options = parser.parse_args()
    lines = [json.dumps({"command": shlex.join(["python", *sys.argv]), **environment()})]
    for folder in options.victims:
        victim = load_victim(folder)
        for entry in options.attacks:
            name, _, examples = entry.partition(":")
            encoder = SentenceEncoder() if name.startswith("cea") else None
            lines.append(json.dumps(measure(victim, name, int(examples), options.live, encoder)))
            print(lines[-1], flush=True)
    if options.out is not None:
        options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
