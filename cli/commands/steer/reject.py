"""`switchyard reject`: a person's no to a model that waits for it."""

from __future__ import annotations

from cli.commands.steer.verb import command
from cli.requests.verbs import REJECT

reject = command(REJECT)
