"""The command tree."""

from __future__ import annotations

import typer

from turncoat import __version__
from turncoat.cli.attack import attack
from turncoat.cli.demo import demo
from turncoat.cli.doctor import doctor
from turncoat.cli.harden import harden
from turncoat.cli.importance import importance
from turncoat.cli.judge import judge
from turncoat.cli.names import names
from turncoat.cli.rate import rate
from turncoat.cli.report import report
from turncoat.cli.rules import rules
from turncoat.cli.train import train
from turncoat.cli.train_encoder import train_encoder
from turncoat.cli.train_vectors import train_vectors
from turncoat.cli.transfer import transfer
from turncoat.cli.zoo import zoo

app = typer.Typer(
    name="turncoat",
    help="Find the few words that turn a text model's verdict.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (demo, train, attack, harden, report, judge, train_encoder, train_vectors, importance, names, doctor):
    app.command()(command)
app.add_typer(rate, name="rate")
app.add_typer(rules, name="rules")
app.add_typer(zoo, name="zoo")
app.add_typer(transfer, name="transfer")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"turncoat {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    """Find the few words that turn a text model's verdict.

    Start with `turncoat demo`, then `turncoat train` a victim (or bring your own) and `turncoat attack` it.
    `turncoat doctor` says what this machine has and what it lacks.
    """


def main() -> None:
    """Entry point of the `turncoat` command."""
    app()
