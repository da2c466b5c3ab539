"""As much of `docker` as the plane asks for, without an engine: containers are processes of this machine.

Run as an executable; its folder `state/` has one file a container. A volume at /opt/ml becomes SAGEMAKER_BASE_DIR,
a published port becomes SAGEMAKER_BIND_TO_PORT. The image `python:1` is there, and runs what its arguments say.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATE = Path(__file__).parent / "state"
IMAGES = ("python:1",)


def create(words: list[str]) -> int:
    """Take down what was asked; print the container's name."""
    parser = argparse.ArgumentParser()
    for option in ("name", "label", "volume", "publish", "network", "entrypoint", "memory"):
        parser.add_argument(f"--{option}")
    for option in ("env", "add-host"):
        parser.add_argument(f"--{option}", action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    asked = vars(parser.parse_args(words))
    if "BREAK=1" in asked["env"]:
        return fail("no space left on device")
    save(asked["name"], asked)
    print(asked["name"])
    return 0


def start(words: list[str]) -> int:
    """Run the container and show its output; the exit code is the container's."""
    name = words[-1]
    asked = load(name)
    environment = dict(each.split("=", 1) for each in asked["env"])
    environment["SAGEMAKER_BASE_DIR"] = asked["volume"].removesuffix(":/opt/ml")
    if asked["publish"]:
        environment["SAGEMAKER_BIND_TO_PORT"] = asked["publish"].split(":")[1]
    argv = [*([asked["entrypoint"]] if asked["entrypoint"] else []), *asked["words"]]
    try:
        process = subprocess.Popen(argv, env=environment, start_new_session=True)
    except FileNotFoundError:
        return fail(f'exec: "{argv[0]}": no such file or directory', 127)
    save(name, asked | {"pid": process.pid})
    code = process.wait()
    kill(process.pid)
    return code if code >= 0 else 128 - code


def stop(words: list[str]) -> int:
    """SIGTERM to the first process, SIGKILL to all of them after `-t` seconds."""
    _, seconds, name = words
    pid = load(name).get("pid")
    if pid is None:
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + float(seconds)
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.02)
    kill(pid)
    return 0


def remove(words: list[str]) -> int:
    """End it, whatever it does, and forget it."""
    file = STATE / f"{words[-1]}.json"
    if file.exists():
        if pid := load(words[-1]).get("pid"):
            kill(pid)
        file.unlink(missing_ok=True)
    return 0


def listing(words: list[str]) -> int:
    """The names of the containers with a label."""
    label = words[-1].removeprefix("label=")
    for file in STATE.glob("*.json"):
        if json.loads(file.read_text())["label"] == label:
            print(file.stem)
    return 0


def image(words: list[str]) -> int:
    """`image inspect`: whether there is one."""
    return 0 if words[-1] in IMAGES else fail(f"Error: No such image: {words[-1]}")


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def fail(message: str, code: int = 1) -> int:
    print(message, file=sys.stderr)
    return code


def load(name: str) -> dict[str, Any]:
    return dict(json.loads((STATE / f"{name}.json").read_text()))


def save(name: str, state: dict[str, Any]) -> None:
    STATE.mkdir(exist_ok=True)
    (STATE / f"{name}.json").write_text(json.dumps(state))


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "create": create,
    "start": start,
    "stop": stop,
    "rm": remove,
    "ps": listing,
    "image": image,
}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](sys.argv[2:]))
