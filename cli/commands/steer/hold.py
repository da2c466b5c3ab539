"""`switchyard hold`: a rollout stays at its step until it is resumed."""

from __future__ import annotations

from cli.commands.steer.verb import command
from cli.requests.verbs import HOLD

hold = command(HOLD)
