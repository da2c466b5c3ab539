"""Every way to train, evaluate, deploy and trigger, as rows that run: one module a row, one example folder a row."""
