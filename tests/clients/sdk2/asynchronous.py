"""SDK 2: an asynchronous endpoint; a good request and one that fails."""

from sagemaker.async_inference import AsyncInferenceConfig, WaiterConfig
from sagemaker.exceptions import AsyncInferenceModelError
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sdk2 import session
from story import BUCKET, IMAGE, INSTANCE, MODEL_DATA, ROLE, ROW, is_near, unique

model = Model(
    image_uri=IMAGE,
    model_data=MODEL_DATA,
    role=ROLE,
    name=unique("model"),
    predictor_cls=Predictor,
    sagemaker_session=session,
)
predictor = model.deploy(
    initial_instance_count=1,
    instance_type=INSTANCE,
    endpoint_name=unique("live"),
    serializer=CSVSerializer(),
    async_inference_config=AsyncInferenceConfig(
        output_path=f"s3://{BUCKET}/sdk2-async/answers", failure_path=f"s3://{BUCKET}/sdk2-async/failures"
    ),
)
waiting = WaiterConfig(delay=2, max_attempts=60)
assert is_near(
    predictor.predict(ROW, input_path=f"s3://{BUCKET}/sdk2-async/in/one.csv", waiter_config=waiting)
)

answer = predictor.predict_async(ROW, input_path=f"s3://{BUCKET}/sdk2-async/in/two.csv")
assert is_near(answer.get_result(waiting))

try:
    predictor.predict_async("not,numbers", input_path=f"s3://{BUCKET}/sdk2-async/in/bad.csv").get_result(
        waiting
    )
except AsyncInferenceModelError as error:
    assert "not" in str(error), error
else:
    raise AssertionError("a bad row was answered")
predictor.delete_model()
predictor.delete_endpoint()
