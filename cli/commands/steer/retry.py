"""`switchyard retry`: the dataset of a run that has ended goes through the pipeline once more."""

from __future__ import annotations

from cli.commands.steer.verb import command
from cli.requests.verbs import RETRY

retry = command(RETRY)
