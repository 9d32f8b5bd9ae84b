//! The user pool, the two devices, and the check of a sign-out on one of them.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, SystemTime};

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens, Operation, Recorded};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::VaultKey;
use cognito_signout::{
    Auth, AuthConfig, AuthEvent, Claims, ConfigError, SignOutOptions, SignOutResult, SignedInWith, StepStatus, Tokens,
};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::file_vault::FileVault;
use crate::show::{Row, Show, millis};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// The longest time in which a device must be signed out, whatever Cognito does: for one small file, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(1);

pub(crate) struct Stage {
    pub(crate) fake: FakeCognito,
    pub(crate) show: Show,
    pub(crate) phone: Device,
    pub(crate) laptop: Device,
}

/// An app on a device: a handle, and its own vault.
pub(crate) struct Device {
    pub(crate) auth: Auth,
    pub(crate) folder: TempDir,
    pub(crate) key: VaultKey,
}

/// What a sign-out must do.
pub(crate) struct Expected {
    pub(crate) scene: &'static str,
    pub(crate) deadline: Duration,
    pub(crate) requests: &'static str,
    pub(crate) result: &'static str,
    pub(crate) steps: &'static str,
    pub(crate) vault: &'static str,
}

/// Who signs out.
#[derive(Clone, Copy)]
pub(crate) enum On {
    Phone,
    Laptop,
}

/// What a sign-out did, and when.
struct SignedOut {
    result: SignOutResult,
    signed_out_after: Duration,
    returned_after: Duration,
}

/// The app's handle: all that an app has to make.
pub(crate) fn open(endpoint: &str, key: &VaultKey, folder: &Path) -> Result<Auth, ConfigError> {
    let config = config(endpoint, key)?;
    Ok(Auth::builder(config, FileVault::new(folder), RustlsTransport::new()).build())
}

/// The app's configuration.
pub(crate) fn config(endpoint: &str, key: &VaultKey) -> Result<AuthConfig, ConfigError> {
    AuthConfig::builder(&key.user_pool_id, &key.client_id)
        .endpoint(endpoint)
        .session_tracking(true)
        .build()
}

/// Signs out, and measures the time to the event `SignedOut` and the time to the result.
async fn sign_out(auth: &Auth, options: SignOutOptions) -> Outcome<SignedOut> {
    let mut events = auth.events();
    let started = Instant::now();
    let event = async {
        loop {
            match events.next().await {
                Some(AuthEvent::SignedOut { .. }) => return Ok(started.elapsed()),
                Some(_) => {}
                None => return Err("the events ended without a sign-out"),
            }
        }
    };
    let call = async { (auth.sign_out(options).await, started.elapsed()) };
    let event = tokio::time::timeout(Duration::from_secs(15), event);
    let (signed_out_after, (result, returned_after)) = tokio::join!(event, call);
    Ok(SignedOut {
        result,
        signed_out_after: signed_out_after??,
        returned_after,
    })
}

impl Stage {
    pub(crate) async fn set_up() -> Outcome<Self> {
        let fake = FakeCognito::builder().session_tracking().start().await?;
        let phone = Device::of(&fake)?;
        let laptop = Device::of(&fake)?;
        let show = Show::default();
        Ok(Self {
            fake,
            show,
            phone,
            laptop,
        })
    }

    /// As [`requests`].
    pub(crate) fn requests(&self) -> String {
        requests(&self.fake)
    }

    /// Signs out on one device. Shows what happened beside what had to happen, and adds a row to the table.
    pub(crate) async fn sign_out(
        &mut self,
        on: On,
        options: SignOutOptions,
        tokens: &IssuedTokens,
        expected: &Expected,
    ) -> Outcome<SignOutResult> {
        let device = match on {
            On::Phone => &self.phone,
            On::Laptop => &self.laptop,
        };
        let SignedOut {
            result,
            signed_out_after,
            returned_after,
        } = sign_out(&device.auth, options.deadline(expected.deadline)).await?;
        let (requests, vault) = (requests(&self.fake), device.vault()?);
        let show = &mut self.show;
        show.find("requests", &requests, expected.requests);
        show.find("result", name_of(&result), expected.result);
        show.find("steps", &steps(&result), expected.steps);
        show.find("vault", &vault, expected.vault);
        show.claim(
            &format!("this device was signed out after {}", millis(signed_out_after)),
            signed_out_after < AT_ONCE && signed_out_after < returned_after,
        );
        show.claim(
            &format!(
                "the result came after {}, within the deadline of {} s",
                millis(returned_after),
                expected.deadline.as_secs()
            ),
            returned_after <= expected.deadline,
        );
        let residual = result.report().residual.iter();
        let residual = residual.filter_map(|left| Some(until(left.token.as_str(), left.valid_until?)));
        let residual: Vec<String> = residual.collect();
        show.find("still valid", &residual.join(", "), &both_until_they_expire(tokens));
        show.claim(
            "the printed result has no token in it",
            !shows_a_token(&format!("{result:?}"), tokens),
        );
        show.row(Row {
            scene: expected.scene,
            requests,
            result: name_of(&result).to_owned(),
            signed_out_after,
            returned_after,
            vault,
        });
        Ok(result)
    }
}

/// The requests since the fake was last told to forget them, with the status of each response.
pub(crate) fn requests(fake: &FakeCognito) -> String {
    let requests = fake.requests();
    let requests: Vec<String> = requests.iter().map(with_status).collect();
    let runs = requests.chunk_by(|one, next| one == next).map(|run| match run {
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

fn with_status(request: &Recorded) -> String {
    let operation = request.operation().map_or("something else", Operation::as_str);
    match request.status() {
        Some(status) => format!("{operation} {status}"),
        None => format!("{operation} (no response)"),
    }
}

impl Device {
    fn of(fake: &FakeCognito) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let key = VaultKey {
            user_pool_id: fake.user_pool_id(),
            client_id: fake.client_id(),
        };
        let auth = open(fake.url().as_str(), &key, folder.path())?;
        Ok(Self { auth, folder, key })
    }

    /// A new handle over this device's vault, as a new process has it.
    pub(crate) fn restart(&self, fake: &FakeCognito) -> Result<Auth, ConfigError> {
        open(fake.url().as_str(), &self.key, self.folder.path())
    }

    /// Signs ana in on this device.
    pub(crate) async fn sign_in(&self, fake: &FakeCognito) -> Outcome<IssuedTokens> {
        self.store(fake.sign_in("ana"), SignedInWith::Api).await
    }

    /// Signs ana in on this device, at the hosted pages in its browser.
    pub(crate) async fn sign_in_through_browser(&self, fake: &FakeCognito) -> Outcome<IssuedTokens> {
        self.store(fake.sign_in_through_browser("ana"), SignedInWith::HostedUi)
            .await
    }

    async fn store(&self, issued: IssuedTokens, how: SignedInWith) -> Outcome<IssuedTokens> {
        let tokens = Tokens::new(issued.access.clone(), issued.id.clone(), issued.refresh.clone());
        self.auth.store_session(tokens, how).await?;
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
    let app = &result.report().steps.app;
    let app = app.iter().map(|step| (step.name.as_str(), step.status));
    let taken = named
        .into_iter()
        .chain(app)
        .filter(|(_, status)| !matches!(status, StepStatus::Skipped(_)))
        .map(|(step, status)| format!("{step} {status}"));
    taken.collect::<Vec<_>>().join(", ")
}

fn until(token: &str, time: SystemTime) -> String {
    let time = Timestamp::try_from(time).map_or_else(|error| error.to_string(), |time| time.to_string());
    format!("{token} token until {time}")
}

/// What services that verify tokens offline still accept after every sign-out, as the tokens themselves say.
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

/// Whether a text contains the secret part of a token.
pub(crate) fn shows_a_token(text: &str, tokens: &IssuedTokens) -> bool {
    [&tokens.access, &tokens.id, &tokens.refresh]
        .iter()
        .filter_map(|token| token.reveal().rsplit('.').next())
        .any(|secret| text.contains(secret))
}
