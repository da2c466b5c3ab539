"""MLServer with a runtime of a few lines, in its own V2 protocol; as a program it writes the settings and starts."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import xgboost
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Runtime(MLModel):
    async def load(self) -> bool:
        self._booster = xgboost.Booster({"nthread": 1}, model_file=os.environ["MODEL_FILE"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        scores = self._booster.inplace_predict(NumpyCodec.decode_input(payload.inputs[0]))
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("scores", scores)])


def main() -> None:
    from mlserver.cli import main as mlserver

    settings = {
        "host": "127.0.0.1",
        "http_port": int(os.environ["SAGEMAKER_BIND_TO_PORT"]),
        "grpc_port": int(os.environ["GRPC_PORT"]),
        "metrics_endpoint": None,
        "parallel_workers": 0,
        "debug": False,
    }
    model = {"name": "model", "implementation": "benchmarks.serving.peers.mlserver_runtime.Runtime"}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "settings.json").write_text(json.dumps(settings))
        Path(folder, "model-settings.json").write_text(json.dumps(model))
        sys.argv = ["mlserver", "start", folder]
        mlserver()


if __name__ == "__main__":
    main()
