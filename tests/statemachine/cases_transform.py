"""The cases of the transform machine."""

from tests.statemachine.case import COMPARED, FAIL, FREED, Case, lap
from tests.statemachine.interpreter import Answers, Gives, Raises, Silent

COLLECTED = ["CollectPredictions", "IsCompared", "Collected"]
BY_BOTH = ["TransformDrop", *COLLECTED[:2], "TransformForChallenger"]
TRANSFORM = [
    Case("scored", ["TransformDrop", *COLLECTED], "SCORED", "1 files, 20 rows"),
    Case(
        "the transform's event is lost",
        ["TransformDrop", "TransformDrop", *COLLECTED],
        "SCORED",
        "1 files, 20 rows",
        {"TransformDrop": [Silent(), Answers({"job": "j"})]},
        lap("training"),
    ),
    Case(
        "the transform waits in line for instances",
        ["TransformDrop", "TransformDrop", *COLLECTED],
        "SCORED",
        "1 files, 20 rows",
        {"TransformDrop": [FREED, Answers({"job": "j"})]},
    ),
    Case(
        "a job that fails is looked through",
        ["TransformDrop", "CollectSomePredictions", "Collected"],
        "PARTLY_SCORED",
        "1 of 2",
        {
            "TransformDrop": [FAIL],
            "CollectPredictions": [Gives({"state": "PARTLY_SCORED", "reason": "1 of 2"})],
        },
    ),
    Case(
        "the comparison waits in line for instances",
        [*BY_BOTH, "TransformForChallenger", "CompareDrop", "Collected"],
        "SCORED",
        "1 files, 20 rows",
        {"TransformDrop": [Answers({"job": "j"}), FREED, Answers({"job": "j2"})]},
        batch=COMPARED,
    ),
    Case(
        "a challenger is compared on the drop, and the event of its job is lost",
        [*BY_BOTH, "TransformForChallenger", "CompareDrop", "Collected"],
        "SCORED",
        "1 files, 20 rows",
        {"TransformDrop": [Answers({"job": "j"}), Silent(), Answers({"job": "j2"})]},
        lap("training"),
        batch=COMPARED,
    ),
    Case(
        "a challenger that fails does not harm the drop",
        [*BY_BOTH, "CompareDrop", "Collected"],
        "SCORED",
        "1 files, 20 rows",
        {"TransformDrop": [Answers({"job": "j"}), FAIL]},
        batch=COMPARED,
    ),
    Case(
        "neither does a comparison that cannot be noted",
        [*BY_BOTH, "CompareDrop", "Collected"],
        "SCORED",
        "1 files, 20 rows",
        {
            "TransformDrop": [Answers({"job": "j"}), Answers({"job": "j2"})],
            "CompareDrop": [Raises("MissingError")],
        },
        batch=COMPARED,
    ),
    Case(
        "predictions that cannot be collected",
        ["TransformDrop", "CollectPredictions"],
        "MissingError",
        script={"CollectPredictions": [Raises("MissingError")]},
    ),
]
