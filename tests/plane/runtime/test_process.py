"""Containers as processes: what they see, and that nothing of them is left."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml

from sagemaker_local.runtime import isolation as isolation_module
from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.isolation import Isolation, names_under_tmp, probe
from sagemaker_local.runtime.leftovers import TOKEN, DataDirInUseError, Ledger
from sagemaker_local.runtime.memory import LOOK_SECONDS
from tests.plane.runtime.programs import PRINT_ENVIRONMENT, Run
from tests.plane.support.variants import eventually

pytestmark = pytest.mark.anyio


@pytest.fixture
def images(tmp_path: Path) -> Images:
    """Image `python:*`: the entrypoint and arguments say what to run."""
    file = tmp_path / "images.yaml"
    file.write_text(yaml.safe_dump([{"match": "python:*", "environment": {"FROM_IMAGE": "yes"}}]))
    return Images([file])


@pytest.fixture(params=["private", "shared"])
def isolation(request: pytest.FixtureRequest, isolation: Isolation) -> Isolation:
    """Every test runs with and without a private place, where the kernel allows the first: it needs no install."""
    if request.param == "shared":
        return Isolation(False, "asked for by the test")
    if not isolation.is_private:
        assert isolation.reason.startswith("cannot run"), isolation.reason  # a call that the kernel refused
        pytest.skip(f"this host allows no mount namespaces: {isolation.reason}")
    return isolation


async def test_a_program_sees_only_its_own_environment(
    run: Run, isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the user's own")

    started = await run(PRINT_ENVIRONMENT, environment={"MINE": "1"})

    seen = json.loads((await started.output())[0])
    assert seen["MINE"] == "1"
    assert seen["FROM_IMAGE"] == "yes"
    assert seen["SAGEMAKER_BASE_DIR"] == ("/opt/ml" if isolation.is_private else str(started.opt_ml))
    assert set(seen) - {"LC_CTYPE"} == {
        *("PATH", "HOME", "TMPDIR", "LANG", "SAGEMAKER_BASE_DIR", "FROM_IMAGE", "MINE", TOKEN)
    }


async def test_serve_gets_a_free_port_and_others_get_none(run: Run, isolation: Isolation) -> None:
    served = [await run(PRINT_ENVIRONMENT, command="serve") for _ in range(3)]
    trained = await run(PRINT_ENVIRONMENT, command="train")

    told = [json.loads((await each.output())[0])["SAGEMAKER_BIND_TO_PORT"] for each in served]
    ports = [str(each.program.port) for each in served]
    assert told == (["8080"] * 3 if isolation.has_own_ports else ports)
    assert len(set(ports)) == 3
    assert trained.program.port is None
    assert "SAGEMAKER_BIND_TO_PORT" not in (await trained.output())[0]


GROWS = """
import os, time
child = os.fork()  # what its children have is the container's too
data = b"x" * (80 << 20)
os.write(1, b"grown\\n")
time.sleep(600)
"""


async def test_a_program_with_more_memory_than_it_may_have_is_killed(run: Run) -> None:
    started = await run(GROWS, memory_mb=100)
    assert await started.program.wait() == 128 + signal.SIGKILL
    assert any(line.startswith("Killed: out of memory. It had ") for line in started.lines), started.lines
    assert any(line.endswith("and may have 100 MB.") for line in started.lines)


async def test_a_program_within_its_memory_runs_on(run: Run) -> None:
    started = await run(GROWS, memory_mb=1024)
    await eventually(lambda: started.lines.count("grown") == 2)
    await asyncio.sleep(2 * LOOK_SECONDS)
    assert not any(line.startswith("Killed") for line in started.lines)
    await started.program.stop(0.1)


async def test_two_programs_do_not_meet(run: Run) -> None:
    """In a private place both names are the same for both: /opt/ml and /tmp."""
    code = """
import os, pathlib, time
ml, socket = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"]), pathlib.Path(os.environ["TMPDIR"]) / "socket"
mine = (ml / "input").read_text()
(ml / "output").write_text(mine); socket.write_text(mine)
while not (ml / "go").exists(): time.sleep(0.01)
print((ml / "output").read_text(), socket.read_text())
"""
    started = []
    for name in ("first", "second"):
        each = await run("", command="train", opt_ml=None)
        (each.opt_ml / "input").write_text(name)
        started.append(await run(code, opt_ml=each.opt_ml))
    for each in started:
        await eventually(lambda each=each: (each.opt_ml / "output").exists())
        (each.opt_ml / "go").touch()

    assert [await each.output() for each in started] == [["first first"], ["second second"]]
    assert not Path("/tmp/socket").exists()  # noqa: S108


@pytest.mark.parametrize("isolation", ["private"], indirect=True)
async def test_the_hosts_of_a_training_job_resolve(run: Run, isolation: Isolation, tmp_path: Path) -> None:
    config = tmp_path / "ml" / "input" / "config"
    config.mkdir(parents=True)
    (config / "resourceconfig.json").write_text(json.dumps({"hosts": ["algo-1", "algo-2"]}))

    code = """
import socket
for name in ("algo-1", "algo-2"):
    listening = socket.create_server((name, 31999))
    print(listening.getsockname()[0].split(".")[0])
    globals()[name] = listening  # both at once, on the same port
"""
    started = await run(code, opt_ml=tmp_path / "ml")

    assert await started.output() == ["127", "127"]


async def test_a_pipe_leads_into_the_private_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ml").mkdir()
    os.mkfifo(tmp_path / "ml" / "train_0")
    code = "import os; print(open(os.environ['SAGEMAKER_BASE_DIR'] + '/train_0').read())"

    started = await run(code, opt_ml=tmp_path / "ml")
    await asyncio.to_thread((tmp_path / "ml" / "train_0").write_text, "through")

    assert await started.output() == ["through"]


async def test_a_program_without_network_reaches_itself_alone(run: Run) -> None:
    code = """
import socket, sys
own = socket.create_server(("127.0.0.1", 0))
socket.create_connection(own.getsockname()).close()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
    print("reached")
except OSError:
    print("alone")
"""
    with socket.create_server(("127.0.0.1", 0)) as outside:
        arguments = ("-u", "-c", code, str(outside.getsockname()[1]))
        for has_network, seen in ((True, "reached"), (False, "alone")):
            lines = await (await run("", arguments=arguments, has_network=has_network)).output()
            # a host that cannot do it says so in the log
            assert lines[-1] == seen or lines[0].startswith("no network isolation on this host")


def test_a_host_that_refuses_a_private_place_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused = "import sys; sys.exit('cannot run python: [Errno 1] unshare: Operation not permitted')"
    (tmp_path / "launch.py").write_text(refused)
    monkeypatch.setattr(isolation_module, "_LAUNCH", tmp_path / "launch.py")
    found = probe()
    assert (found.is_private, found.base_dir(tmp_path)) == (False, str(tmp_path))
    assert "unshare: Operation not permitted" in found.reason
    assert "by SAGEMAKER_BASE_DIR alone" in caplog.text


async def test_stdout_and_stderr_arrive_line_by_line_in_order(run: Run) -> None:
    started = await run(
        "import sys; print('one'); print('two', file=sys.stderr); sys.stdout.buffer.write(b'\\xff\\r\\n');"
        "print('x' * 300_000); print('no newline', end='')"
    )

    lines = await started.output()

    assert lines[:3] == ["one", "two", "\N{REPLACEMENT CHARACTER}"]
    assert "".join(lines[3:-1]) == "x" * 300_000
    assert max(map(len, lines)) <= 60_000
    assert lines[-1] == "no newline"


async def test_a_child_that_left_the_group_does_not_outlive_its_program(run: Run) -> None:
    started = await run(
        "import os, time\nchild = os.fork()\nif child == 0:\n    os.setsid(); time.sleep(60)\nprint(child)"
    )

    assert await started.program.wait() == 0  # although the child holds the output open
    await all_gone(started.lines)


async def test_a_programs_temporary_files_are_removed(run: Run, tmp_path: Path, isolation: Isolation) -> None:
    started = await run(
        "import os, pathlib; (pathlib.Path(os.environ['TMPDIR']) / 'scratch').write_text('x')"
    )
    await started.output()

    assert list((tmp_path / "plane" / "programs").glob("*/tmp/*")) == []


async def test_what_a_killed_plane_left_is_killed_by_the_next_one_and_nothing_else(tmp_path: Path) -> None:
    """Not even SIGKILL of the plane leaves a program, nor its child in a session of its own."""
    innocent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    plane = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("abandon.py")), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert plane.stdout is not None
    pids = [plane.stdout.readline() for _ in range(2)]
    plane.kill()
    plane.communicate()
    record = next((tmp_path / "programs").glob("*/process.json"))
    other = tmp_path / "programs" / "0" / "process.json"
    other.parent.mkdir()
    other.write_text(json.dumps(json.loads(record.read_text()) | {"pid": innocent.pid}))

    ledger = Ledger(tmp_path / "programs")
    ledger.kill_leftovers()

    await all_gone(pids)
    assert innocent.poll() is None
    assert [path.name for path in (tmp_path / "programs").iterdir()] == ["lock"]
    ledger.release()
    innocent.kill()
    innocent.wait()


async def test_a_recorded_leader_that_still_runs_is_killed_with_its_group(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    token, _ = ledger.open()
    leader = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    ledger.record(token, leader.pid)

    assert ledger.kill_leftovers() == 1

    assert leader.wait() == -signal.SIGKILL
    ledger.release()


def test_two_planes_cannot_share_a_data_directory(tmp_path: Path) -> None:
    first = Ledger(tmp_path)

    with pytest.raises(DataDirInUseError, match="--data-dir"):
        Ledger(tmp_path)

    first.release()
    Ledger(tmp_path).release()


def test_what_a_program_needs_of_tmp_stays_visible(tmp_path: Path) -> None:
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    inside = f"/tmp/{os.getpid()}-image/bin/python"  # noqa: S108

    assert names_under_tmp([inside, "-m", "x", "/tmp", "/usr:/tmp/lib/a"]) == [  # noqa: S108
        f"{os.getpid()}-image",
        "lib",
    ]
    assert names_under_tmp([str(link)]) == ([tmp_path.parts[2]] if tmp_path.parts[1] == "tmp" else [])


async def all_gone(pids: list[str]) -> None:
    """Wait until none of these processes runs."""

    def check() -> bool:
        for pid in map(int, pids):
            if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                return False
        return True

    await eventually(check)
