//! The user pool, the two devices, and how a sign-out on one of them is watched.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, SystemTime};

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens, Operation, Recorded};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::VaultKey;
use cognito_signout::{
    Auth, AuthConfig, AuthEvent, Claims, ConfigError, SignOutOptions, SignOutResult, SignedInWith, StepStatus, Tokens,
    UnpaidRevocations,
};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::file_vault::FileVault;
use crate::show::{Row, Show, millis};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// The longest that a device may take to be signed out, whatever Cognito does: one small file, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(1);

pub(crate) struct Stage {
    pub(crate) fake: FakeCognito,
    pub(crate) show: Show,
    pub(crate) phone: Device,
    /// Keeps revocations that it could not carry out.
    pub(crate) laptop: Device,
}

/// An app on a device: a handle, and a vault of its own.
pub(crate) struct Device {
    pub(crate) auth: Auth,
    pub(crate) folder: TempDir,
    key: VaultKey,
}

/// A sign-out as it is to turn out.
pub(crate) struct Expected {
    pub(crate) what: &'static str,
    pub(crate) asked: &'static str,
    pub(crate) result: &'static str,
    pub(crate) steps: &'static str,
    pub(crate) vault: &'static str,
}

/// What came of a sign-out, and when.
pub(crate) struct SignedOut {
    pub(crate) result: SignOutResult,
    pub(crate) signed_out_after: Duration,
    pub(crate) answered_after: Duration,
}

/// The app's handle on its session: the one thing that an app makes.
pub(crate) fn open(
    endpoint: &str,
    key: &VaultKey,
    folder: &Path,
    unpaid: UnpaidRevocations,
) -> Result<Auth, ConfigError> {
    let config = AuthConfig::builder(&key.user_pool_id, &key.client_id)
        .endpoint(endpoint)
        .unpaid_revocations(unpaid)
        .build()?;
    Ok(Auth::builder(config, FileVault::new(folder), RustlsTransport::new()).build())
}

/// Signs out, and takes the time to the event that tells the app and to the result.
pub(crate) async fn sign_out(auth: &Auth, options: SignOutOptions) -> Outcome<SignedOut> {
    let mut events = auth.events();
    let started = Instant::now();
    let event = async {
        loop {
            match events.next().await {
                Some(AuthEvent::SignedOut(_)) => return Ok(started.elapsed()),
                Some(_) => {}
                None => return Err("the events ended without a sign-out"),
            }
        }
    };
    let answer = async { (auth.sign_out(options).await, started.elapsed()) };
    let event = tokio::time::timeout(Duration::from_secs(15), event);
    let (signed_out_after, (result, answered_after)) = tokio::join!(event, answer);
    Ok(SignedOut {
        result,
        signed_out_after: signed_out_after??,
        answered_after,
    })
}

impl Stage {
    pub(crate) async fn set_up() -> Outcome<Self> {
        let fake = FakeCognito::start().await?;
        let phone = Device::of(&fake, UnpaidRevocations::HandOver)?;
        let laptop = Device::of(&fake, UnpaidRevocations::default())?;
        let show = Show::default();
        Ok(Self {
            fake,
            show,
            phone,
            laptop,
        })
    }

    /// As [`asked`].
    pub(crate) fn asked(&self) -> String {
        asked(&self.fake)
    }

    /// Shows what came of a sign-out beside what was to come, and gives it its row in the table.
    pub(crate) fn review(
        &mut self,
        signed_out: &SignedOut,
        vault: String,
        tokens: &IssuedTokens,
        deadline: Duration,
        expected: &Expected,
    ) {
        let asked = self.asked();
        let result = name_of(&signed_out.result);
        let show = &mut self.show;
        show.find("asked", &asked, expected.asked);
        show.find("came back", result, expected.result);
        show.find("steps", &steps(&signed_out.result), expected.steps);
        show.find("vault", &vault, expected.vault);
        show.claim(
            &format!(
                "this device was signed out after {}",
                millis(signed_out.signed_out_after)
            ),
            signed_out.signed_out_after < AT_ONCE && signed_out.signed_out_after < signed_out.answered_after,
        );
        show.claim(
            &format!(
                "the result came after {}, within the deadline of {} s",
                millis(signed_out.answered_after),
                deadline.as_secs()
            ),
            signed_out.answered_after <= deadline,
        );
        let residual = signed_out.result.report().residual.iter();
        let residual = residual.filter_map(|left| Some(until(left.token.as_str(), left.valid_until?)));
        let residual: Vec<String> = residual.collect();
        show.find("residual", &residual.join(", "), &both_until_they_expire(tokens));
        show.claim(
            "the result prints without a token",
            !shows_a_token(&format!("{:?}", signed_out.result), tokens),
        );
        show.row(Row {
            what: expected.what,
            asked,
            result: result.to_owned(),
            signed_out_after: signed_out.signed_out_after,
            answered_after: signed_out.answered_after,
            vault,
        });
    }
}

/// What Cognito was asked since it was last told to forget, with the status of each answer.
pub(crate) fn asked(fake: &FakeCognito) -> String {
    let requests = fake.requests();
    let answers: Vec<String> = requests.iter().map(answer).collect();
    let runs = answers.chunk_by(|one, next| one == next).map(|run| match run {
        [once] => once.clone(),
        [several, ..] => format!("{several} ×{}", run.len()),
        [] => String::new(),
    });
    let runs: Vec<String> = runs.collect();
    if runs.is_empty() {
        "nothing".into()
    } else {
        runs.join(", ")
    }
}

fn answer(request: &Recorded) -> String {
    let operation = request.operation().map_or("something else", Operation::as_str);
    match request.status() {
        Some(status) => format!("{operation} {status}"),
        None => format!("{operation} (no answer)"),
    }
}

impl Device {
    fn of(fake: &FakeCognito, unpaid: UnpaidRevocations) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let key = VaultKey {
            user_pool_id: fake.user_pool_id(),
            client_id: fake.client_id(),
        };
        let auth = open(fake.url().as_str(), &key, folder.path(), unpaid)?;
        Ok(Self { auth, folder, key })
    }

    /// A new handle, which has this device's vault and nothing else of what was before.
    pub(crate) fn restart(&self, fake: &FakeCognito) -> Result<Auth, ConfigError> {
        open(
            fake.url().as_str(),
            &self.key,
            self.folder.path(),
            UnpaidRevocations::HandOver,
        )
    }

    /// Signs ana in on this device.
    pub(crate) async fn sign_in(&self, fake: &FakeCognito) -> Outcome<IssuedTokens> {
        let issued = fake.sign_in("ana");
        let tokens = Tokens::new(issued.access.clone(), issued.id.clone(), issued.refresh.clone());
        self.auth.store_session(tokens, SignedInWith::Api).await?;
        Ok(issued)
    }

    /// What is in its vault.
    pub(crate) fn vault(&self) -> Outcome<String> {
        Ok(FileVault::new(self.folder.path()).content(&self.key)?)
    }
}

pub(crate) fn name_of(result: &SignOutResult) -> &'static str {
    match result {
        SignOutResult::Complete(_) => "Complete",
        SignOutResult::Partial(_) => "Partial",
        SignOutResult::Failed(_) => "Failed",
    }
}

/// The steps that were not skipped.
pub(crate) fn steps(result: &SignOutResult) -> String {
    let named = result.report().steps.named();
    let taken = named
        .iter()
        .filter(|(_, status)| !matches!(status, StepStatus::Skipped(_)))
        .map(|(step, status)| format!("{step} {status}"));
    taken.collect::<Vec<_>>().join(", ")
}

fn until(token: &str, time: SystemTime) -> String {
    let time = Timestamp::try_from(time).map_or_else(|error| error.to_string(), |time| time.to_string());
    format!("{token} token until {time}")
}

/// What services that verify tokens offline go on accepting after every sign-out, as the tokens themselves say it.
fn both_until_they_expire(tokens: &IssuedTokens) -> String {
    let until_it_expires = |kind: &str, token| match Claims::from_jwt(token) {
        Ok(claims) => until(kind, claims.expires_at()),
        Err(error) => error.to_string(),
    };
    format!(
        "{}, {}",
        until_it_expires("access", &tokens.access),
        until_it_expires("id", &tokens.id)
    )
}

/// Whether the secret part of a token stands in a text.
pub(crate) fn shows_a_token(text: &str, tokens: &IssuedTokens) -> bool {
    [&tokens.access, &tokens.id, &tokens.refresh]
        .iter()
        .filter_map(|token| token.reveal().rsplit('.').next())
        .any(|secret| text.contains(secret))
}
