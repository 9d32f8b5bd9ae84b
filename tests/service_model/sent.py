"""Checks the exchanges that exchanges.rs recorded: each request and response against the model's shapes, and each
signature against the one that botocore makes for the same request. An operation that the model does not sign is unsigned.

Called with the file of exchanges, one line of JSON each, the access key and secret key that signed, and the names of the
operations of which each modelled error must be there.
"""

import json
import sys

import botocore.awsrequest
import botocore.session
from botocore.auth import SigV4Auth
from botocore.credentials import Credentials
from shapes import problems

REGION = "eu-central-1"
SERVICE = "cognito-idp"
MODEL = botocore.session.Session().get_service_model(SERVICE)


def header(exchange, name):
    found = [value for key, value in exchange["headers"] if key.lower() == name]
    assert len(found) <= 1, (name, found)
    return found[0] if found else None


def signature(exchange, body):
    """The signature that botocore makes for the signed headers and this body."""
    signed = header(exchange, "authorization").split("SignedHeaders=")[1].split(",")[0].split(";")
    headers = [(key, value) for key, value in exchange["headers"] if key.lower() in signed]
    request = botocore.awsrequest.AWSRequest(exchange["method"], exchange["url"], dict(headers), body)
    request.context["timestamp"] = header(exchange, "x-amz-date")
    auth = SigV4Auth(Credentials(sys.argv[2], sys.argv[3]), SERVICE, REGION)
    canonical = auth.canonical_request(request)
    assert canonical.split("\n")[-2] == ";".join(signed), canonical
    return auth.signature(auth.string_to_sign(request, canonical), request)


def check_signature(operation, exchange):
    if operation.auth_type == "none":
        assert header(exchange, "authorization") is None
        return
    authorization = header(exchange, "authorization")
    date = header(exchange, "x-amz-date")[:8]
    scope = f"AWS4-HMAC-SHA256 Credential={sys.argv[2]}/{date}/{REGION}/{SERVICE}/aws4_request, "
    assert authorization.startswith(scope), authorization
    for name in ["host", "x-amz-date", "x-amz-target", "x-amz-security-token"]:
        assert name in authorization.split("SignedHeaders=")[1].split(",")[0].split(";"), (name, authorization)
    sent = authorization.split("Signature=")[1]
    assert signature(exchange, exchange["body"]) == sent, exchange
    # The body is part of the signature.
    assert signature(exchange, exchange["body"] + " ") != sent


successes, errors = {}, {}
for line in open(sys.argv[1], encoding="utf-8"):
    exchange = json.loads(line)
    name = header(exchange, "x-amz-target").removeprefix("AWSCognitoIdentityProviderService.")
    operation = MODEL.operation_model(name)
    assert header(exchange, "content-type") == "application/x-amz-json-1.1"
    # Without it the transport adds it.
    assert header(exchange, "content-length") in (None, str(len(exchange["body"].encode())))
    found = list(problems(operation.input_shape, json.loads(exchange["body"])))
    assert not found, (name, found)
    check_signature(operation, exchange)
    response = json.loads(exchange["response"])
    if exchange["status"] == 200:
        found = list(problems(operation.output_shape, response))
        assert not found, (name, found)
        successes[name] = successes.get(name, 0) + 1
    else:
        errors.setdefault(name, set()).add(response["__type"])

for name in sys.argv[4:]:
    modelled = {shape.name for shape in MODEL.operation_model(name).error_shapes}
    missing = modelled - errors.get(name, set())
    assert not missing, f"{name} never met {missing}"
    assert successes.get(name), f"{name} never succeeded"
assert len(sys.argv) > 4
print(f"botocore {botocore.__version__} checked: {successes}")
