"""Learning to foretell words, before learning classes.

Source: A. M. Dai, Q. V. Le. "Semi-supervised Sequence Learning." NIPS 2015; T. Miyato, A. M. Dai, I. Goodfellow. ICLR
2017, arXiv 1605.07725: word vectors and recurrent layer of the classifier start as those of a language model of
labelled and unlabelled texts. Where the classifier's vectors are normalised, so are the language model's.

Differences from the paper: an adaptive softmax (Grave et al. 2017) in the place of a sampled one, which gives true
probabilities; each text is cut off where the classifier stops reading, and read in one piece, from a state of zeros.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from turncoat.models.document_lstm import DocumentLstm
from turncoat.models.vocabulary import PADDING
from turncoat.training.batching import Pool, Rows
from turncoat.training.checkpoint import Checkpoint
from turncoat.training.recipes import DocumentReader
from turncoat.training.rows import WordRows
from turncoat.training.steps import Steps, share_at

HELD_OUT, MOST_HELD_OUT = 50, 200  # every 50th text is kept for the perplexity, 200 at most


class Foreteller(nn.Module):
    """A reader, and the softmax that says from its states which word comes next.

    The class of padding, which is never foretold, stands for the end of the text: among the commonest, as it is one.
    """

    def __init__(self, reader: DocumentLstm, head: int) -> None:
        super().__init__()
        self.reader = reader
        cutoffs = [cut for cut in (head, 4 * head, 16 * head) if cut < reader.end - 1]
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(reader.hidden, reader.end, cutoffs or [reader.end - 1])

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Log-probability of each word but the first, and of each end, one text after the other (words,)."""
        nexts = self.reader.ended(ids, lengths)[:, 1:].long()
        nexts = nexts.masked_fill(nexts == self.reader.end, PADDING)
        inside = torch.arange(ids.shape[1]) < lengths[:, None]
        states = self.reader.states(self.reader.vectors(ids, lengths))[:, :-1]
        return self.softmax(states[inside], nexts[inside]).output  # type: ignore[no-any-return]


def foretell(
    network: DocumentLstm,
    texts: WordRows,
    recipe: DocumentReader,
    seed: int,
    progress: Callable[[int, float], None] = lambda step, loss: None,
    checkpoint: Checkpoint | None = None,
) -> float:
    """Train word vectors and recurrent layer in place; gives the perplexity of texts that were held out.

    Leaves torch's generator as it was.

    Args:
        progress: told after every step: step (from 1), loss in nats a word.
        checkpoint: goes on from it, if it has been written; at the end it holds the finished model.
    """
    how = recipe.language_model
    held_out = np.arange(0, len(texts), HELD_OUT)[:MOST_HELD_OUT]
    learnt = np.setdiff1d(np.arange(len(texts)), held_out) if len(texts) > 1 else held_out
    pool = Pool(texts.lengths[learnt], how.batch, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Foreteller(network, how.head)
        steps = Steps(
            model, how.rate, lambda step: share_at(step, how.steps, decline=how.decline),
            most_norm=recipe.most_norm, unclipped="reader.embedding",
        )  # fmt: skip
        if checkpoint and (kept := checkpoint.read()):
            tensors, numbers = kept
            steps.resume(numbers["taken"], tensors)
            torch.set_rng_state(tensors["torch"])
            pool.taken = steps.taken
        model.train()
        while steps.taken < how.steps:
            loss = -model(*texts.padded(learnt[pool.draw()])).mean()
            steps.take(loss)
            progress(steps.taken, loss.item())
            if checkpoint and (checkpoint.due or steps.taken == how.steps):
                checkpoint.write(steps.state() | {"torch": torch.get_rng_state()}, {"taken": steps.taken})
    return perplexity(model, texts, held_out)


def perplexity(model: Foreteller, texts: WordRows, rows: Rows, size: int = 32) -> float:
    """exp of the mean loss a word over some texts; without dropout. Leaves the model in evaluation mode."""
    model.eval()
    with torch.no_grad():
        parts = [model(*texts.padded(rows[start : start + size])) for start in range(0, len(rows), size)]
    return math.exp(-torch.cat(parts).double().mean().item())
