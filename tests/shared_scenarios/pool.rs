//! The user pool that a scenario describes, and what happens there: the same for every runner in Rust.

use std::fmt::Debug;
use std::time::Duration;

use cognito_signout::Claims;
use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens, Operation};

use crate::words::Pool;

pub(crate) async fn start(pool: &Pool) -> FakeCognito {
    let mut builder = FakeCognito::builder().token_revocation(!pool.no_revocation);
    if let Some(secret) = &pool.client_secret {
        builder = builder.client_secret(secret.clone());
    }
    if let Some(grace) = pool.rotation {
        builder = builder.rotation(Duration::from_secs(grace));
    }
    if let Some(lifetime) = pool.access_token_lifetime {
        builder = builder.access_token_lifetime(Duration::from_secs(lifetime));
    }
    if pool.session_tracking {
        builder = builder.session_tracking();
    }
    if let Some(most) = pool.max_sessions_per_user {
        builder = builder.max_sessions_per_user(most);
    }
    if let Some(size) = pool.session_page_size {
        builder = builder.session_page_size(size);
    }
    builder.start().await.unwrap()
}

/// A user signs in, at the server alone.
pub(crate) fn sign_in(fake: &FakeCognito, user: &str, browser: bool) -> IssuedTokens {
    match browser {
        true => fake.sign_in_through_browser(user),
        false => fake.sign_in(user),
    }
}

/// The tokens of a user who signs in to the app.
pub(crate) fn sign_in_to_the_app(
    fake: &FakeCognito,
    user: &str,
    scope: Option<String>,
    through: Option<String>,
    browser: bool,
) -> IssuedTokens {
    match (through, scope) {
        (Some(provider), None) => fake.sign_in_through(&provider, user),
        (None, Some(scope)) => fake.sign_in_with_scope(user, &scope),
        (None, None) => sign_in(fake, user, browser),
        both => panic!("one of both: {both:?}"),
    }
}

/// A push message, with the claims of this session.
pub(crate) fn about_the_session(message: &str, tokens: Option<&IssuedTokens>) -> String {
    let claims = Claims::from_jwt(&tokens.unwrap().access).unwrap();
    let message = message.replace("SUB", claims.subject().unwrap());
    message.replace("ORIGIN_JTI", claims.origin_jti().unwrap())
}

/// The names of the requests so far.
pub(crate) fn requests(fake: &FakeCognito) -> Vec<String> {
    let operations = fake.operations();
    operations.into_iter().map(Operation::as_str).map(Into::into).collect()
}

/// Waits until `so` is true, at most 20 s.
pub(crate) async fn wait_until<F: Future<Output = bool>>(fake: &FakeCognito, so: impl Fn() -> F) {
    let waiting = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    assert!(
        waited.is_ok(),
        "it never came; the server has seen {:?}",
        requests(fake)
    );
}

/// Fails unless it is the expected value: now, or `eventually`.
pub(crate) async fn is<T: PartialEq + Debug>(fake: &FakeCognito, value: impl Fn() -> T, expected: T, eventually: bool) {
    if eventually {
        wait_until(fake, || async { value() == expected }).await;
    }
    assert_eq!(value(), expected);
}
