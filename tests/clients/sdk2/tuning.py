"""SDK 2: a hyperparameter tuning job, and its best model."""

from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter
from sdk2 import session
from story import BUCKET, HYPERPARAMETERS, IMAGE, INSTANCE, ROLE, TRAIN, VALIDATION

estimator = Estimator(
    image_uri=IMAGE,
    role=ROLE,
    instance_count=1,
    instance_type=INSTANCE,
    hyperparameters=HYPERPARAMETERS,
    output_path=f"s3://{BUCKET}/sdk2-tuning",
    sagemaker_session=session,
)
tuner = HyperparameterTuner(
    estimator,
    objective_metric_name="validation:rmse",
    objective_type="Minimize",
    metric_definitions=[{"Name": "validation:rmse", "Regex": r"validation-rmse:(\S+)"}],
    hyperparameter_ranges={"eta": ContinuousParameter(0.05, 0.6), "max_depth": IntegerParameter(2, 5)},
    strategy="Random",
    max_jobs=4,
    max_parallel_jobs=2,
    base_tuning_job_name="sdk2-tune",
)
tuner.fit(
    {name: TrainingInput(uri, content_type="text/csv") for name, uri in
     {"train": TRAIN, "validation": VALIDATION}.items()}
)  # fmt: skip
job = tuner.describe()
assert job["HyperParameterTuningJobStatus"] == "Completed", job
assert job["TrainingJobStatusCounters"]["Completed"] == 4, job
best = job["BestTrainingJob"]
assert tuner.best_training_job() == best["TrainingJobName"]
assert float(best["TunedHyperParameters"]["eta"]) <= 0.6, best
rows = tuner.analytics().dataframe()
assert len(rows) == 4, rows
assert rows["FinalObjectiveValue"].min() == best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
