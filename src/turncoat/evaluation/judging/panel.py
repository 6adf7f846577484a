"""Judging a finished run: which judges are called, and keeping what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.engine.query import Responder, Weigh
from turncoat.errors import MissingResource
from turncoat.evaluation.judging.fluency import Perplexity, PseudoPerplexity
from turncoat.evaluation.judging.grammar import Grammar
from turncoat.evaluation.judging.judge import hear, not_run
from turncoat.evaluation.judging.opposition import Flips, Opposites
from turncoat.evaluation.judging.similarity import SimilarBy
from turncoat.evaluation.judging.wording import PartsOfSpeech, StopWords, Unknown
from turncoat.evaluation.publishing import publish
from turncoat.evaluation.quality import FILE, Metric, Quality, digest
from turncoat.evaluation.run import Run
from turncoat.evaluation.task_metrics import task_metrics, translated_metrics
from turncoat.models.card import FILE as CARD
from turncoat.models.encoding import Encoder, load_encoder
from turncoat.models.filling import DEFAULT_MASKED_LM, folder_fingerprint, masked_lm_folder, masked_lm_responders
from turncoat.models.loading import load_victim
from turncoat.models.vocabulary import Vocabulary

if TYPE_CHECKING:
    from turncoat.models.causal_lm import CausalLM

AUTO = "auto"


def judge(
    run: Run,
    *,
    encoders: Sequence[str] = (),
    causal_lm: str | None = None,
    masked_lm: str | None = None,
    victim: str | None = None,
    drift: float = 0.8,
    online: bool = False,
) -> Quality:
    """Judge the turned texts of a run; written into its folder, if it has one, and shown by its report.

    Args:
        encoders: folders or hub names of sentence encoders, "auto" for the bundled one. Choose one that the search
            did not use, such as one made by `turncoat train-encoder`.
        causal_lm: folder or hub name of the language model for perplexity, such as "gpt2".
        masked_lm: the same for pseudo-perplexity; "auto" for the one found on this machine.
        victim: folder of the attacked victim; None for where it was when it was attacked.
        drift: turned texts whose similarity is smaller have drifted from their meaning.
        online: allow downloads from the hub.

    Raises:
        UsageError: something named is not what it should be. What is not on this machine is no error: its metrics say
            "not run" and why.
    """
    judges = (
        *(SimilarBy(partial(_encoder, name, online), run.encoder, drift) for name in encoders or (None,)),
        Perplexity(partial(_causal_lm, causal_lm, online)),
        PseudoPerplexity(partial(_masked_lm, masked_lm, online)),
        Grammar(),
        Opposites(),
        Flips(),
        PartsOfSpeech(),
        StopWords(),
        Unknown(partial(_known_words, run, victim)),
    )
    heard = (*hear(judges, run.outcomes), *_of_translations(run, encoders, online))
    quality = Quality(digest(run.outcomes), heard)
    if run.folder is not None:
        run.folder.write(FILE, quality.to_json())
        publish(run)
    return quality


def _of_translations(run: Run, encoders: Sequence[str], online: bool) -> Iterator[Metric]:
    """What only an encoder can tell of a run of translations; the first one named is asked."""
    if run.task != "translation" or not encoders:
        return
    known = {metric.name for metric in task_metrics(run) if metric.interval}
    try:
        metrics = translated_metrics(run, _encoder(encoders[0], online))
    except MissingResource as error:
        yield not_run("semantic drop (SD), points", error)
        return
    yield from (metric for metric in metrics if metric.name not in known)


def _encoder(name: str | None, online: bool) -> Encoder:
    if name is None:
        raise MissingResource("no sentence encoder was named (--encoder)")
    return load_encoder(None if name == AUTO else name, online)


def _causal_lm(name: str | None, online: bool) -> CausalLM:
    if name is None:
        raise MissingResource("no causal language model was named (--causal-lm)")
    from turncoat.models.causal_lm import CausalLM

    return CausalLM(name, online)


def _masked_lm(name: str | None, online: bool) -> tuple[str, Responder]:
    """The model's name and checksum, and what answers `Weigh`."""
    if name is None:
        raise MissingResource("no masked language model was named (--masked-lm)")
    chosen = None if name == AUTO else name
    weights = folder_fingerprint(masked_lm_folder(chosen, online))
    label = f"masked language model {chosen or DEFAULT_MASKED_LM} (sha256 {weights[:12]})"
    return label, masked_lm_responders(chosen, online)[Weigh]


def _known_words(run: Run, folder: str | None) -> tuple[str, Vocabulary]:
    """Name and vocabulary of the attacked victim.

    Raises:
        MissingResource: it is not there any more, has changed since, or has no vocabulary of words.
    """
    if run.task != "classification":
        raise MissingResource(f"{run.victim} is no classifier with a vocabulary of words")
    place = Path(folder or run.description.get("source", {}).get("victim", ""))
    if not (place / CARD).is_file():
        raise MissingResource(f"the victim is no folder of ours at {str(place)!r}; if it was moved, name it (--victim)")
    from turncoat.models.forms import WordForm
    from turncoat.models.network_victim import NetworkVictim

    victim = load_victim(str(place))
    if not (isinstance(victim, NetworkVictim) and isinstance(victim.form, WordForm)):
        raise MissingResource(f"{victim.name} does not read whole words")
    if victim.fingerprint != run.description["config"]["victim"]["fingerprint"]:
        raise MissingResource(f"the victim in {place} is not the one that was attacked; it was trained anew")
    return victim.name, victim.form.vocabulary
