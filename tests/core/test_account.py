"""What the template's variables say of everything that is created."""

from switchyard.core.account import Account, account_of
from switchyard.core.pipeline import Network

GIVEN = {
    "PREFIX": "yard",
    "KMS_KEY_ARN": "arn:aws:kms:eu-central-1:111122223333:alias/own",
    "SUBNET_IDS": "subnet-1,subnet-2",
    "SECURITY_GROUP_IDS": "sg-1",
    "NETWORK_ISOLATION": "true",
    "RESOURCE_TAGS": "team=risk,note=a=b,empty=",
    "MLFLOW_ARN": "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-app/app-1",
}


def test_lists_tags_and_switches_are_read_as_the_template_writes_them() -> None:
    network = Network(("subnet-1", "subnet-2"), ("sg-1",), isolation=True)
    tags = {"team": "risk", "note": "a=b", "empty": ""}
    assert account_of(GIVEN) == Account("yard", GIVEN["KMS_KEY_ARN"], network, tags, GIVEN["MLFLOW_ARN"])


def test_parameters_left_empty_ask_for_nothing() -> None:
    assert account_of(dict.fromkeys(GIVEN, "") | {"NETWORK_ISOLATION": "false"}) == Account()
    assert account_of({}) == Account()
