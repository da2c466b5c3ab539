"""SDK 2: fit, deploy, predict, update the endpoint to a second model, delete."""

from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sdk2 import session
from story import BUCKET, HYPERPARAMETERS, IMAGE, INSTANCE, ROLE, ROW, TRAIN, VALIDATION, is_near, unique

estimator = Estimator(
    image_uri=IMAGE,
    role=ROLE,
    instance_count=1,
    instance_type=INSTANCE,
    hyperparameters=HYPERPARAMETERS,
    output_path=f"s3://{BUCKET}/sdk2",
    base_job_name=unique("fit"),
    metric_definitions=[{"Name": "validation:rmse", "Regex": r"validation-rmse:(\S+)"}],
    sagemaker_session=session,
)
inputs = {name: TrainingInput(uri, content_type="text/csv") for name, uri in
          {"train": TRAIN, "validation": VALIDATION}.items()}  # fmt: skip
estimator.fit(inputs, logs="All")
first = estimator.latest_training_job.describe()
assert first["TrainingJobStatus"] == "Completed", first
assert estimator.model_data.startswith(f"s3://{BUCKET}/sdk2/"), estimator.model_data

predictor = estimator.deploy(
    initial_instance_count=1,
    instance_type=INSTANCE,
    endpoint_name=unique("live"),
    serializer=CSVSerializer(),
    deserializer=CSVDeserializer(),
)
assert is_near(predictor.predict(ROW))

estimator.fit(inputs, logs=False)
second = estimator.create_model(name=unique("second"))
second.create(instance_type=INSTANCE)
predictor.update_endpoint(initial_instance_count=1, instance_type=INSTANCE, model_name=second.name)
config = session.sagemaker_client.describe_endpoint(EndpointName=predictor.endpoint_name)[
    "EndpointConfigName"
]
variants = session.sagemaker_client.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
assert [each["ModelName"] for each in variants] == [second.name], variants
assert is_near(predictor.predict(ROW))

predictor.delete_model()
predictor.delete_endpoint(delete_endpoint_config=True)
