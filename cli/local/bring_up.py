"""`up` and `down`: services, deployment, recovery, each only as far as it is needed."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cli.local.recover import recover
from cli.stack import deployment
from cli.stack.children import marked, stop
from cli.stack.errors import StackError
from cli.stack.home import REPOSITORY, Home
from cli.stack.outage import NOTHING_LOST, Loss, Outage
from cli.stack.services import (
    CLEAN_STOP,
    MARK,
    Ports,
    Service,
    await_ready,
    free_ports,
    launch,
    services,
)
from cli.stack.stack import Stack
from cli.stack.state import State, read_state, write_state

Step = Callable[[str], AbstractContextManager[None]]
Recovery = Callable[[Stack, Outage], list[str]]


@dataclass(frozen=True)
class Arrival:
    """What `up` did. outage: what had been lost; recovered: what was done about it, in sentences."""

    stack: Stack
    outage: Outage
    recovered: list[str]
    started: list[str]
    deployed: bool


def bring_up(
    home: Home, step: Step, source: Path = REPOSITORY, recovery: Recovery = recover, weather: str = ""
) -> Arrival:
    """Starts what does not run, deploys what changed, recovers from what was lost. Idempotent.

    source: the folder of template.yaml and samconfig.toml; recovery: called after an outage, tells what it did;
    weather: of the local SageMaker, which starts anew where it had another one; "": as it was.
    """
    with _alone(home):
        state = _in_weather(home, _first_or_former(home, step), step, weather)
        with _building(home, state, step, source):
            state, started = _start_services(home, state, step)
        if _is_incomplete(home, state, source):
            state, started = _begin_anew(home, state, step)
        deployed = _deploy_if_changed(home, state, step, source)
        state = _state(home)
        stack = Stack.of(home, state)
        recovered = []
        if state.pending:
            began = time.time()
            with step("Recovering from the outage"):
                recovered = recovery(stack, state.pending)
            write_state(home.state_file, replace(state, pending=NOTHING_LOST, recovered_at=began))
        return Arrival(stack, state.pending, recovered, started, deployed)


def _first_or_former(home: Home, step: Step) -> State:
    state = read_state(home.state_file)
    if state is None:
        ports = free_ports()
        return State(ports.ministack, ports.plane)
    if not home.keys_file.exists():  # what runs takes other keys, or none
        _stop_services(home, state, step)
    state = replace(state, pending=state.pending.and_then(_outage(home, state)))
    write_state(home.state_file, state)  # before anything starts: an interrupted `up` must not forget it
    return state


def _in_weather(home: Home, state: State, step: Step, weather: str) -> State:
    """The same stack in another weather."""
    if weather in ("", state.weather):
        return state
    [plane] = [each for each in _services(home, state) if each.name == "plane"]
    if state.running(plane.name):
        with step(f"Stopping {plane.title}: it gets another weather"):
            stop(state.children[plane.name], plane.stop_seconds)
        state = replace(state, pending=state.pending.and_then(_outage(home, state)))
    state = replace(state, weather=weather)
    if home.state_file.exists():
        write_state(home.state_file, state)
    return state


def _outage(home: Home, state: State) -> Outage:
    """What went away since the last `up`. Before the first deployment there was nothing to lose."""
    if not state.deployed:
        return NOTHING_LOST
    ministack = Loss.NOTHING
    if not state.running("ministack"):
        clean = (home.ministack / "state" / CLEAN_STOP).exists()
        ministack = Loss.STOPPED if clean else Loss.KILLED
    return Outage(ministack, not state.running("plane"), state.recovered_at)


@contextmanager
def _building(home: Home, state: State, step: Step, source: Path) -> Iterator[None]:
    """Builds beside the block what is deployed after it: neither needs the other."""
    if deployment.is_built(source) or state.deployed == deployment.digest(source):
        yield
        return
    with ThreadPoolExecutor(1) as beside:
        build = beside.submit(deployment.build, home, _ministack_url(state), source)
        yield
        with step("Building the functions (sam build)"):
            build.result()


def _is_incomplete(home: Home, state: State, source: Path) -> bool:
    """A deployment of which a part is gone: nothing but a new one makes it whole. After a kill it is whole: it was kept
    when it was made, or it is made next.
    """
    if state.pending.ledger_lost:
        return False
    url = _ministack_url(state)
    is_known = state.deployed and deployment.outputs(url, home.keys(), source)
    return bool(is_known and deployment.missing(url, home.keys(), source))


def _begin_anew(home: Home, state: State, step: Step) -> tuple[State, list[str]]:
    """The objects in S3 stay, and the rest is deployed and made from them."""
    state = replace(state, pending=state.pending.and_then(Outage(Loss.INCOMPLETE)))
    write_state(home.state_file, state)
    [ministack] = [each for each in _services(home, state) if each.name == "ministack"]
    with step(f"Stopping {ministack.title}: a part of the deployment is gone"):
        stop(state.children[ministack.name], ministack.stop_seconds)
    (home.ministack / "state" / CLEAN_STOP).unlink(missing_ok=True)  # what it saved is not loaded
    deployment.forget_kept(home)
    return _start_services(home, state, step)


def _services(home: Home, state: State) -> tuple[Service, Service]:
    return services(home, Ports(state.ministack_port, state.plane_port), state.weather)


def _ministack_url(state: State) -> str:
    return Ports(state.ministack_port, state.plane_port).ministack_url


def _start_services(home: Home, state: State, step: Step) -> tuple[State, list[str]]:
    home.make_keys()
    started = []
    for service in _services(home, state):
        if state.running(service.name) and service.is_served_by(state.children[service.name]):
            continue
        with step(f"Starting {service.title}"):
            state = _start(home, state, service)
        started.append(service.name)
    return state, started


def _start(home: Home, state: State, service: Service) -> State:
    if state.running(service.name):  # it runs and does not answer
        stop(state.children[service.name], service.stop_seconds)
    child = launch(service, home)
    state = state.with_child(service.name, child)
    write_state(home.state_file, state)
    await_ready(service, child, home)
    return state


def _deploy_if_changed(home: Home, state: State, step: Step, source: Path) -> bool:
    url = _ministack_url(state)
    wanted, found = deployment.digest(source), deployment.outputs(url, home.keys(), source)
    if found and state.deployed == wanted:
        write_state(home.state_file, replace(state, outputs=found))
        return False
    with step("Deploying template.yaml (sam deploy)"):
        deployment.deploy(home, url, source, is_first=not found)
    write_state(
        home.state_file, replace(state, outputs=deployment.outputs(url, home.keys(), source), deployed=wanted)
    )
    return True


def _state(home: Home) -> State:
    state = read_state(home.state_file)
    if state is None:
        raise StackError(
            f"{home.state_file} has vanished while `up` was at work.",
            "Find out who removed it, then `switchyard up`.",
        )
    return state


def take_down(home: Home, step: Step, *, purge: bool) -> list[str]:
    """Stops our own processes. MiniStack goes first: no Lambda then meets a plane that has gone and settles for it."""
    if not home.folder.exists():
        return []
    with _alone(home):
        state = read_state(home.state_file) if not purge else _read_or_none(home)
        stopped = _stop_services(home, state, step) if state else []
        if purge:
            _stop_forgotten(home)
            with step(f"Removing {home.folder}"):
                home.purge()
    return stopped


def _read_or_none(home: Home) -> State | None:
    """Purging is the way out of a state file that cannot be read."""
    try:
        return read_state(home.state_file)
    except StackError:
        return None


def _stop_forgotten(home: Home) -> None:
    """Services of this folder, and what they started, that no state file knows any more."""
    for folder in (home.ministack, home.plane):
        for child in marked(MARK, str(folder)):
            stop(child, 2.0)


def _stop_services(home: Home, state: State, step: Step) -> list[str]:
    stopped = []
    for service in _services(home, state):
        if not state.running(service.name):
            continue
        with step(f"Stopping {service.title}"):
            stop(state.children[service.name], service.stop_seconds)
        stopped.append(service.name)
    return stopped


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One `up` or `down` at a time on one state folder."""
    home.make()
    lock = home.folder / "lock"
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem = f"Another `switchyard up` or `down` is at work in {home.folder}."
            raise StackError(problem, "Wait for it to end, then try again.") from None
        yield
    if not home.state_file.exists():
        lock.unlink(missing_ok=True)
        home.tidy()
