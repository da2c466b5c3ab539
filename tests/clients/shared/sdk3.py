"""The SageMaker Python SDK 3, as its users set it up to leave AWS alone."""

from sagemaker.core.helper.session_helper import Session
from sagemaker.serve import ModelBuilder
from story import BUCKET, IMAGE, INSTANCE, MODEL_DATA, ROLE, unique

session = Session(default_bucket=BUCKET)  # the SDK's own default is named by STS


def builder(name: str) -> ModelBuilder:
    """A ModelBuilder whose model is built."""
    made = ModelBuilder(
        image_uri=IMAGE,
        s3_model_data_url=MODEL_DATA,
        role_arn=ROLE,
        instance_type=INSTANCE,
        sagemaker_session=session,
    )
    made.build(model_name=unique(name))
    return made
