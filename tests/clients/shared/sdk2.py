"""A session of the SageMaker Python SDK 2, as its users make one that leaves AWS alone."""

import sagemaker
from sagemaker.session_settings import SessionSettings
from story import BUCKET

# The bucket, because the default one is named by STS; no repacked-artifact encryption, because the local S3 has no KMS.
session = sagemaker.Session(default_bucket=BUCKET, settings=SessionSettings(encrypt_repacked_artifacts=False))
