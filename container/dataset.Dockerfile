# What checks and prepares tables that are more than a Lambda should do: the functions' package, with what its layers have.
# Build from the root of the repository: docker build -f container/dataset.Dockerfile -t switchyard-dataset:1 .
# Base and Python as in container/Dockerfile.
FROM public.ecr.aws/docker/library/python:3.12.12-slim-bookworm@sha256:593bd06efe90efa80dc4eee3948be7c0fde4134606dd40d8dd8dbcade98e669c

COPY requirements/lambda/requirements.txt /opt/program/requirements.txt
COPY requirements/lambda-engine/requirements.txt /opt/program/engine.txt
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement /opt/program/requirements.txt \
    && pip install --no-cache-dir --no-deps --require-hashes --requirement /opt/program/engine.txt

COPY functions/switchyard /opt/program/switchyard
WORKDIR /opt/program
ENV PYTHONPATH=/opt/program PYTHONUNBUFFERED=1

# There is no USER: "SageMaker AI expects all containers to run with root users", as container/Dockerfile says.
CMD ["python3", "-m", "switchyard.runtime.dataset_program"]
