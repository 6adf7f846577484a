"""Texts made for a source: the attack on it as an ordinary run, and the successes that are kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from turncoat.data.example import Dataset
from turncoat.disk import write_file
from turncoat.engine.meter import Meter
from turncoat.errors import BrokenData, UsageError
from turncoat.evaluation.folder import RunFolder
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.run import Run
from turncoat.models.victim import Victim
from turncoat.registry import ATTACKS
from turncoat.studies.transfer.arm import Arm
from turncoat.studies.transfer.record import choose_successes

Attacker = Callable[..., Run]  # `turncoat.api.attack`, or what takes its arguments
OnStage = Callable[[str, int, int], None]  # what is being done, how far, of how much (0 if nobody knows)


@dataclass(frozen=True)
class Crafted:
    """What an attack made for one source.

    Attributes:
        fingerprint: of the victim that was attacked.
        examples: how many it was attacked on.
        attacked: how many of them it read rightly.
        successes: how many of those were turned.
        questions: unique questions to the victim in all.
        texts: adversarial texts that were kept, by the id of their example.
    """

    fingerprint: str
    examples: int
    attacked: int
    successes: int
    questions: int
    texts: dict[str, str]


@dataclass(frozen=True)
class Crafting:
    """How the texts of one arm are made.

    Attributes:
        arm: where they are kept.
        method: the attack, or its name.
        attack: `turncoat.api.attack`, or what takes its arguments.
        lots: ids of all examples of the study, which successes are chosen among.
        keep: most successes that are kept of a source.
        seed: of the runs and of that choice.
        on_stage: told how far an attack is.
    """

    arm: Arm
    method: Any
    attack: Attacker
    lots: tuple[str, ...]
    keep: int
    seed: int
    on_stage: OnStage

    def craft(self, source: str, load: Callable[[], Victim], fingerprint: str, examples: Dataset) -> Crafted:
        """Attack a source, or go on where that was broken off, or give what is there if it is done.

        Args:
            source: its name.
            load: gives the victim; not called if all is done.
            fingerprint: of the victim.
            examples: those it is attacked on, some of all.

        Raises:
            UsageError: another victim, or other examples, were attacked under this name.
            Whatever loading or attacking raises.
        """
        done = read_crafted(self.arm, source)
        if done is None:
            return self._attack(source, load(), fingerprint, examples)
        if (done.fingerprint, done.examples) != (fingerprint, len(examples)):
            what = f"{len(examples)} examples" if done.fingerprint == fingerprint else "the victim as it is now"
            raise UsageError(
                f"expected texts that were made for {source} on {what}, got those for fingerprint "
                f"{done.fingerprint[:12]} on {done.examples}; take another --out, or delete "
                f"{self.arm.run_folder(source)} and {self.arm.texts_file(source).with_suffix('.json')}"
            )
        return done

    def _attack(self, source: str, victim: Victim, fingerprint: str, examples: Dataset) -> Crafted:
        folder, meter, ended = self.arm.run_folder(source), Meter(), 0
        before = len(RunFolder(folder).outcomes())

        def count(outcome: Outcome) -> None:
            nonlocal ended
            ended += 1
            self.on_stage(f"{self.arm.name} on {source}", ended, len(examples))

        with self.arm.timed("attack", source) as sizes:
            run = self.attack(
                victim,
                examples,
                self.method,
                seed=self.seed,
                encoder=self._encoder,
                out=folder,
                on_outcome=count,
                meter=meter,
            )
            sizes |= {"examples": len(examples) - before, "texts": sum(meter.texts.values())}
        return self._keep(source, run, fingerprint)

    @property
    def _encoder(self) -> str | None:
        """The bundled sentence encoder for attacks that ask one; nobody else's texts are measured by it."""
        method = ATTACKS.get(self.method)() if isinstance(self.method, str) else self.method
        return "auto" if method.asks_encoder else None

    def _keep(self, source: str, run: Run, fingerprint: str) -> Crafted:
        """Choose successes and write them down; the small file that is written last says that they are all there."""
        turned = {outcome.id: outcome for outcome in run if outcome.status == "success"}
        kept = choose_successes(np.array([id in turned for id in self.lots]), self.keep, self.seed)
        chosen = [turned[self.lots[i]] for i in kept]
        rows = (
            {"id": each.id, "label": run.labels[each.label], "original": each.original, "text": each.adversarial}
            for each in chosen
        )
        file = self.arm.texts_file(source)
        write_file("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), file)
        attacked = [outcome for outcome in run if outcome.status != "skipped"]
        counts: dict[str, Any] = {
            "fingerprint": fingerprint,
            "examples": len(run),
            "attacked": len(attacked),
            "successes": len(turned),
            "questions": sum(outcome.queries for outcome in attacked),
        }
        write_file(json.dumps(counts | {"kept": len(chosen)}, indent=1) + "\n", file.with_suffix(".json"))
        return Crafted(**counts, texts={each.id: each.adversarial for each in chosen})


def read_crafted(arm: Arm, source: str) -> Crafted | None:
    """What was made for a source; None if it is not complete.

    Raises:
        BrokenData: its files cannot be read.
    """
    file = arm.texts_file(source)
    if not file.with_suffix(".json").is_file():
        return None
    try:
        counts = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        lines = file.read_bytes().decode("utf-8", "surrogatepass").split("\n")[:-1]
        texts = {row["id"]: row["text"] for row in map(json.loads, lines)}
        if counts.pop("kept") != len(texts):
            raise ValueError(f"{len(texts)} texts are left of those that were kept")
        return Crafted(**counts, texts=texts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenData(f"{file}: not the texts of a source: {error}; delete its .json to choose again") from error
