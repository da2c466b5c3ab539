"""Signature Version 4, made and checked with botocore's own signer."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from sagemaker_local.access.keys import Keys

ALGORITHM, MOMENT = "AWS4-HMAC-SHA256", re.compile(r"[0-9]{8}T[0-9]{6}Z")
SKEW = timedelta(minutes=15)
SHA256 = re.compile(r"[0-9a-f]{64}")
HASH = "x-amz-content-sha256"
FROM_QUERY = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
    "X-Amz-Expires",
]

SecretOf = Callable[[str, str], str | None]  # of an access key id with a session token ("" without)


class SignatureError(Exception):
    """The request is refused: AWS's code for it, and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire; `headers` in lower case, in their order."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        return next((value for each, value in self.headers if each == name), "")


@dataclass(frozen=True)
class Signature:
    """What a request says of its own signature. expires: of a presigned URL alone."""

    access_key_id: str
    date: str
    region: str
    service: str
    moment: str
    signed_headers: frozenset[str]
    value: str
    token: str
    expires: timedelta | None = None


def signed_headers(
    keys: Keys, method: str, url: str, service: str, region: str, body: bytes, headers: Mapping[str, str]
) -> dict[str, str]:
    """The headers with which the request is sent, signature included."""
    request = AWSRequest(method, url, dict(headers), body)
    signer = SigV4Auth(_credentials(keys), service, region)
    signer.add_auth(request)
    return dict(request.headers.items())


def read_signature(request: Received) -> Signature:
    """Raises SignatureError where there is none, or none that can be read."""
    authorization = request.header("authorization")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if authorization:
        return _from_header(authorization, request)
    if "X-Amz-Signature" in query:
        return _from_query(query)
    raise SignatureError("MissingAuthenticationToken", "The request is not signed.")


def _from_header(authorization: str, request: Received) -> Signature:
    algorithm, _, rest = authorization.partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    credential, names, value = (fields.get(name, "") for name in ("Credential", "SignedHeaders", "Signature"))
    moment, token = request.header("x-amz-date"), request.header("x-amz-security-token")
    return _signature(algorithm, credential, names, value, moment, token, None)


def _from_query(query: Mapping[str, str]) -> Signature:
    algorithm, credential, moment, names, value, token, expires = (query.get(name, "") for name in FROM_QUERY)
    if not expires.isascii() or not expires.isdigit() or len(expires) > 6:
        raise SignatureError("IncompleteSignature", "X-Amz-Expires is not a number of seconds.")
    return _signature(algorithm, credential, names, value, moment, token, timedelta(seconds=int(expires)))


def _signature(
    algorithm: str,
    credential: str,
    names: str,
    value: str,
    moment: str,
    token: str,
    expires: timedelta | None,
) -> Signature:
    scope = credential.split("/")
    if algorithm != ALGORITHM or len(scope) != 5 or not value or not names:
        raise SignatureError("IncompleteSignature", f"The signature is not one of {ALGORITHM}.")
    access_key_id, date, region, service, _ = scope
    signed = frozenset(names.lower().split(";"))
    if "host" not in signed or not moment.startswith(date):
        raise SignatureError("IncompleteSignature", "Host and date are not signed.")
    return Signature(access_key_id, date, region, service, moment, signed, value, token, expires)


def check(request: Received, signature: Signature, sha256: str, secret_of: SecretOf, now: datetime) -> None:
    """Raises SignatureError unless the request was signed, now and as it is, by a holder of the secret.

    sha256: of the body, in hexadecimal.
    """
    _check_time(signature, now)
    secret = secret_of(signature.access_key_id, signature.token)
    if secret is None:
        raise SignatureError("InvalidClientTokenId", "The access key is not one of this local stack.")
    found = request.header(HASH)
    if SHA256.fullmatch(found) and found != sha256:
        raise SignatureError("XAmzContentSHA256Mismatch", "The body is not the one that was signed.")
    expected = _computed(request, signature, sha256, secret)
    if not hmac.compare_digest(expected.encode(), signature.value.encode()):
        raise SignatureError("SignatureDoesNotMatch", "The signature is not one of the access key's secret.")


def _check_time(signature: Signature, now: datetime) -> None:
    signed = _moment(signature.moment)
    if signed is None:
        raise SignatureError("IncompleteSignature", "The date of the signature cannot be read.")
    until = signed + (SKEW if signature.expires is None else signature.expires)
    if not signed - SKEW <= now <= until:
        raise SignatureError(
            "RequestTimeTooSkewed", f"Signed at {signature.moment}: too long ago, or not yet."
        )


def _moment(text: str) -> datetime | None:
    """None for what is no moment. strptime would take four times as long, for every request."""
    with suppress(ValueError):
        return datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
    return None


def _computed(request: Received, signature: Signature, sha256: str, secret: str) -> str:
    query = "&".join(part for part in request.query.split("&") if not part.startswith("X-Amz-Signature="))
    again = AWSRequest(request.method, f"http://{request.header('host')}{request.path}?{query}")
    for name, value in request.headers:
        if name in signature.signed_headers:
            again.headers[name] = value
    again.context |= {"timestamp": signature.moment, "sha256": sha256}
    keys = Keys(signature.access_key_id, secret, signature.token)
    kind = _SIGNERS[signature.service == "s3", signature.expires is not None]
    signer = kind(_credentials(keys), signature.service, signature.region)
    return str(signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again))


class _AsSent:
    """Signs the headers that the sender signed, and no others."""

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        return request.headers


class _Whole(_AsSent):
    """Signs the body too."""

    def payload(self, request: AWSRequest) -> str:
        return str(request.context["sha256"])


class _Header(_Whole, SigV4Auth): ...


class _Query(_Whole, SigV4QueryAuth): ...


class _S3Header(_Whole, S3SigV4Auth): ...


class _S3Query(_AsSent, S3SigV4QueryAuth): ...


# By "is of S3" and "is presigned": S3 neither normalises paths nor signs the body of a presigned URL.
_SIGNERS = {
    (False, False): _Header,
    (False, True): _Query,
    (True, False): _S3Header,
    (True, True): _S3Query,
}


def _credentials(keys: Keys) -> Credentials:
    return Credentials(keys.access_key_id, keys.secret_access_key, keys.token or None)
