"""SageMaker's framework images in script mode.

They train through SageMaker's own training toolkit. Its serving toolkits need a Java server (multi-model-server) or
nginx and gunicorn: here a small server calls the same handler functions, `model_fn` to `output_fn`.
"""
