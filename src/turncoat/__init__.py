"""turncoat finds the few words that turn a text model's verdict, explains why they work, and trains them away.

    import turncoat

    victim = turncoat.load_victim("models/mr-cnn")
    run = turncoat.attack(victim, turncoat.load_dataset("mr"), "pwws", examples=200)
    print(run.summary.success_rate)
    frame = run.to_frame()

Names are imported when they are first used, so that `import turncoat` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from turncoat.api import attack, attack_text
    from turncoat.api import load as load_victim
    from turncoat.attacks.attack import Attack, Found
    from turncoat.data.datasets import read as load_dataset
    from turncoat.data.example import Dataset, Example
    from turncoat.evaluation.outcome import Outcome
    from turncoat.evaluation.run import Run
    from turncoat.models.victim import Victim
    from turncoat.substitutions.proposing import Substitutions
    from turncoat.text import Text

__version__ = "0.1.0"

__all__ = [
    "Attack",
    "Dataset",
    "Example",
    "Found",
    "Outcome",
    "Run",
    "Substitutions",
    "Text",
    "Victim",
    "attack",
    "attack_text",
    "load_dataset",
    "load_victim",
]

_HOMES = {
    "Attack": "attacks.attack:Attack",
    "Dataset": "data.example:Dataset",
    "Example": "data.example:Example",
    "Found": "attacks.attack:Found",
    "Outcome": "evaluation.outcome:Outcome",
    "Run": "evaluation.run:Run",
    "Substitutions": "substitutions.proposing:Substitutions",
    "Text": "text:Text",
    "Victim": "models.victim:Victim",
    "attack": "api:attack",
    "attack_text": "api:attack_text",
    "load_dataset": "data.datasets:read",
    "load_victim": "api:load",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'turncoat' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(f"turncoat.{module}"), attribute)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
