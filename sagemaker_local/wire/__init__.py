"""JSON 1.1 as the AWS control planes speak it, driven by botocore's own service model."""
