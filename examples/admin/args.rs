//! What can be asked on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use cognito_signout::admin::{AdminError, DEFAULT_RATE, Fix};

/// Signs users of an Amazon Cognito user pool out with IAM credentials, and says what a sign-out does there.
#[derive(Debug, Parser)]
#[command(name = "admin", after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The exit codes are documented here alone.
const AFTER_HELP: &str = "\
Credentials are AWS's default chain: AWS_ACCESS_KEY_ID and its siblings, AWS_PROFILE, SSO, ECS, EC2; with --profile, that
profile's and no others.

What lives on after a sign-out: whoever verifies tokens offline accepts them until they expire. And a browser that signed in at
the hosted pages keeps its session there: whoever sits at it gets new tokens without a password, for an hour after the
sign-in, or with session tracking for as long as the app client allows, up to 90 days. --disable keeps a user from getting any.
Where sessions are tracked, AdminRevokeUserSession ends that session. AWS does not say that a reset password does.

Exit codes:
  0  complete
  2  usage: what was asked makes no sense, and nothing was done
  3  partial: some users failed, or nobody was found, or `doctor` warns of something
  4  failed: nobody was signed out, or something has to be fixed first
  5  broke off: users were not tried; the same command with the same --journal goes on with them";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign one user out everywhere
    #[command(after_help = AFTER_HELP)]
    SignOut(SignOut),
    /// Sign many users out everywhere
    #[command(after_help = AFTER_HELP)]
    SignOutAll(SignOutAll),
    /// Look at an app client and say what a sign-out will and will not do there
    Doctor(Doctor),
}

#[derive(Debug, Args)]
pub(crate) struct SignOut {
    /// The user: a name, an alias or a sub
    pub(crate) user: String,
    /// The user pool, as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID")]
    pub(crate) user_pool: String,
    /// Disable the user first, so that nobody signs in again. There is no way back from here
    #[arg(long)]
    pub(crate) disable: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SignOutAll {
    #[command(flatten)]
    pub(crate) who: Who,
    /// The user pool, as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID")]
    pub(crate) user_pool: String,
    /// Where outcomes are kept: the same command with the same file goes on where it was interrupted. Whom it has as signed
    /// out is passed over, though they may have signed in again: for each incident name a new file
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Go on with a journal that is older than a day, or of a run that had signed everyone out
    #[arg(long = "continue", requires = "journal")]
    pub(crate) go_on: bool,
    /// Requests a second, at most. The default is below every quota AWS documents
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RATE)]
    pub(crate) rate: f64,
    /// Users at a time, at most. The default is what the rate needs
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
    /// How many seconds a network that is away is waited for
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) patience: u64,
    /// Disable each user first, so that nobody signs in again. There is no way back from here, and no record of who was
    /// disabled before
    #[arg(long)]
    pub(crate) disable: bool,
    /// Sign nobody out: say who would be, and whether that is allowed
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Nobody to sign out is as good as everyone signed out
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Where standard error is no terminal, say every so many seconds how far it is; 0 never does
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) report_every: u64,
    /// Write those who failed, and those who were not tried, here as JSON lines, which --file takes again. Where a run over a
    /// listing broke off they are not all; the file says so, and --file ends with an error
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) failures: Option<PathBuf>,
    /// Access tokens of some of the users, as JSON lines {"username": …, "access_token": …}: they must be accepted before,
    /// and refused after
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) sample: Option<PathBuf>,
}

/// Whom.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Who {
    /// Every user of the pool
    #[arg(long)]
    pub(crate) everyone: bool,
    /// The users of the pool whom a ListUsers filter finds, as 'email ^= "ana"'
    #[arg(long, value_name = "FILTER")]
    pub(crate) filter: Option<String>,
    /// The users of a group
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// The users named in a file, one a line, or as JSON lines with a username
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The same on standard input
    #[arg(long)]
    pub(crate) stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The user pool, as eu-central-1_AbCdEf123
    #[arg(long, value_name = "ID")]
    pub(crate) user_pool: String,
    /// The app client
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// A sign-out URI that the app uses, exactly. May be given again
    #[arg(long, value_name = "URI")]
    pub(crate) sign_out_uri: Vec<String>,
    /// Change these settings and leave all others as they are: revocation, token-validity
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = fix)]
    pub(crate) fix: Vec<Fix>,
    /// A finding that is as it should be here, by its code, as client_secret for a server's client: it does not count for the
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
    /// The profile of ~/.aws/config to take the credentials from, and from nowhere else
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Where to ask in place of the Region's endpoint: https, or http on a loopback host
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Print one JSON object, and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
