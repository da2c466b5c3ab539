"""The resources of the control plane, one file a noun; `OPERATIONS` is the index of what the plane can do."""

from __future__ import annotations

from collections.abc import Mapping

from sagemaker_local.resources import (
    endpoint,
    endpoint_config,
    model,
    model_package,
    model_package_group,
    processing_job,
    search,
    tags,
    training_job,
    transform_job,
    tuning_job,
)
from sagemaker_local.resources.context import Operation

OPERATIONS: Mapping[str, Operation] = {
    "CreateTrainingJob": training_job.create_training_job,
    "DescribeTrainingJob": training_job.describe_training_job,
    "ListTrainingJobs": training_job.list_training_jobs,
    "DeleteTrainingJob": training_job.delete_training_job,
    "StopTrainingJob": training_job.stop_training_job,
    "CreateTransformJob": transform_job.create_transform_job,
    "DescribeTransformJob": transform_job.describe_transform_job,
    "ListTransformJobs": transform_job.list_transform_jobs,
    "StopTransformJob": transform_job.stop_transform_job,
    "CreateProcessingJob": processing_job.create_processing_job,
    "DescribeProcessingJob": processing_job.describe_processing_job,
    "ListProcessingJobs": processing_job.list_processing_jobs,
    "DeleteProcessingJob": processing_job.delete_processing_job,
    "StopProcessingJob": processing_job.stop_processing_job,
    "CreateHyperParameterTuningJob": tuning_job.create_hyper_parameter_tuning_job,
    "DescribeHyperParameterTuningJob": tuning_job.describe_hyper_parameter_tuning_job,
    "DeleteHyperParameterTuningJob": tuning_job.delete_hyper_parameter_tuning_job,
    "ListHyperParameterTuningJobs": tuning_job.list_hyper_parameter_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": (
        tuning_job.list_training_jobs_for_hyper_parameter_tuning_job
    ),
    "StopHyperParameterTuningJob": tuning_job.stop_hyper_parameter_tuning_job,
    "CreateModel": model.create_model,
    "DescribeModel": model.describe_model,
    "ListModels": model.list_models,
    "DeleteModel": model.delete_model,
    "CreateEndpointConfig": endpoint_config.create_endpoint_config,
    "DescribeEndpointConfig": endpoint_config.describe_endpoint_config,
    "ListEndpointConfigs": endpoint_config.list_endpoint_configs,
    "DeleteEndpointConfig": endpoint_config.delete_endpoint_config,
    "CreateEndpoint": endpoint.create_endpoint,
    "DescribeEndpoint": endpoint.describe_endpoint,
    "ListEndpoints": endpoint.list_endpoints,
    "UpdateEndpoint": endpoint.update_endpoint,
    "UpdateEndpointWeightsAndCapacities": endpoint.update_endpoint_weights_and_capacities,
    "DeleteEndpoint": endpoint.delete_endpoint,
    "CreateModelPackageGroup": model_package_group.create_model_package_group,
    "DescribeModelPackageGroup": model_package_group.describe_model_package_group,
    "ListModelPackageGroups": model_package_group.list_model_package_groups,
    "DeleteModelPackageGroup": model_package_group.delete_model_package_group,
    "CreateModelPackage": model_package.create_model_package,
    "DescribeModelPackage": model_package.describe_model_package,
    "ListModelPackages": model_package.list_model_packages,
    "UpdateModelPackage": model_package.update_model_package,
    "DeleteModelPackage": model_package.delete_model_package,
    "Search": search.search,
    "AddTags": tags.add_tags,
    "ListTags": tags.list_tags,
    "DeleteTags": tags.delete_tags,
}
