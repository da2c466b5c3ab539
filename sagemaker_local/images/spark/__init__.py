"""SageMaker's Spark processing image: `smspark-submit` on PySpark, in one process tree of this machine."""
