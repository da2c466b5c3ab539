"""The `sagemaker-xgboost` image in algorithm mode, as the developer guide and its public container describe it."""
