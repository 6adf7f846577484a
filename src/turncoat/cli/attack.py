"""turncoat attack"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from rich.markup import escape
from typer import Argument, Option

from turncoat.cli.options import LabelColumn, Online, Strict, TextColumn
from turncoat.cli.screen import attack_progress, err, out, plain_errors, print_summary, tell
from turncoat.errors import UsageError


def attack(
    victim: Annotated[
        str,
        Argument(
            help="A folder (ours or Hugging Face's), a .skops file, module:function, a plug-in or hub name, or "
            "word-overlap, the reader without weights; translators: also NAME?prefix=TEXT&language=TOKEN&beams=NUMBER."
        ),
    ],
    data: Annotated[
        str | None,
        Argument(
            help="A data set (see `turncoat names`) or a CSV, TSV, JSONL or Parquet file; reading: a JSON file of "
            "SQuAD's form; translation: also two text files, SOURCE,REFERENCE."
        ),
    ] = None,
    task: Annotated[
        str | None,
        Option(
            help="classification, reading or translation; default: what the data tell (a named data set, a .json file, "
            "two files), else the victim's card, else classification."
        ),
    ] = None,
    text: Annotated[str | None, Option(help="Attack this one text instead of a data set.")] = None,
    label: Annotated[str | None, Option(help="With --text: its true class; default: the victim's own verdict.")] = None,
    attack: Annotated[
        str | None,
        Option(
            "--attack",
            "-a",
            help="Which attack; see `turncoat names`; default: pwws; reading: add-any; translation: cea-min.",
        ),
    ] = None,
    candidates: Annotated[
        str | None, Option(help='Word source instead of the attack\'s own: "content-words(masked-lm & sememes)".')
    ] = None,
    settings: Annotated[
        list[str] | None, Option("--set", help="Change a parameter: samples=50, substitutions.inflect=true.")
    ] = None,
    examples: Annotated[
        int | None, Option("--examples", "-n", help="Draw so many examples, or take all if there are fewer.", min=1)
    ] = None,
    split: Annotated[str, Option(help="Split of a named data set.")] = "test",
    seed: Annotated[int, Option(help="Decides the drawn examples and every random number.")] = 0,
    budget: Annotated[int | None, Option(help="Most unique questions an example; default: no limit.", min=1)] = None,
    live: Annotated[int, Option(help="Examples under way at once; changes the speed, never an outcome.", min=1)] = 128,
    target: Annotated[str | None, Option(help="Class to turn the verdict to; default: any other.")] = None,
    from_class: Annotated[str | None, Option(help="Attack examples of this class only; default: all.")] = None,
    hard_label: Annotated[bool, Option("--hard-label", help="Let the attack see labels only.")] = False,
    eta: Annotated[
        float | None, Option(help="Translation: least distortion, 0 to 1, that counts as success; default: 0.5.")
    ] = None,
    likeness: Annotated[
        str | None,
        Option(
            help="Translation: how translations are compared: vectors (of --encoder) or chrf; default: as possible."
        ),
    ] = None,
    max_changed: Annotated[float | None, Option(help="Largest share of changed words.")] = None,
    min_similarity: Annotated[float | None, Option(help="Least cosine to the original text.")] = None,
    encoder: Annotated[str, Option(help="Sentence encoder: a folder or hub name, auto, or none.")] = "auto",
    masked_lm: Annotated[
        str, Option("--masked-lm", help="Masked language model for candidates: a folder or hub name, auto, or none.")
    ] = "auto",
    folder: Annotated[Path | None, Option("--out", "-o", help="Run folder; an interrupted run goes on there.")] = None,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    reference_column: Annotated[str, Option(help="Column of a data file; translation.")] = "reference",
    strict: Strict = False,
    online: Online = False,
) -> None:
    """Attack a classifier, a reader or a translator on many examples, or a classifier on one text.

    Examples:

    - `turncoat attack models/mr-cnn mr --attack pwws --examples 500 --out runs/pwws`

    - `turncoat attack models/mr-cnn mr -a cea-min -n 200 --budget 1000 --max-changed 0.2`

    - `turncoat attack my_model:predict reviews.csv --label-column stars --hard-label -a cea-paper`

    - `turncoat attack models/mr-cnn --text "a gripping, funny film"`

    - `turncoat attack models/reader squad --attack add-any --examples 100 --out runs/add-any`

    - `turncoat attack models/translator multi30k_en_de --attack morpheus --eta 0.5 --out runs/morpheus`

    The same command continues a run that was interrupted. Exit codes: 0 done, 1 the victim or the data failed,
    2 the request cannot work, 3 something must be installed first, 130 interrupted with everything saved.
    """
    from turncoat import api
    from turncoat.engine.meter import Meter
    from turncoat.evaluation.folder import RunFolder
    from turncoat.evaluation.show import show_outcome
    from turncoat.substitutions.constraints import Constraint, MaxChanged, MinSimilarity
    from turncoat.tasks.classification import by_number
    from turncoat.tasks.finding import find_kind
    from turncoat.tasks.kind import Files

    def kept() -> str:
        if folder is None:
            return "nothing kept without --out"
        ended = len(RunFolder(folder).outcomes())
        return (
            f"{ended} finished examples are in {folder}; the same command goes on (a smaller --live ends some sooner)"
        )

    with plain_errors(kept):
        if (text is None) == (data is None):
            raise UsageError(f"expected either DATA or --text, got {'neither' if text is None else 'both'}")
        kind = find_kind(victim, data, task)
        if text is not None and kind.name != "classification":
            raise UsageError(f"--text is for classifiers; name data of {kind.name} instead")
        constraints: list[Constraint] = []
        if max_changed is not None:
            constraints.append(MaxChanged(max_changed))
        if min_similarity is not None:
            constraints.append(MinSimilarity(min_similarity))
        with err.status(f"loading {escape(victim)}"):
            model = kind.victim(victim, online)
        judge = None if encoder == "none" else encoder
        filler = None if masked_lm == "none" else masked_lm
        if text is not None:
            outcome = api.attack_text(
                model, text, attack or kind.usual_attack, label, candidates=candidates, settings=settings or (),
                constraints=constraints, seed=seed, budget=budget, target=target, hard_label=hard_label, encoder=judge,
                masked_lm=filler, online=online,
            )  # fmt: skip
            out.print(show_outcome(outcome, model.labels))
            return
        files = Files(text_column, label_column, reference_column, strict, online)
        dataset = kind.read(str(data), split, files)
        _tell_faults(dataset.faults)
        if kind.name == "classification" and (pairs := by_number(dataset, model)):
            tell(f"classes, data = victim: {pairs}; if that is wrong, give the victim's function an attribute labels")
        if examples is not None and examples >= len(dataset):
            examples = None
            tell(f"{dataset.name}: all {len(dataset)} examples")
        meter = Meter()
        with attack_progress(examples or len(dataset), meter) as progress:
            run = api.attack(
                model, dataset, attack, task=kind.name, candidates=candidates, settings=settings or (),
                constraints=constraints, examples=examples, seed=seed, budget=budget, live=live, target=target,
                from_class=from_class, hard_label=hard_label, eta=eta, likeness=likeness, encoder=judge,
                masked_lm=filler, out=folder, online=online, source=victim, on_outcome=progress, meter=meter,
            )  # fmt: skip
        with err.status("computing intervals"):
            print_summary([run])
        if folder is not None:
            tell(f"report: {folder / 'report.html'}")


def _tell_faults(faults: tuple[object, ...]) -> None:
    for fault in faults[:5]:
        tell(f"left out: {fault}")
    if len(faults) > 5:
        tell(f"left out: {len(faults) - 5} rows more")
