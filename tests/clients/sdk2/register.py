"""SDK 2: a model is registered, approved and deployed from the registry."""

from sagemaker import ModelPackage
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sdk2 import session
from story import IMAGE, INSTANCE, MODEL_DATA, ROLE, ROW, is_near, unique

group = unique("group")
model = Model(image_uri=IMAGE, model_data=MODEL_DATA, role=ROLE, sagemaker_session=session)
registered = model.register(
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=[INSTANCE],
    transform_instances=[INSTANCE],
    model_package_group_name=group,
    approval_status="PendingManualApproval",
    description="one that waits for its approval",
)
sm = session.sagemaker_client
arn = registered.model_package_arn
sm.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
(listed,) = sm.list_model_packages(ModelPackageGroupName=group, ModelApprovalStatus="Approved")[
    "ModelPackageSummaryList"
]
assert listed["ModelPackageArn"] == arn

package = ModelPackage(role=ROLE, model_package_arn=arn, sagemaker_session=session, predictor_cls=Predictor)
predictor = package.deploy(
    initial_instance_count=1, instance_type=INSTANCE, endpoint_name=unique("live"), serializer=CSVSerializer()
)
assert is_near(predictor.predict(ROW))
predictor.delete_model()
predictor.delete_endpoint()
