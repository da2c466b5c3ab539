"""Reading a program's output closes no descriptor but its own, under the loop that the plane runs on."""

from __future__ import annotations

import errno
import os
import threading

import uvloop

from sagemaker_local.runtime.process import _Lines

_PIPES = 3000


class Neighbour(threading.Thread):
    """Opens and uses files of its own meanwhile; `robbed` counts those that somebody else closed."""

    def __init__(self) -> None:
        super().__init__()
        self.robbed = 0
        self.is_over = False

    def run(self) -> None:
        while not self.is_over:
            descriptor = os.open(os.devnull, os.O_RDONLY)
            try:
                os.fstat(descriptor)
                os.close(descriptor)
            except OSError as error:
                self.robbed += error.errno == errno.EBADF


async def read_pipes(lines: list[str]) -> None:
    for number in range(_PIPES):
        reading, writing = os.pipe()
        reader = _Lines(reading, lines.append)
        os.write(writing, b"%d\nend" % number)
        os.close(writing)
        await reader.ended.wait()
        reader.close()


def test_other_threads_keep_their_files() -> None:
    neighbours, lines = [Neighbour(), Neighbour()], list[str]()
    for each in neighbours:
        each.start()
    try:
        uvloop.run(read_pipes(lines))
    finally:
        for each in neighbours:
            each.is_over = True
            each.join()
    assert lines == [word for number in range(_PIPES) for word in (str(number), "end")]
    assert sum(each.robbed for each in neighbours) == 0
