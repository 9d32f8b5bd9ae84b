//! The doctor: reads an app client's settings and says what a sign-out will and will not do there.
//!
//! [`Facts`] is what was read. [`findings`] says what it means, and depends on nothing else.

mod facts;
mod findings;
mod fix;

use std::fmt;

pub use fix::{Change, Difference, Fix};

use self::facts::Facts;
use super::{AdminClient, AdminError};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Nothing to improve.
    Good,
    /// Worth knowing; it may well be intended.
    Note,
    /// A sign-out leaves something valid that other settings would end.
    Warning,
    /// A sign-out does not work.
    Problem,
}

impl Severity {
    /// One word, which never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding of the doctor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The finding's code, for programs: it never changes.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it means for a sign-out.
    pub means: String,
    /// What to change, if there is something to change.
    pub fix: Option<String>,
}

/// Everything the doctor found about an app client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Examination {
    /// The app client's name.
    pub client_name: Option<String>,
    /// In the order in which they matter to a sign-out.
    pub findings: Vec<Finding>,
}

impl Examination {
    /// The severity of the worst finding.
    pub fn worst(&self) -> Severity {
        let severities = self.findings.iter().map(|finding| finding.severity);
        severities.max().unwrap_or(Severity::Good)
    }
}

impl AdminClient {
    /// Reads the settings of an app client and its user pool, and says what a sign-out will do there: whether tokens can be
    /// revoked, how long others accept them afterwards, whether `GlobalSignOut` and the hosted pages' `/logout` can work,
    /// whether the pool tracks sessions, how long a browser's session lasts, and which sessions survive at identity providers. `sign_out_uris` are the app's own: each is compared with the app
    /// client's list exactly, as Cognito does it.
    ///
    /// Needs `cognito-idp:DescribeUserPoolClient`. Without `DescribeUserPool`, `DescribeUserPoolDomain`,
    /// `DescribeIdentityProvider`, `GetUserPoolSessionConfiguration` or `GetUserPoolClientSessionConfiguration` it says what it
    /// could not read; also in a Region that does not have the last two.
    ///
    /// ```
    /// # #[cfg(all(feature = "rustls", feature = "test-util"))]
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use cognito_signout::admin::AdminClient;
    /// # use cognito_signout::transport::RustlsTransport;
    /// # let fake = cognito_signout::fake_cognito::FakeCognito::builder().token_revocation(false).start().await?;
    /// # let (pool, client_id) = (&fake.user_pool_id(), &fake.client_id());
    /// # let client = AdminClient::builder(RustlsTransport::new()).credentials("AKIDEXAMPLE", "secret", None);
    /// # let client = client.endpoint(fake.url().as_str())?.build();
    /// use cognito_signout::admin::{Fix, Severity};
    ///
    /// let examination = client.examine(pool, client_id, &["myapp://signed-out"]).await?;
    /// for finding in &examination.findings {
    ///     println!("{} {}: {}", finding.severity, finding.code, finding.means);
    /// }
    /// assert_eq!(examination.worst(), Severity::Problem);
    ///
    /// let change = client.plan_fix(pool, client_id, &[Fix::Revocation]).await?;
    /// for difference in change.differences() {
    ///     println!("{difference}");
    /// }
    /// client.apply_fix(&change).await?;
    /// # assert!(client.plan_fix(pool, client_id, &[Fix::Revocation]).await?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`global_sign_out`](Self::global_sign_out); [`AdminError::ClientNotFound`].
    pub async fn examine(
        &self,
        user_pool_id: &str,
        client_id: &str,
        sign_out_uris: &[&str],
    ) -> Result<Examination, AdminError> {
        let facts = Facts::gather(&self.pool(user_pool_id)?, client_id).await?;
        Ok(Examination {
            client_name: facts.client.client_name.clone(),
            findings: findings::of(&facts, sign_out_uris),
        })
    }
}
