"""What a hardening is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, cast, get_args

from turncoat.errors import UsageError
from turncoat.training.recipes import Gradual, Objective, Recipe

Step = Literal["augment", "at", "vat"]
WIDE = "content-words(wordnet-inflected)"  # for attacks whose own candidates need more than WordNet


@dataclass(frozen=True)
class Assault:
    """One attack with its budget.

    Attributes:
        method: registered name.
        candidates: word source instead of the attack's own, in a line.
        budget: most unique questions an example; None for no limit.
    """

    method: str
    candidates: str | None = None
    budget: int | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a victim is hardened, and what it must then withstand.

    Attributes:
        method: "augment" (train anew with adversarial texts of the training set added), "at", "vat" (adversarial and
            virtual adversarial perturbations of word vectors), or several: "at+vat", "augment+at".
        source: the attack that makes the texts for `augment`.
        share: of the training examples that `source` attacks; each text that turns the verdict is added.
        rounds: how often texts are made and the model trained anew; from the second round on they are made against the
            model of the round before, and added to those there are.
        epsilon: L2 norm of the perturbations; None for the recipe's.
        assaults: attacks that the victim, the hardened model and the control must withstand; names are distinct.
        examples: test examples that are attacked; None for all.
        seed: of the drawn examples and of all attacks.
        encoder: sentence encoder of the searches: a folder, a hub name, or "auto" for the bundled one.
    """

    method: str = "augment"
    source: Assault = Assault("pwws")
    share: float = 0.5
    rounds: int = 1
    epsilon: float | None = None
    assaults: tuple[Assault, ...] = field(default=(Assault("pwws"), Assault("cea-min", WIDE, 500)))
    examples: int | None = 200
    seed: int = 0
    encoder: str = "auto"

    def __post_init__(self) -> None:
        known, asked = get_args(Step), self.method.split("+")
        if not set(asked) <= set(known) or len(set(asked)) < len(asked):
            raise UsageError(f"expected a method of {', '.join(known)}, or several joined by +, got {self.method!r}")
        if not 0 < self.share <= 1 or self.rounds < 1:
            raise UsageError(f"expected a share in (0, 1] and at least 1 round, got {self.share} and {self.rounds}")
        if self.rounds > 1 and not self.augments:
            raise UsageError(f"rounds are of adversarial texts, and {self.method} makes none; use augment")
        names = [assault.method for assault in self.assaults]
        if not names or len(set(names)) < len(names):
            raise UsageError(f"expected one or more attacks to withstand, each once, got {', '.join(names) or 'none'}")
        if self.epsilon is not None and self.objective is None:
            raise UsageError(f"epsilon is a size of perturbations, and {self.method} has none; use at or vat")

    @property
    def augments(self) -> bool:
        """Whether adversarial texts are added."""
        return "augment" in self.method.split("+")

    @property
    def objective(self) -> Objective | None:
        """How word vectors are perturbed; None to leave that as it was."""
        perturbed = [step for step in ("at", "vat") if step in self.method.split("+")]
        return cast("Objective", "+".join(perturbed)) if perturbed else None

    def recipe(self, base: Recipe) -> Recipe:
        """The recipe of the hardened model.

        Raises:
            UsageError: word vectors are to be perturbed, but the model has none that are trained.
        """
        if self.objective is None:
            return base
        if not isinstance(base, Gradual):
            raise UsageError(f"{self.method} perturbs word vectors, which a {type(base).__name__} has not; use augment")
        changed = replace(base, objective=self.objective)
        return changed if self.epsilon is None else replace(changed, epsilon=self.epsilon)
