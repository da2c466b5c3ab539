"""The template's policies with every intrinsic resolved, and what a boto3 call needs of them.

What a call needs is in AWS's Service Authorization Reference; what S3 asks for beyond the call's name is said where it
is asked. Whether it is allowed is the simulator's to say.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.contract.cloudformation import template
from tests.contract.simulator import Question

ACCOUNT, REGION, PREFIX = "000000000000", "us-east-1", "switchyard"
PARAMETERS = {name: body.get("Default", "") for name, body in template()["Parameters"].items()}
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
HERE = f"{REGION}:{ACCOUNT}"


def arn_of(logical_id: str) -> str:
    """What !GetAtt X.Arn gives."""
    body = template()["Resources"][logical_id]
    properties = body.get("Properties", {})
    name = logical_id
    for key in ("BucketName", "Name", "LogGroupName", "LayerName", "RepositoryName"):
        name = str(resolve(properties[key])) if key in properties else name
    return {
        "AWS::S3::Bucket": f"arn:aws:s3:::{name}",
        "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{HERE}:table/{name}",
        "AWS::SQS::Queue": f"arn:aws:sqs:{HERE}:{name}",
        "AWS::Serverless::Function": f"arn:aws:lambda:{HERE}:function:{name}",
        "AWS::Serverless::StateMachine": f"arn:aws:states:{HERE}:stateMachine:{name}",
        "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "AWS::Logs::LogGroup": f"arn:aws:logs:{HERE}:log-group:{name}:*",
        "AWS::SNS::Topic": f"arn:aws:sns:{HERE}:{name}",
        "AWS::Events::ApiDestination": f"arn:aws:events:{HERE}:api-destination/{name}/0",
        "AWS::Events::Rule": f"arn:aws:events:{HERE}:rule/{name}",
        "AWS::ECR::Repository": f"arn:aws:ecr:{HERE}:repository/{name}",
    }.get(body["Type"], f"arn:aws:unknown:{HERE}:{name}")


def ref(name: str) -> str:
    """What !Ref gives: a parameter's default, an ARN, a URL or a name."""
    if name in PSEUDO or name in PARAMETERS:
        return str(PSEUDO.get(name, PARAMETERS.get(name)))
    kind = template()["Resources"][name]["Type"]
    if kind == "AWS::SQS::Queue":
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    return (
        arn_of(name)
        if kind.endswith(("StateMachine", "Topic", "LayerVersion"))
        else arn_of(name).split(":")[-1].split("/")[-1]
    )


def resolve(value: Any) -> Any:
    """A template value with Ref, GetAtt, Sub, and If by the parameters' defaults, replaced."""
    if isinstance(value, list):
        return [resolve(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"Ref"}:
        return ref(value["Ref"])
    if set(value) == {"Fn::GetAtt"}:
        return arn_of(value["Fn::GetAtt"][0])
    if set(value) == {"Fn::If"}:
        condition, then, otherwise = value["Fn::If"]
        return resolve(then if holds(template()["Conditions"][condition]) else otherwise)
    if set(value) == {"Fn::Sub"}:
        return re.sub(r"\$\{([^}]+)\}", lambda m: _substituted(m.group(1)), value["Fn::Sub"])
    return {key: resolve(each) for key, each in value.items()}


def holds(condition: Mapping[str, Any]) -> bool:
    """A condition of the template, with the parameters' defaults."""
    if "Fn::Not" in condition:
        return not holds(condition["Fn::Not"][0])
    one, other = (resolve(each) for each in condition["Fn::Equals"])
    return bool(one == other)


def _substituted(name: str) -> str:
    return arn_of(name.removesuffix(".Arn")) if name.endswith(".Arn") else ref(name)


@dataclass(frozen=True)
class Statement:
    """One Allow of a role."""

    owner: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Any]

    def document(self, *resources: str) -> dict[str, Any]:
        """As IAM reads it; with `resources`, of those alone."""
        body = {
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(resources or self.resources),
        }
        return body | ({"Condition": dict(self.condition)} if self.condition else {})


def statements(logical_id: str) -> list[Statement]:
    """All statements of a function, a role, or a state machine's role."""
    properties = template()["Resources"][logical_id]["Properties"]
    if "Role" in properties:
        return statements(properties["Role"]["Fn::GetAtt"][0])
    documents = [p.get("PolicyDocument", p) for p in properties.get("Policies", [])]
    found = [s for document in documents for s in document["Statement"]]
    return [_statement(logical_id, each) for each in found]


def _statement(owner: str, body: Mapping[str, Any]) -> Statement:
    assert body["Effect"] == "Allow", owner
    return Statement(
        owner, _tuple(body["Action"]), _tuple(resolve(body["Resource"])), resolve(body.get("Condition", {}))
    )


def _tuple(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True)
class Need:
    """One permission that a call asks for. context: condition keys of the request, with their values."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()

    def of(self, *documents: Mapping[str, Any]) -> Question:
        """Asked of these statements."""
        return Question(self.action, self.resource, documents, dict(self.context))


def needs(
    service: str, operation: str, parameters: Mapping[str, Any], was_missing: bool = False
) -> Iterator[Need]:
    """What a boto3 call has to be allowed. was_missing: S3 answered 404, which it does only to those who may list."""
    if service == "s3":
        yield from _s3(operation, parameters, was_missing)
    elif service == "dynamodb":
        yield from _dynamodb(operation, parameters)
    elif service in ("sqs", "stepfunctions", "sns"):
        yield Need(*_plain(service, operation, parameters))
    elif service == "sagemaker-runtime":
        yield Need("sagemaker:InvokeEndpoint", _sagemaker_arn("endpoint", parameters["EndpointName"]))
    else:
        yield from OTHERS[service](operation, parameters)


def _plain(service: str, operation: str, parameters: Mapping[str, Any]) -> tuple[str, str]:
    """Services whose calls name the one thing that they are about."""
    if service == "sqs":
        return f"sqs:{operation}", f"arn:aws:sqs:{HERE}:{parameters['QueueUrl'].rsplit('/', 1)[-1]}"
    if service == "sns":
        return f"sns:{operation}", parameters["TopicArn"]
    about = parameters.get("stateMachineArn") or parameters.get("executionArn") or "*"
    return f"states:{operation}", about


def _dynamodb(operation: str, parameters: Mapping[str, Any]) -> Iterator[Need]:
    """A transaction asks for what it is made of: "Permissions for Put, Update, Delete, and Get actions are governed by
    the permissions used for the underlying PutItem, UpdateItem, DeleteItem, and GetItem operations" (Using IAM with
    DynamoDB transactions).
    """
    if operation == "BatchGetItem":
        asked = [(operation, table) for table in parameters["RequestItems"]]
    elif operation == "TransactWriteItems":
        changes = [next(iter(each.items())) for each in parameters["TransactItems"]]
        asked = [(f"{kind}Item", change["TableName"]) for kind, change in changes]
    else:
        asked = [(operation, parameters["TableName"])]
    for action, table in asked:
        yield Need(f"dynamodb:{action}", f"arn:aws:dynamodb:{HERE}:table/{table}")


def _autoscaling(operation: str, _: Mapping[str, Any]) -> Iterator[Need]:
    """Targets have ids of their own, that no name of ours is in; lists know no resource."""
    on = (
        "*"
        if operation.startswith("Describe")
        else f"arn:aws:application-autoscaling:{HERE}:scalable-target/1"
    )
    yield Need(f"application-autoscaling:{operation}", on)
    if operation == "RegisterScalableTarget":
        service = "sagemaker.application-autoscaling.amazonaws.com"
        role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/{SCALING_ROLE}"
        yield Need("iam:CreateServiceLinkedRole", role, (("iam:AWSServiceName", service),))


def _logs(operation: str, parameters: Mapping[str, Any]) -> Iterator[Need]:
    """Groups by their names; lists know no resource."""
    name = parameters.get("logGroupName")
    yield Need(f"logs:{operation}", f"arn:aws:logs:{HERE}:log-group:{name}:*" if name else "*")


def _cloudwatch(operation: str, parameters: Mapping[str, Any]) -> Iterator[Need]:
    """Alarms by their names; by a prefix, all of them."""
    if "Alarm" not in operation:
        yield Need(f"cloudwatch:{operation}", "*")
        return
    named = [parameters["AlarmName"]] if "AlarmName" in parameters else parameters.get("AlarmNames", ["*"])
    for name in named:
        yield Need(f"cloudwatch:{operation}", f"arn:aws:cloudwatch:{HERE}:alarm:{name}")


SCALING_ROLE = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
S3_ACTIONS = {"HeadObject": "GetObject", "CreateMultipartUpload": "PutObject", "UploadPart": "PutObject"}


def _s3(operation: str, parameters: Mapping[str, Any], was_missing: bool) -> Iterator[Need]:
    bucket = f"arn:aws:s3:::{parameters['Bucket']}"
    if operation == "ListObjectsV2":
        yield Need("s3:ListBucket", bucket)
        return
    if operation == "CopyObject":
        source = parameters["CopySource"]
        yield Need("s3:GetObject", f"arn:aws:s3:::{source['Bucket']}/{source['Key']}")
    action = {"CopyObject": "PutObject", **S3_ACTIONS}.get(operation, operation)
    yield Need(f"s3:{action}", f"{bucket}/{parameters['Key']}")
    if was_missing:
        # "If you have the s3:ListBucket permission, Amazon S3 returns 404; if you don't, 403 Access Denied" (GetObject)
        yield Need("s3:ListBucket", bucket)


OF_THE_FIRST = ("CreateTransformJob",)  # the model is named, and not asked for
PASSED = (("iam:PassedToService", "sagemaker.amazonaws.com"),)
RESOURCES = {  # parameter -> resource type
    "TrainingJobName": "training-job",
    "ProcessingJobName": "processing-job",
    "TransformJobName": "transform-job",
    "HyperParameterTuningJobName": "hyper-parameter-tuning-job",
    "ModelName": "model",
    "EndpointConfigName": "endpoint-config",
    "EndpointName": "endpoint",
    "ModelPackageGroupName": "model-package-group",
}


def _sagemaker(operation: str, parameters: Mapping[str, Any]) -> Iterator[Need]:
    action = f"sagemaker:{operation}"
    named = [(kind, parameters[name]) for name, kind in RESOURCES.items() if name in parameters]
    package = parameters.get("ModelPackageName") or parameters.get("ModelPackageArn")
    if package:
        yield Need(action, package)
    elif operation == "ListTags":
        yield Need(action, parameters["ResourceArn"])
    elif not named:
        yield Need(action, "*")
    for kind, name in named[:1] if operation in OF_THE_FIRST else named:
        yield Need(action, _sagemaker_arn(kind, name))
    if parameters.get("Tags"):  # of what is made, which is named first
        yield Need("sagemaker:AddTags", _sagemaker_arn(*named[0]))
    if operation == "CreateModelPackage":
        yield Need(action, _sagemaker_arn("model-package", f"{parameters['ModelPackageGroupName']}/1"))
    yield from (Need("iam:PassRole", role, PASSED) for role in _roles(parameters))


def _roles(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Roles that a call passes on: its own, and those of the jobs that it defines."""
    for given in (parameters, parameters.get("TrainingJobDefinition", {})):
        yield from (given[name] for name in ("RoleArn", "ExecutionRoleArn") if name in given)


def _sagemaker_arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{HERE}:{kind}/{name}"


OTHERS = {
    "application-autoscaling": _autoscaling,
    "cloudwatch": _cloudwatch,
    "logs": _logs,
    "sagemaker": _sagemaker,
}
