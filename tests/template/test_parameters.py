"""Parameters that reach where they count, with values that a deployment accepts."""

import pytest

from tests.contract.cloudformation import functions, resources, template

PARAMETERS = template()["Parameters"]
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


@pytest.mark.parametrize("name", ["KmsKeyArn", "SubnetIds", "SecurityGroupIds", "ResourceTags", "MlflowArn"])
def test_what_an_estate_may_ask_for_is_off_by_default(name: str) -> None:
    assert PARAMETERS[name]["Default"] == ""


def test_network_isolation_is_off_by_default() -> None:
    assert PARAMETERS["NetworkIsolation"]["Default"] == "false"


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


def test_logs_do_not_stay_for_ever() -> None:
    for name, group in resources("AWS::Logs::LogGroup").items():
        assert group["RetentionInDays"] == 90, name
