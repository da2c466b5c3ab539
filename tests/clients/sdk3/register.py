"""SDK 3: ModelBuilder registers a model; it is found, and approved."""

from sagemaker.core.resources import ModelPackage
from sdk3 import builder, session
from story import INSTANCE, unique

arn = builder("model").register(
    model_package_group_name=unique("group"),
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=[INSTANCE],
    transform_instances=[INSTANCE],
    approval_status="PendingManualApproval",
)
package = ModelPackage.get(model_package_name=arn)
assert package.model_approval_status == "PendingManualApproval", package
sm = session.sagemaker_client
sm.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
assert ModelPackage.get(model_package_name=arn).model_approval_status == "Approved"
listed = sm.list_model_packages(ModelPackageGroupName=unique("group"), ModelApprovalStatus="Approved")
assert [each["ModelPackageArn"] for each in listed["ModelPackageSummaryList"]] == [arn]
