//! What says that a token was refused, and the app's own push message: all of it comes from outside.

use cognito_signout::transport::HttpResponse;
use cognito_signout::{Auth, Refusal, RemoteSignOut, SessionState, Verification};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::app::{auth, run, valid_record, vault_with};
use crate::{cases, edited, edits};

/// The user of `valid_record`.
const SUB: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

/// A challenge for bearer tokens, with what RFC 9110 lets a server choose: case, spaces, commas, quotes and escapes.
fn bearer(error: &'static str, description: &'static str) -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec!["Bearer", "bearer", "BEARER"]);
    let between = prop::sample::select(vec![",", ", ", " , ", ",\t", " "]);
    let equals = prop::sample::select(vec!["=", " = ", "= "]);
    let escaped: String = description.chars().flat_map(|next| ['\\', next]).collect();
    let description = prop::sample::select(vec![format!("\"{description}\""), format!("\"{escaped}\"")]);
    let error = prop::sample::select(vec![format!("\"{error}\""), error.to_owned()]);
    let realm = prop::option::of("[a-z =,]{0,8}");
    (scheme, between, equals, error, description, realm, any::<bool>()).prop_map(
        |(scheme, between, equals, error, description, realm, turned)| {
            let mut parameters = vec![
                format!("Error{equals}{error}"),
                format!("error_description{equals}{description}"),
            ];
            parameters.extend(realm.map(|realm| format!("realm=\"{realm}\"")));
            if turned {
                parameters.reverse();
            }
            format!("{scheme} {}", parameters.join(between))
        },
    )
}

/// Challenges of other schemes, which must not change the answer.
fn others() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "Basic realm=\"Bearer error=insufficient_scope\"",
        "Negotiate YWJjZA==",
        "Digest realm=\"a\", qop=\"auth, auth-int\", nonce=\"\\\"\"",
        "NTLM",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_header_and_any_body_has_an_answer(header in any::<String>(), status in any::<u16>(), body in any::<Vec<u8>>()) {
        Auth::classify_www_authenticate(&header);
        Auth::classify(status, &body);
        Auth::classify(status, &header);
    }

    #[test]
    fn what_names_no_bearer_error_says_nothing_for_certain(header in "[^bB]*") {
        prop_assert_eq!(Auth::classify_www_authenticate(&header), Refusal::Other);
    }

    #[test]
    fn every_way_to_write_a_challenge_means_the_same(
        expired in bearer("invalid_token", "The access token expired"),
        revoked in bearer("invalid_token", "the token was revoked"),
        scope in bearer("insufficient_scope", "more"),
        before in others(),
        after in others(),
    ) {
        for (bearer, expected) in
            [(expired, Refusal::Expired), (revoked, Refusal::Revoked), (scope, Refusal::InsufficientScope)]
        {
            for header in [bearer.clone(), format!("{before}, {bearer}, {after}")] {
                prop_assert_eq!(Auth::classify_www_authenticate(&header), expected, "{}", header);
            }
        }
    }

    #[test]
    fn no_edit_of_a_header_is_a_panic(header in bearer("invalid_token", "The access token expired"), edits in edits()) {
        Auth::classify_www_authenticate(&edited(&header, &edits));
    }

    #[test]
    fn a_push_is_verified_only_if_it_names_the_user(edits in edits(), as_text in any::<bool>()) {
        let about = json!({ "sub": SUB, "origin_jti": "o-1" });
        let about = if as_text { Value::from(about.to_string()) } else { about };
        let message = edited(&json!({ "aps": {}, "cognito_signout": about }).to_string(), &edits);
        let vault = vault_with(valid_record().as_bytes());
        run(async {
            let auth = auth(&vault, None);
            match auth.remote_sign_out(&message).await {
                RemoteSignOut::Verified(Verification::Unknown(_)) => assert!(message.contains(SUB), "{message}"),
                RemoteSignOut::Verified(known) => panic!("there is no network: {known:?}"),
                RemoteSignOut::NotRecognized | RemoteSignOut::OtherSession => {}
            }
            assert!(matches!(auth.session().await, SessionState::SignedIn(session) if !session.expired));
        });
    }

    #[test]
    fn any_push_leaves_the_session_alone(message in any::<String>()) {
        let vault = vault_with(valid_record().as_bytes());
        run(async {
            let asked = auth(&vault, None::<HttpResponse>).remote_sign_out(&message).await;
            assert_eq!(asked, RemoteSignOut::NotRecognized);
        });
    }
}
