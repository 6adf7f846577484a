"""The command line: one command, one typed function, one file."""

from __future__ import annotations

from turncoat.cli.app import main

__all__ = ["main"]
