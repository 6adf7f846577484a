"""turncoat rules mine | apply | show"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from turncoat.cli import options
from turncoat.cli.rule_runs import score, write_changed
from turncoat.cli.rule_tables import print_diagnosis, print_rules, print_runs, print_universality
from turncoat.cli.screen import err, out, plain_errors, stage_progress, tell
from turncoat.errors import UsageError

rules = typer.Typer(
    help="Mine rules that turn verdicts without asking the victim, and apply them.", no_args_is_help=True
)

Book = Annotated[Path, Argument(help="A rule book, as `turncoat rules mine` writes it.")]
Examples = Annotated[int | None, Option("--examples", "-n", help="Draw so many examples; default: all.")]
Seed = Annotated[int, Option(help="Decides the drawn examples, and the places where common rules are tried.")]


@rules.command()
def mine(
    data: Annotated[str, Argument(help="A data set (see `turncoat names`) or a file, with labels.")],
    folder: Annotated[Path, Option("--out", "-o", help="File of the rule book (JSON).")],
    victims: Annotated[
        list[str] | None, Option("--victim", help="Whom to ask; several are asked as one (mean logits).")
    ] = None,
    pmi: Annotated[
        str | None, Option(help="Instead of victims: rules from word counts alone, paper or standard.")
    ] = None,
    candidates: Annotated[
        str | None, Option(help='Word source instead of WordNet without stop words: "content-words(sememes)".')
    ] = None,
    settings: Annotated[
        list[str] | None, Option("--set", help="Change a parameter: min_count=5, most_instances=50, score=logit.")
    ] = None,
    examples: Examples = None,
    split: Annotated[str, Option(help="Split of a named data set; never the one to be attacked.")] = "train",
    seed: Seed = 0,
    text_column: options.TextColumn = "text",
    label_column: options.LabelColumn = "label",
    strict: options.Strict = False,
    online: options.Online = False,
) -> None:
    """Find rules "where the label is z, put this word for that one", best first.

    Examples:

    - `turncoat rules mine mr --victim models/mr-cnn --out mr-rules.json`

    - `turncoat rules mine mr --victim models/mr-cnn --victim models/mr-minilm -n 1000 --out mr-rules.json`

    - `turncoat rules mine mr --pmi paper --out mr-pmi.json`
    """
    from turncoat import api
    from turncoat.config import with_settings
    from turncoat.data.datasets import read
    from turncoat.models.ensemble import Ensemble
    from turncoat.rules.mining import Mining
    from turncoat.rules.mining import mine as mine_rules
    from turncoat.rules.pmi import named_mode, pmi_rules
    from turncoat.rules.storing import write_book
    from turncoat.substitutions.expression import read_substitutions

    with plain_errors("no rules were kept"):
        if bool(victims) == bool(pmi):
            raise UsageError(f"expected either --victim or --pmi, got {'both' if victims else 'neither'}")
        mode = named_mode(pmi) if pmi else "paper"
        mining = with_settings(Mining(seed=seed), settings or [])
        if candidates:
            mining = replace(mining, substitutions=read_substitutions(candidates))
        dataset = read(data, split, text_column, label_column, strict=strict, online=online).sample(examples, seed)
        with stage_progress() as stage:

            def progress(doing: str, done: int) -> None:
                stage(doing, done, len(dataset))

            progress("loading", 0)
            if victims:
                members = [api.load(victim, online) for victim in victims]
                model = members[0] if len(members) == 1 else Ensemble(members)
                book = mine_rules(api.align(dataset, model), model, mining, progress)
            else:
                book = pmi_rules(
                    dataset, mode, mining.substitutions, mining.min_count, lambda done: progress("reading", done)
                )
        write_book(book, folder)
        useful = sum(rule.salience > 0 for rule in book.rules)
        out.print(f"{len(book):,} rules, {useful:,} of them of positive salience", highlight=False)
        if not book.rules:
            tell(f"no rule was seen {mining.min_count} times; take more texts, or --set min_count=1")
        tell(f"rule book: {folder}")


@rules.command()
def apply(
    book: Book,
    data: Annotated[str | None, Argument(help="A data set or a file, with labels.")] = None,
    text: Annotated[str | None, Option(help="Change this one text instead of a data set.")] = None,
    label: Annotated[str | None, Option(help="With --text: its true class.")] = None,
    victims: Annotated[
        list[str] | None, Option("--victim", help="Score this victim on the changed texts; may be given again.")
    ] = None,
    cap: Annotated[float, Option(help="Largest share of a text's words that is changed.")] = 0.3,
    folder: Annotated[
        Path | None, Option("--out", "-o", help="JSON lines with the changed texts; with --victim: folder of the runs.")
    ] = None,
    examples: Examples = None,
    split: Annotated[str, Option(help="Split of a named data set.")] = "test",
    seed: Seed = 0,
    text_column: options.TextColumn = "text",
    label_column: options.LabelColumn = "label",
    strict: options.Strict = False,
    online: options.Online = False,
) -> None:
    """Change texts by rules, without asking anyone; with --victim, see whom that turns.

    Victims are scored in two readings: oblivious (the whole share is changed, one text for all victims) and
    incremental (rule by rule, until the victim turns). The runs compare with those of attacks: `turncoat report`.

    Examples:

    - `turncoat rules apply mr-rules.json --text "a gripping, funny film" --label positive`

    - `turncoat rules apply mr-rules.json mr --cap 0.2 --out changed.jsonl`

    - `turncoat rules apply mr-rules.json mr -n 300 --victim models/mr-cnn --victim models/mr-minilm --out runs/rules`
    """
    from turncoat.data.datasets import read
    from turncoat.data.example import Dataset, Example
    from turncoat.models.classes import class_index
    from turncoat.rules.applying import most_changes
    from turncoat.rules.storing import read_book

    with plain_errors(f"finished examples are in {folder}; the same command continues" if victims and folder else ""):
        most_changes(0, cap)
        found = read_book(book)
        if (text is None) == (data is None):
            raise UsageError(f"expected either DATA or --text, got {'neither' if text is None else 'both'}")
        if text is not None:
            example = Example("text", text, class_index(label, found.labels))
            dataset = Dataset("one text", (example,), found.labels)
        else:
            whole = read(str(data), split, text_column, label_column, strict=strict, online=online)
            dataset = whole.sample(examples, seed)
        if not victims:
            write_changed(found.aligned(dataset.labels), dataset, cap, folder, plain=text is not None)
            return
        runs = [score(victim, book, found, dataset, cap, folder, online) for victim in victims]
        with err.status("computing intervals"):
            print_runs([run for readings in runs for run in readings])
            if len(victims) > 1:
                print_universality([oblivious for oblivious, _ in runs])


@rules.command()
def show(
    book: Book,
    label: Annotated[str | None, Option(help="Rules of this class only.")] = None,
    top: Annotated[int, Option(help="Rules of each class.", min=1)] = 10,
    data: Annotated[
        str | None, Option(help="A data set or a file: show what the rules do to the PMI of words and labels in it.")
    ] = None,
    pmi: Annotated[str, Option(help="paper or standard.")] = "paper",
    by_pmi: Annotated[bool, Option("--by-pmi", help="With --data: rank rules by their change of PMI.")] = False,
    split: Annotated[str, Option(help="Split of a named data set.")] = "train",
    text_column: options.TextColumn = "text",
    label_column: options.LabelColumn = "label",
    strict: options.Strict = False,
    online: options.Online = False,
) -> None:
    """Show the best rules; with --data, the biases of the data set that they reveal.

    Examples:

    - `turncoat rules show mr-rules.json --label positive --top 20`

    - `turncoat rules show mr-rules.json --data mr --by-pmi`
    """
    from turncoat.data.datasets import read
    from turncoat.models.classes import class_index
    from turncoat.rules.pmi import count_words, named_mode
    from turncoat.rules.storing import read_book

    with plain_errors():
        mode = named_mode(pmi)
        if by_pmi and data is None:
            raise UsageError("expected --data with --by-pmi, got none")
        found = read_book(book)
        shown = [*range(len(found.labels))] if label is None else [class_index(label, found.labels)]
        if data is None:
            print_rules(found, shown, top)
            return
        dataset = read(data, split, text_column, label_column, strict=strict, online=online)
        names = [found.labels[i] for i in shown]
        found = found.aligned(dataset.labels)
        shown = sorted(class_index(name, found.labels) for name in names)
        with err.status("counting words"):
            counts = count_words(dataset)
        print_rules(found, shown, top, counts, mode, by_pmi)
        with err.status("reading texts"):
            print_diagnosis(found, dataset, counts, mode)
