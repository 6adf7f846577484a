"""turncoat importance"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich import box
from rich.markup import escape
from rich.table import Table
from typer import Argument, Option

from turncoat.cli.options import Online
from turncoat.cli.screen import out, plain_errors, stage_progress, tell
from turncoat.errors import UsageError
from turncoat.notation import cosine, percent, told

if TYPE_CHECKING:
    from turncoat.models.victim import Victim
    from turncoat.studies.importance.measures import Comparison
    from turncoat.text import Text


def importance(
    text: Annotated[str, Argument(help="The text to look at.")],
    victims: Annotated[
        list[str],
        Argument(
            metavar="VICTIM...",
            help="Folders (ours or Hugging Face's), .skops files, module:function, plug-in or hub names.",
        ),
    ],
    folder: Annotated[Path, Option("--out", "-o", help="Folder for the tables, the heat maps and a page.")],
    label: Annotated[
        str | None, Option(help="Its true class, name or number; default: the likeliest to all models together.")
    ] = None,
    word: Annotated[
        str | None, Option(help="Replace this word, too (or its number, from 0, if it occurs several times).")
    ] = None,
    substitutes: Annotated[str | None, Option(help="Words to replace it by: depot,store,memory.")] = None,
    candidates: Annotated[
        str, Option(help='Word source of substitutes, if none are named: "content-words(sememes)".')
    ] = "wordnet",
    masked_lm: Annotated[
        str, Option("--masked-lm", help="Masked language model for candidates: a folder or hub name, or auto.")
    ] = "auto",
    online: Online = False,
) -> None:
    """Show which words of a text several models hang their verdict on, and what other words do to it.

    Writes heat maps (SVG) of models by words, each word made unknown, and of models by substitutes of one word, their
    numbers as CSV, and a page with both and with how widely the models spread their attention.

    Examples:

    - `turncoat importance "Storage, servers bruise HP earnings" models/news-cnn models/news-minilm --label business
      --word Storage --out importance`

    - `turncoat importance "a gripping, funny film" zoo/mr/*/a --word funny --substitutes comic,odd --out importance`
    """
    from turncoat.api import load
    from turncoat.studies.importance.files import write_importance
    from turncoat.studies.importance.measures import compare
    from turncoat.studies.importance.run import measure
    from turncoat.text import Text

    with plain_errors():
        words = Text(text)
        position = None if word is None else _position(words, word)
        if substitutes is not None and position is None:
            raise UsageError("expected --word with --substitutes: the word to replace")
        others = () if position is None else _substitutes(words, position, substitutes, candidates, masked_lm, online)
        with stage_progress() as progress:

            def loaded() -> Iterator[tuple[str, Victim]]:
                for i, (name, victim) in enumerate(zip(_names(victims), victims, strict=True)):
                    progress(f"asking {name}", i, len(victims))
                    yield name, load(victim, online)

            found = measure(loaded(), words, label, position, others)
        comparison = compare(found)
        page = write_importance(found, comparison, folder)
        _print(found.label, comparison)
        tell(f"page: {page}")


def _position(text: Text, word: str) -> int:
    places = [i for i, each in enumerate(text.words) if each.lower() == word.lower()]
    if len(places) > 1:
        raise UsageError(f"{word!r} occurs {len(places)} times; name one by its number: {', '.join(map(str, places))}")
    if places:
        return places[0]
    if word.isdecimal() and int(word) < len(text):
        return int(word)
    raise UsageError(f"expected --word to be one of the text's words ({', '.join(text.words)}), got {word!r}")


def _substitutes(
    text: Text, position: int, named: str | None, candidates: str, masked_lm: str, online: bool
) -> Sequence[str]:
    from turncoat.models.filling import masked_lm_responders
    from turncoat.studies.importance.run import proposals
    from turncoat.substitutions.expression import read_substitutions

    if named is not None:
        found: Sequence[str] = [each.strip() for each in named.split(",") if each.strip()]
    else:
        responders = masked_lm_responders(None if masked_lm == "auto" else masked_lm, online)
        found = proposals(read_substitutions(candidates), text, position, responders)
    if not found:
        raise UsageError(f"no substitutes for {text.words[position]!r}; name some: --substitutes one,other")
    return found


def _names(victims: Sequence[str]) -> list[str]:
    """The last parts of each path, as few as tell it from the others: "CNN-W-GloVe-1/a"."""
    paths = [Path(victim).parts or (victim,) for victim in victims]

    def name(path: tuple[str, ...]) -> str:
        tails = (path[-length:] for length in range(1, len(path) + 1))
        return "/".join(next((tail for tail in tails if sum(p[-len(tail) :] == tail for p in paths) == 1), path))

    return [name(path) for path in paths]


def _print(label: str, comparison: Comparison) -> None:
    from turncoat.studies.importance.measures import FEW

    table = Table("family", box=box.SIMPLE_HEAD)
    for column in ("models", "entropy", f"on {FEW} words", "agreement", "not in vocabulary"):
        table.add_column(column, justify="right")
    for row in comparison.families:
        cells = (
            told(row.entropy, cosine),
            told(row.few, percent),
            told(row.agreement, cosine),
            told(row.unknown, percent),
        )
        table.add_row(row.family, str(row.models), *cells)
    out.print(table)
    out.print(
        f"label {escape(label)}; agreement (Spearman over {comparison.words} words) within families "
        f"{told(comparison.within, cosine)}, across {told(comparison.across, cosine)}, "
        f"difference {told(comparison.difference, cosine)}",
        highlight=False,
    )
