"""`switchyard promote`: the challenger gets everything, before the evidence asks for it."""

from __future__ import annotations

from cli.commands.steer.verb import command
from cli.requests.verbs import PROMOTE

promote = command(PROMOTE)
