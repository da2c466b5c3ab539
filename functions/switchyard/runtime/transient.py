"""Which failures of a call go away by themselves: one table, for every client and every handler."""

from botocore.exceptions import (
    ChecksumError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
)

# No answer, half an answer, or no key to ask with.
UNANSWERED = (
    ChecksumError,
    ConnectionError,
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
)

# What botocore itself retries (its data/_retry.json and retries/standard.py), whichever service says it.
RETRIED = frozenset(
    {
        "BadDigest",
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "IDPCommunicationError",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
# What it does not, and the services' own pages say to try again.
OURS = frozenset(
    {
        "ConditionalRequestConflict",  # "On a 409 failure you should retry the upload": PutObject, If-None-Match
        "ExpiredToken",  # a role's session ends under a running Lambda; the next one has new keys
        "ExpiredTokenException",
        "InternalFailure",
        "InternalServerError",
        "ModelNotReadyException",  # InvokeEndpoint, 429: "Either a serverless endpoint variant's resources are still
        "OperationAborted",  # being provisioned, or a multi-model endpoint is still downloading"; S3: "try again"
        "RequestExpired",
        "ServiceUnavailable",
        "ThrottlingError",
        "TransactionCanceledException",  # of items, where no condition failed: aws/items.py answers those
        "TransactionConflictException",  # "there is an ongoing transaction for the item": PutItem
    }
)
CODES = RETRIED | OURS


def is_transient(error: BaseException) -> bool:
    """True when the same call may succeed a little later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or status == 429 or error.response["Error"]["Code"] in CODES
    return isinstance(error, UNANSWERED)
