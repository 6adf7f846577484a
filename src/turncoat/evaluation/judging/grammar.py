"""Grammar: how many more errors LanguageTool finds in the adversarial text than in the original.

Only a LanguageTool that lies on this machine is used; its Python package would fetch one without asking.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from turncoat.errors import MissingResource
from turncoat.evaluation.judging.judge import Judge, average
from turncoat.evaluation.outcome import Outcome
from turncoat.evaluation.quality import Metric, Source

PACKAGE = "language_tool_python"
FOLDER = "LanguageTool-"  # followed by its version

# Typography and casing are left out: they are the data set's, not the attack's.
CATEGORIES = (
    *("COLLOCATIONS", "COMPOUNDING", "CONFUSED_WORDS", "GRAMMAR"),
    *("NONSTANDARD_PHRASES", "REPETITIONS", "SEMANTICS", "TYPOS"),
)


@dataclass(frozen=True)
class Grammar(Judge):
    """Errors added, a text and per 100 words of the original."""

    name: ClassVar[str] = "grammar errors added"

    def judge(self, turned: Sequence[Outcome]) -> Iterable[Metric]:
        version = local_version()
        package = import_module(PACKAGE)
        with package.LanguageTool("en-US", language_tool_download_version=version) as tool:
            added = {o.id: _count(tool.check, o.adversarial) - _count(tool.check, o.original) for o in turned}
        source = Source(f"LanguageTool {version}, en-US, categories {', '.join(CATEGORIES)}")
        rates = {o.id: 100 * added[o.id] / o.words for o in turned if o.words}
        return [*average(f"{self.name} a text", added, source), *average(f"{self.name} per 100 words", rates, source)]


def local_version() -> str:
    """Version of the newest LanguageTool where its Python package looks for one.

    Raises:
        MissingResource: the package, Java or LanguageTool is not on this machine.
    """
    if find_spec(PACKAGE) is None:
        raise MissingResource("LanguageTool's Python package is not installed: pip install language-tool-python")
    if shutil.which("java") is None:
        raise MissingResource("LanguageTool needs Java: apt-get install default-jre-headless")
    place = Path(os.environ.get("LTP_PATH") or Path.home() / ".cache" / PACKAGE)
    versions = [folder.name.removeprefix(FOLDER) for folder in place.glob(f"{FOLDER}*") if folder.is_dir()]
    if not versions:
        raise MissingResource(f"no LanguageTool in {place}: unpack LanguageTool from languagetool.org there")
    return max(versions, key=_number)


def _number(version: str) -> tuple[int, ...]:
    """6.10 is newer than 6.9."""
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdecimal())


def _count(check: Callable[[str], Iterable[object]], text: str) -> int:
    return sum(getattr(match, "category", None) in CATEGORIES for match in check(text))
