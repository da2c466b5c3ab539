"""SDK 2: the XGBoost algorithm by its real image name; fit, deploy, predict."""

from sagemaker import image_uris
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sdk2 import session
from story import BUCKET, HYPERPARAMETERS, INSTANCE, ROLE, ROW, TRAIN, VALIDATION, is_near, unique

estimator = Estimator(
    image_uri=image_uris.retrieve("xgboost", "us-east-1", version="1.7-1"),
    role=ROLE,
    instance_count=1,
    instance_type=INSTANCE,
    hyperparameters=HYPERPARAMETERS,
    output_path=f"s3://{BUCKET}/sdk2",
    base_job_name=unique("fit"),
    sagemaker_session=session,
)
channels = {"train": TRAIN, "validation": VALIDATION}
estimator.fit(
    {name: TrainingInput(uri, content_type="text/csv") for name, uri in channels.items()}, logs=False
)
predictor = estimator.deploy(
    initial_instance_count=1,
    instance_type=INSTANCE,
    endpoint_name=unique("live"),
    serializer=CSVSerializer(),
    deserializer=CSVDeserializer(),
)
assert is_near(predictor.predict(ROW))
predictor.delete_model()
predictor.delete_endpoint()
