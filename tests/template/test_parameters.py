"""Parameters that reach where they count, with values that a deployment accepts."""

import pytest

from switchyard.core.waiting import MAX_LAPS
from tests.contract.cloudformation import ROOT, functions, parse, resources, template

PARAMETERS = template()["Parameters"]
MODEL_ROLES = ROOT / "model-roles.yaml"
FUNCTION = template()["Globals"]["Function"]
LAMBDA = {
    "DEBUG": "DEBUG",
    "INFO": "INFO",
    "WARNING": "WARN",
    "ERROR": "ERROR",
}  # ApplicationLogLevel's spelling


def test_the_log_level_is_lambda_s_too_which_would_discard_what_is_below_its_own() -> None:
    wanted = {"Fn::FindInMap": ["LogLevels", {"Ref": "LogLevel"}, "Lambda"]}
    assert FUNCTION["LoggingConfig"]["ApplicationLogLevel"] == wanted
    levels = {level: names["Lambda"] for level, names in template()["Mappings"]["LogLevels"].items()}
    assert levels == LAMBDA
    assert set(levels) == set(PARAMETERS["LogLevel"]["AllowedValues"])


ASKED_FOR = (
    "KmsKeyArn",
    "SubnetIds",
    "SecurityGroupIds",
    "ResourceTags",
    "MlflowArn",
    "PermissionsBoundaryArn",
)


@pytest.mark.parametrize("name", ASKED_FOR)
def test_what_an_estate_may_ask_for_is_off_by_default(name: str) -> None:
    assert PARAMETERS[name]["Default"] == ""


def test_network_isolation_is_off_by_default() -> None:
    assert PARAMETERS["NetworkIsolation"]["Default"] == "false"


def test_every_role_has_the_boundary_that_an_organisation_asks_for() -> None:
    """SAM gives the functions' roles what Globals say."""
    bounded = {
        "Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]
    }
    roles = resources("AWS::IAM::Role") | resources("AWS::IAM::Role", parse(MODEL_ROLES.read_text()))
    assert [name for name, role in roles.items() if role.get("PermissionsBoundary") != bounded] == []
    assert FUNCTION["PermissionsBoundary"] == bounded


def test_subnets_come_with_security_groups() -> None:
    def given(parameter: str) -> dict[str, object]:
        return {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}

    both = ("SubnetIds", "SecurityGroupIds")
    wanted = [(given(one), given(other)) for one, other in (both, both[::-1])]
    rules = template()["Rules"].values()
    assert [(rule["RuleCondition"], rule["Assertions"][0]["Assert"]) for rule in rules] == wanted


def test_prepared_parts_of_the_largest_dataset_fit_on_the_disk() -> None:
    """4 GiB of rows become training and validation parts, quoted anew: up to twice as much."""
    from switchyard.intake.check_dataset import MAX_DATASET_BYTES

    disk = functions()["PrepareDatasetFunction"]["EphemeralStorage"]["Size"] * 1024 * 1024
    assert disk >= 2 * MAX_DATASET_BYTES


def test_laps_last_longer_than_the_longest_training() -> None:
    """ "The maximum value is 28 days" (StoppingCondition, MaxRuntimeInSeconds)."""
    assert MAX_LAPS * PARAMETERS["TrainingLapSeconds"]["Default"] > 28 * 86_400


def test_logs_do_not_stay_for_ever() -> None:
    for name, group in resources("AWS::Logs::LogGroup").items():
        assert group["RetentionInDays"] == 90, name
