"""Gradient-ranked greedy substitution (Subedi, Shah, Cherukuri et al., arXiv 2504.01345)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from turncoat.attacks.attack import Attack, Found, TaskName
from turncoat.attacks.weighing import DIGITS, Aggregate, importance, z_scores
from turncoat.data.stopwords import is_stop_word
from turncoat.data.tweet_cleaning import links_and_handles
from turncoat.engine.query import Gradient, Labelled, Predict
from turncoat.errors import BudgetSpent, UsageError
from turncoat.goals.goal import Goal
from turncoat.space import Choices, Space, Variants
from turncoat.substitutions.constraints import similarities
from turncoat.substitutions.datamuse import Datamuse
from turncoat.substitutions.narrowing import part_of_speech
from turncoat.substitutions.proposing import Substitutions

Ranking = Literal["gradient", "deletion", "random"]

MASKED = 1e-8  # a text whose words all weigh less has no gradient to speak of
CANCELLED = 1e-5  # nor has one whose words all weigh less than this share of its longest gradient: rounding noise


@dataclass(frozen=True, kw_only=True)
class GradientGreedy(Attack):
    """Replace words in the order of the loss's gradient, each by the synonym that lowers the class's probability most.

    Source: A. R. Subedi, T. Shah, A. K. Cherukuri et al. "Breaking BERT: Gradient Attack on Twitter Sentiment Analysis
    for Targeted Misclassification." arXiv 2504.01345: negative tweets are to become non-negative. White box for the
    ranking, probabilities for the replacing. Run it on tweets cleaned by `clean_tweet` (data sets `tweets` and
    `tweets_3way`), with `--from-class negative`. Untargeted, it lowers F_y, the probability of the gold class; with a
    target it lowers 1 - F_target. Questions: 1 + the candidates.

    Differences from the paper (its text is not public; steps as in its abstract and in reviews of it):
        - What the paper leaves open is a parameter: how components become one weight, the least z, candidates a word.
        - Similarity is to the original tweet, not to the last text, so that it cannot drift.
        - A probability below `delta` without a turned verdict (possible with three classes) stops the search without
          success; that is looked at after a replacement only.
        - Gradients too small to rank by (masked), or whose components cancel, are told in the trace, and words are
          ranked by deletion instead. `signed_mean` always cancels on BERT's kin: moving all components of an embedding
          alike changes nothing behind a layer norm, so those of its gradient sum to 0.
        - Candidates are Datamuse's answers as far as they are recorded, and WordNet's synonyms for other words; the
          trace tells which.

    Attributes:
        ranking: "gradient"; "deletion": by the rise of the score when the word is left out, for black boxes;
            "random": the control.
        aggregate: a word's weight from the mean gradient of its pieces; see `importance`.
        z_min: words whose weight is fewer standard deviations above the text's mean are left alone; None for no bound.
        min_similarity: least cosine of the sentence vectors of any text and the original.
        delta: stop as soon as the probability is lower.
        most_candidates: candidates tried for a word, best first.
        same_pos: only candidates that have the word's part of speech where they stand.
    """

    substitutions: Substitutions = field(default_factory=Datamuse)
    ranking: Ranking = "gradient"
    aggregate: Aggregate = "mean_then_l2"
    z_min: float | None = None
    min_similarity: float = 0.9
    delta: float = 0.5
    most_candidates: int = 50
    same_pos: bool = True

    needs_probabilities: ClassVar[bool] = True
    tasks: ClassVar[tuple[TaskName, ...]] = ("classification",)

    def __post_init__(self) -> None:
        for name, value, known in (
            ("ranking", self.ranking, get_args(Ranking)),
            ("aggregate", self.aggregate, get_args(Aggregate)),
        ):
            if value not in known:
                raise UsageError(f"expected {name} to be one of {', '.join(known)}, got {value!r}")
        if not 0 <= self.delta <= 1 or not -1 <= self.min_similarity <= 1:
            raise UsageError(
                f"expected delta in [0, 1] and min_similarity in [-1, 1], got {self.delta} and {self.min_similarity}"
            )
        if self.most_candidates < 1:
            raise UsageError(f"expected most_candidates of at least 1, got {self.most_candidates}")

    @property
    def asks_encoder(self) -> bool:
        return True

    async def search(self, space: Space, goal: Goal, rng: Generator) -> Found:
        state = _State(space, goal.clean_score)
        reason = "exhausted" if len(space.positions) else "no_candidates"
        try:
            for position in await self._order(space, goal, rng, state) if len(space.positions) else ():
                stopped = await self._replace(int(position), goal, state)
                if stopped:
                    reason = stopped
                    break
        except BudgetSpent:
            reason = "budget"
        return Found(space.variants(state.row[None])[0], reason, state.trace(reason))

    async def _order(self, space: Space, goal: Goal, rng: Generator, state: _State) -> NDArray[np.int64]:
        """Positions to replace at, heaviest word first."""
        state.z = z_scores(await self._weights(space, goal, rng, state))
        protected = links_and_handles(space.text)
        words = space.text.words
        least = -np.inf if self.z_min is None else self.z_min
        order = np.argsort(-state.z, kind="stable")
        kept = [i for i in order if state.z[i] >= least and not protected[i] and not is_stop_word(words[i])]
        state.empty = sum(not space.sizes[i] for i in kept)
        return np.array([i for i in kept if space.sizes[i]], np.int64)

    async def _weights(self, space: Space, goal: Goal, rng: Generator, state: _State) -> NDArray[np.float64]:
        """How much each visible word matters (visible,)."""
        if self.ranking == "random":
            return rng.random(space.visible)
        if self.ranking == "deletion":
            return await _by_deletion(space, goal)
        label = int((await Predict([space.text]))[0].argmax())  # the verdict to be turned; known already
        gradients = (await Gradient([Labelled(space.text, label)]))[0]
        weights, lengths = importance(gradients, self.aggregate), importance(gradients, "mean_then_l2")
        state.masked = bool(np.abs(weights).max() < max(MASKED, CANCELLED * lengths.max()))
        return await _by_deletion(space, goal) if state.masked else weights[: space.visible]

    async def _replace(self, position: int, goal: Goal, state: _State) -> str:
        """Try the candidates for one word; the reason to stop, if there is one."""
        space = state.space
        texts = space.swaps(state.row, [position])[: self.most_candidates]
        step: dict[str, Any] = {"position": position, "candidates": len(texts)}
        state.steps.append(step)
        texts = self._with_same_pos(texts, position, state.row) if self.same_pos else texts
        step["wrong_pos"] = step["candidates"] - len(texts)
        if not len(texts):
            return ""
        cosines = await similarities(space.text, texts)
        near = np.flatnonzero(cosines >= self.min_similarity)
        step["too_far"] = len(texts) - len(near)
        if not len(near):
            return ""
        texts, cosines = texts.take(near), cosines[near]
        verdict = await goal.judge(texts)
        step["no_gain"] = int((verdict.scores <= state.score).sum())
        turned = np.flatnonzero(verdict.reached)
        best = int(turned[cosines[turned].argmax()] if len(turned) else verdict.scores.argmax())
        if not len(turned) and verdict.scores[best] <= state.score:
            return ""
        state.accept(texts.choices[best], float(verdict.scores[best]))
        word, new = space.text.words[position], space.options[position][state.row[position] - 1]
        step |= {"accepted": new, "similarity": float(cosines[best])}
        if isinstance(self.substitutions, Datamuse):
            step["source"] = self.substitutions.origin(word, new)
        if len(turned):
            return "flipped"
        return "below_delta" if 1 - state.score < self.delta else ""

    def _with_same_pos(self, texts: Variants, position: int, row: Choices) -> Variants:
        text = texts.space.variants(row[None])[0]
        kind = part_of_speech(text, position, text.words[position])
        options = texts.space.options[position]
        same = [
            i
            for i, j in enumerate(texts.choices[:, position])
            if part_of_speech(text, position, options[j - 1]) == kind
        ]
        return texts.take(same)


class _State:
    """Where one search stands: its text so far (a row of choices), that text's score, and what happened."""

    def __init__(self, space: Space, clean_score: float) -> None:
        self.space, self.score = space, clean_score
        self.row: Choices = np.zeros(len(space.text), np.int16)
        self.z: NDArray[np.float64] = np.zeros(0)
        self.masked = False
        self.empty = 0
        self.steps: list[dict[str, Any]] = []
        self.probabilities = [_short(1 - clean_score)]

    def accept(self, row: Choices, score: float) -> None:
        self.row, self.score = row, score
        self.probabilities.append(_short(1 - score))

    def trace(self, reason: str) -> dict[str, Any]:
        """What is kept.

        `z` of every visible word; `masked`: whether gradients ranked nothing; `empty`: words in the ranking without any
        candidate; `words`: one record a word tried, in the order of the ranking; `probability`: what is lowered (F_y,
        or 1 - F_target), of the original and after each replacement; `failure`: see `why_failed`.
        """
        failed = reason in ("exhausted", "no_candidates")
        return {
            "z": [_short(z) for z in self.z],
            "masked": self.masked,
            "empty": self.empty,
            "words": self.steps,
            "probability": self.probabilities,
            "failure": why_failed(self.masked, self.steps) if failed else None,
        }


def why_failed(masked: bool, steps: list[dict[str, Any]]) -> str:
    """The kind of a failure, the first that fits.

    "gradient_masking": the gradients ranked nothing. "empty_pool": no word had a candidate of its part of speech, as
    happens with slang. "drift": the similarity filter rejected at least half of those that had one, for carrying the
    text too far from the original. "spread_sentiment": single words were replaced or tried, and the verdict stood.
    """
    fitting = sum(step["candidates"] - step["wrong_pos"] for step in steps)
    far = sum(step.get("too_far", 0) for step in steps)
    if masked:
        return "gradient_masking"
    if not fitting:
        return "empty_pool"
    return "drift" if 2 * far >= fitting else "spread_sentiment"


async def _by_deletion(space: Space, goal: Goal) -> NDArray[np.float64]:
    """Rise of the score when the word is left out (visible,)."""
    scores = await goal.probe([space.text.delete(i) for i in range(space.visible)])
    return np.round(scores - goal.clean_score, DIGITS)


def _short(number: float) -> float:
    return round(float(number), DIGITS)
