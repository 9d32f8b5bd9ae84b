//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::{admin, user};

/// Signs users of Amazon Cognito user pools out, and says what was achieved.
#[derive(Debug, Parser)]
#[command(name = "cognito-signout", version, after_help = user::AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    User(user::Cli),
    /// Sign users out with IAM credentials, and examine what a sign-out does at an app client
    Admin(admin::Cli),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual, a page for each command, into a folder
    Man {
        /// The folder, which is made if it does not exist
        folder: PathBuf,
    },
}
