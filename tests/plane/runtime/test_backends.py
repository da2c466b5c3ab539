"""What every backend owes to the plane: processes with and without a private place, and containers of an engine.

No engine runs here: `docker.py` beside this file takes the words of its command line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
import yaml

from sagemaker_local.runtime.backend import Backend, BackendError, ProgramSpec, UnknownImageError
from sagemaker_local.runtime.docker import DockerBackend, EngineError
from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.isolation import Isolation
from sagemaker_local.runtime.leftovers import DataDirInUseError
from sagemaker_local.runtime.process import ProcessBackend
from tests.plane.runtime.programs import PRINT_ENVIRONMENT, Run
from tests.plane.support.variants import eventually

pytestmark = pytest.mark.anyio
FAKE = Path(__file__).with_name("docker.py")


class ClosingBackend(Backend, Protocol):
    async def close(self, grace_seconds: float = 5.0) -> None: ...


@pytest.fixture
def engine(tmp_path: Path) -> str:
    """An executable `docker` whose containers are its own."""
    folder = tmp_path / "engine"
    folder.mkdir()
    (folder / "docker.py").write_text(FAKE.read_text())
    executable = folder / "docker"
    executable.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{folder}/docker.py" "$@"\n')
    executable.chmod(0o755)
    return str(executable)


@pytest.fixture(params=["private", "shared", "docker"])
async def backend(
    request: pytest.FixtureRequest, tmp_path: Path, isolation: Isolation, engine: str
) -> AsyncIterator[ClosingBackend]:
    made: ClosingBackend
    if request.param == "docker":
        made = DockerBackend(tmp_path / "plane", engine)
    else:
        file = tmp_path / "images.yaml"
        file.write_text(yaml.safe_dump([{"match": "python:*"}]))
        place = isolation if request.param == "private" else Isolation(False, "asked for by the test")
        made = ProcessBackend(tmp_path / "plane", Images([file]), isolation=place)
    yield made
    await made.close()


async def test_a_program_gets_its_environment_and_not_the_planes(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the user's own")

    started = await run(PRINT_ENVIRONMENT, environment={"MINE": "a b\nc=d"})

    seen = json.loads((await started.output())[0])
    assert seen["MINE"] == "a b\nc=d"
    assert "AWS_SECRET_ACCESS_KEY" not in seen


@pytest.mark.parametrize("value", ["nul\0", "\ud800"])
async def test_what_no_program_can_be_given_starts_none(run: Run, value: str) -> None:
    with pytest.raises(BackendError, match="a character that no program can be given"):
        await run("", environment={"A": value})


async def test_a_program_reads_and_writes_its_opt_ml(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "in").write_text("data")
    code = (
        "import os, pathlib; base = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR']);"
        "(base / 'out').write_text((base / 'in').read_text())"
    )

    await (await run(code, opt_ml=tmp_path / "ml")).output()

    assert (tmp_path / "ml" / "out").read_text() == "data"


async def test_a_server_listens_where_its_program_says(run: Run) -> None:
    code = """
import http.server, os
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"here")
http.server.HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Echo).serve_forever()
"""
    started = [await run(code, command="serve") for _ in range(2)]
    ports = {each.program.port for each in started}
    assert len(ports) == 2
    for port in ports:
        await eventually(lambda port=port: answers(port))
    assert (await run("", command="train")).program.port is None


def answers(port: int) -> bool:
    return any(
        each.laddr.port == port and each.status == psutil.CONN_LISTEN
        for each in psutil.net_connections("tcp")
    )


async def test_output_arrives_line_by_line(run: Run) -> None:
    started = await run(
        "import sys; print('one'); print('two', file=sys.stderr); sys.stdout.buffer.write(b'\\xff\\r\\n');"
        "sys.stdout.buffer.flush(); print('no newline', end='')"
    )

    assert await started.output() == ["one", "two", "\N{REPLACEMENT CHARACTER}", "no newline"]


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("", 0), ("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)],
)
async def test_the_exit_code_is_the_one_docker_reports(run: Run, code: str, exit_code: int) -> None:
    started = await run(code)

    assert await started.program.wait() == exit_code
    assert await started.program.wait() == exit_code


async def test_a_program_that_does_not_exist_ends_with_127_and_says_so(run: Run) -> None:
    started = await run("", entrypoint=("/no/such/program",))

    assert await started.program.wait() == 127
    assert "/no/such/program" in started.lines[0]


async def test_an_unknown_image_is_refused_before_anything_starts(run: Run, backend: ClosingBackend) -> None:
    with pytest.raises(UnknownImageError, match="other:1"):
        backend.check("other:1")
    with pytest.raises(UnknownImageError):
        await run("", image="other:1")
    backend.check("python:1")


async def test_stop_lets_a_program_end_by_itself(run: Run) -> None:
    started = await run(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(0)))\n"
        "print('ready'); time.sleep(60)"
    )
    await eventually(lambda: "ready" in started.lines)

    await started.program.stop(grace_seconds=30)

    assert started.lines[-1] == "bye"
    assert await started.program.wait() == 0
    await started.program.stop(grace_seconds=30)


async def test_stop_escalates_to_sigkill_for_the_children_too(run: Run) -> None:
    started = await run(
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.fork(); os.write(1, b'%d\\n' % os.getpid()); time.sleep(60)"
    )
    await eventually(lambda: len(started.lines) == 2)

    await started.program.stop(grace_seconds=0.3)

    assert await started.program.wait() == 137
    await eventually(lambda: not any(alive(int(line)) for line in started.lines))


async def test_closing_the_backend_stops_what_runs(run: Run, backend: ClosingBackend) -> None:
    started = await run("import os, time; print(os.getpid()); time.sleep(60)")
    await eventually(lambda: started.lines)

    await backend.close(grace_seconds=1)

    await eventually(lambda: not alive(int(started.lines[0])))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class TestContainers:
    """What only the engine's backend does."""

    @pytest.fixture
    async def docker(self, tmp_path: Path, engine: str) -> AsyncIterator[DockerBackend]:
        made = DockerBackend(tmp_path / "plane", engine)
        yield made
        await made.close()

    def spec(self, opt_ml: Path, **changes: Any) -> ProgramSpec:
        opt_ml.mkdir(parents=True, exist_ok=True)
        members: dict[str, Any] = {"name": "test", "image": "python:1", "command": "train", "arguments": ()}
        members |= {"environment": {}, "opt_ml": opt_ml, "log": [].append}
        return ProgramSpec(**members | changes)

    def asked(self, engine: str) -> list[dict[str, Any]]:
        state = Path(engine).parent / "state"
        return [json.loads(file.read_text()) for file in state.glob("*.json")]

    async def test_are_asked_for_in_dockers_words(
        self, docker: DockerBackend, engine: str, tmp_path: Path
    ) -> None:
        config = tmp_path / "ml/input/config"
        config.mkdir(parents=True)
        (config / "resourceconfig.json").write_text(json.dumps({"hosts": ["algo-1", "algo-2"]}))
        waits = (sys.executable, "-c", "import time; time.sleep(60)")
        changes: list[dict[str, Any]] = [
            {"entrypoint": waits[:1], "arguments": waits[1:]},
            {"entrypoint": waits, "has_network": False, "memory_mb": 2048},
        ]
        for each in changes:
            await docker.start(self.spec(tmp_path / "ml", **each))
        first, second = sorted(self.asked(engine), key=lambda one: str(one["network"]))
        assert (first["network"], second["network"]) == ("host", "none")
        assert (first["memory"], second["memory"]) == (None, "2048m")
        assert first["volume"] == f"{tmp_path}/ml:/opt/ml"
        assert [each.split(":")[0] for each in first["add_host"]] == ["algo-1", "algo-2"]
        assert first["entrypoint"] == sys.executable
        assert first["words"] == second["words"] == list(waits[1:])

    async def test_without_an_entrypoint_run_train_or_what_the_image_has_for_processing(
        self, docker: DockerBackend, engine: str, tmp_path: Path
    ) -> None:
        for command in ("train", "process"):
            program = await docker.start(
                self.spec(tmp_path / "ml", command=command, arguments=("--flag",), entrypoint=())
            )
            await program.wait()
        words = [each["words"] for each in self.asked(engine)]
        assert [each for each in words if each not in (["train", "--flag"], ["--flag"])] == []

    async def test_are_removed_when_they_have_ended(
        self, docker: DockerBackend, engine: str, tmp_path: Path
    ) -> None:
        program = await docker.start(self.spec(tmp_path / "ml", entrypoint=(sys.executable, "-c", "print()")))
        await program.wait()
        await eventually(lambda: self.asked(engine) == [])
        assert docker.running == 0

    async def test_that_a_killed_plane_left_are_removed_by_the_next_one_and_nothing_else(
        self, engine: str, tmp_path: Path
    ) -> None:
        waits = (sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)")
        lines: dict[str, list[str]] = {"killed": [], "other": []}
        planes = {}
        for name, said in lines.items():
            planes[name] = DockerBackend(tmp_path / name, engine)
            await planes[name].start(self.spec(tmp_path / "ml", entrypoint=waits, log=said.append))
        await eventually(lambda: all(lines.values()))
        planes["killed"]._ledger.release()  # its process is gone, and with it the lock

        after = DockerBackend(tmp_path / "killed", engine)

        await eventually(lambda: not alive(int(lines["killed"][0])))  # the engine has sent its signal
        assert alive(int(lines["other"][0]))
        for each in (after, planes["other"]):
            await each.close(grace_seconds=1)

    async def test_that_cannot_be_created_say_why(self, docker: DockerBackend, tmp_path: Path) -> None:
        with pytest.raises(BackendError, match="no space left on device"):
            await docker.start(self.spec(tmp_path / "ml", environment={"BREAK": "1"}))

    def test_need_an_engine_and_a_data_directory_of_their_own(self, engine: str, tmp_path: Path) -> None:
        with pytest.raises(EngineError, match="leave out --backend docker"):
            DockerBackend(tmp_path / "none", str(tmp_path / "no-docker"))
        first = DockerBackend(tmp_path / "one", engine)
        with pytest.raises(DataDirInUseError):
            DockerBackend(tmp_path / "one", engine)
        first._ledger.release()
