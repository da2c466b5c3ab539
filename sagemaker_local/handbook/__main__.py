"""Prints docs/sagemaker-local.md."""

from sagemaker_local.handbook.page import render

print(render(), end="")
