"""FastAPI behind uvicorn: a body of pydantic's, XGBoost's prediction in place."""

import os

import numpy as np
import xgboost
from fastapi import FastAPI
from pydantic import BaseModel

booster = xgboost.Booster({"nthread": 1}, model_file=os.environ["MODEL_FILE"])
app = FastAPI()


class Rows(BaseModel):
    instances: list[list[float]]


@app.get("/ping")
async def ping() -> None:
    return None


@app.post("/invocations")
async def invocations(rows: Rows) -> dict[str, list[float]]:
    return {"predictions": booster.inplace_predict(np.array(rows.instances, np.float32)).tolist()}
