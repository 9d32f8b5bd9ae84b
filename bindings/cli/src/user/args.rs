//! The user's commands and their options.

use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, FromArgMatches, Subcommand, ValueEnum};
use cognito_signout::{BrowserError, Secret, SignOutOptions, WebPolicy};
use jiff::SignedDuration;
use url::Url;

/// A command, and the options that each command has.
#[derive(Debug)]
pub(crate) struct Cli {
    pub(crate) command: Command,
    pub(crate) common: Common,
}

/// Clap could give these options to all commands of the program. But the administrator's commands have others.
impl Subcommand for Cli {
    fn augment_subcommands(app: clap::Command) -> clap::Command {
        Command::augment_subcommands(app).mut_subcommands(Common::augment_args)
    }

    fn augment_subcommands_for_update(app: clap::Command) -> clap::Command {
        Self::augment_subcommands(app)
    }

    fn has_subcommand(name: &str) -> bool {
        Command::has_subcommand(name)
    }
}

impl FromArgMatches for Cli {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let (_, options) = matches
            .subcommand()
            .ok_or(ErrorKind::MissingSubcommand)
            .map_err(clap::Error::new)?;
        Ok(Self {
            command: Command::from_arg_matches(matches)?,
            common: Common::from_arg_matches(options)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

pub(crate) const AFTER_HELP: &str = "\
A session file:
  {\"access_token\": …, \"id_token\": …, \"refresh_token\": …,
   \"signed_in_with\": \"api\" | \"hosted_ui\" | \"hosted_ui_private\"}

`adopt` does not touch the other library's store. Its output says `adopted`; or `already_signed_in` if a session is stored here; or \
`already_signed_out` if this one was, and has ended. In these two cases nothing has changed. Run `refresh` next: it verifies the \
session at Cognito. \
With --vault memory nothing is kept: it only says whether the dump can be adopted.

Exit codes: 0 complete, signed_in, signed_out or begun; 3 partial; 4 failed, ignored or unavailable; 2 usage.

A session stored as hosted_ui has a cookie in the browser. `sign-out` opens the system's browser (on Linux, $BROWSER \
first) at the hosted pages, and listens on the sign-out URI until the browser comes back. If the sign-out URI is not \
http on a loopback host, use `begin-sign-out`, which prints the page to open, and `finish-sign-out`, which takes the \
URL where the browser ended. Both may run in different processes, if they are given the same hosted pages; `resume` says \
whether a sign-out waits for the browser.

`retry` can pay the debts of a sign-out in another process. The vault keeps a failed revocation, up to five of them for \
30 days, until `retry` or `resume` has paid it. With --hand-over only the sign-out's result has it; --reveal shows its \
token. If `retry` or `resume` tries several debts, the output is the worst result, and `results` has each.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Store the session of --session
    Store,
    /// Store the session of Amplify or AWSMobileClient here, from a dump of its store
    Adopt(Adopt),
    /// Say who is signed in, without using the network
    Status,
    /// Get new tokens, even if the stored ones are still valid
    Refresh,
    /// Sign out of this device, or of every device
    SignOut(SignOut),
    /// List where the user is signed in: all sessions in the user pool, the last active first
    Sessions,
    /// End another one of the user's sessions
    EndSession(EndSession),
    /// Begin a sign-out that needs the browser, and print the page to open there
    BeginSignOut(How),
    /// Continue a sign-out that waits for the browser
    FinishSignOut(FinishSignOut),
    /// Pay the debts of earlier sign-outs, as an app does at launch, and say whether one waits for the browser
    Resume,
    /// Try to pay the debts of earlier sign-outs
    Retry,
    /// Remove the session from this device, without revoking its tokens
    Clear,
    /// Remove all data of this app client, even if it cannot be read
    Purge,
}

#[derive(Debug, Args)]
pub(crate) struct Adopt {
    /// The library that stored the session
    #[arg(long, value_name = "LIBRARY")]
    pub(crate) from: Library,
    /// The identity pool that the app used with that library, if it used one
    #[arg(long, value_name = "ID")]
    pub(crate) identity_pool: Option<String>,
    /// The dump: one JSON object with the store's items by name, each a string, decrypted, such as
    /// JSON.stringify(localStorage); `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) dump: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Library {
    AmplifySwift,
    AmplifyAndroid,
    AmplifyFlutter,
    AmplifyJs,
    /// On iOS or on Android
    AwsMobileClient,
}

#[derive(Debug, Args)]
pub(crate) struct SignOut {
    #[command(flatten)]
    pub(crate) how: How,
    /// End every other session of the user, and stay signed in here
    #[arg(long, conflicts_with_all = ["global", "deadline", "web", "browser_deadline"])]
    pub(crate) others: bool,
}

/// How to sign out.
#[derive(Debug, Args)]
pub(crate) struct How {
    /// End every session of the user, on every device
    #[arg(long)]
    global: bool,
    /// The time limit of the sign-out, such as 10s, 1m or 500ms [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    deadline: Option<Duration>,
    /// What to do about the browser's session, if there is one [default: what the session needs]
    #[arg(long, value_name = "POLICY")]
    web: Option<Web>,
    /// The time limit of the browser step [default: 3m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    browser_deadline: Option<Duration>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Web {
    Skip,
    ByRevocation,
    BestEffort,
    Required,
}

#[derive(Debug, Args)]
pub(crate) struct EndSession {
    /// The session's id, from `sessions`
    pub(crate) id: String,
    /// End what belongs to it too: the SSO session that a token session came through, or all token sessions of an SSO session
    #[arg(long)]
    pub(crate) linked: bool,
}

impl How {
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
            Some(Web::ByRevocation) => options.web(WebPolicy::ByRevocation),
            Some(Web::BestEffort) => options.web(WebPolicy::BestEffort),
            Some(Web::Required) => options.web(WebPolicy::Required),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct FinishSignOut {
    /// The whole URL where the browser ended
    #[arg(value_name = "CALLBACK_URL", required_unless_present = "cancelled")]
    callback: Option<Url>,
    /// The user closed the browser
    #[arg(long, conflicts_with = "callback")]
    cancelled: bool,
}

impl FinishSignOut {
    pub(crate) fn callback(&self) -> Result<Url, BrowserError> {
        self.callback.clone().ok_or(BrowserError::Cancelled)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// amplify_outputs.json or amplifyconfiguration.json: names the user pool and the app client
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The user pool, such as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID", env = "COGNITO_USER_POOL_ID")]
    pub(crate) user_pool: Option<String>,
    /// The app client
    #[arg(long, value_name = "ID", env = "COGNITO_CLIENT_ID")]
    pub(crate) client_id: Option<String>,
    /// The app client's secret. Safer in the environment: others can see a process's arguments
    #[arg(long, value_name = "SECRET", env = "COGNITO_CLIENT_SECRET", hide_env_values = true)]
    pub(crate) client_secret: Option<Secret>,
    /// The user pool's domain, such as auth.example.com, if the configuration file names none or another
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
    /// Where the browser comes back to: one of the app client's allowed sign-out URLs, exactly. Required with --domain; with
    /// a configuration file it chooses one of the file's [default: the first that the browser can come back to]
    #[arg(long, value_name = "URI")]
    pub(crate) sign_out_uri: Option<String>,
    /// Revoke tokens at that domain, if only the domain is reachable
    #[arg(long)]
    pub(crate) revoke_at_domain: bool,
    /// An endpoint to use instead of the Region's: https, or http on a loopback host
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The user pool tracks sessions: then the browser's session ends by revocation, without a page, unless --web says
    /// otherwise
    #[arg(long)]
    pub(crate) session_tracking: bool,
    /// Where the session is stored. `memory` ends with the process, so give --session too
    #[arg(long, value_enum, default_value_t = VaultChoice::Keychain)]
    pub(crate) vault: VaultChoice,
    /// A session to store before the command; `-` reads standard input. May be given again: each session replaces the one
    /// before it, whose revocation is then owed
    #[arg(long, value_name = "FILE")]
    pub(crate) session: Vec<PathBuf>,
    /// The app client rotates its refresh tokens
    #[arg(long)]
    pub(crate) rotation: bool,
    /// Do not keep a failed revocation: put its token into the result
    #[arg(long)]
    pub(crate) hand_over: bool,
    /// Print one JSON object, and nothing else
    #[arg(long)]
    pub(crate) json: bool,
    /// Print tokens (new ones from `refresh`, and those that a failed step leaves valid) and the IP addresses of `sessions`
    #[arg(long)]
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
        .ok_or("must be a time with its unit and longer than zero, such as 10s, 1m or 500ms")
}
