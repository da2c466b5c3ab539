"""The workers of one server: the model is there once, each has its share, and none is lost or left behind."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.container.conftest import DEADLINE_SECONDS, Server

ROW = "1,2,3,4,5"


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def threads(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().partition("Threads:")[2].split()[0])


def await_that(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def answered_by(server: Server) -> None:
    with httpx.Client(base_url=server.client.base_url, timeout=DEADLINE_SECONDS) as client:
        assert client.post("/invocations", content=ROW).status_code == 200


def test_there_is_a_worker_for_each_core_and_it_predicts_with_one_thread(models, serve) -> None:
    with serve(models["binary"]) as server:
        for _ in range(4):
            assert server.invoke(f"{ROW}\n" * 20_000).status_code == 200
        workers = children(server.process.pid)
        assert len(workers) == len(os.sched_getaffinity(0))
        # the loop, the thread for large batches, and libuv's pool if it was ever needed: no team of OpenMP threads
        assert all(threads(worker) <= 6 for worker in workers)


def test_the_owner_says_how_many(models, serve) -> None:
    with serve(models["binary"], SAGEMAKER_MODEL_SERVER_WORKERS="3") as server:
        assert len(children(server.process.pid)) == 3


def test_threads_of_a_prediction_take_the_place_of_workers(models, serve) -> None:
    cores = len(os.sched_getaffinity(0))
    with serve(models["binary"], OMP_NUM_THREADS=str(cores)) as server:
        assert len(children(server.process.pid)) == 1


@pytest.mark.parametrize("engine", ["auto", "xgboost"])
def test_a_forked_worker_may_predict_with_many_threads(job, rows, serve, engine) -> None:
    """XGBoost loads 200 trees with a team of threads, which a fork leaves behind."""
    job.hyperparameters(num_round=200, max_depth=3).channel("train", rows=rows["regression"])
    assert job.train().returncode == 0
    with serve(job, OMP_NUM_THREADS="2", SERVE_ENGINE=engine) as server:
        assert server.invoke(f"{ROW}\n" * 20_000).status_code == 200


def connections(pid: int) -> int:
    """Kept connections: accepted sockets of TCP."""
    accepted = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "01"
    }
    links = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    return sum(link.removeprefix("socket:[").removesuffix("]") in accepted for link in links)


def test_connections_go_to_the_workers_in_turn(models, serve) -> None:
    with serve(models["binary"], SAGEMAKER_MODEL_SERVER_WORKERS="2") as server, ExitStack() as stack:
        server.client.close()
        workers = children(server.process.pid)
        await_that(lambda: sum(map(connections, workers)) == 0)
        for _ in range(6):
            client = stack.enter_context(httpx.Client(base_url=server.client.base_url))
            assert client.get("/ping").status_code == 200
        assert list(map(connections, workers)) == [3, 3]


def test_a_worker_that_dies_is_replaced_and_the_others_answer_meanwhile(models, serve) -> None:
    with serve(models["binary"], SAGEMAKER_MODEL_SERVER_WORKERS="2") as server:
        time.sleep(1.1)  # one that dies within a second of its start ends the server
        first, second = children(server.process.pid)
        os.kill(first, signal.SIGKILL)
        await_that(lambda: first not in children(server.process.pid))
        await_that(lambda: len(children(server.process.pid)) == 2)
        assert second in children(server.process.pid)
        for _ in range(4):
            answered_by(server)


def test_no_worker_outlives_a_parent_that_is_killed(models, serve) -> None:
    with serve(models["binary"], SAGEMAKER_MODEL_SERVER_WORKERS="2") as server:
        workers = children(server.process.pid)
        server.process.kill()
        await_that(lambda: not any(Path(f"/proc/{worker}/fd/0").exists() for worker in workers))


def test_an_address_that_is_taken_is_said_in_one_sentence(models, serve) -> None:
    with (
        serve(models["binary"]) as server,
        models["binary"].start("container/bin/serve", SAGEMAKER_BIND_TO_PORT=str(server.port)) as second,
    ):
        _, errors = second.communicate(timeout=DEADLINE_SECONDS)
    assert second.returncode == 1
    assert (
        errors == f"serving failed: 127.0.0.1:{server.port} cannot be listened on: Address already in use\n"
    )
