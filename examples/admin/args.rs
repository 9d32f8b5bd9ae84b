//! What can be asked on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use cognito_signout::admin::{AdminError, DEFAULT_CONCURRENCY, DEFAULT_RATE, Fix};

/// Signs users of an Amazon Cognito user pool out with IAM credentials, and says what a sign-out does there.
#[derive(Debug, Parser)]
#[command(name = "admin", after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const AFTER_HELP: &str = "\
Credentials are AWS's default chain: AWS_ACCESS_KEY_ID and its siblings, AWS_PROFILE, SSO, ECS, EC2.

Exit codes: 0 complete, 3 partial, 4 failed, 2 usage. `doctor` is partial where it warns of something.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign one user out everywhere
    SignOut(SignOut),
    /// Sign many users out everywhere
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
    /// Disable the user first, so that nobody signs in again
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
    /// Where outcomes are kept: the same command with the same file goes on where it was interrupted
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Requests a second, at most. The default is below every quota AWS documents
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RATE)]
    pub(crate) rate: f64,
    /// Users at a time, at most
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CONCURRENCY)]
    pub(crate) concurrency: usize,
    /// Disable each user first, so that nobody signs in again
    #[arg(long)]
    pub(crate) disable: bool,
    /// Send nothing for any user: count who would be signed out
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write those who failed here as JSON lines, which --file takes again
    #[arg(long, value_name = "FILE")]
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
    /// Do not ask before a fix
    #[arg(long)]
    pub(crate) yes: bool,
}

fn fix(name: &str) -> Result<Fix, AdminError> {
    name.parse()
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The profile of ~/.aws/config, in place of AWS_PROFILE
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Where to ask in place of the Region's endpoint: https, or http on a loopback host
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Print one JSON object, and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
