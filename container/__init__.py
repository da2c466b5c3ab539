"""The bring-your-own image: XGBoost behind SageMaker's `train` and `serve` contract."""
