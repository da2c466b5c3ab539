"""Who is measured: the container, its floors, and its peers, on the same model file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.load import Body
from benchmarks.serving.models import MIXED, NUMBERS, TEXTS, train
from benchmarks.serving.stage import CALLER, CORES, ROOT, SERVER, Server, free_port, server

SERVE, FLOOR = ROOT / "container/bin/serve", Path(__file__).with_name("floor.py")
CONTAINER, THE_FLOOR, BARE, XGBOOST = "container", "floor", "bare HTTP", "XGBoost's engine"
ON_TEXTS, ON_MIXED = "texts", "every kind"
CLASSIC, DMATRIX, FASTAPI, MLSERVER, BENTOML = (
    "nginx+gunicorn+Flask+pandas",
    "gunicorn+gevent+Flask+DMatrix",
    "FastAPI+uvicorn",
    "MLServer",
    "BentoML",
)
WORKERS = ONE_WORKER, ONE_BESIDE, TWO_WORKERS = ("1 worker", "1 worker beside the caller", "2 workers")
PEERS = (CLASSIC, DMATRIX, FASTAPI, MLSERVER, BENTOML)
_PACKAGE = "benchmarks.serving.peers"
_GUNICORN = ["-m", "gunicorn", "-b", "127.0.0.1:{port}", "-w", "1", "-k", "gevent"]


@dataclass(frozen=True)
class Contender:
    """A running server, and the forms of body that it is asked with."""

    name: str
    server: Server
    forms: dict[str, Callable[[int], Body]]


class Contenders:
    """Starts them; all end with the stack."""

    def __init__(self, stack: ExitStack, folder: Path, container: Path, peers: Path | None) -> None:
        self._stack, self._container, self._peers = stack, container, peers
        tables = {"numbers": NUMBERS, "texts": TEXTS, "mixed": MIXED}
        self._models = {name: train(container, folder / name, kinds) for name, kinds in tables.items()}

    def ours(self) -> Iterator[Contender]:
        yield self._own(THE_FLOOR, "numbers", FLOOR, "constant")
        yield self._own(BARE, "numbers", FLOOR, "bare")
        yield self._own(CONTAINER, "numbers", SERVE)
        yield self._own(XGBOOST, "numbers", SERVE, SERVE_ENGINE="xgboost")
        yield self._own(ON_TEXTS, "texts", SERVE)
        yield self._own(ON_MIXED, "mixed", SERVE)

    def peers(self) -> Iterator[Contender]:
        """Raises RuntimeError where one does not start."""
        numbers = self._models["numbers"]
        csv, as_json, v2 = {"csv": numbers.csv}, {"json": numbers.json}, {"json": numbers.v2}
        fast = ["-m", "uvicorn", f"{_PACKAGE}.fast:app", "--port", "{port}", "--no-access-log"]
        bento = [
            "-m",
            "bentoml",
            "serve",
            f"{_PACKAGE}.bento:Model",
            "--host",
            "127.0.0.1",
            "--port",
            "{port}",
        ]
        mlserver = ["-m", f"{_PACKAGE}.mlserver_runtime"]
        yield self._peer(CLASSIC, csv, ["-m", f"{_PACKAGE}.classic"])
        yield self._peer(DMATRIX, csv, [*_GUNICORN, f"{_PACKAGE}.dmatrix:app"])
        yield self._peer(FASTAPI, as_json, fast)
        yield self._peer(MLSERVER, v2, mlserver, "/v2/health/ready", "/v2/models/model/infer")
        yield self._peer(BENTOML, as_json, bento, "/readyz")

    def workers(self) -> Iterator[tuple[Contender, int]]:
        """The container with a worker on each of some cores, and how many."""
        model = self._models["numbers"]
        for name, cores in zip(WORKERS, (SERVER, CALLER, CORES[:2]), strict=True):
            told = {"SAGEMAKER_BASE_DIR": str(model.base), "SAGEMAKER_MODEL_SERVER_WORKERS": str(len(cores))}
            running = self._stack.enter_context(server([self._container, SERVE], told, cores=cores))
            yield Contender(name, running, {"csv": model.csv}), len(cores)

    def _own(self, name: str, table: str, *program: str | Path, **told: str) -> Contender:
        model = self._models[table]
        environment = {"SAGEMAKER_BASE_DIR": str(model.base), **told}
        running = self._stack.enter_context(server([self._container, *program], environment))
        both = (
            {"csv": model.csv, "json": model.json} if name in (CONTAINER, THE_FLOOR) else {"csv": model.csv}
        )
        return Contender(name, running, both)

    def _peer(
        self,
        name: str,
        forms: dict[str, Callable[[int], Body]],
        command: list[str],
        ping: str = "/ping",
        path: str = "/invocations",
    ) -> Contender:
        told = {
            "MODEL_FILE": str(self._models["numbers"].file),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "GRPC_PORT": str(free_port()),
            "HOME": str(self._models["numbers"].base),
            "BENTOML_DO_NOT_TRACK": "True",
        }
        assert self._peers is not None
        running = self._stack.enter_context(server([self._peers, *command], told, ping, path))
        return Contender(name, running, forms)
