"""SDK 3: ModelBuilder deploys a trained model; its endpoint moves to a second one."""

from sagemaker.core.resources import EndpointConfig
from sagemaker.core.shapes import ProductionVariant
from sdk3 import builder
from story import INSTANCE, ROW, is_near, unique

endpoint = builder("one").deploy(endpoint_name=unique("live"), initial_instance_count=1)
assert is_near(endpoint.invoke(body=ROW, content_type="text/csv").body.read())

second = ProductionVariant(
    variant_name="two",
    model_name=builder("two").built_model.model_name,
    instance_type=INSTANCE,
    initial_instance_count=1,
)
config = EndpointConfig.create(endpoint_config_name=unique("two"), production_variants=[second])
endpoint.endpoint_config_name = config.endpoint_config_name
endpoint.update()
endpoint.wait_for_status("InService", poll=1)
answer = endpoint.invoke(body=ROW, content_type="text/csv")
assert answer.invoked_production_variant == "two"
assert is_near(answer.body.read())
endpoint.delete()
