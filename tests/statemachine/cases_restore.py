"""The cases of the restore machine."""

from collections.abc import Sequence

from tests.statemachine.case import ERROR, FAIL, Case, lap
from tests.statemachine.interpreter import Raises, Refused, Reply, Silent
from tests.statemachine.script import BACK, NOT_YET

RESTORED = ["IsReturn", "RestoreChampion", "IsRestored", "Restored"]


def _back(*replies: Reply) -> dict[str, Sequence[Reply]]:
    return {"RestoreChampion": replies}


RESTORE = [
    Case(
        "an operator goes back to a champion of before",
        ["IsReturn", "SetChampion", *RESTORED[1:]],
        "",
        script={"RestoreChampion": [BACK]},
        back={"to": "", "reason": "complaints"},
    ),
    Case(
        "there is nobody to go back to",
        ["IsReturn", "SetChampion"],
        "MissingError",
        script={"SetChampion": [Raises("MissingError")]},
        back={"to": "digits-gone", "reason": "complaints"},
    ),
    Case("nothing to do", RESTORED, "", script={"RestoreChampion": [BACK]}),
    Case(
        "weights, then the config",
        ["IsReturn", *RESTORED[1:3] * 2, *RESTORED[1:]],
        "",
        script=_back(NOT_YET, NOT_YET, BACK),
    ),
    Case(
        "an event is lost",
        ["IsReturn", "RestoreChampion", *RESTORED[1:]],
        "",
        script=_back(Silent(), BACK),
        laps=lap("endpoint"),
    ),
    Case(
        "a lap between two steps",
        [*RESTORED[:3], "RestoreChampion", *RESTORED[1:]],
        "",
        script={"RestoreChampion": [NOT_YET, Silent(), BACK]},
        laps=lap("endpoint"),
    ),
    Case(
        "the endpoint never settles",
        RESTORED[:2],
        "StuckError",
        script={"RestoreChampion": [Raises("StuckError")]},
    ),
    Case("the endpoint fails", RESTORED[:2], ERROR, script={"RestoreChampion": [FAIL]}),
    Case(
        "throttled for longer than the retries",
        RESTORED[:2],
        "Lambda.TooManyRequestsException",
        script={"RestoreChampion": [Refused("TooManyRequestsException")]},
    ),
]
