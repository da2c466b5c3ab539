"""Names of objects: where a stranger may put them, and how they may be called."""

import random
from collections.abc import Callable

from tests.hostile.bodies import sound
from tests.hostile.case import Book
from tests.hostile.stage import LIVE, NEW
from tests.hostile.uploads import COUNTED, EITHER, REFUSED, UNREAD, WAITS, Upload, Uploaded

LONGEST = 1024
DOORS = ("train", "batch", "labels")
ANY = EITHER | {WAITS, COUNTED}
LONG_MODEL = "m" * 1000

NAMES: dict[str, str] = {
    "an escape": "a\x1b[31m\x1b]0;x\x07.{e}",
    "markup of rich": "a[/b][bold]x[/].{e}",
    "HTML": "<img src=x onerror=alert(1)>.{e}",
    "a line feed": "a\nb.{e}",
    "a carriage return": "a\rb.{e}",
    "a NUL": "a\0b.{e}",
    "what turns round": "a\u202egnp.{e}",
    "what has no width": "a\u200b\ufeffb.{e}",
    "a quote": "a'\"`$(id);b.{e}",
    "a percent": "a%2e%2e%2fb.{e}",
    "a percent twice": "a%252e%252e%252fb.{e}",
    "a percent alone": "%.{e}",
    "a percent that is a NUL": "a%00b.{e}",
    "percents without end": f"{'%2f' * 40}.{{e}}",
    "an escape of its own bytes": "\x9b31m.{e}",
    "DEL": "a\x7fb.{e}",
    "combining marks": "a" + "\u0301" * 300 + ".{e}",
    "a private sign": "a\ue000b.{e}",
    "a line separator": "a\u2028b.{e}",
    "a plus and blanks": " a + b .{e}",
    "an emoji": "😀.{e}",
    "a hash": "a#RUN#b.{e}",
    "a formula": "=1+1.{e}",
    "braces": "{{0}}{{x}}%s.{e}",
    "a backslash": "..\\..\\x.{e}",
    "an ending alone": ".{e}",
    "no ending": "w",
    "half a name": "w.",
}
STRAYS: dict[str, frozenset[str]] = {
    "w.csv": REFUSED,
    "/w.csv": REFUSED,
    "//": UNREAD,
    "digits": REFUSED,
    "digits/": UNREAD,
    "digits/train/": UNREAD,
    "digits/batch/": UNREAD,
    "digits/labels/": UNREAD,
    "digits/train//w.csv": REFUSED,
    "digits/batch//w.csv": REFUSED,
    "/digits/train/w.csv": REFUSED,
    "/digits/batch/w.csv": REFUSED,
    "/digits/labels/w.jsonl": REFUSED,
    "digits//train/w.csv": REFUSED,
    "digits/trian/w.csv": REFUSED,
    "digits/Train/w.csv": REFUSED,
    "x/digits/train/w.csv": REFUSED,
    "x/digits/batch/w.csv": REFUSED,
    "x/digits/labels/w.jsonl": REFUSED,
    "x/digits/labels/w.json": REFUSED,
    "digits/train/batch/w.csv": frozenset({WAITS}),
    "digits/batch/train/w.csv": frozenset({WAITS}),
    "digits/train/labels/w.jsonl": frozenset({WAITS}),
    "digits/labels/train/w.jsonl": REFUSED,
    "digits/labels/batch/w.jsonl": REFUSED,
    "../train/w.csv": REFUSED,
    "../../digits/train/w.csv": REFUSED,
    "./train/w.csv": REFUSED,
    "Digits/train/w.csv": REFUSED,
    "Digits/batch/w.csv": REFUSED,
    "digits-/batch/w.csv": REFUSED,
    "digits#RUN#x/train/w.csv": REFUSED,
    "digits#RUN#x/batch/w.csv": REFUSED,
    "<script>/train/w.csv": REFUSED,
    "<script>/labels/w.jsonl": REFUSED,
    "nobody/train/w.csv": REFUSED,
    "nobody/batch/w.csv": frozenset({"WAITING"}),
    f"{LONG_MODEL}/train/w.csv": REFUSED,
    f"{LONG_MODEL}/batch/w.csv": REFUSED,
    f"{LONG_MODEL}/labels/w.jsonl": REFUSED,
    "\u202e/train/w.csv": REFUSED,
    "\x1b[2J/train/w.csv": REFUSED,
    "-/train/w.csv": REFUSED,
    "decisions/digits/x.json": REFUSED,
    "digits/pipeline.yaml": REFUSED,
    "digits/holdout/holdout.csv": REFUSED,
}


def fill(book: Book) -> None:
    for name, form in NAMES.items():
        for door in DOORS:
            book.add(f"key under {door}: {name}", called(door, form))
            book.add(f"folder under {door}: {name}", in_folder(door, form))
    for length in (900, 960, 1000, 1004, 1005, 1018, 1023, 1024):
        for door in DOORS:
            book.add(f"key under {door}: {length} bytes", long(door, length))
    for key, ends in STRAYS.items():
        book.add(f"key: {key.replace(LONG_MODEL, 'm * 1000')!r}", at(key, ends))


def body_for(door: str, draw: random.Random) -> bytes:
    return b'{"inferenceId": "x", "label": 1}\n' if door == "labels" else sound(draw)


def called(door: str, form: str) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        model, ending = (
            draw.choice((NEW, LIVE)) if door == "train" else LIVE,
            "jsonl" if door == "labels" else "csv",
        )
        name = form.format(e=ending)
        ends = UNREAD if name.startswith(".") else ANY
        return Uploaded((Upload(f"{model}/{door}/{name}", body_for(door, draw)),), ends)

    return made


def in_folder(door: str, form: str) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        folder = f"{LIVE}/{door}/x{form.format(e='d')}"
        ending = "jsonl" if door == "labels" else "csv"
        data = Upload(f"{folder}/w.{ending}", body_for(door, draw))
        marker = () if door == "labels" else (Upload(f"{folder}/_SUCCESS", b""),)
        return Uploaded((data, *marker), ANY)

    return made


def long(door: str, length: int) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        ending = ".jsonl" if door == "labels" else ".csv"
        head = f"{LIVE}/{door}/"
        sign = draw.choice(("x", "字"))
        room = length - len(head) - len(ending)
        name = (sign * (room // len(sign.encode()))) + "x" * (room % len(sign.encode()))
        return Uploaded((Upload(f"{head}{name}{ending}", body_for(door, draw)),), ANY)

    return made


def at(key: str, ends: frozenset[str]) -> Callable[[random.Random], Uploaded]:
    def made(draw: random.Random) -> Uploaded:
        door = "labels" if key.endswith("jsonl") else "train"
        return Uploaded((Upload(key, b"" if key.endswith("/") else body_for(door, draw)),), ends)

    return made
