"""How a model begins: a look at a file, what it asks, and the pipeline.yaml that comes of it."""
