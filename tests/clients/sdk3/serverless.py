"""SDK 3: ModelBuilder deploys to a serverless endpoint."""

from sagemaker.core.inference_config import ServerlessInferenceConfig
from sdk3 import builder
from story import ROW, is_near, unique

endpoint = builder("model").deploy(
    endpoint_name=unique("live"),
    inference_config=ServerlessInferenceConfig(memory_size_in_mb=1024, max_concurrency=5),
)
assert is_near(endpoint.invoke(body=ROW, content_type="text/csv").body.read())
(variant,) = endpoint.production_variants
assert variant.current_serverless_config.max_concurrency == 5, variant
endpoint.delete()
