"""Messages in the queues that are no events of ours: told to the owner once, and never in the way of the next one."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.fakes.messages import created, message
from tests.hostile.bodies import sound
from tests.hostile.case import Book
from tests.hostile.stage import LIVE, NEIGHBOUR, NEW, Stage
from tests.hostile.uploads import OF_PYTHON, secrets_told

DEEP = "[" * 100_000
FUNCTIONS = ("admit_dataset", "admit_batch", "score_labels")
GONE = {"admit_batch": f"{LIVE}/batch/gone.csv", "score_labels": f"{LIVE}/labels/gone.jsonl"}


@dataclass(frozen=True)
class Sent:
    """A body beside a sound event, in one batch: tried three times, then found among the dead letters by a sweep."""

    function: str
    body: str
    dataset: bytes

    def play(self, stage: Stage) -> Iterator[str]:
        key = f"{NEIGHBOUR}/train/beside.csv"
        stage.upload(key, self.dataset)
        odd, beside = (
            message("odd", self.body),
            created(key if self.function == "admit_dataset" else GONE[self.function]),
        )
        batch = {"Records": [*odd["Records"], *beside["Records"]]}
        failed = [name for _ in range(3) for name in stage.deliver(self.function, batch)]
        if set(failed) - {"odd"}:
            yield f"what was beside it came back: {failed}"
        if failed:
            stage.world.dead_letters.bodies.append(self.body)
            yield from self._swept(stage)
        yield from secrets_told(stage)
        became = stage.takes_sound_data(NEIGHBOUR)
        if not became.startswith(("RUNNING", "WAITING")):
            yield f"afterwards a sound dataset is {became}"

    def _swept(self, stage: Stage) -> Iterator[str]:
        before = len(stage.notices.told)
        said = "\n".join(stage.swept())
        told = stage.notices.told[before:]
        if len(told) != 1:
            yield f"{len(told)} people were told, one is enough: {told[:3]}"
        if stage.world.dead_letters.bodies:
            yield "it stays among the dead letters"
        if OF_PYTHON.search(said):
            yield f"the sweep says {said[:200]}"
        if any(not sign.isprintable() and sign != "\n" for each in told for sign in "\n".join(each)):
            yield f"a notice has signs that do something to a terminal: {told}"


def event(**detail: object) -> str:
    return json.dumps({"detail": detail})


def of_object(key: object, **others: object) -> str:
    return json.dumps({"detail": {"object": {"key": key}}, **others})


def asking(**request: object) -> str:
    return json.dumps({"retrain": {"model": NEW, "cause": "by hand", "identity": "1"} | request})


BODIES: dict[str, str] = {
    "nothing": "",
    "no JSON": "hello",
    "half a JSON": '{"detail": {"object"',
    "nested 100,000 deep": DEEP,
    "objects 100,000 deep": '{"detail":' * 100_000,
    "null": "null",
    "a list": "[1]",
    "a number of 5,000 digits": "9" * 5000,
    "no detail": "{}",
    "detail of null": '{"detail": null}',
    "no object": event(),
    "an object of null": event(object=None),
    "no key": event(object={}),
    "a key of null": of_object(None),
    "a key that is a number": of_object(7),
    "a key that is a list": of_object(["digits/train/w.csv"]),
    "a key of nothing": of_object(""),
    "a key that is half a pair": '{"detail": {"object": {"key": "digits/train/\\ud800.csv"}}}',
    "a key of 100,000 characters": of_object("digits/train/" + "x" * 100_000),
    "a key with an escape": of_object("digits/train/\x1b[2Jx.csv"),
    "a key that is gone": of_object("digits/train/gone.csv"),
    "a time that is none": of_object("digits/train/gone.csv", time="yesterday"),
    "a time that is a number": of_object("digits/train/gone.csv", time=17),
    "a time of the year 99999": of_object("digits/train/gone.csv", time="99999-01-01T00:00:00Z"),
    "S3's own notice": json.dumps(
        {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "digits/train/w.csv"}}}]}
    ),
    "S3's test notice": json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "data"}),
    "a notice of SNS": json.dumps({"Type": "Notification", "Message": of_object("digits/train/w.csv")}),
    "an event of CloudTrail": json.dumps(
        {
            "detail-type": "AWS API Call via CloudTrail",
            "detail": {"requestParameters": {"key": "digits/train/w.csv"}},
        }
    ),
    "two events in a list": json.dumps([json.loads(of_object("a")), json.loads(of_object("b"))]),
    "a key twice": '{"detail": {"object": {"key": "digits/train/gone.csv", "key": "../../x"}}}',
    "a key that is quoted twice": of_object("digits%252Ftrain%252Fgone.csv"),
    "a key of percent signs": of_object("%" * 1024),
    "a key of 1,025 bytes": of_object("digits/train/" + "x" * 1012),
    "a key of 2,049 bytes in a folder": of_object("digits/train/" + "字" * 678 + "/_SUCCESS"),
    "a bucket of somebody else": json.dumps(
        {"detail": {"bucket": {"name": "other"}, "object": {"key": "digits/train/gone.csv"}}}
    ),
    "a join of nothing": '{"join": {}}',
    "a join of null": '{"join": null}',
    "a join of a run that nobody knows": json.dumps(
        {"join": {"model": "digits", "run_id": "x", "start": 0, "end": 60}}
    ),
    "a join of texts": json.dumps({"join": {"model": "digits", "run_id": "x", "start": "a", "end": "b"}}),
    "a join with more": json.dumps(
        {"join": {"model": "digits", "run_id": "x", "start": 0, "end": 1, "rm": 1}}
    ),
    "a request of nothing": '{"retrain": {}}',
    "a request of null": '{"retrain": null}',
    "a request for nobody": asking(model="nobody"),
    "a request for a climbing model": asking(model="../digits"),
    "a request for a model of 1,000 characters": asking(model="m" * 1000),
    "a request for a number": asking(model=7),
    "a request of no cause": asking(cause="because"),
    "a request with more": asking(command="id"),
    "a request for another model's drop": asking(key="digits/train/v1.csv"),
    "a request for no drop": asking(key="nowhere"),
    "a request with a long identity": asking(identity="x" * 100_000),
    "a request with an identity of null": asking(identity=None),
}


def fill(book: Book) -> None:
    for name, body in BODIES.items():
        for function in FUNCTIONS:
            book.add(f"message to {function}: {name}", sent(function, body))


def sent(function: str, body: str) -> Callable[[random.Random], Sent]:
    return lambda draw: Sent(function, body, sound(draw))
