//! The journal of a run over many users.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cognito_signout::admin::{AdminClient, AdminError, SignOutMany, Summary};
use serde::Deserialize;

use crate::app::{Responses, revoked, run};
use crate::text::assert_silent;

const USERS: [&str; 3] = ["ana", "bob", "hunter2"];

/// Input: the file. It is refused and left as it is; or each user is listed as signed out, or signed out now.
pub fn journal(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    fs::write(&path, data).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("for us alone");
    let now = || fs::read(&path).expect("the file");
    run(async {
        match sign_out_all(&path).await {
            Err(error) => {
                assert_silent(&error);
                assert_eq!(now(), data, "refused, and changed");
            }
            Ok(summary) => {
                let whole = data.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                assert!(now().starts_with(&data[..whole]));
                let listed = listed_as_signed_out(&data[..whole]);
                assert_eq!(summary.already_done, listed, "{summary:?}");
                assert_eq!(summary.signed_out, USERS.len() as u64 - listed, "{summary:?}");
                let again = sign_out_all(&path).await.expect("it has just been written");
                assert!(again.is_by_the_journal_alone(), "{again:?}");
            }
        }
    });
}

async fn sign_out_all(journal: &Path) -> Result<Summary, AdminError> {
    let responses = Responses {
        post: Some(revoked()),
        ..Responses::default()
    };
    let client = AdminClient::builder(responses)
        .credentials("AKIDEXAMPLE", "hunter2", None)
        .build();
    let run = SignOutMany::new(client, "eu-central-1_Example")?
        .journal(journal)
        .continue_journal(true);
    let users = cognito_signout::admin::usernames_in_lines(Cursor::new(USERS.join("\n")));
    Ok(run.start(users).await?.finish().await)
}

/// How many users these lines list as signed out. A line that names a user twice is no user's line.
fn listed_as_signed_out(lines: &[u8]) -> u64 {
    #[derive(Deserialize)]
    struct Line {
        username: String,
        outcome: String,
    }
    let lines = lines.split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    let listed: BTreeSet<_> = lines
        .filter(|line| line.outcome == "signed_out")
        .map(|line| line.username)
        .collect();
    USERS.iter().filter(|user| listed.contains(**user)).count() as u64
}
