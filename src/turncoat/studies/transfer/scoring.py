"""Showing texts to targets: all texts in one call, none twice, and what was said is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from turncoat.data.example import Dataset
from turncoat.errors import UsageError
from turncoat.models.victim import Victim, decide
from turncoat.studies.arrays import read_arrays, write_arrays
from turncoat.studies.transfer.arm import Arm
from turncoat.studies.transfer.record import FOOLED, NOT_ASKED, RIGHT, Verdicts
from turncoat.text import Text

CLEAN = ""  # the row of the untouched texts; no source has this name
DIGEST = 16  # bytes
NOBODY_KNOWS = -1
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sheet:
    """The texts that targets are shown, each once, whatever sources it was made for.

    Attributes:
        examples: the clean examples, with their labels.
        rows: texts by source, and by the id of their example.
    """

    examples: Dataset
    rows: Mapping[str, Mapping[str, str]]

    @cached_property
    def strings(self) -> list[str]:
        """The distinct texts."""
        return list(dict.fromkeys(chain.from_iterable(row.values() for row in self.rows.values())))

    @cached_property
    def texts(self) -> list[Text]:
        """The same; victims that read alike may know this very list again."""
        return list(map(Text, self.strings))

    @cached_property
    def digests(self) -> list[bytes]:
        """By which answers are found again."""
        contents = (string.encode("utf-8", "surrogatepass") for string in self.strings)
        return [blake2b(content, digest_size=DIGEST).digest() for content in contents]

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Which text a row has of an example, -1 for none (rows, examples)."""
        numbers = {string: i for i, string in enumerate(self.strings)}
        return np.array(
            [
                [numbers[row[example.id]] if example.id in row else -1 for example in self.examples]
                for row in self.rows.values()
            ],
            np.int64,
        ).reshape(len(self.rows), len(self.examples))

    def numbers(self, *rows: str) -> NDArray[np.int64]:
        """The texts of some rows, ascending."""
        chosen = self.places[[name in rows for name in self.rows]]
        return np.unique(chosen[chosen >= 0])

    def verdicts(self, labels: Labels) -> dict[str, Verdicts]:
        """What a target says of each row (examples,), from its labels of the texts, `NOBODY_KNOWS` where not asked."""
        gold = np.array([example.label for example in self.examples], np.int64)
        found = np.append(labels, NOBODY_KNOWS)[self.places]  # a place of -1 finds the last
        verdicts = np.where(found == NOBODY_KNOWS, NOT_ASKED, np.where(found == gold, RIGHT, FOOLED)).astype(np.int8)
        return dict(zip(self.rows, verdicts, strict=True))


@dataclass(frozen=True)
class Target:
    """An instance of a model that is shown texts.

    Attributes:
        name: of the model and the instance.
        fingerprint: of the victim.
        load: gives the victim; not called if its answers are all there.
    """

    name: str
    fingerprint: str
    load: Callable[[], Victim]

    def labels(self, sheet: Sheet, numbers: NDArray[np.int64], arm: Arm) -> Labels:
        """What it says of some of the texts, in one call; answers that the arm has are not asked for again (texts,).

        Raises:
            UsageError: another victim answered under this name.
            Whatever loading or asking raises.
        """
        known = self._known(arm)
        missing = [int(i) for i in numbers if sheet.digests[i] not in known]
        if missing:
            victim = self.load()
            with arm.timed("scoring", self.name) as sizes:
                asked = sheet.texts if len(missing) == len(sheet.texts) else [sheet.texts[i] for i in missing]
                (answers,) = decide(victim, [asked])
                sizes["texts"] = len(missing)
            known |= {sheet.digests[i]: int(label) for i, label in zip(missing, answers, strict=True)}
            self._keep(arm, known)
        labels = np.full(len(sheet.strings), NOBODY_KNOWS, np.int64)
        labels[numbers] = [known[sheet.digests[i]] for i in numbers]
        return labels

    def _known(self, arm: Arm) -> dict[bytes, int]:
        """Labels by the digests of texts."""
        file = arm.answers_file(self.name)
        if not file.is_file():
            return {}
        found = read_arrays(file)
        if str(found["fingerprint"]) != self.fingerprint:
            raise UsageError(
                f"expected answers of {self.name} as it is now, got those for fingerprint "
                f"{str(found['fingerprint'])[:12]}; take another --out, or delete {file}"
            )
        return dict(zip(map(bytes, found["digests"]), found["labels"].tolist(), strict=True))

    def _keep(self, arm: Arm, known: Mapping[bytes, int]) -> None:
        digests = np.frombuffer(b"".join(known), np.uint8).reshape(-1, DIGEST)
        labels, fingerprint = np.array([*known.values()], np.int16), np.array(self.fingerprint)
        write_arrays(arm.answers_file(self.name), fingerprint=fingerprint, digests=digests, labels=labels)
