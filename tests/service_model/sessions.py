"""botocore as a client of FakeCognito: every session operation, and RevokeToken with RevokeAssociatedSessions.

Called by main.rs with the path of examples/fake_cognito. Each call goes through botocore's validator and
parser. In addition `shapes` checks the JSON of each request and response against the model.
"""

import base64
import datetime
import hmac
import json
import subprocess
import sys

import botocore.config
import botocore.session
from botocore.exceptions import ClientError
from shapes import problems

# 24 characters, the model's minimum.
SECRET = "s3cr3ts3cr3ts3cr3ts3cr3t"
REGION = "eu-central-1"
OPERATIONS = [
    "ListUserSessions",
    "RevokeUserSession",
    "AdminListUserSessions",
    "AdminRevokeUserSession",
    "GetUserPoolSessionConfiguration",
    "SetUserPoolSessionConfiguration",
    "GetUserPoolClientSessionConfiguration",
    "SetUserPoolClientSessionConfiguration",
]
calls = {}


class Fake:
    """A FakeCognito in its own process, and a botocore client of it."""

    def __init__(self, *arguments):
        command = [sys.argv[1], "--client-secret", SECRET, *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        place = json.loads(self.process.stdout.readline())
        self.client_id, self.pool_id = place["client_id"], place["user_pool_id"]
        self.client = botocore.session.Session().create_client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=place["url"],
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="example",
            config=botocore.config.Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        self.model = self.client.meta.service_model
        self.client.meta.events.register("before-call.cognito-idp", self.check_request)
        self.client.meta.events.register("before-parse.cognito-idp", self.check_response)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait(timeout=10) == 0

    def order(self, order, **members):
        self.process.stdin.write(json.dumps({"do": order, **members}) + "\n")
        self.process.stdin.flush()
        result = json.loads(self.process.stdout.readline())
        assert "error" not in result, (order, members, result)
        return result

    def check_request(self, model, params, **_):
        body = json.loads(params["body"])
        found = list(problems(model.input_shape, body))
        assert not found, (model.name, found)
        calls[model.name] = calls.get(model.name, 0) + 1

    def check_response(self, operation_model, response_dict, **_):
        if response_dict["status_code"] != 200:
            return
        shape = operation_model.output_shape
        found = list(problems(shape, json.loads(response_dict["body"])))
        assert not found, (operation_model.name, found)

    def sign_in(self, user="ana", **members):
        return self.order("sign_in", user=user, **members)

    def session_id(self, tokens):
        return self.order("session_id", token=tokens["refresh_token"])["session_id"]

    def sso_id(self, tokens):
        sessions = self.list(tokens)
        return next(it["OriginSessionId"] for it in sessions if it["IsCurrentSession"])

    def list(self, tokens):
        return self.client.list_user_sessions(AccessToken=tokens["access_token"])["Sessions"]

    def revoke_token(self, tokens, **members):
        members = {"Token": tokens["refresh_token"], "ClientId": self.client_id, "ClientSecret": SECRET, **members}
        return self.client.revoke_token(**members)

    def is_live(self, tokens):
        return self.order("is_refresh_token_live", token=tokens["refresh_token"])["live"]

    def refused(self, code, operation, **members):
        """Calls the operation, and expects the modelled error."""
        method = getattr(self.client, botocore.xform_name(operation))
        modelled = [shape.name for shape in self.model.operation_model(operation).error_shapes]
        assert code in modelled, f"{operation} does not declare {code}"
        try:
            method(**members)
        except ClientError as error:
            assert type(error) is getattr(self.client.exceptions, code), (operation, code, error)
            assert error.response["Error"]["Message"], (operation, code)
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            assert status == (500 if code == "InternalErrorException" else 400), (operation, code, status)
            return
        raise AssertionError(f"{operation} was not refused with {code}")


def valid_input(fake, operation):
    """Members that the model accepts, and with which the operation succeeds."""
    own, other = fake.sign_in(), fake.sign_in()
    as_user = {"AccessToken": own["access_token"]}
    as_admin = {"UserPoolId": fake.pool_id}
    return {
        "ListUserSessions": as_user,
        "RevokeUserSession": {**as_user, "SessionId": fake.session_id(other)},
        "AdminListUserSessions": {**as_admin, "Username": "ana"},
        "AdminRevokeUserSession": {**as_admin, "Username": "ana", "SessionId": fake.session_id(other)},
        "GetUserPoolSessionConfiguration": as_admin,
        "SetUserPoolSessionConfiguration": {
            **as_admin,
            "UserSessionTracking": "ENABLED",
            "TokenSession": {"MaxPerUser": 100},
        },
        "GetUserPoolClientSessionConfiguration": {**as_admin, "ClientId": fake.client_id},
        "SetUserPoolClientSessionConfiguration": {
            **as_admin,
            "ClientId": fake.client_id,
            "SSOSession": {"MaxValidityMinutes": 129600},
        },
        "RevokeToken": {
            "Token": own["refresh_token"],
            "ClientId": fake.client_id,
            "ClientSecret": SECRET,
            "RevokeAssociatedSessions": "LINKED",
        },
    }[operation]


def the_model_has_no_other_session_operation():
    with Fake() as fake:
        named = {name for name in fake.model.operation_names if "UserSession" in name or "SessionConfiguration" in name}
    assert named == set(OPERATIONS), named


def every_operation_succeeds_and_meets_each_of_its_modelled_errors():
    for operation in [*OPERATIONS, "RevokeToken"]:
        with Fake("--session-tracking", "--max-sessions-per-user", "100") as fake:
            method = getattr(fake.client, botocore.xform_name(operation))
            method(**valid_input(fake, operation))
            for shape in fake.model.operation_model(operation).error_shapes:
                variant = shape.name.removesuffix("Exception")
                variant = {"NotAuthorized": "AccessTokenRevoked"}.get(variant, variant)
                fake.order("fault", operation=operation, fault=f"Refuse({variant})", times=1)
                fake.refused(shape.name, operation, **valid_input(fake, operation))
            method(**valid_input(fake, operation))


def an_entry_has_the_models_members():
    with Fake("--session-tracking") as fake:
        tokens = fake.sign_in(browser=True)
        token, sso = sorted(fake.list(tokens), key=lambda it: it["SessionType"], reverse=True)
        assert (token["SessionType"], sso["SessionType"]) == ("TOKEN", "SSO")
        assert set(token) == set(fake.model.shape_for("SessionDescriptionType").members)
        assert set(token) - set(sso) == {"OriginSessionId"}
        assert token["OriginSessionId"] == sso["SessionId"]
        assert (token["IsCurrentSession"], sso["IsCurrentSession"]) == (True, False)
        age = datetime.datetime.now(datetime.timezone.utc) - token["CreateDate"]
        assert abs(age.total_seconds()) < 60, token["CreateDate"]
        assert token["LastLocation"] == {"Country": "unknown"}
        # The entry of a refresh that botocore made.
        fake.client.get_tokens_from_refresh_token(
            RefreshToken=tokens["refresh_token"], ClientId=fake.client_id, ClientSecret=SECRET
        )
        token = next(it for it in fake.list(tokens) if it["IsCurrentSession"])
        assert "Botocore/" in token["DeviceType"], token["DeviceType"]


def an_entry_may_lack_every_member():
    with Fake("--session-tracking") as fake:
        tokens = fake.sign_in()
        for member in fake.model.shape_for("SessionDescriptionType").members:
            fake.order("set_session", id=fake.session_id(tokens), member=member, value=None)
        assert fake.list(tokens) == [{}]


def lists_have_0_1_or_125_sessions_and_pages():
    with Fake("--session-tracking", "--max-sessions-per-user", "100", "--sso-validity", "0") as fake:
        reader = fake.sign_in("reader")
        assert len(fake.list(reader)) == 1
        fake.revoke_token(reader)
        admin = {"UserPoolId": fake.pool_id, "Username": "reader"}
        assert fake.client.admin_list_user_sessions(**admin)["Sessions"] == []

        tokens = fake.sign_in()
        for _ in range(63):
            fake.sign_in(browser=True)
        pages, members = [], {"AccessToken": tokens["access_token"]}
        while True:
            page = fake.client.list_user_sessions(**members)
            pages.append(page["Sessions"])
            if "NextToken" not in page:
                break
            members["NextToken"] = page["NextToken"]
        assert [len(page) for page in pages] == [125, 2]
        assert len({entry["SessionId"] for page in pages for entry in page}) == 127
        unknown = {"AccessToken": tokens["access_token"], "NextToken": "unknown"}
        fake.refused("InvalidParameterException", "ListUserSessions", **unknown)


def linked_has_three_meanings():
    with Fake("--session-tracking") as fake:
        first, sibling = fake.sign_in(browser=True), fake.sign_in(browser=True)
        fake.revoke_token(first, RevokeAssociatedSessions="LINKED")
        assert (fake.is_live(first), fake.is_live(sibling)) == (False, True)
        assert not fake.order("has_browser_session", user="ana")["live"]

        first, sibling, reader = fake.sign_in(browser=True), fake.sign_in(browser=True), fake.sign_in()
        sso = fake.sso_id(first)
        revoke = {"AccessToken": reader["access_token"], "RevokeAssociatedSessions": "LINKED"}
        fake.client.revoke_user_session(SessionId=fake.session_id(first), **revoke)
        assert (fake.is_live(first), fake.is_live(sibling)) == (False, True)
        fake.refused("ResourceNotFoundException", "RevokeUserSession", SessionId=sso, **revoke)

        first, sibling = fake.sign_in(browser=True), fake.sign_in(browser=True)
        revoke = {"UserPoolId": fake.pool_id, "Username": "ana", "RevokeAssociatedSessions": "NONE"}
        sso = fake.sso_id(first)
        fake.client.admin_revoke_user_session(SessionId=sso, **revoke)
        assert (fake.is_live(first), fake.is_live(sibling)) == (True, True)
        first, sibling = fake.sign_in(browser=True), fake.sign_in(browser=True)
        sso = fake.sso_id(first)
        fake.client.admin_revoke_user_session(SessionId=sso, **{**revoke, "RevokeAssociatedSessions": "LINKED"})
        assert (fake.is_live(first), fake.is_live(sibling), fake.is_live(reader)) == (False, False, True)


def linked_sessions_end_after_the_delay():
    with Fake("--session-tracking", "--linked-sessions-delay", "5000") as fake:
        tokens = fake.sign_in(browser=True)
        fake.revoke_token(tokens, RevokeAssociatedSessions="LINKED")
        assert fake.order("has_browser_session", user="ana")["live"]
        fake.order("advance", seconds=5)
        assert not fake.order("has_browser_session", user="ana")["live"]


def the_limit_evicts_and_the_configuration_sets_it():
    with Fake() as fake:
        pool = {"UserPoolId": fake.pool_id}
        assert fake.client.get_user_pool_session_configuration(**pool)["TokenSession"]["MaxPerUser"] == 20
        one = {**pool, "UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 1}}
        assert {**one, "ResponseMetadata": None}.keys() == fake.client.set_user_pool_session_configuration(**one).keys()
        client = {**pool, "ClientId": fake.client_id, "SSOSession": {"MaxValidityMinutes": 0}}
        fake.client.set_user_pool_client_session_configuration(**client)
        del client["SSOSession"]
        read = fake.client.get_user_pool_client_session_configuration(**client)
        assert read["SSOSession"]["MaxValidityMinutes"] == 0
        first, second = fake.sign_in(), fake.sign_in()
        assert (fake.is_live(first), fake.is_live(second)) == (False, True)


def refusals_without_a_scripted_fault():
    with Fake() as fake:
        tokens = fake.sign_in()
        user, session = {"AccessToken": tokens["access_token"]}, {"SessionId": "tkn" + "a" * 25}
        admin = {"UserPoolId": fake.pool_id, "Username": "ana"}
        client = {"UserPoolId": fake.pool_id, "ClientId": fake.client_id, "SSOSession": {"MaxValidityMinutes": 5}}
        off = "OperationNotEnabledException"
        fake.refused(off, "ListUserSessions", **user)
        fake.refused(off, "RevokeUserSession", **user, **session)
        fake.refused(off, "AdminListUserSessions", **admin)
        fake.refused(off, "AdminRevokeUserSession", **admin, **session)
        fake.refused(off, "SetUserPoolClientSessionConfiguration", **client)
        # Without tracking LINKED is accepted, and has no effect beyond NONE.
        fake.revoke_token(tokens, RevokeAssociatedSessions="LINKED")
        assert not fake.is_live(tokens)

        fake.order("session_tracking", on=True)
        fake.refused("NotAuthorizedException", "ListUserSessions", **user)
        tokens = fake.sign_in()
        user = {"AccessToken": tokens["access_token"]}
        fake.refused("InvalidParameterException", "RevokeUserSession", **user, SessionId=fake.session_id(tokens))
        fake.refused("ResourceNotFoundException", "RevokeUserSession", **user, **session)
        fake.refused("ResourceNotFoundException", "AdminRevokeUserSession", **admin, **session)
        nobody = {**admin, "Username": "nobody"}
        fake.refused("UserNotFoundException", "AdminListUserSessions", **nobody)
        fake.refused("UserNotFoundException", "AdminRevokeUserSession", **nobody, **session)
        elsewhere = {**admin, "UserPoolId": "eu-central-1_Other"}
        fake.refused("ResourceNotFoundException", "AdminListUserSessions", **elsewhere)

        revoke = {"ClientId": fake.client_id, "ClientSecret": SECRET, "RevokeAssociatedSessions": "LINKED"}
        fake.refused("UnsupportedTokenTypeException", "RevokeToken", **revoke, Token=tokens["access_token"])
        fake.refused("InvalidParameterException", "RevokeToken", **revoke, Token="garbage")
        stranger = {**revoke, "ClientSecret": "x" * 24, "Token": tokens["refresh_token"]}
        fake.refused("UnauthorizedException", "RevokeToken", **stranger)
        assert fake.is_live(tokens)

        fake.order("set_user_pool", member="UserPoolTier", value="LITE")
        lite = "FeatureUnavailableInTierException"
        fake.refused(lite, "SetUserPoolClientSessionConfiguration", **client)
        pool = {"UserPoolId": fake.pool_id, "UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 5}}
        fake.refused(lite, "SetUserPoolSessionConfiguration", **pool)

    with Fake("--session-tracking", "--no-revocation") as fake:
        members = valid_input(fake, "RevokeToken")
        fake.refused("UnsupportedOperationException", "RevokeToken", **members)


def the_other_operations_have_the_models_shapes():
    with Fake("--session-tracking") as fake:
        tokens = fake.sign_in()
        digest = hmac.digest(SECRET.encode(), f"ana{fake.client_id}".encode(), "sha256")
        parameters = {"REFRESH_TOKEN": tokens["refresh_token"], "SECRET_HASH": base64.b64encode(digest).decode()}
        fake.client.initiate_auth(AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters, ClientId=fake.client_id)
        fake.client.get_user(AccessToken=tokens["access_token"])
        fake.client.global_sign_out(AccessToken=tokens["access_token"])
        pool, user = {"UserPoolId": fake.pool_id}, {"UserPoolId": fake.pool_id, "Username": "ana"}
        client = {**pool, "ClientId": fake.client_id}
        fake.client.list_users(**pool)
        fake.client.describe_user_pool(**pool)
        fake.client.describe_user_pool_domain(Domain="unknown")
        fake.client.describe_user_pool_client(**client)
        fake.client.update_user_pool_client(**client, EnableTokenRevocation=False)
        fake.client.admin_user_global_sign_out(**user)
        fake.client.admin_disable_user(**user)


def the_strict_check_finds_what_botocore_accepts():
    with Fake() as fake:
        shape = fake.model.shape_for("ListUserSessionsResponse")
    entry = {"SessionId": "tkn" + "a" * 25, "SessionType": "SSO", "CreateDate": 1.7e9, "IsCurrentSession": False}
    assert not list(problems(shape, {"Sessions": [entry], "NextToken": "x"}))
    for wrong in [
        {"SessionId": "tkn" + "A" * 25},
        {"SessionId": "tkn"},
        {"SessionType": "token"},
        {"CreateDate": "2026-11-29"},
        {"IsCurrentSession": "no"},
        {"LastLocation": {"Town": "Oslo"}},
        {"Device": "x"},
    ]:
        assert list(problems(shape, {"Sessions": [{**entry, **wrong}]})), wrong
    assert list(problems(shape, {"Sessions": [entry] * 126}))
    assert list(problems(shape, {"Sessions": [], "NextToken": ""}))


CASES = [
    the_model_has_no_other_session_operation,
    every_operation_succeeds_and_meets_each_of_its_modelled_errors,
    an_entry_has_the_models_members,
    an_entry_may_lack_every_member,
    lists_have_0_1_or_125_sessions_and_pages,
    linked_has_three_meanings,
    linked_sessions_end_after_the_delay,
    the_limit_evicts_and_the_configuration_sets_it,
    refusals_without_a_scripted_fault,
    the_other_operations_have_the_models_shapes,
    the_strict_check_finds_what_botocore_accepts,
]

for case in CASES:
    case()
    print(f"ok: {case.__name__.replace('_', ' ')}")
assert set(calls) >= {*OPERATIONS, "RevokeToken"}, calls
print(f"botocore {botocore.__version__} called: {calls}")
