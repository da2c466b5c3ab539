"""The wire: what is refused before any operation sees it, in the words of AWS."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.wire.errors import ServiceError
from sagemaker_local.wire.model import compiled, operation_model, service_model
from sagemaker_local.wire.request import parse_request
from tests.plane.support.harness import IMAGE, Harness, client, training_request, variant


def refused(operation: str, body: Any) -> ServiceError:
    model = operation_model(operation)
    assert model is not None
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ServiceError) as error:
        parse_request(model, raw)
    return error.value


def parsed(operation: str, body: Any) -> dict[str, Any]:
    model = operation_model(operation)
    assert model is not None
    return parse_request(model, json.dumps(body).encode())


class TestConstraints:
    def test_a_missing_member_must_not_be_null(self) -> None:
        error = refused("DescribeTrainingJob", {})
        assert error.code == "ValidationException"
        assert error.message == (
            "1 validation error detected: Value null at 'trainingJobName' failed to satisfy constraint: "
            "Member must not be null"
        )

    def test_an_explicit_null_is_a_missing_member(self) -> None:
        assert "Value null at 'endpointName'" in refused("DescribeEndpoint", {"EndpointName": None}).message

    def test_every_broken_constraint_is_counted(self) -> None:
        error = refused("CreateTrainingJob", training_request("x" * 64, RoleArn="nobody"))
        assert error.message.startswith("4 validation errors detected: Value 'xxx")
        assert (
            "at 'trainingJobName' failed to satisfy constraint: Member must have length less than"
            in error.message
        )
        assert (
            "Value 'nobody' at 'roleArn' failed to satisfy constraint: Member must have length"
            in error.message
        )
        assert "Member must satisfy regular expression pattern: arn:aws[a-z\\-]*:iam::" in error.message

    def test_an_enum_in_a_list_of_structures_is_named_by_its_place(self) -> None:
        body = {
            "EndpointConfigName": "c",
            "ProductionVariants": [variant("a"), variant("b", InstanceType="ml.none")],
        }
        message = refused("CreateEndpointConfig", body).message
        assert message.startswith(
            "1 validation error detected: Value 'ml.none' at 'productionVariants.2.member.instanceType' failed to "
            "satisfy constraint: Member must satisfy enum value set: ["
        )

    @pytest.mark.parametrize(
        ("members", "text"),
        [
            ({"StoppingCondition": {"MaxRuntimeInSeconds": 0}}, "must have value greater than or equal to 1"),
            (
                {"Tags": [{"Key": "k", "Value": "v"}] * 51},
                "at 'tags' failed to satisfy constraint: Member must have",
            ),
            (
                {"HyperParameters": {"k" * 257: "v"}},
                "at 'hyperParameters' failed to satisfy constraint: Map keys must",
            ),
            (
                {"Environment": {"1X": "v"}},
                "Map keys must satisfy constraint: [Member must have length less than",
            ),
            (
                {"Environment": {"X": "v" * 513}},
                "Map value must satisfy constraint: [Member must have length less",
            ),
        ],
    )
    def test_lengths_ranges_and_maps(self, members: dict[str, Any], text: str) -> None:
        assert text in refused("CreateTrainingJob", training_request("job", **members)).message

    def test_a_list_of_strings_is_judged_as_a_whole(self) -> None:
        body = {
            "ResourceArn": "arn:aws:sagemaker:us-east-1:000000000000:model/m",
            "TagKeys": ["ok", "x" * 129],
        }
        assert "at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [" in (
            refused("DeleteTags", body).message
        )

    def test_a_list_of_structures_is_shown_with_its_members_and_not_as_python_writes_it(self) -> None:
        body = training_request("job", Tags=[{"Key": "k", "Value": "v"}] * 51)
        assert (
            "Value '[Tag(key=k, value=v), Tag(key=k, value=v), " in refused("CreateTrainingJob", body).message
        )

    def test_a_name_with_a_newline_at_its_end_is_no_name(self) -> None:
        assert "regular expression" in refused("DescribeEndpoint", {"EndpointName": "live\n"}).message

    def test_all_patterns_but_one_can_be_checked(self) -> None:
        model = service_model()
        shapes = map(model.shape_for, model.shape_names)
        patterns = {shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata}
        assert len([pattern for pattern in patterns if compiled(pattern) is None]) <= 1
        assert len(patterns) > 150


class TestTypes:
    @pytest.mark.parametrize(
        "body",
        [b"{", b"[]", b'{"EndpointName": 1}', b'{"EndpointName": NaN}', b"\xff", b"[" * 100_000, b'"x"'],
    )
    def test_what_is_not_a_request_is_a_serialization_exception(self, body: bytes) -> None:
        assert refused("DescribeEndpoint", body).code == "SerializationException"

    def test_half_of_a_surrogate_pair_is_no_text(self) -> None:
        body = {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE, "Environment": {"A": "\ud800"}}}
        assert refused("CreateModel", body).code == "SerializationException"
        model = operation_model("CreateModel")
        assert model is not None
        whole = {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE, "Environment": {"A": "\U0001f600"}}}
        assert parse_request(model, json.dumps(whole).encode()) == whole

    @pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 10**30])
    def test_an_integer_has_32_bits(self, number: int) -> None:
        error = refused(
            "CreateTrainingJob", training_request("job", RetryStrategy={"MaximumRetryAttempts": number})
        )
        assert error.code == "SerializationException"
        assert "retryStrategy.maximumRetryAttempts" in error.message

    @pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"1" + b"0" * 400])
    def test_a_number_beyond_all_floats_is_none(self, number: bytes) -> None:
        error = refused("ListEndpoints", b'{"CreationTimeAfter": ' + number + b"}")
        assert error.code == "SerializationException"

    def test_true_is_no_number(self) -> None:
        assert refused("ListEndpoints", {"MaxResults": True}).code == "SerializationException"

    def test_an_unknown_member_is_passed_over_wherever_it_is(self) -> None:
        """AWS's JSON services read what they know, so that newer clients can talk to them."""
        assert parsed("DescribeEndpoint", {"EndpointName": "a", "EndpointNam": 1}) == {"EndpointName": "a"}
        known = {"MaxRuntimeInSeconds": 60}
        body = training_request("job", StoppingCondition=known | {"Colour": ["red"]})
        assert parsed("CreateTrainingJob", body)["StoppingCondition"] == known

    def test_a_member_in_other_capitals_is_an_unknown_one(self) -> None:
        assert "Value null at 'endpointName'" in refused("DescribeEndpoint", {"endpointName": "a"}).message

    @given(
        st.binary(max_size=64) | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
    )
    def test_nothing_a_client_sends_breaks_the_parser(self, body: Any) -> None:
        raw = body if isinstance(body, bytes) else json.dumps({"EndpointName": body}).encode()
        model = operation_model("DescribeEndpoint")
        assert model is not None
        try:
            assert set(parse_request(model, raw)) == {"EndpointName"}
        except ServiceError as error:
            assert error.code in ("ValidationException", "SerializationException")  # noqa: PT017

    def test_what_botocore_sends_is_read_back(self) -> None:
        model = operation_model("CreateTrainingJob")
        assert model is not None
        request = training_request("job", Tags=[{"Key": "k", "Value": "v"}], HyperParameters={"eta": "0.1"})
        body = create_serializer("json").serialize_to_request(request, model)["body"]
        assert parse_request(model, body) == request


class TestDispatch:
    def post(self, plane: Harness, target: str, body: bytes = b"{}") -> httpx.Response:
        return httpx.post(f"{plane.url}/", headers={"X-Amz-Target": target}, content=body, trust_env=False)

    @pytest.mark.parametrize("target", ["", "SageMaker.Nonsense", "DynamoDB_20120810.ListTables"])
    def test_an_unknown_target_is_an_unknown_operation(self, plane: Harness, target: str) -> None:
        answer = self.post(plane, target)
        assert (answer.status_code, answer.json()["__type"]) == (400, "UnknownOperationException")

    def test_an_operation_that_is_not_implemented_says_so(self, plane: Harness) -> None:
        answer = self.post(plane, "SageMaker.CreateNotebookInstance")
        assert answer.status_code == 400
        assert "does not implement CreateNotebookInstance" in answer.json()["message"]

    def test_a_runtime_that_the_plane_has_not_is_named(self, plane: Harness) -> None:
        features = client("sagemaker-featurestore-runtime", plane.url)
        with pytest.raises(
            ClientError, match=r"\(UnknownOperationException\).*GET /FeatureGroup/g is no operation"
        ):
            features.get_record(FeatureGroupName="g", RecordIdentifierValueAsString="1")
        metrics = client("sagemaker-metrics", plane.url)
        value = {"MetricName": "loss", "Timestamp": 0, "Value": 0.5}
        with pytest.raises(ClientError, match=r"\(UnknownOperationException\).*docs/sagemaker-local.md"):
            metrics.batch_put_metrics(TrialComponentName="t", MetricData=[value])

    def test_answers_have_a_request_id_and_the_protocols_content_type(self, plane: Harness) -> None:
        answer = self.post(plane, "SageMaker.ListModels")
        assert answer.json() == {"Models": []}
        assert answer.headers["content-type"] == "application/x-amz-json-1.1"
        assert len(answer.headers["x-amzn-requestid"]) == 36

    def test_a_huge_body_is_refused(self, plane: Harness) -> None:
        answer = self.post(plane, "SageMaker.ListModels", b" " * (4 * 1024 * 1024 + 1))
        assert answer.status_code == 413

    def test_an_error_inside_is_a_500_without_details(self, plane: Harness, caplog: Any) -> None:
        def explode(image: str) -> None:
            raise RuntimeError(f"secret detail of {image}")

        plane.backend.check = explode  # type: ignore[method-assign]
        body = {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE}}
        answer = self.post(plane, "SageMaker.CreateModel", json.dumps(body).encode())
        assert (answer.status_code, answer.json()["__type"]) == (500, "InternalFailure")
        assert "secret detail" not in answer.text
        assert self.post(plane, "SageMaker.ListModels").json() == {"Models": []}

    def test_health_says_what_there_is(self, plane: Harness) -> None:
        plane.create_model("one")
        health = httpx.get(f"{plane.url}/_local/health", trust_env=False).json()
        assert health["status"] == "ok"
        assert health["resources"]["model"] == 1
