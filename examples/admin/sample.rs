//! Looks whether a run had its effect, at the access tokens of some users.

use std::path::Path;

use cognito_signout::Secret;
use cognito_signout::admin::AdminClient;
use serde::{Deserialize, Serialize};

/// Sessions that Cognito accepted before the run.
pub(crate) struct Sample(Vec<Session>);

#[derive(Deserialize)]
struct Line {
    username: String,
    access_token: String,
}

struct Session {
    username: String,
    access_token: Secret,
}

/// What Cognito said to the same tokens after the run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Checked {
    pub(crate) refused: u64,
    /// Who is still signed in.
    pub(crate) still_accepted: Vec<String>,
    /// Whose token could not be looked at.
    pub(crate) undecided: Vec<String>,
}

impl Checked {
    pub(crate) fn all_refused(&self) -> bool {
        self.still_accepted.is_empty() && self.undecided.is_empty()
    }
}

impl Sample {
    /// Reads the file and asks for each token. One that is refused already could prove nothing: that is an error.
    pub(crate) async fn read(path: &Path, client: &AdminClient, user_pool_id: &str) -> Result<Self, String> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        let mut sessions = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            // Serde's own message can quote the token.
            let wrong = |why: &str| format!("{name}: line {}: {why}", number + 1);
            let line: Line = serde_json::from_str(line).map_err(|_| wrong("no username and access_token"))?;
            let session = Session {
                username: line.username,
                access_token: line.access_token.into(),
            };
            match client.is_accepted(user_pool_id, &session.access_token).await {
                Ok(true) => sessions.push(session),
                Ok(false) => return Err(wrong("the token has been revoked already")),
                Err(error) => return Err(wrong(&error.to_string())),
            }
        }
        Ok(Self(sessions))
    }

    pub(crate) async fn check(self, client: &AdminClient, user_pool_id: &str) -> Checked {
        let mut checked = Checked::default();
        for session in self.0 {
            match client.is_accepted(user_pool_id, &session.access_token).await {
                Ok(false) => checked.refused += 1,
                Ok(true) => checked.still_accepted.push(session.username),
                Err(_) => checked.undecided.push(session.username),
            }
        }
        checked
    }
}
