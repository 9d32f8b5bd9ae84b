//! Checks the effect of a run with the access tokens of some users.

use std::path::Path;

use cognito_signout::admin::{AdminClient, Done, UserOutcome};
use cognito_signout::{ErrorCode, Secret};
use serde::{Deserialize, Serialize};

use crate::admin::output::Output;
use crate::program::Output as _;

/// Sessions of users, and what is known about them.
pub(crate) struct Sample {
    /// The sessions that are not yet known to have ended.
    sessions: Vec<Session>,
    checked: Checked,
}

#[derive(Deserialize)]
struct Line {
    username: String,
    access_token: String,
}

struct Session {
    username: String,
    access_token: Secret,
    /// Whether the token was revoked before the run. Only the journal can say that an earlier run revoked it.
    revoked: bool,
}

/// Whether Cognito accepts the same tokens after the run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Checked {
    pub(crate) refused: u64,
    /// The users who are still signed in.
    pub(crate) still_accepted: Vec<String>,
    /// The users whose token could not be checked.
    pub(crate) undecided: Vec<String>,
}

impl Checked {
    pub(crate) fn all_refused(&self) -> bool {
        self.still_accepted.is_empty() && self.undecided.is_empty()
    }
}

impl Sample {
    /// Reads the file and checks each token. A token that is not accepted before the run proves nothing: that is an error,
    /// unless there is a journal, because an earlier run may have revoked it.
    pub(crate) async fn read(
        path: &Path,
        client: &AdminClient,
        user_pool_id: &str,
        journalled: bool,
    ) -> Result<Self, Output> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| Output::usage(&format!("{name}: {error}")))?;
        let mut sample = Self {
            sessions: Vec::new(),
            checked: Checked::default(),
        };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            // Serde's own message can quote the token.
            let wrong = |why: &str| Output::usage(&format!("{name}: line {}: {why}", number + 1));
            let line: Line = serde_json::from_str(line).map_err(|_| wrong("no username and access_token"))?;
            let session = Session {
                username: line.username,
                access_token: line.access_token.into(),
                revoked: false,
            };
            match client.is_accepted(user_pool_id, &session.access_token).await {
                Ok(true) => sample.sessions.push(session),
                Ok(false) if journalled => sample.sessions.push(Session {
                    revoked: true,
                    ..session
                }),
                Ok(false) => return Err(wrong("the token has been revoked already")),
                Err(error) => match error.code() {
                    ErrorCode::SessionExpired if journalled => sample.checked.undecided.push(session.username),
                    ErrorCode::SessionExpired | ErrorCode::MissingScope | ErrorCode::Refused => {
                        return Err(wrong(&error.to_string()));
                    }
                    _ => return Err(Output::failed("sample", &error)),
                },
            }
        }
        Ok(sample)
    }

    /// Checks the sessions of a user right after the user's outcome: a run can last longer than a token is valid. Sessions that
    /// have not ended are checked again at the end.
    pub(crate) async fn check_user(&mut self, outcome: &UserOutcome, client: &AdminClient, user_pool_id: &str) {
        let mut left = Vec::new();
        for session in self
            .sessions
            .extract_if(.., |session| session.username == outcome.username)
        {
            if session.revoked && outcome.result == Ok(Done::AlreadyDone) {
                self.checked.refused += 1;
            } else if session.revoked {
                self.checked.undecided.push(session.username);
            } else if client.is_accepted(user_pool_id, &session.access_token).await == Ok(false) {
                self.checked.refused += 1;
            } else {
                left.push(session);
            }
        }
        self.sessions.append(&mut left);
    }

    pub(crate) async fn check_rest(mut self, client: &AdminClient, user_pool_id: &str) -> Checked {
        for session in self.sessions {
            match client.is_accepted(user_pool_id, &session.access_token).await {
                Ok(false) if !session.revoked => self.checked.refused += 1,
                Ok(true) => self.checked.still_accepted.push(session.username),
                _ => self.checked.undecided.push(session.username),
            }
        }
        self.checked
    }
}
