"""Live clients: what they send, what they count, and where they stop."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cli.demo.clients import LiveClients, Load, NotLoopbackError, in_background
from cli.demo.tally import NO_ANSWER, UNKNOWN_VARIANT, ClientReport, Outcome, Tally
from tests import patience

Handler = Callable[[web.Request], Awaitable[web.Response]]
ROWS = ("1,2", "3,4", "5,6")


def answer(request: web.Request, variant: str = "champion") -> web.Response:
    headers = {"x-Amzn-Invoked-Production-Variant": variant, "Content-Type": request.headers["Accept"]}
    return web.Response(body=b"0.5\n", headers=headers)


async def good(request: web.Request) -> web.Response:
    return answer(request)


@asynccontextmanager
async def endpoint(handler: Handler):
    app = web.Application()
    app.router.add_post("/endpoints/digits/invocations", handler)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.close()


async def finished(clients: LiveClients, requests: int) -> ClientReport:
    """Wait until so many requests were counted, then stop."""
    async with asyncio.timeout(patience.SECONDS):
        while clients.snapshot().requests < requests:
            await asyncio.sleep(0.005)
    return await clients.stop()


def drive(handler: Handler, requests: int = 40, **changes: object) -> ClientReport:
    async def run() -> ClientReport:
        async with endpoint(handler) as url:
            load = Load(
                url, "digits", ROWS, max_requests=requests, **{"requests_per_second": 2000.0, **changes}
            )
            clients = LiveClients(load)
            await clients.start()
            return await finished(clients, requests)

    return asyncio.run(run())


def test_requests_are_invocations_of_single_rows_each_with_its_own_id() -> None:
    seen: list[tuple[str, str]] = []

    async def record(request: web.Request) -> web.Response:
        assert request.headers["Content-Type"] == "text/csv"
        seen.append((request.headers["X-Amzn-SageMaker-Inference-Id"], (await request.read()).decode()))
        return answer(request)

    drive(record)
    assert len({inference_id for inference_id, _ in seen}) == len(seen) == 40
    assert all(1 <= len(inference_id) <= 64 for inference_id, _ in seen)
    assert {row for _, row in seen} == set(ROWS)
    assert all(ROWS[int(inference_id.split("-")[2])] == row for inference_id, row in seen)


def test_about_one_client_in_five_asks_for_json() -> None:
    formats: list[str] = []

    async def record(request: web.Request) -> web.Response:
        formats.append(request.headers["Accept"])
        return answer(request)

    drive(record, requests=500)
    assert set(formats) == {"text/csv", "application/json"}
    assert 0.12 < formats.count("application/json") / len(formats) < 0.28


def test_requests_are_counted_by_the_variant_that_answered() -> None:
    turn = iter(range(10**6))

    async def split(request: web.Request) -> web.Response:
        return answer(request, "champion" if next(turn) % 4 else "challenger")

    report = drive(split)
    assert {name: variant.requests for name, variant in report.variants.items()} == {
        "champion": 30,
        "challenger": 10,
    }
    assert report.error_count == 0
    champion = report.variants["champion"]
    assert 0 < champion.p50_ms <= champion.p99_ms <= champion.max_ms * 1.03


def test_errors_keep_their_status_and_the_first_message() -> None:
    async def broken(request: web.Request) -> web.Response:
        if request.headers["Accept"] == "text/csv":
            return answer(request)
        body = {"Message": "Received server error (500) from primary", "OriginalStatusCode": 500}
        return web.json_response(
            body, status=424, headers={"x-Amzn-Invoked-Production-Variant": "challenger"}
        )

    report = drive(broken, requests=60)
    errors = report.variants["challenger"].errors
    assert set(errors) == {424}
    assert errors[424].count == report.variants["challenger"].requests == report.error_count > 0
    assert errors[424].first_message == "Received server error (500) from primary"


def test_an_answer_in_another_format_is_an_error() -> None:
    async def only_csv(request: web.Request) -> web.Response:
        return web.Response(body=b"0.5\n", content_type="text/csv")

    report = drive(only_csv, json_share=1.0)
    assert report.error_count == report.requests == 40
    assert "asked for application/json" in report.variants[UNKNOWN_VARIANT].errors[200].first_message


def test_a_refused_connection_is_an_error_and_is_not_retried() -> None:
    async def run() -> ClientReport:
        async with endpoint(good) as url:
            pass  # nobody listens there any more
        clients = LiveClients(Load(url, "digits", ROWS, requests_per_second=2000, max_requests=10))
        await clients.start()
        return await finished(clients, 10)

    report = asyncio.run(run())
    assert report.requests == report.error_count == 10
    assert report.variants[UNKNOWN_VARIANT].errors[NO_ANSWER].first_message.startswith("ClientConnector")


def test_a_connection_cut_by_the_server_is_an_error() -> None:
    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    report = drive(cut, requests=10)
    assert report.variants[UNKNOWN_VARIANT].errors[NO_ANSWER].count == 10


def test_an_endpoint_that_hangs_is_a_timeout() -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return answer(request)

    report = drive(hang, requests=4, connections=4, timeout_seconds=0.2)
    assert report.variants[UNKNOWN_VARIANT].errors[NO_ANSWER].count == 4
    assert report.variants[UNKNOWN_VARIANT].max_ms >= 190


def test_the_rate_is_a_limit() -> None:
    report = drive(good, requests=50, requests_per_second=100.0)
    assert report.seconds >= 0.49


def test_clients_end_by_themselves_when_their_time_is_over() -> None:
    async def run() -> ClientReport:
        async with endpoint(good) as url:
            load = Load(url, "digits", ROWS, requests_per_second=100, max_seconds=0.2)
            clients = LiveClients(load)
            await clients.start()
            async with asyncio.timeout(patience.SECONDS):
                await asyncio.gather(*clients._workers)
            return await clients.stop()

    assert 1 <= asyncio.run(run()).requests <= 21


def test_stopping_waits_for_requests_in_flight() -> None:
    arrived, release = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        arrived.set()
        await release.wait()
        return answer(request)

    async def run() -> ClientReport:
        async with endpoint(slow) as url:
            clients = LiveClients(Load(url, "digits", ROWS, connections=1))
            await clients.start()
            await arrived.wait()
            stopping = asyncio.create_task(clients.stop())
            await asyncio.sleep(0)
            release.set()
            return await stopping

    report = asyncio.run(run())
    assert report.requests == 1
    assert report.error_count == 0


def test_they_run_in_the_background_of_a_synchronous_program() -> None:
    async def run() -> None:
        async with endpoint(good) as url:
            clients = LiveClients(Load(url, "digits", ROWS, requests_per_second=2000, max_requests=20))
            report = await asyncio.to_thread(watch, clients)
            assert report.requests == 20
            assert report.seconds == clients.snapshot().seconds

    def watch(clients: LiveClients) -> ClientReport:
        with in_background(clients):
            while clients.snapshot().requests < 20:
                time.sleep(0.005)
        return clients.snapshot()

    asyncio.run(asyncio.wait_for(run(), patience.SECONDS))


@pytest.mark.parametrize(
    "url", ["https://runtime.sagemaker.us-east-1.amazonaws.com", "http://10.0.0.1:80", "http://0.0.0.0:1", ""]
)
def test_anything_but_this_machine_is_refused(url: str) -> None:
    with pytest.raises(NotLoopbackError, match=r"127\.0\.0\.1"):
        Load(url, "digits", ROWS)


@pytest.mark.parametrize("changes", [{"rows": ()}, {"requests_per_second": 0.0}, {"connections": 0}])
def test_a_load_that_cannot_run_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a load needs"):
        Load(**{"base_url": "http://127.0.0.1:1", "endpoint": "digits", "rows": ROWS, **changes})


def test_latencies_are_kept_to_a_few_percent() -> None:
    tally = Tally()
    for milliseconds in range(1, 1001):
        tally.add(Outcome("v", 200, milliseconds / 1000))
    variant = tally.report(1.0).variants["v"]
    assert variant.p50_ms == pytest.approx(500, rel=0.03)
    assert variant.p99_ms == pytest.approx(990, rel=0.03)
    assert variant.max_ms == pytest.approx(1000)
