"""SDK 3: a hyperparameter tuning job, and its best training job."""

from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, MetricDefinition, OutputDataConfig
from sagemaker.train.tuner import HyperparameterTuner
from sdk3 import session
from story import BUCKET, HYPERPARAMETERS, IMAGE, INSTANCE, ROLE, TRAIN, VALIDATION

metric = MetricDefinition(name="validation:rmse", regex=r"validation-rmse:(\S+)")
trainer = ModelTrainer(
    training_image=IMAGE,
    role=ROLE,
    compute=Compute(instance_type=INSTANCE, instance_count=1, volume_size_in_gb=1),
    hyperparameters=HYPERPARAMETERS,
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/sdk3-tuning"),
    sagemaker_session=session,
).with_metric_definitions([metric])
tuner = HyperparameterTuner(
    trainer,
    objective_metric_name="validation:rmse",
    objective_type="Minimize",
    metric_definitions=[{"Name": metric.name, "Regex": metric.regex}],
    hyperparameter_ranges={"eta": ContinuousParameter(0.05, 0.6), "max_depth": IntegerParameter(2, 5)},
    strategy="Random",
    max_jobs=3,
    max_parallel_jobs=2,
    base_tuning_job_name="sdk3-tune",
)
tuner.tune(
    [
        InputData(channel_name="train", data_source=TRAIN),
        InputData(channel_name="validation", data_source=VALIDATION),
    ]
)
job = tuner.describe()
assert job.hyper_parameter_tuning_job_status == "Completed", job
assert tuner.best_training_job() == job.best_training_job.training_job_name
