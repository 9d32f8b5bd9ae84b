use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::transport::tests::scripted::{answer, refusal};

const REFRESHES: [&str; 2] = ["InitiateAuth", "GetTokensFromRefreshToken"];
const SESSIONS: [&str; 2] = ["ListUserSessions", "RevokeUserSession"];
const OPERATIONS: [&str; 7] = [
    "RevokeToken",
    "GlobalSignOut",
    "GetUser",
    REFRESHES[0],
    REFRESHES[1],
    SESSIONS[0],
    SESSIONS[1],
];

/// The code of the error that an answer is; `None` if the token had been revoked before.
fn code(operation: &str, answer: &HttpResponse) -> Option<ErrorCode> {
    match judge(operation, answer) {
        Ok(()) => panic!("{answer:?} passed as the success of {operation}"),
        Err(AttemptError::AlreadyRevoked) => None,
        Err(error) => Some(StepError::from(error).code()),
    }
}

#[test]
fn errors_that_every_operation_has_mean_the_same_in_each() {
    use ErrorCode::*;
    for operation in OPERATIONS {
        for (name, expected) in [
            ("TooManyRequestsException", Throttled),
            ("LimitExceededException", Throttled),
            ("RequestLimitExceeded", Throttled),
            ("Throttling", Throttled),
            ("ThrottlingException", Throttled),
            ("InternalErrorException", ServiceUnavailable),
            ("InternalFailure", ServiceUnavailable),
            ("InternalServerError", ServiceUnavailable),
            ("ServiceUnavailable", ServiceUnavailable),
            ("ServiceUnavailableException", ServiceUnavailable),
            ("ForbiddenException", Forbidden),
            ("InvalidParameterException", Refused),
            ("SomethingNewException", Refused),
        ] {
            assert_eq!(
                code(operation, &refusal(name, "")),
                Some(expected),
                "{operation} {name}"
            );
        }
    }
}

#[test]
fn errors_of_one_operation_mean_what_its_table_says() {
    use ErrorCode::*;
    let table: &[(&[&str], &str, &str, Option<ErrorCode>)] = &[
        (
            &["RevokeToken"],
            "UnsupportedOperationException",
            "",
            Some(RevocationDisabled),
        ),
        (
            &["RevokeToken"],
            "OperationNotEnabledException",
            "",
            Some(RevocationDisabled),
        ),
        (&["RevokeToken"], "UnauthorizedException", "", Some(ClientRejected)),
        (&["RevokeToken"], "NotAuthorizedException", "", Some(ClientRejected)),
        (&["RevokeToken"], "ResourceNotFoundException", "", Some(ClientRejected)),
        (&["RevokeToken"], "UnsupportedTokenTypeException", "", Some(Refused)),
        (
            &["GlobalSignOut"],
            "NotAuthorizedException",
            "Access Token has been revoked",
            None,
        ),
        (
            &["GetUser"],
            "NotAuthorizedException",
            "Access Token has been revoked",
            Some(SessionExpired),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "NotAuthorizedException",
            "Access Token has expired",
            Some(SessionExpired),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "NotAuthorizedException",
            "Access Token does not have required scopes",
            Some(MissingScope),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "NotAuthorizedException",
            "Invalid Access Token",
            Some(Refused),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "NotAuthorizedException",
            "",
            Some(Refused),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "UserNotFoundException",
            "",
            Some(SessionExpired),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "ResourceNotFoundException",
            "",
            Some(Refused),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "PasswordResetRequiredException",
            "",
            Some(Refused),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "UserNotConfirmedException",
            "",
            Some(Refused),
        ),
        (
            &["GlobalSignOut", "GetUser"],
            "OperationNotEnabledException",
            "",
            Some(Refused),
        ),
        (
            &REFRESHES,
            "NotAuthorizedException",
            "Refresh Token has been revoked",
            Some(SessionExpired),
        ),
        (
            &REFRESHES,
            "NotAuthorizedException",
            "Refresh Token has expired",
            Some(SessionExpired),
        ),
        (
            &REFRESHES,
            "NotAuthorizedException",
            "Invalid Refresh Token",
            Some(SessionExpired),
        ),
        (
            &REFRESHES,
            "NotAuthorizedException",
            "User is disabled.",
            Some(SessionExpired),
        ),
        (&REFRESHES, "NotAuthorizedException", "", Some(SessionExpired)),
        (
            &REFRESHES,
            "NotAuthorizedException",
            "Unable to verify secret hash for client 3n4b5urk1ft4fl3mg5e62d9ado",
            Some(ClientRejected),
        ),
        (&REFRESHES, "RefreshTokenReuseException", "", Some(SessionExpired)),
        (&REFRESHES, "UserNotFoundException", "", Some(SessionExpired)),
        (&REFRESHES, "ResourceNotFoundException", "", Some(ClientRejected)),
        (&REFRESHES, "PasswordResetRequiredException", "", Some(Refused)),
        (&REFRESHES, "UserLambdaValidationException", "", Some(Refused)),
        (&SESSIONS, "OperationNotEnabledException", "", Some(SessionTrackingOff)),
        (
            &SESSIONS,
            "FeatureUnavailableInTierException",
            "",
            Some(SessionTrackingOff),
        ),
        (
            &["RevokeUserSession"],
            "ResourceNotFoundException",
            "",
            Some(SessionNotFound),
        ),
        (&["ListUserSessions"], "ResourceNotFoundException", "", Some(Refused)),
        (&SESSIONS, "UnknownOperationException", "", Some(SessionsNotSupported)),
        (&SESSIONS, "NotImplementedException", "", Some(SessionsNotSupported)),
        (&SESSIONS, "InvalidAction", "", Some(SessionsNotSupported)),
        (
            &SESSIONS,
            "MissingAuthenticationTokenException",
            "",
            Some(SessionsNotSupported),
        ),
        (
            &SESSIONS,
            "NotAuthorizedException",
            "Access Token has been revoked",
            None,
        ),
        (
            &SESSIONS,
            "NotAuthorizedException",
            "Access Token has expired",
            Some(SessionExpired),
        ),
        (
            &SESSIONS,
            "NotAuthorizedException",
            "Access Token does not have required scopes",
            Some(MissingScope),
        ),
        (&SESSIONS, "NotAuthorizedException", "", Some(Refused)),
        (&SESSIONS, "UserNotFoundException", "", Some(SessionExpired)),
        (&SESSIONS, "InvalidParameterException", "", Some(Refused)),
    ];
    for (operations, name, message, expected) in table {
        for operation in *operations {
            let got = code(operation, &refusal(name, message));
            assert_eq!(got, *expected, "{operation}: {name} {message:?}");
        }
    }
}

/// Why the session has ended, if the error says that it has.
fn reason(operation: &str, name: &str, message: &str) -> Option<EndReason> {
    let error = judge(operation, &refusal(name, message)).unwrap_err();
    StepError::from(error).end_reason()
}

#[test]
fn a_refresh_and_get_user_say_why_a_session_has_ended_and_only_in_words_that_leave_no_doubt() {
    use EndReason::*;
    let not_authorized = "NotAuthorizedException";
    let of_both: &[(&str, &str, Option<EndReason>)] = &[
        (not_authorized, "User is disabled.", Some(UserDisabled)),
        (not_authorized, "USER IS DISABLED", Some(UserDisabled)),
        (
            not_authorized,
            "The user has been deleted for the associated refresh token",
            Some(UserDeleted),
        ),
        ("UserNotFoundException", "User does not exist.", Some(UserDeleted)),
        ("PasswordResetRequiredException", "", Some(PasswordReset)),
        (not_authorized, "", Some(Unknown)),
        (not_authorized, "A text of a later year", Some(Unknown)),
        (not_authorized, "It has been revoked or has expired", Some(Unknown)),
        ("UserNotConfirmedException", "Access Token has been revoked", None),
        ("ResourceNotFoundException", "Access Token has been revoked", None),
        ("TooManyRequestsException", "Access Token has been revoked", None),
        ("ForbiddenException", "Access Token has been revoked", None),
    ];
    for operation in REFRESHES.into_iter().chain(["GetUser"]) {
        for (name, message, expected) in of_both {
            assert_eq!(
                reason(operation, name, message),
                *expected,
                "{operation}: {name} {message}"
            );
        }
    }
    for operation in REFRESHES {
        for (name, message, expected) in [
            (not_authorized, "Refresh Token has been revoked", Some(Revoked)),
            (not_authorized, "Refresh Token has expired", Some(Expired)),
            (not_authorized, "Invalid Refresh Token.", Some(Unknown)),
            ("RefreshTokenReuseException", "", Some(Unknown)),
            (
                not_authorized,
                "Unable to verify secret hash for client 3n4b5urk1f",
                None,
            ),
            ("UserLambdaValidationException", "User is disabled.", None),
        ] {
            assert_eq!(
                reason(operation, name, message),
                expected,
                "{operation}: {name} {message}"
            );
        }
    }
    for (message, expected) in [
        ("Access Token has been revoked", Some(Revoked)),
        ("Access Token has expired", Some(Expired)),
        ("Access Token does not have required scopes", None),
        ("Invalid Access Token", Some(Unknown)),
    ] {
        assert_eq!(reason("GetUser", not_authorized, message), expected, "{message}");
    }
    assert_eq!(reason("RevokeToken", not_authorized, "User is disabled."), None);
}

#[test]
fn an_error_is_the_same_in_every_spelling_and_status() {
    let spellings = [
        r#"{"__type":"UnsupportedTokenTypeException"}"#,
        r#"{"__type":"UnsupportedTokenTypeException:"}"#,
        r#"{"__type":"UnsupportedTokenTypeException:http://internal.amazon.com/coral/"}"#,
        r#"{"__type":"com.amazonaws.cognito#UnsupportedTokenTypeException"}"#,
        r#"{"__type":"com.amazonaws.cognito#UnsupportedTokenTypeException:"}"#,
        r#" {"message":7,"Message":null,"__type":"UnsupportedTokenTypeException","more":[{}]}"#,
    ];
    let mut answers: Vec<_> = spellings.iter().map(|body| answer(400, body)).collect();
    for body in ["", "{}", "<html>", r#"{"__type":null}"#] {
        let mut header_only = answer(400, body);
        let header = (
            "X-Amzn-ErrorType".into(),
            "UnsupportedTokenTypeException:http://x/".into(),
        );
        header_only.headers.push(header);
        answers.push(header_only);
    }
    for mut answer in answers {
        for status in [200, 302, 400, 401, 404, 429, 500, 503] {
            answer.status = status;
            let Err(AttemptError::Failed { error, retry: false }) = judge("RevokeToken", &answer) else {
                panic!("{answer:?} is an error that no other attempt helps against");
            };
            let message = "RevokeToken failed: Cognito returned UnsupportedTokenTypeException";
            assert_eq!(
                (error.code(), error.message()),
                (ErrorCode::Refused, message),
                "{answer:?}"
            );
        }
    }
}

#[test]
fn only_200_with_nothing_or_an_object_is_a_success() {
    for body in ["", "{}", " {} ", r#"{"AuthenticationResult":{}}"#] {
        assert_eq!(judge("RevokeToken", &answer(200, body)), Ok(()), "{body}");
    }
}

/// What a captive portal or a proxy may answer: nobody has revoked anything.
#[test]
fn only_what_has_a_header_of_cognitos_is_a_success() {
    let with = |body: &str, headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        HttpResponse {
            headers: headers.collect(),
            ..answer(200, body)
        }
    };
    for body in [
        "",
        "{}",
        r#"{"AuthenticationResult":{"AccessToken":"a","IdToken":"i"}}"#,
    ] {
        for operation in OPERATIONS {
            for cognitos in [
                ("x-amzn-requestid", "3f0c"),
                ("X-Amzn-RequestId", "3f0c"),
                ("Content-Type", "application/x-amz-json-1.1"),
                ("content-type", "Application/X-Amz-JSON-1.1; charset=utf-8"),
            ] {
                let answer = with(body, &[("content-length", "0"), cognitos]);
                assert_eq!(judge(operation, &answer), Ok(()), "{operation} {body:?} {cognitos:?}");
            }
            for others in [
                &[][..],
                &[("content-length", "0"), ("server", "nginx")],
                &[("content-type", "application/json"), ("x-am", "é"), ("é", "")],
                &[("content-type", "text/html")],
            ] {
                let error = StepError::from(judge(operation, &with(body, others)).unwrap_err());
                assert_eq!(
                    error.code(),
                    ErrorCode::UnexpectedResponse,
                    "{operation} {body:?} {others:?}"
                );
                let blamed = ["not from Cognito", "an HttpTransport must pass them on"][usize::from(others.is_empty())];
                assert!(error.message().contains(blamed), "{error} {others:?}");
            }
        }
    }
}

#[test]
fn what_is_not_cognitos_is_said_to_be_another_s_or_the_transport_s_doing() {
    let message = |headers: &[(String, String)]| {
        let answer = HttpResponse {
            headers: headers.to_vec(),
            ..answer(200, "")
        };
        StepError::from(judge("RevokeToken", &answer).unwrap_err()).to_string()
    };
    let portal = message(&[("content-type".into(), "text/html".into())]);
    assert!(
        portal.contains("HTTP 200 for RevokeToken") && portal.contains("captive portal"),
        "{portal}"
    );
    let without = message(&[]);
    assert!(without.contains("HttpTransport"), "{without}");
}

#[test]
fn what_is_not_cognitos_is_told_by_its_status() {
    use ErrorCode::*;
    for body in [
        "<html>Log in to the hotel's Wi-Fi</html>",
        r#"{"Authent"#,
        "[]",
        "null",
        r#""{}""#,
        "\u{fffd}",
    ] {
        for (status, expected) in [
            (200, UnexpectedResponse),
            (204, UnexpectedResponse),
            (302, UnexpectedResponse),
            (400, UnexpectedResponse),
            (407, UnexpectedResponse),
            (429, Throttled),
            (500, ServiceUnavailable),
            (502, ServiceUnavailable),
            (503, ServiceUnavailable),
            (504, ServiceUnavailable),
        ] {
            let got = code("RevokeToken", &answer(status, body));
            assert_eq!(got, Some(expected), "{status} {body}");
        }
    }
    for status in [204, 302, 400] {
        for body in ["", "{}"] {
            let got = code("GlobalSignOut", &answer(status, body));
            assert_eq!(got, Some(UnexpectedResponse), "{status} {body}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_a_server_says_panics_or_is_repeated(
        operation in prop::sample::select(&OPERATIONS[..]),
        status: u16,
        kind in "[a-z0-9.#:_ -]{0,80}",
        secret in "ey[A-Za-z0-9_-]{20,40}\\.[A-Za-z0-9_-]{20,40}",
        garbage: Vec<u8>,
    ) {
        let body = serde_json::json!({ "__type": format!("{kind}{secret}"), "message": secret });
        let Err(error) = judge(operation, &answer(status, &body.to_string())) else {
            return Err(TestCaseError::fail("an error passed"));
        };
        let said = format!("{error} {error:?}");
        prop_assert!(!said.contains(&secret));

        let answer = HttpResponse { status, headers: vec![], body: Zeroizing::new(garbage) };
        let is_success = judge(operation, &answer).is_ok();
        let may_be_one = status == 200 && (answer.body.is_empty() || answer.body.starts_with(b"{"));
        prop_assert!(may_be_one || !is_success);
    }
}
