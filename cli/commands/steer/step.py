"""`switchyard step`: a rollout goes one step up, before the evidence asks for it."""

from __future__ import annotations

from cli.commands.steer.verb import command
from cli.requests.verbs import STEP

step = command(STEP)
