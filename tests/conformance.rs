//! FakeCognito under the suite that the independent emulators run too (`real_servers/`). It has no deviations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod support {
    pub(crate) mod conformance;
    pub(crate) mod wire;
}

use cognito_signout::fake_cognito::FakeCognito;
use support::conformance::{self, UserPool};

impl UserPool for FakeCognito {
    fn endpoint(&self) -> String {
        self.url().to_string()
    }

    fn user_pool_id(&self) -> String {
        self.user_pool_id()
    }

    fn client_id(&self) -> String {
        self.client_id()
    }

    fn client_secret(&self) -> Option<String> {
        self.client_secret().map(|secret| secret.reveal().to_owned())
    }

    async fn add_user(&self, username: &str, password: &str) {
        self.add_user(username, password);
    }

    fn deviations(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
}

#[tokio::test]
async fn fake_cognito_with_a_public_client() {
    conformance::check(&FakeCognito::start().await.unwrap()).await;
}

#[tokio::test]
async fn fake_cognito_with_a_confidential_client() {
    conformance::check(&FakeCognito::builder().client_secret("s3cret").start().await.unwrap()).await;
}
