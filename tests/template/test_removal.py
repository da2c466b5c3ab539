"""What a first deployment that fails leaves behind, and what `sam delete` keeps: neither is in the way of the next."""

import pytest

from tests.contract.cloudformation import template

NAMED_BY = ("BucketName", "TableName", "RepositoryName", "QueueName", "TopicName", "LogGroupName", "RoleName")
KEPT = {
    name: body
    for name, body in template()["Resources"].items()
    if body.get("DeletionPolicy", "Delete") != "Delete"
}


def test_what_was_decided_and_why_outlives_the_stack() -> None:
    assert set(KEPT) == {"DataBucket", "ArtifactBucket", "LedgerTable", "ImageRepository"}


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_is_kept_goes_with_a_first_deployment_that_fails(name: str) -> None:
    """Its name may be fixed: "If the stack operation that created the resource is rolled back, CloudFormation deletes
    the resource" (DeletionPolicy, RetainExceptOnCreate). With Retain the next `sam deploy` would find the name taken.
    """
    assert KEPT[name]["DeletionPolicy"] == "RetainExceptOnCreate"


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_is_kept_is_kept_when_an_update_replaces_it(name: str) -> None:
    assert KEPT[name]["UpdateReplacePolicy"] == "Retain"


def test_a_fixed_name_has_the_prefix_so_that_two_stacks_can_stand_side_by_side() -> None:
    named = {
        (name, key): str(body["Properties"][key])
        for name, body in template()["Resources"].items()
        for key in NAMED_BY
        if key in body.get("Properties", {})
    }
    of_a_parameter = {("ImageRepository", "RepositoryName")}
    assert [at for at, value in named.items() if "${Prefix}" not in value and at not in of_a_parameter] == []
