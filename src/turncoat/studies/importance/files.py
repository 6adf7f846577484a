"""What a study of word importance leaves in its folder: tables as CSV, heat maps as SVG, and one page with all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from markupsafe import Markup

from turncoat.disk import write_file
from turncoat.evaluation.report import fill
from turncoat.studies.importance.measures import (
    FEW,
    Comparison,
    correlations,
    entropies,
    unknown_substitutes,
    weightiest,
)
from turncoat.studies.importance.plots import substitute_map, word_map
from turncoat.studies.importance.run import Importance, Scores

UNKNOWN = "(unknown)"


def write_importance(importance: Importance, comparison: Comparison, folder: Path) -> Path:
    """Write words.csv, models.csv, correlations.csv, words.svg, importance.html and, if a word was replaced,
    substitutes.csv and substitutes.svg; returns the page. Missing values are empty, rows are models.
    """
    folder.mkdir(parents=True, exist_ok=True)
    words = [f"{i}:{word}" for i, word in enumerate(importance.text.words)]
    _write(folder / "words.csv", importance, words, importance.words)
    _write_rows(folder / "models.csv", _model_rows(importance))
    _write(folder / "correlations.csv", importance, importance.models, correlations(importance.words))
    maps = {"words": word_map(importance)}
    if importance.substitutes:
        maps["substitutes"] = substitute_map(importance)
        values = np.column_stack([importance.words[:, importance.position], importance.swaps])
        _write(folder / "substitutes.csv", importance, (UNKNOWN, *importance.substitutes), values)
    else:  # what an earlier call left would be taken for this one's
        for name in ("substitutes.csv", "substitutes.svg"):
            (folder / name).unlink(missing_ok=True)
    for name, svg in maps.items():
        write_file(svg, folder / f"{name}.svg")
    page = folder / "importance.html"
    write_file(render(importance, comparison, maps), page)
    return page


def render(importance: Importance, comparison: Comparison, maps: dict[str, str]) -> str:
    """The page: both heat maps, and how widely the families spread their attention."""
    return fill(
        "importance.html.j2",
        importance=importance,
        word="" if importance.position is None else importance.text.words[importance.position],
        maps={name: Markup(svg) for name, svg in maps.items()},  # noqa: S704
        comparison=comparison,
        few=FEW,
    )


def _model_rows(importance: Importance) -> Iterable[Sequence[object]]:
    yield "model", "family", "probability", "entropy", f"top_{FEW}_share", "unknown_substitutes", "substitutes"
    measures = entropies(importance.words), weightiest(importance.words), unknown_substitutes(importance)
    for i, (entropy, few, unknown) in enumerate(zip(*measures, strict=True)):
        tried = int(np.isfinite(importance.swaps[i]).sum())
        clean = _number(importance.clean[i])
        yield importance.models[i], importance.families[i], clean, _number(entropy), _number(few), int(unknown), tried


def _write(path: Path, importance: Importance, columns: Sequence[str], values: Scores) -> None:
    rows = zip(importance.models, importance.families, values, strict=True)
    _write_rows(path, [("model", "family", *columns), *((m, f, *map(_number, row)) for m, f, row in rows)])


def _write_rows(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _number(value: float) -> str:
    return "" if np.isnan(value) else repr(round(float(value), 6))
