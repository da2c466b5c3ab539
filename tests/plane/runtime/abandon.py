"""A plane that starts one program with a child in its own session, prints their pids, and waits to be killed."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from sagemaker_local.runtime.backend import ProgramSpec
from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.isolation import Isolation
from sagemaker_local.runtime.process import ProcessBackend

CODE = """
import os, time
child = os.fork()
if child == 0:
    os.setsid()
else:
    print(os.getpid(), child, flush=True)
time.sleep(60)
"""


def tell(line: str) -> None:
    for pid in line.split():
        print(pid, flush=True)


async def main(folder: Path) -> None:
    images = folder / "images.yaml"
    images.write_text("[{match: 'python:*'}]")
    backend = ProcessBackend(folder, Images([images]), isolation=Isolation(False))
    argv = (sys.executable,), ("-u", "-c", CODE)
    spec = ProgramSpec("x", "python:1", "train", argv[1], {}, folder, tell, argv[0])
    program = await backend.start(spec)
    await program.wait()


asyncio.run(main(Path(sys.argv[1])))
