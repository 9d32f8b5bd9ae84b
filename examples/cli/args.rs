//! What can be asked on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use cognito_signout::{BrowserError, Secret, SignOutOptions, WebPolicy};
use jiff::SignedDuration;
use url::Url;

/// Signs a user of an Amazon Cognito user pool out, and says what was achieved.
#[derive(Debug, Parser)]
#[command(name = "cli", after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const AFTER_HELP: &str = "\
A session file:
  {\"access_token\": …, \"id_token\": …, \"refresh_token\": …,
   \"signed_in_with\": \"api\" | \"hosted_ui\" | \"hosted_ui_private\"}

Exit codes: 0 complete or begun, 3 partial, 4 failed or ignored, 2 usage.

A session that is stored as hosted_ui holds a cookie in the browser: `sign-out` opens the system's browser (on Linux, \
$BROWSER before all others) at the hosted pages, and listens on the sign-out URI until it is back. For a sign-out URI \
that is not http on a loopback host, `begin-sign-out` prints the page to open, and `finish-sign-out` takes the URL at \
which the browser has ended: that may be in another process, which is told the same hosted pages, and `resume` says \
that it is waited for.

`retry` runs in another process than the sign-out whose debt it pays. A revocation that fails is kept in the vault, for \
30 days and up to five of them, until `retry` or `resume` has paid it. With --hand-over it is in the sign-out's result \
alone: --reveal shows it there. Where several were tried, the answer is the worst of their \
results, and `results` has each.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Store the session of --session
    Store,
    /// Say who is signed in, without asking the network
    Status,
    /// Get new tokens, even if those on record are good
    Refresh,
    /// Sign out of this device, or of every one
    SignOut(SignOut),
    /// Sign out up to where the browser is needed, and print the page to open there
    BeginSignOut(SignOut),
    /// Go on with a sign-out that waits for the browser
    FinishSignOut(FinishSignOut),
    /// Pay what an interrupted sign-out has left, as an app does at launch; say if one waits for the browser
    Resume,
    /// Try again what earlier sign-outs could not pay
    Retry,
    /// Forget the session on this device, without telling anyone
    Clear,
    /// Remove everything of this app client, even if it cannot be read
    Purge,
}

#[derive(Debug, Args)]
pub(crate) struct SignOut {
    /// End every session of the user, on every device
    #[arg(long)]
    global: bool,
    /// The time within which there is an answer, as 10s, 1m or 500ms [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    deadline: Option<Duration>,
    /// What to do about the browser's session, if there is one [default: as the session needs it]
    #[arg(long, value_name = "POLICY")]
    web: Option<Web>,
    /// The user's time in the browser [default: 3m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    browser_deadline: Option<Duration>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Web {
    Skip,
    BestEffort,
    Required,
}

impl SignOut {
    pub(crate) fn options(&self, common: &Common) -> SignOutOptions {
        let mut options = if self.global {
            SignOutOptions::global()
        } else {
            SignOutOptions::local()
        };
        if let Some(deadline) = self.deadline {
            options = options.deadline(deadline);
        }
        if let Some(uri) = &common.sign_out_uri {
            options = options.sign_out_uri(uri);
        }
        if let Some(deadline) = self.browser_deadline {
            options = options.browser_deadline(deadline);
        }
        match self.web {
            None => options,
            Some(Web::Skip) => options.web(WebPolicy::Skip),
            Some(Web::BestEffort) => options.web(WebPolicy::BestEffort),
            Some(Web::Required) => options.web(WebPolicy::Required),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct FinishSignOut {
    /// The URL at which the browser has ended, whole
    #[arg(value_name = "CALLBACK_URL", required_unless_present = "cancelled")]
    callback: Option<Url>,
    /// The user has closed the browser
    #[arg(long, conflicts_with = "callback")]
    cancelled: bool,
}

impl FinishSignOut {
    pub(crate) fn answer(&self) -> Result<Url, BrowserError> {
        self.callback.clone().ok_or(BrowserError::Cancelled)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// amplify_outputs.json or amplifyconfiguration.json: names the user pool and the app client
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The user pool, as eu-central-1_AbCdEf123
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) user_pool: Option<String>,
    /// The app client
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// The app client's secret. Better in the environment: others can see a process's arguments
    #[arg(
        long,
        global = true,
        value_name = "SECRET",
        env = "COGNITO_CLIENT_SECRET",
        hide_env_values = true
    )]
    pub(crate) client_secret: Option<Secret>,
    /// The user pool's domain, as auth.example.com, where the configuration file names none or another
    #[arg(long, global = true, value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
    /// Where the browser comes back to: one of the app client's allowed sign-out URLs, as it stands there. With --domain it
    /// is needed; of the configuration file's it chooses one [default: the first that the browser can come back to]
    #[arg(long, global = true, value_name = "URI")]
    pub(crate) sign_out_uri: Option<String>,
    /// Revoke at that domain, where nothing else can be reached
    #[arg(long, global = true)]
    pub(crate) revoke_at_domain: bool,
    /// Where to ask in place of the Region's endpoint: https, or http on a loopback host
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Where the session is kept. `memory` ends with the process: give it --session too
    #[arg(long, global = true, value_enum, default_value_t = VaultChoice::Keychain)]
    pub(crate) vault: VaultChoice,
    /// A session to store first, whatever the command; `-` reads it from the standard input. Given again, each session replaces the one before it, whose
    /// revocation is then owed
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) session: Vec<PathBuf>,
    /// The app client rotates its refresh tokens
    #[arg(long, global = true)]
    pub(crate) rotation: bool,
    /// Do not keep a revocation that failed: hand its token over in the result
    #[arg(long, global = true)]
    pub(crate) hand_over: bool,
    /// Print one JSON object, and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print tokens: what `refresh` brings, and what a failed step leaves
    #[arg(long, global = true)]
    pub(crate) reveal: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VaultChoice {
    Keychain,
    Memory,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or("must be a time with its unit and longer than zero, as 10s, 1m or 500ms")
}
