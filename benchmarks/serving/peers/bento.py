"""BentoML's service, with one worker."""

import os

import bentoml
import numpy as np
import xgboost


@bentoml.service(workers=1)
class Model:
    def __init__(self) -> None:
        self._booster = xgboost.Booster({"nthread": 1}, model_file=os.environ["MODEL_FILE"])

    @bentoml.api(route="/invocations")
    def predict(self, instances: np.ndarray) -> np.ndarray:
        return self._booster.inplace_predict(instances.astype(np.float32))
