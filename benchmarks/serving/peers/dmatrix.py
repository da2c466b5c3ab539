"""gunicorn's gevent workers, Flask and a DMatrix a request, as SageMaker's own XGBoost container answers."""

from __future__ import annotations

import os

import flask
import numpy as np
import xgboost

booster = xgboost.Booster({"nthread": 1}, model_file=os.environ["MODEL_FILE"])
app = flask.Flask(__name__)


@app.get("/ping")
def ping():
    return flask.Response(status=200)


@app.post("/invocations")
def invocations():
    lines = flask.request.data.decode().strip().split("\n")
    rows = np.array([line.split(",") for line in lines]).astype(np.float32)
    scores = booster.predict(xgboost.DMatrix(rows))
    return flask.Response("\n".join(map(str, scores.tolist())) + "\n", mimetype="text/csv")
