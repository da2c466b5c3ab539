"""SDK 2: script mode; the scikit-learn framework image trains with the user's script, and serves with it."""

from pathlib import Path

from sagemaker.sklearn import SKLearn
from sdk2 import session
from story import BUCKET, INSTANCE, ROLE, TRAIN, unique

SCRIPT = """
import argparse, json, os
from pathlib import Path

import joblib
import numpy as np
from sklearn.linear_model import Ridge


def model_fn(folder):
    return joblib.load(Path(folder) / "model.joblib")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--alpha", type=float)
    alpha = parser.parse_args().alpha
    rows = np.loadtxt(Path(os.environ["SM_CHANNEL_TRAIN"]) / "rows.csv", delimiter=",")
    model = Ridge(alpha=alpha).fit(rows[:, 1:], rows[:, 0])
    joblib.dump(model, Path(os.environ["SM_MODEL_DIR"]) / "model.joblib")
"""
Path("train.py").write_text(SCRIPT)
estimator = SKLearn(
    entry_point="train.py",
    framework_version="1.2-1",
    py_version="py3",
    role=ROLE,
    instance_count=1,
    instance_type=INSTANCE,
    hyperparameters={"alpha": 0.01},
    output_path=f"s3://{BUCKET}/sdk2",
    base_job_name=unique("fit"),
    sagemaker_session=session,
)
estimator.fit({"train": TRAIN}, logs=False)
predictor = estimator.deploy(initial_instance_count=1, instance_type=INSTANCE, endpoint_name=unique("live"))
(answer,) = predictor.predict([[3.0, 2.0]])
assert abs(answer - 7.0) < 0.1, answer
predictor.delete_model()
predictor.delete_endpoint()
