"""SDK 3: ModelTrainer trains; resources make the endpoint, ask it, update it and delete all."""

from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob
from sagemaker.core.shapes import ContainerDefinition, ProductionVariant
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig
from sdk3 import session
from story import BUCKET, HYPERPARAMETERS, IMAGE, INSTANCE, ROLE, ROW, TRAIN, VALIDATION, is_near, unique

trainer = ModelTrainer(
    training_image=IMAGE,
    role=ROLE,
    compute=Compute(instance_type=INSTANCE, instance_count=1, volume_size_in_gb=1),
    hyperparameters=HYPERPARAMETERS,
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/sdk3"),
    base_job_name=unique("train"),
    sagemaker_session=session,
)
channels = [
    InputData(channel_name="train", data_source=TRAIN),
    InputData(channel_name="validation", data_source=VALIDATION),
]
trainer.train(input_data_config=channels, wait=True, logs=True)
job = trainer._latest_training_job
job.refresh()
assert job.training_job_status == "Completed", job
assert job.training_job_name in [
    each.training_job_name for each in TrainingJob.get_all(name_contains=unique("train"))
]

name = unique("live")
container = ContainerDefinition(image=IMAGE, model_data_url=job.model_artifacts.s3_model_artifacts)
model = Model.create(model_name=name, primary_container=container, execution_role_arn=ROLE)


def configure(config: str, variant: str) -> EndpointConfig:
    variants = [
        ProductionVariant(
            variant_name=variant, model_name=name, instance_type=INSTANCE, initial_instance_count=1
        )
    ]
    return EndpointConfig.create(endpoint_config_name=config, production_variants=variants)


first, second = configure(f"{name}-one", "one"), configure(f"{name}-two", "two")
endpoint = Endpoint.create(endpoint_name=name, endpoint_config_name=first)
endpoint.wait_for_status("InService", poll=1)
answer = endpoint.invoke(body=ROW, content_type="text/csv")
assert answer.invoked_production_variant == "one"
assert is_near(answer.body.read())

endpoint.endpoint_config_name = second.endpoint_config_name
endpoint.update()
endpoint.wait_for_status("InService", poll=1)
answer = endpoint.invoke(body=ROW, content_type="text/csv")
assert answer.invoked_production_variant == "two"
assert is_near(answer.body.read())

endpoint.delete()
endpoint.wait_for_delete(poll=1)
for each in (first, second, model):
    each.delete()
