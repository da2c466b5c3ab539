"""The resources of the control plane, one file a noun; `OPERATIONS` is the index of what the plane can do."""

from __future__ import annotations

from collections.abc import Mapping

from sagemaker_local.control import tags
from sagemaker_local.control.context import Operation
from sagemaker_local.hosting import api as endpoints
from sagemaker_local.hosting import configs, models
from sagemaker_local.processing import api as processing
from sagemaker_local.registry import groups, packages
from sagemaker_local.scaling import api as scaling
from sagemaker_local.search import api as search
from sagemaker_local.training import api as training
from sagemaker_local.transform import api as transform
from sagemaker_local.tuning import api as tuning

OPERATIONS: Mapping[str, Operation] = {
    "CreateTrainingJob": training.create_training_job,
    "DescribeTrainingJob": training.describe_training_job,
    "ListTrainingJobs": training.list_training_jobs,
    "DeleteTrainingJob": training.delete_training_job,
    "StopTrainingJob": training.stop_training_job,
    "CreateTransformJob": transform.create_transform_job,
    "DescribeTransformJob": transform.describe_transform_job,
    "ListTransformJobs": transform.list_transform_jobs,
    "StopTransformJob": transform.stop_transform_job,
    "CreateProcessingJob": processing.create_processing_job,
    "DescribeProcessingJob": processing.describe_processing_job,
    "ListProcessingJobs": processing.list_processing_jobs,
    "DeleteProcessingJob": processing.delete_processing_job,
    "StopProcessingJob": processing.stop_processing_job,
    "CreateHyperParameterTuningJob": tuning.create_hyper_parameter_tuning_job,
    "DescribeHyperParameterTuningJob": tuning.describe_hyper_parameter_tuning_job,
    "DeleteHyperParameterTuningJob": tuning.delete_hyper_parameter_tuning_job,
    "ListHyperParameterTuningJobs": tuning.list_hyper_parameter_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": (tuning.list_training_jobs_for_hyper_parameter_tuning_job),
    "StopHyperParameterTuningJob": tuning.stop_hyper_parameter_tuning_job,
    "CreateModel": models.create_model,
    "DescribeModel": models.describe_model,
    "ListModels": models.list_models,
    "DeleteModel": models.delete_model,
    "CreateEndpointConfig": configs.create_endpoint_config,
    "DescribeEndpointConfig": configs.describe_endpoint_config,
    "ListEndpointConfigs": configs.list_endpoint_configs,
    "DeleteEndpointConfig": configs.delete_endpoint_config,
    "CreateEndpoint": endpoints.create_endpoint,
    "DescribeEndpoint": endpoints.describe_endpoint,
    "ListEndpoints": endpoints.list_endpoints,
    "UpdateEndpoint": endpoints.update_endpoint,
    "UpdateEndpointWeightsAndCapacities": endpoints.update_endpoint_weights_and_capacities,
    "DeleteEndpoint": endpoints.delete_endpoint,
    "CreateModelPackageGroup": groups.create_model_package_group,
    "DescribeModelPackageGroup": groups.describe_model_package_group,
    "ListModelPackageGroups": groups.list_model_package_groups,
    "DeleteModelPackageGroup": groups.delete_model_package_group,
    "CreateModelPackage": packages.create_model_package,
    "DescribeModelPackage": packages.describe_model_package,
    "ListModelPackages": packages.list_model_packages,
    "UpdateModelPackage": packages.update_model_package,
    "DeleteModelPackage": packages.delete_model_package,
    "Search": search.search,
    "AddTags": tags.add_tags,
    "ListTags": tags.list_tags,
    "DeleteTags": tags.delete_tags,
    "RegisterScalableTarget": scaling.register_scalable_target,
    "DeregisterScalableTarget": scaling.deregister_scalable_target,
    "DescribeScalableTargets": scaling.describe_scalable_targets,
    "PutScalingPolicy": scaling.put_scaling_policy,
    "DescribeScalingPolicies": scaling.describe_scaling_policies,
    "DeleteScalingPolicy": scaling.delete_scaling_policy,
}
