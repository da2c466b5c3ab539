"""`train`: hyperparameters and channels in, a model folder out."""
