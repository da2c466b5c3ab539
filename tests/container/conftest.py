"""The image's programs as SageMaker runs them: processes with their own /opt/ml, in the image's environment."""

import json
import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests import patience
from tests.container.typed_rows import contract, drawn, line

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venvs" / "container" / "bin" / "python"
DEADLINE_SECONDS = patience.SECONDS


@pytest.fixture(scope="session", autouse=True)
def container_python() -> Path:
    """The interpreter of the image's environment."""
    if not PYTHON.is_file():
        pytest.fail(f"{PYTHON} is missing: `make test` builds it from requirements/container.txt")
    return PYTHON


@dataclass(frozen=True)
class Job:
    """One training job's /opt/ml."""

    base: Path

    def hyperparameters(self, **values: object) -> "Job":
        text = json.dumps({name: str(value) for name, value in values.items()})
        return self.file("input/config/hyperparameters.json", text)

    def channel(self, name: str, **files: str | bytes) -> "Job":
        for file, content in files.items():
            self.file(f"input/data/{name}/{file}.csv", content)
        return self

    def file(self, path: str, content: str | bytes) -> "Job":
        target = self.base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def start(self, program: str = "container/bin/train", **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [PYTHON, ROOT / program],
            env={"PATH": os.defpath, "SAGEMAKER_BASE_DIR": str(self.base), **environment},
            cwd=self.base,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def train(self) -> "subprocess.CompletedProcess[str]":
        with self.start() as process:
            output, errors = process.communicate(timeout=DEADLINE_SECONDS)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def failure(self) -> str:
        """Train, expect it to fail as the contract says, and give the text for FailureReason."""
        finished = self.train()
        assert finished.returncode == 1, finished.stdout
        assert not (self.base / "model").exists()
        return (self.base / "output" / "failure").read_text()

    @property
    def metadata(self) -> Mapping[str, object]:
        return dict(json.loads((self.base / "model" / "metadata.json").read_text()))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "opt_ml")


@pytest.fixture(scope="session")
def rows() -> dict[str, str]:
    """CSV by problem, label first: 400 rows of five features, some of them missing."""
    draw = random.Random(7)  # noqa: S311 - repeatable rows
    tables: dict[str, list[str]] = {"binary": [], "multiclass": [], "regression": []}
    for _ in range(400):
        features = [round(draw.uniform(-5, 5), 3) for _ in range(5)]
        text = ",".join("" if draw.random() < 0.05 else str(value) for value in features)
        score = features[0] + 0.5 * features[1] ** 2 - features[2]
        tables["binary"].append(f"{int(score > 2)},{text}")
        tables["multiclass"].append(f"{min(2, max(0, int(score / 3)))},{text}")
        tables["regression"].append(f"{score:.4f},{text}")
    return {problem: "\n".join(lines) + "\n" for problem, lines in tables.items()}


OBJECTIVES: Mapping[str, Mapping[str, object]] = {
    "binary": {"objective": "binary:logistic"},
    "multiclass": {"objective": "multi:softprob", "num_class": 3},
    "regression": {"objective": "reg:squarederror"},
}


@pytest.fixture(scope="session")
def models(rows: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Job]:
    """One trained model of each problem."""
    jobs = {}
    for problem, table in rows.items():
        job = jobs[problem] = Job(tmp_path_factory.mktemp(problem))
        job.hyperparameters(num_round=12, max_depth=4, **OBJECTIVES[problem]).channel("train", rows=table)
        finished = job.train()
        assert finished.returncode == 0, finished.stderr
    return jobs


@dataclass(frozen=True)
class Server:
    client: httpx.Client
    process: "subprocess.Popen[str]"
    port: int

    def invoke(
        self, body: str | bytes, accept: str | None = None, content_type: str = "text/csv"
    ) -> httpx.Response:
        headers = {"Content-Type": content_type} | ({"Accept": accept} if accept else {"Accept": ""})
        return self.client.post("/invocations", content=body, headers=headers)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_ping(client: httpx.Client, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            if client.get("/ping").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.01)
    pytest.fail("the server did not answer /ping in time")


@contextmanager
def serving(job: Job, program: str = "container/bin/serve", **environment: str) -> Iterator[Server]:
    port = free_port()
    process = job.start(program, SAGEMAKER_BIND_TO_PORT=str(port), **environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE_SECONDS) as client:
            await_ping(client, process)
            yield Server(client, process, port)
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE_SECONDS)


@pytest.fixture(scope="session")
def servers(models: dict[str, Job]) -> Iterator[dict[str, Server]]:
    """One server of each problem."""
    with ExitStack() as stack:
        yield {problem: stack.enter_context(serving(model)) for problem, model in models.items()}


@pytest.fixture
def serve():
    """`with serve(job) as server:` for tests that need a server of their own."""
    return serving


@dataclass(frozen=True)
class Typed:
    job: Job
    server: Server
    rows: list[list[str]]

    @property
    def body(self) -> str:
        return "".join(line(row) for row in self.rows)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Job:
    job = Job(tmp_path_factory.mktemp("typed")).hyperparameters(
        num_round=20, max_depth=5, objective="binary:logistic", max_cat_to_onehot=4
    )
    table = "".join(map(line, drawn(1500)))
    job.channel("train", rows=table).channel("validation", rows="".join(map(line, drawn(200, seed=6))))
    job.file("input/data/contract/contract.json", contract())
    finished = job.train()
    assert finished.returncode == 0, finished.stderr
    return job


@pytest.fixture(scope="session")
def typed(trained: Job) -> Iterator[Typed]:
    rows = [row[1:] for row in drawn(300, seed=8)]
    rows[3][1], rows[4][5] = "astronaut", "Atlantis"  # categories that no training row had
    with serving(trained) as server:
        yield Typed(trained, server, rows)
