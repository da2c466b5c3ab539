"""XGBoost's C library, called directly: the same predictions as `Booster.inplace_predict`, bit for bit.

The Python package would add more than half a second to each start and 0.1 ms to each request; a few functions
of the C API are all that serving needs (https://xgboost.readthedocs.io/en/stable/c.html).
"""

import ctypes
import importlib.util
from ctypes import POINTER, byref, c_char_p, c_float, c_int, c_uint64, c_void_p, string_at
from pathlib import Path
from typing import Any

import orjson

from container.numeric_csv import Rows
from container.serving.trees import Tree

_INPLACE = (
    b'{"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true,"missing":NaN}'
)
_SIGNATURES = {
    "XGBoosterCreate": (c_void_p, c_uint64, POINTER(c_void_p)),
    "XGBoosterSetParam": (c_void_p, c_char_p, c_char_p),
    "XGBoosterLoadModel": (c_void_p, c_char_p),
    "XGBoosterGetNumFeature": (c_void_p, POINTER(c_uint64)),
    "XGBoosterFree": (c_void_p,),
    "XGBoosterSaveModelToBuffer": (c_void_p, c_char_p, POINTER(c_uint64), POINTER(c_void_p)),
    "XGBoosterSaveJsonConfig": (c_void_p, POINTER(c_uint64), POINTER(c_char_p)),
    "XGProxyDMatrixCreate": (POINTER(c_void_p),),
    "XGBoosterPredictFromDense": (
        c_void_p,
        c_char_p,
        c_char_p,
        c_void_p,
        POINTER(POINTER(c_uint64)),
        POINTER(c_uint64),
        POINTER(POINTER(c_float)),
    ),
}


class EngineError(RuntimeError):
    """XGBoost refused a call; the text is its own."""


class Library:
    """The shared library, found in the installed package without importing it."""

    def __init__(self) -> None:
        package = importlib.util.find_spec("xgboost")
        if package is None or package.origin is None:
            raise EngineError("xgboost is not installed: install requirements/container.txt")
        self._functions = ctypes.CDLL(str(Path(package.origin).parent / "lib" / "libxgboost.so"))
        self._functions.XGBGetLastError.restype = c_char_p
        for name, arguments in _SIGNATURES.items():
            function = getattr(self._functions, name)
            function.argtypes, function.restype = arguments, c_int

    def call(self, name: str, *arguments: object) -> None:
        if getattr(self._functions, name)(*arguments) != 0:
            raise EngineError(self._functions.XGBGetLastError().decode(errors="replace").splitlines()[0])


class XGBoostEngine:
    """A loaded model, shared and read only; `predictor()` gives each thread its own way in."""

    def __init__(self, path: Path, threads: int) -> None:
        self.library = Library()
        self.handle = c_void_p()
        self.library.call("XGBoosterCreate", None, 0, byref(self.handle))
        self._threads = threads
        self._use_threads(1)  # what is loaded before a fork
        self.library.call("XGBoosterLoadModel", self.handle, str(path).encode())
        features = c_uint64()
        self.library.call("XGBoosterGetNumFeature", self.handle, byref(features))
        self.feature_count = features.value
        learner = self._configuration()["learner"]
        self.objective = str(learner["objective"]["name"])
        self.class_count = int(learner["learner_model_param"]["num_class"])

    def predictor(self, threads: int | None = None) -> "Predictor":
        self._use_threads(threads or self._threads)
        return Predictor(self)

    def trees(self) -> list[Tree]:
        """All trees, as XGBoost writes them in JSON; none for a linear model."""
        length, address = c_uint64(), c_void_p()
        self.library.call(
            "XGBoosterSaveModelToBuffer", self.handle, b'{"format":"json"}', byref(length), byref(address)
        )
        booster = orjson.loads(string_at(address, length.value))["learner"]["gradient_booster"]
        trees: list[Tree] = booster.get("gbtree", booster)["model"].get("trees", [])
        return trees

    def close(self) -> None:
        """Give the memory back; predictors of this engine must not be used any more."""
        self.library.call("XGBoosterFree", self.handle)

    def _use_threads(self, count: int) -> None:
        self.library.call("XGBoosterSetParam", self.handle, b"nthread", str(count).encode())

    def _configuration(self) -> dict[str, Any]:
        length, text = c_uint64(), c_char_p()
        self.library.call("XGBoosterSaveJsonConfig", self.handle, byref(length), byref(text))
        return dict(orjson.loads(text.value or b"{}"))


class Predictor:
    """Predictions of one thread."""

    def __init__(self, engine: XGBoostEngine) -> None:
        self._engine = engine
        # XGBoost makes one of these for every call that brings none, and each reads the cgroup files anew.
        self._proxy = c_void_p()
        engine.library.call("XGProxyDMatrixCreate", byref(self._proxy))
        self._shape, self._dimensions = POINTER(c_uint64)(), c_uint64()
        self._scores = POINTER(c_float)()
        self._results = byref(self._shape), byref(self._dimensions), byref(self._scores)

    def predict(self, rows: Rows) -> list[list[float]]:
        """One list of outputs a row: a single number, or one probability a class. Raises EngineError."""
        address, _length = rows.values.buffer_info()
        table = b'{"data":[%d,true],"typestr":"<f4","version":3,"shape":[%d,%d]}'
        values = table % (address, len(rows), rows.width)
        engine = self._engine
        engine.library.call(
            "XGBoosterPredictFromDense", engine.handle, values, _INPLACE, self._proxy, *self._results
        )
        outputs = self._shape[1]
        scores = self._scores[: len(rows) * outputs]
        return [scores[start : start + outputs] for start in range(0, len(scores), outputs)]
