"""Universal rules on a zoo: Tables 1, 5, 6, 9, 10, biases, reach, and the speed of mining.

    TURNCOAT_DATA=../shared python benchmarks/universal_rules.py mr --zoo ../zoo/mr --instead BERT=MiniLM \\
        --speed-victim ../models/mr-cnn

Victims answer in parts that are kept in --work: the same command goes on where it was stopped. Mining asks each member
of the largest ensemble once; every target is asked about each distinct text once, for all rule books and caps.
`results/transfer/rules-DATA/` gets the tables; the rule books (`turncoat rules show|apply`) stand in WORK/books.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from rule_page import write_all
from rule_speed import speed
from study import RESULTS
from turncoat import load_dataset
from turncoat.rules.mining import Mining
from turncoat.rules.storing import write_book
from turncoat.studies.rules.run import RuleStudy
from turncoat.studies.rules.victims import members, models_here
from turncoat.studies.transfer.published import EXPERT


@dataclass(frozen=True)
class Options:
    """What decides the answers; the same in every process."""

    data: str
    zoo: Path
    here: tuple[str, ...]  # models of the zoo when the study began; more may be trained meanwhile
    targets: tuple[str, ...]
    work: Path
    members: tuple[str, ...]
    instead: tuple[tuple[str, str], ...]
    mine_examples: int | None
    examples: int | None
    min_count: int
    most_instances: int
    score: str
    seed: int


@cache
def study_of(options: Options) -> RuleStudy:
    """The study; each process reads the data once."""
    train, test = load_dataset(options.data, "train"), load_dataset(options.data, "test")
    return RuleStudy(
        train=train.sample(min(options.mine_examples or len(train), len(train)), options.seed),
        test=test.sample(min(options.examples or len(test), len(test)), options.seed),
        zoo=options.zoo,
        models=options.targets,
        work=options.work,
        members=members(options.here, options.members, dict(options.instead)),
        mining=Mining(
            score=options.score,  # type: ignore[arg-type]  # refused there
            min_count=options.min_count,
            most_instances=options.most_instances,
            seed=options.seed,
        ),
    )


def ask_member(options: Options, name: str) -> float:
    """Seconds for a member's answers to the questions of mining."""
    study = study_of(options)
    start = time.perf_counter()
    study.ask_member(name)
    return time.perf_counter() - start


def ask_target(options: Options, name: str) -> float:
    """Seconds for a target's answers."""
    study = study_of(options)
    (target,) = (target for target in study.targets if target.name == name)
    start = time.perf_counter()
    study.ask_target(target)
    return time.perf_counter() - start


def each(
    ask: Callable[[Options, str], float], options: Options, names: Sequence[str], pool: ProcessPoolExecutor
) -> tuple[str, ...]:
    """Ask some models side by side; gives those that answered. What the others had answered is kept."""
    started = {pool.submit(ask, options, name): name for name in names}
    failed = []
    for i, future in enumerate(as_completed(started), 1):
        try:
            told = f"{future.result():.0f} s"
        except Exception as error:  # one broken model must not end a night's study
            failed.append(started[future])
            told = f"FAILED {type(error).__name__}: {error}"
        print(f"[{i}/{len(names)}] {ask.__name__} {started[future]}: {told}", flush=True)
    return tuple(name for name in names if name not in failed)


def main() -> None:
    given = arguments()
    here = models_here(given.zoo)
    options = Options(
        given.data, given.zoo, here, tuple(given.targets.split(",")) if given.targets else here,
        given.work or Path("runs/universal_rules") / given.data, tuple(given.members.split(",")),
        tuple(tuple(pair.split("=", 1)) for pair in given.instead), given.mine_examples, given.examples,
        given.min_count, given.most_instances, given.score, given.seed,
    )  # fmt: skip
    os.environ["OMP_NUM_THREADS"] = "1"  # processes with several threads each fight for the cores
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    study = study_of(options)
    print(f"members: {study.members}; targets: {len(study.targets)}; {len(study.train)} texts to mine", flush=True)
    with ProcessPoolExecutor(given.workers, mp_context=get_context("spawn")) as pool:
        wanted = study.members.of(max(study.sizes_here))
        if each(ask_member, options, wanted, pool) != wanted:
            raise SystemExit("rules need every member: give the command again, or other --members")
        study = study_of(replace(options, targets=each(ask_target, options, study.models, pool)))
    for name, book in study.books.items():
        write_book(book, options.work / "books" / f"{name.replace(', ', '-').replace(' ', '-')}.json")
    out = given.out or RESULTS / "transfer" / f"rules-{given.data}"
    timed = speed(given.speed_victim, study.train, study.mining) if given.speed_victim else []
    print(write_all(study, out, given.transfer, timed, given.draws))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="mr or ag_news")
    parser.add_argument("--zoo", type=Path, required=True, help="folder with MODEL/a and MODEL/b")
    parser.add_argument("--work", type=Path, help="answers and rule books; default runs/universal_rules/DATA")
    parser.add_argument("--out", type=Path, help="tables; default results/transfer/rules-DATA")
    parser.add_argument("--transfer", type=Path, help="folder of a transfer study, for the comparison with PWWS")
    parser.add_argument("--targets", help="models, with commas between; default: all of the zoo folder")
    parser.add_argument("--members", default=",".join(map(str, EXPERT)), help="nested ensembles; default: the expert's")
    parser.add_argument("--instead", action="append", default=[], help="BERT=MiniLM: take this for a missing member")
    parser.add_argument("--mine-examples", type=int, default=4000, help="training texts to mine; 0 for all")
    parser.add_argument("--examples", type=int, default=1000, help="test texts; 0 for all")
    parser.add_argument("--min-count", type=int, default=3)
    parser.add_argument("--most-instances", type=int, default=10, help="places at which one rule is tried")
    parser.add_argument("--score", default="log_probability", help="or logit")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draws", type=int, default=2000, help="of the bootstrap")
    parser.add_argument("--workers", type=int, default=2, help="processes, one thread each")
    parser.add_argument("--speed-victim", type=Path, help="time mining against this victim's forwards")
    return parser.parse_args()


if __name__ == "__main__":
    main()
