//! `WWW-Authenticate`.

use cognito_signout::{Auth, Refusal};
use proptest::prelude::*;

use crate::cases;

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
}
