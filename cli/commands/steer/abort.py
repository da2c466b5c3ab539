"""`switchyard abort`: a run that is under way is stopped, and the champion keeps everything."""

from __future__ import annotations

from cli.commands.steer.verb import command
from cli.requests.verbs import ABORT

abort = command(ABORT)
