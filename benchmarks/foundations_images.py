"""The foundations, on images: FGSM, L-BFGS, ensembles, adversarial and virtual adversarial training, linearity.

    TURNCOAT_DATA=../shared OMP_NUM_THREADS=1 python benchmarks/foundations_images.py --runs ../runs/foundations-images

MNIST, and points on a plane. About 45 CPU minutes on one core. `--only PART ...` runs some parts alone; `--full` takes
the papers' sizes (days). Whatever is finished, a network or a table, is kept under `--runs`, and unfinished trainings
too: a study that was stopped goes on where it stood.
`results/foundations/images/` gets a table and its CSV for every question, figures, and a page with the verdicts.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from images.digits import Digits, digits
from images.fast_gradient import fast_gradient
from images.linearity import linearity
from images.minimal import minimal
from images.nets import Study
from images.pictures import pictures
from images.planes import planes
from images.resampling import METHOD
from images.shelf import Shelf
from images.sizes import FULL, SMALL, Sizes
from images.smoothing import smoothing
from images.telling import Row, Section
from images.transfer import transfer
from images.twelve import twelve
from study import RESULTS, markdown, write_csv
from turncoat.evaluation.environment import provenance
from turncoat.evaluation.markdown import Markdown

OUT = RESULTS / "foundations" / "images"
PARTS: Mapping[str, Callable[[Study], Section]] = {
    "fgsm": fast_gradient,
    "lbfgs": minimal,
    "transfer": transfer,
    "ensemble": twelve,
    "vat": smoothing,
    "planes": planes,
    "linearity": linearity,
    "pictures": pictures,
}
ROWS = "Rows 4-01 to 4-09, 4-13 to 4-17 and 4-23."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs/foundations-images"), help="what is kept")
    parser.add_argument("--out", type=Path, default=OUT, help="where tables and figures go")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="some parts alone")
    parser.add_argument("--full", action="store_true", help="the papers' sizes")
    options = parser.parse_args()
    sizes = FULL if options.full else SMALL
    conduct(
        sizes,
        digits(sizes),
        options.runs / ("full" if options.full else "small"),
        options.out,
        options.only or list(PARTS),
    )


def conduct(sizes: Sizes, data: Digits, runs: Path, out: Path, parts: list[str]) -> None:
    """Run the parts, one after the other on one thread, and write what they found."""
    torch.set_num_threads(1)
    shelf = Shelf(runs, repr(sizes))
    study = Study(sizes, data, shelf)
    out.mkdir(parents=True, exist_ok=True)
    for name in parts:
        shelf.part = name
        start = time.perf_counter()
        print(f"{name} ...", flush=True)
        section = PARTS[name](study)
        _write_section(name, section, shelf, out)
        print(f"{name}: {shelf.seconds(name):.0f} CPU seconds, {time.perf_counter() - start:.0f} s now", flush=True)
    _write_page(sizes, shelf, out)


def _write_section(name: str, section: Section, shelf: Shelf, out: Path) -> None:
    lines = [
        f"# {section.title}",
        section.about,
        provenance(f"{shelf.seconds(name):.0f} CPU seconds, one thread."),
    ]
    for caption, rows in section.tables.items():
        file, _, rest = caption.partition(" ")
        write_csv(out / f"{file}.csv", rows)
        lines += [f"## {file}: {rest}", markdown(rows)]
    for file, content in section.figures.items():
        (out / file).write_bytes(content.encode() if isinstance(content, str) else content)
        if file.endswith(".svg"):
            lines.append(f"![{file.partition('.')[0].replace('_', ' ')}]({file})")
    lines += ["## Verdicts", markdown(section.told())]
    (out / f"{name}.md").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    (shelf.folder / f"{name}.json").write_text(json.dumps(section.told()), encoding="utf-8")


def _write_page(sizes: Sizes, shelf: Shelf, out: Path) -> None:
    """The page over all parts that were ever finished at these sizes."""
    paths = {name: shelf.folder / f"{name}.json" for name in PARTS}
    told: dict[str, list[Row]] = {
        name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items() if path.exists()
    }
    missing = [name for name in PARTS if name not in told]
    costs = [
        {"part": Markdown(f"[{name}]({name}.md)") if name in told else name,
         "CPU seconds": f"{shelf.seconds(name):.0f}" if name in told else "not run"} for name in PARTS
    ]  # fmt: skip
    seeds = min(sizes.seeds, sizes.vat_seeds)
    few = f" {seeds} seeds are few: the specification asks for five." if seeds < 5 else ""
    lines = [
        "# The foundations, on images",
        f"{ROWS} Errors in percent with Wilson's 95 % interval, or mean ± standard deviation over seeds; differences "
        "with Student's 95 % interval over seeds, uncorrected. Where there is a p (of the paired t test, "
        "corrected by Holm's method within the part), \"confirmed\" and \"refuted\" ask that it is below 0.05, or that "
        "the difference is exactly 0 with every seed; shares over several networks ask that their interval lies on one "
        f"side, by a {METHOD}. Otherwise a claim is \"undecided\".{few} Sizes are below: they are smaller than the "
        "papers' unless `--full` was given.",
        provenance(f"Sizes: `{(shelf.folder / 'sizes.txt').read_text(encoding='utf-8')}`"),
        markdown([verdict for each in told.values() for verdict in each]),
        "What is trained once and used by several parts counts for the part that made it.",
        markdown(costs),
    ]  # fmt: skip
    if missing:
        lines.insert(3, f"Not run yet: {', '.join(missing)}.")
    (out / "README.md").write_text("\n\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
