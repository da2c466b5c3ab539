"""`switchyard resume`: a rollout that was held goes on by its evidence."""

from __future__ import annotations

from cli.commands.steer.verb import command
from cli.requests.verbs import RESUME

resume = command(RESUME)
