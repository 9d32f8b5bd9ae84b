//! The user pool that a scenario describes.

use std::time::Duration;

use cognito_signout::fake_cognito::FakeCognito;

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
