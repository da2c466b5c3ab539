"""A backend whose programs go wrong when the fault rules say so."""

from __future__ import annotations

from sagemaker_local.faults import Faults
from sagemaker_local.runtime.backend import Backend, Program, ProgramSpec
from sagemaker_local.runtime.ended import Ended


class ScriptedBackend:
    """Starts programs by another backend; `target` says whose they are: `job` or `endpoint`."""

    def __init__(self, backend: Backend, faults: Faults, target: str) -> None:
        self._backend = backend
        self._faults = faults
        self._target = target

    def check(self, image: str) -> None:
        self._backend.check(image)

    async def start(self, spec: ProgramSpec, *, port: int | None = None) -> Program:
        """As the other backend does, unless a rule matches the resource before the `/` in the spec's name."""
        fault = await self._faults.at_start(self._target, spec.name.partition("/")[0])
        if fault is None:
            return await self._backend.start(spec, port=port)
        spec.log(fault.reason)
        failure = spec.opt_ml / "output" / "failure"
        failure.parent.mkdir(parents=True, exist_ok=True)
        failure.write_text(fault.reason, encoding="utf-8")
        return Ended()
