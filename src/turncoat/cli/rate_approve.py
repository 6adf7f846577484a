"""turncoat rate approve"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from turncoat.cli.screen import out, plain_errors, stage_progress, tell


def approve(
    folder: Annotated[Path, Argument(help="The kit's folder.")],
    data: Annotated[
        str | None, Option(help="To begin: a reading data set (see `turncoat names`) or a JSON file of SQuAD's form.")
    ] = None,
    split: Annotated[str, Option(help="Split of a named data set.")] = "test",
    examples: Annotated[int | None, Option("--examples", "-n", help="Draw so many questions; default: all.")] = None,
    repairers: Annotated[int, Option(help="Sheets for those who mend.")] = 5,
    voters: Annotated[int, Option(help="Sheets for those who vote.")] = 3,
    unanimous: Annotated[bool, Option("--unanimous", help="Keep what three approved, and nobody refused.")] = False,
    seed: Annotated[int, Option(help="Decides what is drawn, and the orders.")] = 0,
) -> None:
    """Let people mend and approve AddSent's sentences; each call is one step.

    With --data, sheets for those who mend; then sheets for those who vote; then approved.json, with the sentences that
    two and more of them approved.

    Examples:

    - `turncoat rate approve kits/addsent --data squad -n 100`

    - `turncoat rate approve kits/addsent`

    - `turncoat attack models/reader squad -a add-sent --set approved=kits/addsent/approved.json`
    """
    from turncoat.data.squad import read_questions
    from turncoat.evaluation.rating import approval

    with plain_errors():
        if data is not None:
            questions, candidates = read_questions(data, split).sample(examples, seed), []
            with stage_progress() as progress:
                for done, example in enumerate(questions):
                    progress("writing sentences", done, len(questions))
                    candidates.append(approval.raw_sentence(example))
            sentences = [each for each in candidates if each is not None]
            approval.write_repair_kit(sentences, folder, repairers, seed)
            tell(
                f"{len(sentences)} sentences in {folder}: give each repairer a sheet and repairing.md, then call again"
            )
        elif not approval.has_ballot(folder):
            count = approval.write_ballot(folder, voters, seed)
            tell(f"{count} sentences to vote on: give each voter a sheet and voting.md, then call again")
        else:
            voted = approval.count_votes(folder)
            kept = approval.approved(voted, unanimous)
            approval.write_approved(kept, folder / "approved.json")
            out.print(f"{len(kept)} of {len(voted)} sentences approved", highlight=False)
            tell(f"use them: --attack add-sent --set approved={folder / 'approved.json'}")
