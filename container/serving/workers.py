"""As many workers as cores, forked after the model is loaded: its memory is there once.

The parent accepts connections and hands them to the workers in turn. Each worker hears by the end of its channel
that it should leave, so none outlives a parent that is killed.
"""

import gc
import itertools
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

_BACKLOG = 2048
_LEAVE_SECONDS = 28.0  # SageMaker kills a server 30 seconds after SIGTERM
_STILLBORN_SECONDS = 1.0

Work = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Worker:
    pid: int
    channel: socket.socket
    began: float


class Workers:
    """The workers of a listening socket."""

    def __init__(self, listener: socket.socket, count: int, work: Work) -> None:
        self._listener, self._work = listener, work
        self._selector = selectors.DefaultSelector()
        self._left, self._signalled = socket.socketpair()
        for end in (self._left, self._signalled, listener):
            end.setblocking(False)
        self._workers: list[Worker] = []
        gc.freeze()  # a collection that marks the parent's objects would copy their memory
        self._workers = [self._fork() for _ in range(count)]
        self._turns = itertools.count()

    def run(self) -> int:
        """Hand connections over until SIGTERM or SIGINT, then wait for the workers. Gives the exit code."""
        self._hear_signals()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._left, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in self._selector.select()}
            if self._left in ready:
                self._accept_all()
                return self._leave(0)
            for worker in [each for each in self._workers if each.channel in ready]:
                if not self._replace(worker):
                    return self._leave(1)
            if self._listener in ready:
                self._accept()

    def _accept_all(self) -> None:
        """Those that are connected and wait: the close of the listening socket would reset them."""
        while self._accept():
            pass

    def _hear_signals(self) -> None:
        signal.set_wakeup_fd(self._signalled.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)

    def _accept(self) -> bool:
        """Whether somebody waited."""
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return False
        except ConnectionAbortedError:
            return True  # the caller has gone
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._hand_over(connection)
        return True

    def _hand_over(self, connection: socket.socket) -> None:
        """To the next worker that takes it: one that is stuck, or has just died, does not hold up the others."""
        first = next(self._turns)
        for step in range(len(self._workers)):
            worker = self._workers[(first + step) % len(self._workers)]
            try:
                socket.send_fds(worker.channel, [b"c"], [connection.fileno()])
                return
            except (BlockingIOError, ConnectionError):
                continue

    def _replace(self, worker: Worker) -> bool:
        """Whether another one took its place: one that dies at once would do so for ever."""
        _, status = os.waitpid(worker.pid, 0)
        print(f"worker {worker.pid} ended: exit code {os.waitstatus_to_exitcode(status)}", file=sys.stderr)
        self._selector.unregister(worker.channel)
        worker.channel.close()
        self._workers.remove(worker)
        if time.monotonic() - worker.began < _STILLBORN_SECONDS:
            return False
        self._workers.append(self._fork())
        return True

    def _leave(self, code: int) -> int:
        self._listener.close()
        for worker in self._workers:
            worker.channel.close()
        deadline = time.monotonic() + _LEAVE_SECONDS
        for worker in self._workers:
            _await_end(worker.pid, deadline)
        return code

    def _fork(self) -> Worker:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._become_worker(theirs)
        theirs.close()
        self._selector.register(ours, selectors.EVENT_READ)
        return Worker(pid, ours, time.monotonic())

    def _become_worker(self, channel: socket.socket) -> None:
        """Does not return: what the parent still has on its stack is none of a worker's business."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)  # the channel says when
            self._selector.close()
            for end in (
                self._listener,
                self._left,
                self._signalled,
                *(each.channel for each in self._workers),
            ):
                end.close()
            self._work(channel)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _await_end(pid: int, deadline: float) -> None:
    """A worker that is stuck is ended."""
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def listen(host: str, port: int) -> socket.socket:
    """Raises OSError where the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)
