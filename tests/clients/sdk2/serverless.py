"""SDK 2: a serverless endpoint."""

from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sagemaker.serverless import ServerlessInferenceConfig
from sdk2 import session
from story import IMAGE, MODEL_DATA, ROLE, ROW, is_near, unique

model = Model(
    image_uri=IMAGE,
    model_data=MODEL_DATA,
    role=ROLE,
    name=unique("model"),
    predictor_cls=Predictor,
    sagemaker_session=session,
)
predictor = model.deploy(
    serverless_inference_config=ServerlessInferenceConfig(memory_size_in_mb=1024, max_concurrency=5),
    endpoint_name=unique("live"),
    serializer=CSVSerializer(),
)
assert is_near(predictor.predict(ROW))
config = session.sagemaker_client.describe_endpoint(EndpointName=predictor.endpoint_name)
serverless = config["ProductionVariants"][0]["CurrentServerlessConfig"]
assert (serverless["MemorySizeInMB"], serverless["MaxConcurrency"]) == (1024, 5), serverless
predictor.delete_model()
predictor.delete_endpoint()
