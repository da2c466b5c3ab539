"""What the verbs have in common by which a person decides about a run: which run, why, and where."""

from __future__ import annotations

from collections.abc import Callable

from cli.commands.found import find_run
from cli.commands.options import AsJson, Profile, Reason, Region, StackName, Steered
from cli.display import print_json, reporting, say
from cli.requests.verbs import Verb


def command(verb: Verb) -> Callable[..., None]:
    """The command of a verb; its help is what the verb does."""

    def act(
        run: Steered,
        reason: Reason = "",
        stack: StackName = "",
        profile: Profile = "",
        region: Region = "",
        as_json: AsJson = False,
    ) -> None:
        found = find_run(run, (stack, profile, region))
        answer(verb.name, verb.do(found.access, found.line, reason), as_json)

    act.__name__, act.__doc__ = verb.name, verb.effect.replace(". ", ".\n\n", 1)  # lists show the first part
    return reporting(act)


def answer(verb: str, said: str, as_json: bool) -> None:
    """What a verb has to say, as a sentence or as one JSON object."""
    if as_json:
        print_json({"verb": verb, "said": said})
    else:
        say(said)
