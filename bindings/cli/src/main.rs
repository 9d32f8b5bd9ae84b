//! `cognito-signout`: signs users of an Amazon Cognito user pool out, and says what was achieved.
//!
//! `user/` has the user's own commands, `admin/` those of an administrator. Both print one output, for people or as JSON.

mod admin;
mod args;
mod package;
mod print;
mod problem;
mod program;
mod sessions;
mod user;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::program::Output as _;

#[tokio::main]
async fn main() {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => refuse(&error),
    };
    match cli.command {
        Command::User(cli) => program::end(&user::perform(&cli).await, cli.common.json),
        Command::Admin(cli) => program::end(&admin::perform(&cli).await, cli.common.json),
        Command::Completions { shell } => program::end_with(&package::completions(shell), 0),
        Command::Man { folder } => match package::write_manual(&folder) {
            Ok(()) => program::end_with("", 0),
            Err(error) => program::end(&user::Output::usage(&error), false),
        },
    }
}

/// The command line makes no sense: an output like every other one if it asks for JSON.
fn refuse(error: &clap::Error) -> ! {
    let has = |word: &str| std::env::args_os().skip(1).any(|argument| argument == word);
    // --help and --version come here too: clap knows where to print them, and the exit code.
    if !error.use_stderr() || !has("--json") {
        error.exit();
    }
    let text = error.to_string();
    let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    if std::env::args_os().nth(1).is_some_and(|first| first == "admin") {
        program::end(&admin::Output::usage(message), true)
    }
    program::end(&user::Output::usage(message), true)
}
