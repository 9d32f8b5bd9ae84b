//! The administrator's commands and their options.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use cognito_signout::admin::{AdminError, DEFAULT_RATE, Fix};

/// An administrator's command.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The only place that documents the exit codes.
const AFTER_HELP: &str = "\
The credentials come from AWS's default chain: AWS_ACCESS_KEY_ID and related variables, AWS_PROFILE, SSO, ECS, EC2. With \
--profile, they come from that profile only.

What a sign-out does not end: services that verify tokens offline accept them until they expire. And a browser that signed in at \
the hosted pages keeps its session there: whoever uses it gets new tokens without a password, for an hour after the sign-in, \
or with session tracking for as long as the app client allows, up to 90 days. --disable prevents this. If sessions are tracked, \
`sessions` shows that session and `end-session` ends it. AWS does not say that a password reset does.

Exit codes:
  0  complete
  2  usage: the command line makes no sense, and nothing was done
  3  partial: some users or sessions failed, or there was nobody to sign out, or `doctor` has a warning
  4  failed: nobody was signed out, or something must be fixed first
  5  broke off: some users were not tried; the same command with the same --journal continues";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign one user out everywhere
    #[command(after_help = AFTER_HELP)]
    SignOut(SignOut),
    /// Sign many users out everywhere
    #[command(after_help = AFTER_HELP)]
    SignOutAll(SignOutAll),
    /// List the sessions of one user, where the user pool tracks sessions
    #[command(after_help = AFTER_HELP)]
    Sessions(Sessions),
    /// End one session of a user
    #[command(after_help = AFTER_HELP)]
    EndSession(EndSession),
    /// Examine an app client, and say what a sign-out will and will not do there
    Doctor(Doctor),
}

#[derive(Debug, Args)]
pub(crate) struct SignOut {
    /// The user: a name, an alias or a sub
    pub(crate) user: String,
    /// The user pool, such as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID")]
    pub(crate) user_pool: String,
    /// Disable the user first, to prevent a new sign-in. This program cannot enable users again
    #[arg(long)]
    pub(crate) disable: bool,
    /// Keep this token session, and end all others one by one. The browser's session that it came through stays too. The user
    /// pool must track sessions
    #[arg(long, value_name = "ID", conflicts_with = "disable")]
    pub(crate) others_than: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Sessions {
    /// The user: a name, an alias or a sub
    pub(crate) user: String,
    /// The user pool, such as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID")]
    pub(crate) user_pool: String,
    /// Also show IP addresses
    #[arg(long)]
    pub(crate) reveal: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EndSession {
    /// The user: a name, an alias or a sub
    pub(crate) user: String,
    /// The session, from the list that `sessions` prints
    pub(crate) id: String,
    /// The user pool, such as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID")]
    pub(crate) user_pool: String,
    /// For a token session (tkn…): also end the browser's session that it came through. For a browser's session (sso…): also
    /// end all token sessions that came through it
    #[arg(long)]
    pub(crate) linked: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SignOutAll {
    #[command(flatten)]
    pub(crate) who: Who,
    /// The user pool, such as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID")]
    pub(crate) user_pool: String,
    /// Keep the outcomes in this file: the same command with the same file continues where it was interrupted. Users whom the
    /// file lists as signed out are skipped, even if they have signed in again, so name a new file for each incident
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Continue a journal that is older than a day, or whose run signed everyone out
    #[arg(long = "continue", requires = "journal")]
    pub(crate) go_on: bool,
    /// The highest number of requests a second. The default is below every quota that AWS documents
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RATE)]
    pub(crate) rate: f64,
    /// The highest number of users at a time. The default depends on the rate
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
    /// How many seconds to wait for an unavailable network
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) patience: u64,
    /// Disable each user first, to prevent new sign-ins. This program cannot enable users again, and does not record who was
    /// disabled before
    #[arg(long)]
    pub(crate) disable: bool,
    /// Sign nobody out: say who would be signed out, and whether the credentials allow it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Treat a list without users as success
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// If standard error is not a terminal, report the progress every so many seconds; 0 means never
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) report_every: u64,
    /// Write the users who failed or were not tried to this file, as JSON lines, which --file accepts. If a run over a listing
    /// broke off, the file is incomplete and says so, and --file then ends with an error
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) failures: Option<PathBuf>,
    /// Access tokens of some of the users, as JSON lines {"username": …, "access_token": …}. They must be accepted before the
    /// run and refused after it
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) sample: Option<PathBuf>,
}

/// The users to sign out.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Who {
    /// Every user of the pool
    #[arg(long)]
    pub(crate) everyone: bool,
    /// The users who match a ListUsers filter, such as 'email ^= "ana"'
    #[arg(long, value_name = "FILTER")]
    pub(crate) filter: Option<String>,
    /// The users of a group
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// The users named in a file: one on each line, or JSON lines with a username
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The users named on standard input, in the same format
    #[arg(long)]
    pub(crate) stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The user pool, such as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID")]
    pub(crate) user_pool: String,
    /// The app client
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// A sign-out URI of the app, exactly. May be given again
    #[arg(long, value_name = "URI")]
    pub(crate) sign_out_uri: Vec<String>,
    /// Change these settings and no others: revocation and token-validity of the app client, or session-tracking of the user
    /// pool, which is applied alone
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = fix)]
    pub(crate) fix: Vec<Fix>,
    /// The code of a finding that is intended here, such as client_secret for a server's app client. It does not affect the
    /// exit code. May be given again
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) accept: Vec<String>,
    /// Do not ask before a fix
    #[arg(long)]
    pub(crate) yes: bool,
}

fn fix(name: &str) -> Result<Fix, AdminError> {
    name.parse()
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Take the credentials from this profile of ~/.aws/config, and from nowhere else
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// An endpoint to use instead of the Region's: https, or http on a loopback host
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Print one JSON object, and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
