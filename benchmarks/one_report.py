"""One report of all: what the sources print beside what was found here, and where each of their items stands.

    python benchmarks/one_report.py

Reads docs/coverage.toml (a row an item), docs/claims.toml (printed numbers, and which cell of which table answers each)
and the tables themselves; writes results/report.md. Nothing is typed twice: a number changes with its table.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from study import RESULTS, markdown
from turncoat.evaluation.markdown import Markdown

REPOSITORY = RESULTS.parent
SOURCES = {
    "0": "Cross-entropy attacks",
    "2": "Transferability and universal rules",
    "3": "The gradient attack on tweets",
    "4": "Foundations: where adversarial examples come from",
    "X": "What all share",
}
STATES = ("done", "partial", "not run", "open")
TRUST = (
    "Trust: A, the source itself or its authors' files; B, secondary but checked; C, with a known defect; D, from "
    "memory, never a target."
)


def main() -> None:
    (RESULTS / "report.md").write_text(report(REPOSITORY), encoding="utf-8")


def report(repository: Path) -> str:
    """The page, in Markdown."""
    rows = _read(repository / "docs/coverage.toml")["rows"]
    claims = _read(repository / "docs/claims.toml")["claims"]
    counted = Counter(row["state"] for row in rows.values())
    told = ", ".join(f"{counted[state]} {state}" for state in STATES if counted[state])
    parts = [
        "# One report",
        "Made by `python benchmarks/one_report.py` from docs/coverage.toml, docs/claims.toml and the tables of "
        f"results/. Of {len(rows)} items {told}.",
        "## Printed and found",
        f"{TRUST} In brackets: 95 % intervals. Models and sizes are smaller than the papers'; each table says which.",
        _table([_compared(claim, repository) for claim in claims]),
    ]
    for source, title in SOURCES.items():
        own = {name: row for name, row in rows.items() if name.startswith(f"{source}-")}
        parts += [f"## {title}", _table([_told(name, row) for name, row in own.items()])]
    return "\n\n".join(parts) + "\n"


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    """All of it is ours: links, and what docs/*.toml say in Markdown."""
    return markdown([{column: Markdown(cell) for column, cell in row.items()} for row in rows])


def _compared(claim: Mapping[str, Any], repository: Path) -> dict[str, str]:
    return {
        "item": claim["row"],
        "what": claim["what"],
        "printed": claim["printed"],
        "trust": claim["trust"],
        "here": cell(repository / claim["file"], claim["where"], claim["show"]),
        "but": claim.get("but", ""),
        "table": f"[{Path(claim['file']).name}](../{claim['file']})",
    }


def cell(file: Path, where: Mapping[str, str], show: str) -> str:
    """What a CSV table says: the column `show` of the one row `where`, with its interval if that stands beside it.

    Raises:
        LookupError: not one such row, or no such column.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        found = [row for row in csv.DictReader(lines) if all(row.get(k) == v for k, v in where.items())]
    if len(found) != 1 or show not in found[0]:
        raise LookupError(f"{file}: expected one row with {dict(where)} and a column {show!r}, found {len(found)} rows")
    row = found[0]
    ends = [row.get(f"{show}, {end}") for end in ("low", "high")]
    if not all(ends):
        return row[show]
    estimate, low, high = (f"{float(number):.3f}" for number in (row[show], *map(str, ends)))
    return f"{estimate} ({low} to {high})"


def _told(name: str, row: Mapping[str, Any]) -> dict[str, str]:
    return {"item": name, "asked": row["item"], "state": row["state"], "evidence": _links(row["evidence"]),
            "missing": row["missing"]}  # fmt: skip


def _links(evidence: list[str]) -> str:
    paths = dict.fromkeys(re.sub("::.*", "", path) for path in evidence)
    return ", ".join(f"[{Path(path).name}](../{path})" for path in paths)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
