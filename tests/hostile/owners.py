"""What an owner may write by mistake, or a stranger who got so far: pipeline.yaml, and the contract."""

import random
from collections.abc import Callable

from tests.fakes.pipelines import text
from tests.fakes.world import GATE
from tests.hostile.bodies import sound
from tests.hostile.case import Book
from tests.hostile.stage import LIVE, NEW
from tests.hostile.uploads import EITHER, REFUSED, TAKEN, Upload, Uploaded

HEAD = f"name: {NEW}\ntarget: y\n"
LAUGHS = "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(9))
SOUND = text(NEW, evaluation=GATE)

PIPELINES: dict[str, tuple[bytes | str, frozenset[str]]] = {
    "empty": ("", REFUSED),
    "white space": (" \n\n", REFUSED),
    "a list": ("- name\n- target\n", REFUSED),
    "a text": ("fresh", REFUSED),
    "a number": ("17", REFUSED),
    "no UTF-8": (b"name: fresh\ntarget: \xff\n", REFUSED),
    "UTF-16": (HEAD.encode("utf-16"), REFUSED),
    "a byte order mark": (b"\xef\xbb\xbf" + SOUND.encode(), TAKEN),
    "NUL": (HEAD + "x: \0\n", REFUSED),
    "tabs": ("name: fresh\ntraining:\n\thyperparameters: {}\n", REFUSED),
    "carriage returns": (SOUND.replace("\n", "\r\n"), TAKEN),
    "two documents": (f"{HEAD}---\n{HEAD}", REFUSED),
    "a key twice": (f"{HEAD}target: a\n", REFUSED),
    "a key twice within": (HEAD + "rollout:\n  steps: [10]\n  steps: [50]\n", REFUSED),
    "an unknown key": (HEAD + "deploymnet: {}\n", REFUSED),
    "a billion laughs": (f"a0: &a0 [lol]\n{LAUGHS}{HEAD}", REFUSED),
    "an alias of itself": ("a: &a [*a]\n" + HEAD, REFUSED),
    "an anchor without an alias": (SOUND.replace(f"name: {NEW}", f"name: &n {NEW}"), EITHER),
    "a merge key": (SOUND + "<<: {problem: binary}\n", EITHER),
    "a tag of Python": (HEAD + "x: !!python/object/apply:os.system [id]\n", REFUSED),
    "a set": (HEAD + "columns: !!set {a, b}\n", REFUSED),
    "a binary": (HEAD + "columns: !!binary aGVsbG8\n", REFUSED),
    "a key that is a list": (HEAD + "? [a, b]\n: 1\n", REFUSED),
    "a key that is a mapping": (HEAD + "? {a: b}\n: 1\n", REFUSED),
    "keys that are numbers": (HEAD + "1: 2\n", REFUSED),
    "keys that are null": (HEAD + "~: 2\n", REFUSED),
    "5,000 deep": (HEAD + "x: " + "[" * 5000, REFUSED),
    "30,000 deep": (HEAD + "x: " + "[" * 30_000, REFUSED),
    "30,000 deep by braces": (HEAD + "x: " + "{a: " * 15_000, REFUSED),
    "70 KB": (HEAD + "#" * 70_000, REFUSED),
    "an integer of 5,000 digits": (HEAD + "validation_percent: " + "9" * 5000 + "\n", REFUSED),
    "an integer of sixty places": (HEAD + "validation_percent: " + "1:" * 4000 + "1\n", REFUSED),
    "a number of 1e400": (HEAD + "validation_percent: 1e400\n", REFUSED),
    "infinity": (HEAD + "validation_percent: .inf\n", REFUSED),
    "not a number": (HEAD + "rollout: {deadline_seconds: .nan}\n", REFUSED),
    "a negative number": (HEAD + "rollout: {deadline_seconds: -1}\n", REFUSED),
    "a boolean as a number": (HEAD + "validation_percent: yes\n", REFUSED),
    "a date as a target": (f"name: {NEW}\ntarget: 2024-02-30\n", REFUSED),
    "a date that is none": (f"name: {NEW}\ntarget: y\nschedule: 2024-13-45\n", REFUSED),
    "a time of sixty places": (HEAD + "schedule: 25:61:61\n", REFUSED),
    "null as a target": (f"name: {NEW}\ntarget: ~\n", REFUSED),
    "a target of 100 KB": (f"name: {NEW}\ntarget: {'y' * 60_000}\n", REFUSED),
    "a target with an escape": (f'name: {NEW}\ntarget: "y\\e[2J"\n', REFUSED),
    "a target that turns round": (f'name: {NEW}\ntarget: "y\\u202Ex"\n', REFUSED),
    "another model's name": ("name: digits\ntarget: y\n", REFUSED),
    "a name that climbs": ("name: ../digits\ntarget: y\n", REFUSED),
    "a name in capitals": ("name: Fresh\ntarget: y\n", REFUSED),
    "a list where a text is expected": (f"name: {NEW}\ntarget: [y]\n", REFUSED),
    "a text where a mapping is expected": (HEAD + "rollout: fast\n", REFUSED),
    "steps that are texts": (HEAD + "rollout: {steps: [ten]}\n", REFUSED),
    "steps without end": (HEAD + f"rollout: {{steps: [{', '.join(['10'] * 9000)}]}}\n", REFUSED),
    "an entry point that climbs": (HEAD + "training: {kind: script, entry_point: ../../x.py}\n", REFUSED),
    "an entry point that is a command": (
        HEAD + 'training: {kind: script, entry_point: "x.py; id"}\n',
        REFUSED,
    ),
    "an entry point that is not there": (
        HEAD + "training: {kind: script, entry_point: nowhere.py}\n",
        REFUSED,
    ),
    "an image from elsewhere": (SOUND + "training: {image: 'evil.example/x:latest'}\n", EITHER),
    "a hyperparameter that is a command": (SOUND + "training: {hyperparameters: {eta: $(id)}}\n", EITHER),
    "a hyperparameter that is null": (HEAD + "training: {hyperparameters: {eta: ~}}\n", REFUSED),
    "a hyperparameter that is a list": (HEAD + "training: {hyperparameters: {eta: [1]}}\n", REFUSED),
    "a hyperparameter of 10,000 characters": (
        SOUND + f"training: {{hyperparameters: {{eta: '{'9' * 10_000}'}}}}\n",
        EITHER,
    ),
    "columns that are not there": (HEAD + "columns: {nowhere: number}\n", REFUSED),
    "columns of no kind": (HEAD + "columns: {a: picture}\n", REFUSED),
    "columns with NULs": (HEAD + 'columns: {"a\\0": number}\n', REFUSED),
    "the target among columns": (HEAD + "columns: {y: number}\n", REFUSED),
    "all columns left out": (HEAD + "columns: {a: ignored, b: ignored}\n", REFUSED),
    "a schedule that never comes": (HEAD + "schedule: cron(0 3 31 2 ? *)\n", REFUSED),
    "a schedule that is none": (HEAD + "schedule: cron(* * *)\n", REFUSED),
    "a rate of nothing": (HEAD + "schedule: rate(0 days)\n", REFUSED),
    "a rate of 400 digits": (HEAD + f"schedule: rate({'9' * 400} days)\n", REFUSED),
    "a year of nine digits": (HEAD + "schedule: cron(0 3 1 1 ? 999999999)\n", REFUSED),
    "instances of 10^30": (HEAD + f"training: {{instance_count: {10**30}}}\n", REFUSED),
    "an instance type that is none": (HEAD + "training: {instance_type: 'ml.p4d.24xlarge; rm'}\n", REFUSED),
    "runs a day of none": (HEAD + "budget: {runs_per_day: 0}\n", REFUSED),
    "runs a day without end": (HEAD + "budget: {runs_per_day: 1000000000}\n", REFUSED),
    "runs a day of a half": (HEAD + "budget: {runs_per_day: 0.5}\n", REFUSED),
    "runs a day that is null": (HEAD + "budget: {runs_per_day: ~}\n", REFUSED),
    "a role": (HEAD + "role: arn:aws:iam::000000000000:role/admin\n", REFUSED),
    "aliases of a mapping": (f"a: &a {{x: 1}}\nb: &b [*a, *a]\nc: [*b, *b]\n{HEAD}", REFUSED),
    "anchors without end": (HEAD + "".join(f"k{n}: &a{n} x\n" for n in range(3000)), REFUSED),
    "a tag without end": (HEAD + f"x: !{'t' * 60_000} y\n", REFUSED),
    "a text over 9,000 lines": (HEAD + "x: |\n" + "  y\n" * 9000, REFUSED),
    "a budget of infinity": (HEAD + "budget: {monthly_usd: .inf}\n", REFUSED),
    "retired": (HEAD + "retire: true\n", REFUSED),
    "words of another script": (f"name: {NEW}\ntarget: \uff59\n", REFUSED),
}
CONTRACTS: dict[str, bytes] = {
    "empty": b"",
    "cut": b'{"version": 1, "target": {"name": "y"',
    "deep": b"[" * 100_000,
    "a list": b"[]",
    "of version 99": b'{"version": 99, "target": {"name": "y", "classes": []}, "features": [], "ignored": []}',
    "of unknown kinds": b'{"version": 1, "problem": "binary", "target": {"name": "y", "classes": ["0","1"]}, '
    b'"features": [{"name": "a", "kind": "picture"}], "ignored": []}',
    "no UTF-8": b"\xff\xfe{}",
    "features of null": b'{"version": 1, "problem": "binary", "target": {"name": "y", "classes": null}, '
    b'"features": null, "ignored": null}',
}
CHANGES: dict[str, tuple[bytes, frozenset[str]]] = {
    "a column less": (b"a,y\n1,0\n2,1\n", REFUSED),
    "a column more": (b"a,b,z,y\n1,2,3,0\n2,3,4,1\n", REFUSED),
    "a column of words": (b"a,b,y\nred,2,0\nblue,3,1\n", REFUSED),
    "a new class": (b"a,b,y\n1,2,0\n2,3,7\n", REFUSED),
    "a class of words": (b"a,b,y\n1,2,no\n2,3,maybe\n", REFUSED),
    "one class alone": (b"a,b,y\n1,2,0\n2,3,0\n", REFUSED),
    "columns in another order": (
        b"y,b,a\n" + b"".join(b"%d,%d,%d.5\n" % (n % 2, n, n * 7) for n in range(60)),
        TAKEN,
    ),
}


def fill(book: Book) -> None:
    for name, (body, ends) in PIPELINES.items():
        book.add(f"pipeline.yaml: {name}", declared(body if isinstance(body, bytes) else body.encode(), ends))
    for name, body in CONTRACTS.items():
        book.add(f"contract.json: {name}", contract(body))
    for name, (body, ends) in CHANGES.items():
        book.add(f"contract: {name}", dropped(body, ends))


def declared(body: bytes, ends: frozenset[str]) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        place = "pipeline.yaml" if ends == REFUSED else ""
        return Uploaded((Upload(f"{NEW}/train/w.csv", sound(draw)),), ends, place, body)

    return made


def contract(body: bytes) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        beside = (Upload(f"{NEW}/contract.json", body),)
        return Uploaded(
            (Upload(f"{NEW}/train/w.csv", sound(draw)),), REFUSED, f"{NEW}/contract.json", beside=beside
        )

    return made


def dropped(body: bytes, ends: frozenset[str]) -> Callable[[random.Random], Uploaded]:
    return lambda _: Uploaded((Upload(f"{LIVE}/train/w.csv", body),), ends)
