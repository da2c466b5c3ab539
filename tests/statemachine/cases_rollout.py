"""The cases of the rollout machine."""

from collections.abc import Sequence

from tests.statemachine.case import CHANGED, ERROR, FAIL, FREED, Case, lap
from tests.statemachine.cases_restore import RESTORED
from tests.statemachine.interpreter import Answers, Fails, Raises, Reply, Silent
from tests.statemachine.script import BESIDE, GIVE_UP, GUARDED, HOLDS, KEEP, PROMOTE, ROLL_BACK, WORSE, shift

BESIDE_FIRST = ["StartRollout", "HowToShift", "JudgeWindow", "WhatAction"]
GUARDED_FIRST = ["StartRollout", "HowToShift", "GuardShift", "WhatAction"]
STEP = ["ShiftTraffic", "JudgeWindow", "WhatAction"]
ROLLED_OUT = [*BESIDE_FIRST, *STEP, *STEP, "ShiftAllTraffic", "PromoteChallenger", "Promoted"]
BROKEN = ["RestoreAfterError", "RolloutFailed"]


def _broken(
    name: str, at: Sequence[str], function: str, replies: Sequence[Reply], error: str = ERROR
) -> Case:
    return Case(name, [*at, *BROKEN], error, "", {function: replies}, children={"restore": RESTORED})


ROLLOUT = [
    Case("three steps", ROLLED_OUT, "PROMOTED", HOLDS),
    Case("one step", [*BESIDE_FIRST, *ROLLED_OUT[-3:]], "PROMOTED", HOLDS, {"JudgeWindow": [PROMOTE]}),
    Case(
        "a swap that is kept",
        [*BESIDE_FIRST, "PromoteChallenger", "Promoted"],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [KEEP]},
    ),
    Case(
        "first deployment",
        ["StartRollout", "HowToShift", "FirstDeployed"],
        "PROMOTED",
        "first deployment of the model: it passed its absolute gates, and there is no champion to compare it with",
        {"StartRollout": [Answers({**BESIDE, "first": True, "champion": ""})]},
    ),
    Case(
        "a shift in SageMaker's hands that takes, after its first event was lost",
        [*GUARDED_FIRST[:-1], "GuardShift", "WhatAction", "PromoteChallenger", "Promoted"],
        "PROMOTED",
        HOLDS,
        {"StartRollout": [Answers(GUARDED)], "GuardShift": [Silent(), KEEP]},
        lap("endpoint"),
    ),
    Case(
        "a shift that SageMaker's alarms took back",
        [*GUARDED_FIRST, "RestoreAfterVerdict", "GivenBack"],
        "ROLLED_BACK",
        WORSE,
        {"StartRollout": [Answers(GUARDED)], "GuardShift": [ROLL_BACK]},
        children={"restore": RESTORED},
    ),
    Case(
        "a shift that SageMaker refuses",
        [*GUARDED_FIRST[:-1], *BROKEN],
        "ClientError",
        "",
        {"StartRollout": [Answers(GUARDED)], "GuardShift": [Raises("ClientError")]},
        children={"restore": RESTORED},
    ),
    Case(
        "a shift that takes over another champion",
        [*GUARDED_FIRST, "PromoteChallenger", *BROKEN],
        CHANGED,
        "",
        {"StartRollout": [Answers(GUARDED)], "GuardShift": [KEEP], "PromoteChallenger": [Raises(CHANGED)]},
        children={"restore": RESTORED},
    ),
    Case(
        "worse",
        [*BESIDE_FIRST, "RestoreAfterVerdict", "GivenBack"],
        "ROLLED_BACK",
        WORSE,
        {"JudgeWindow": [ROLL_BACK]},
        children={"restore": RESTORED},
    ),
    Case(
        "no verdict by the deadline, at the second step",
        [*BESIDE_FIRST, *STEP, "RestoreAfterVerdict", "GivenBack"],
        "INCONCLUSIVE",
        "deadline",
        {"JudgeWindow": [shift(1, 25), GIVE_UP]},
        children={"restore": RESTORED},
    ),
    Case(
        "an action nobody knows gives the champion back",
        [*BESIDE_FIRST, "RestoreAfterVerdict", "GivenBack"],
        "INCONCLUSIVE",
        "?",
        {"JudgeWindow": [Answers({"kind": "dance", "state": "INCONCLUSIVE", "reason": "?"})]},
    ),
    Case(
        "the start's event is lost",
        ["StartRollout", *ROLLED_OUT],
        "PROMOTED",
        HOLDS,
        {"StartRollout": [Silent(), Answers(BESIDE)]},
        lap("endpoint"),
    ),
    Case(
        "a look's message is lost",
        [*BESIDE_FIRST[:-1], "JudgeWindow", "WhatAction", *ROLLED_OUT[-3:]],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [Silent(), PROMOTE]},
        lap("rollout"),
    ),
    Case(
        "a shift's event is lost",
        [*BESIDE_FIRST, "ShiftTraffic", *STEP, *ROLLED_OUT[-3:]],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [shift(1, 25), PROMOTE], "ShiftTraffic": [Silent(), Answers(BESIDE)]},
        lap("endpoint"),
    ),
    Case(
        "the last shift's event is lost",
        [*BESIDE_FIRST, "ShiftAllTraffic", *ROLLED_OUT[-3:]],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [PROMOTE], "ShiftTraffic": [Silent(), Answers(BESIDE)]},
        lap("endpoint"),
    ),
    Case(
        "the promotion's event is lost",
        [*BESIDE_FIRST, "ShiftAllTraffic", "PromoteChallenger", "PromoteChallenger", "Promoted"],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [PROMOTE], "PromoteChallenger": [Silent(), Answers({"config": "f"})]},
        lap("endpoint"),
    ),
    Case(
        "the start and the promotion wait in line for instances",
        [
            "StartRollout",
            *BESIDE_FIRST,
            "ShiftAllTraffic",
            "PromoteChallenger",
            "PromoteChallenger",
            "Promoted",
        ],
        "PROMOTED",
        HOLDS,
        {
            "StartRollout": [FREED, Answers(BESIDE)],
            "JudgeWindow": [PROMOTE],
            "PromoteChallenger": [FREED, Answers({"config": "f"})],
        },
    ),
    _broken(
        "a start that waited in line for too long",
        ["StartRollout"],
        "StartRollout",
        [Raises("NoCapacityError")],
        "NoCapacityError",
    ),
    _broken("a challenger that does not start", ["StartRollout"], "StartRollout", [FAIL]),
    _broken(
        "a champion that changed",
        ["StartRollout"],
        "StartRollout",
        [Raises(CHANGED)],
        CHANGED,
    ),
    _broken(
        "a start that never settles", ["StartRollout"], "StartRollout", [Raises("StuckError")], "StuckError"
    ),
    _broken(
        "a look that cannot begin", BESIDE_FIRST[:-1], "JudgeWindow", [Raises("MissingError")], "MissingError"
    ),
    _broken(
        "a bug in a look",
        BESIDE_FIRST[:-1],
        "JudgeWindow",
        [Raises("Runtime.ExitError", "signal: killed")],
        "Runtime.ExitError",
    ),
    Case(
        "a shift that fails",
        [*BESIDE_FIRST, "ShiftTraffic", *BROKEN],
        ERROR,
        "",
        {"JudgeWindow": [shift(1, 25)], "ShiftTraffic": [FAIL]},
        children={"restore": RESTORED},
    ),
    Case(
        "the last shift fails",
        [*BESIDE_FIRST, "ShiftAllTraffic", *BROKEN],
        ERROR,
        "",
        {"JudgeWindow": [PROMOTE], "ShiftTraffic": [FAIL]},
        children={"restore": RESTORED},
    ),
    Case(
        "a promotion over another champion",
        [*BESIDE_FIRST, "ShiftAllTraffic", "PromoteChallenger", *BROKEN],
        CHANGED,
        "",
        {"JudgeWindow": [PROMOTE], "PromoteChallenger": [Raises(CHANGED)]},
        children={"restore": RESTORED},
    ),
    Case(
        "a way back that is barred after a verdict",
        [*BESIDE_FIRST, "RestoreAfterVerdict"],
        "States.TaskFailed",
        "",
        {"JudgeWindow": [ROLL_BACK], "RestoreChampion": [Raises("StuckError")]},
        children={"restore": ["IsReturn", "RestoreChampion"]},
    ),
    Case(
        "a way back that is barred after an error",
        ["StartRollout", "RestoreAfterError"],
        "States.TaskFailed",
        "",
        {"StartRollout": [FAIL], "RestoreChampion": [Fails()]},
        children={"restore": ["IsReturn", "RestoreChampion"]},
    ),
]
