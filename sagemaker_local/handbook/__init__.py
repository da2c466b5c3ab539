"""docs/sagemaker-local.md, made from the code: `python -m sagemaker_local.handbook > docs/sagemaker-local.md`."""
