//! Reads a session file.

use std::fs;
use std::path::Path;

use cognito_signout::{SignedInWith, Tokens};
use serde::Deserialize;
use zeroize::Zeroizing;

#[derive(Deserialize)]
struct SessionFile {
    access_token: String,
    id_token: String,
    refresh_token: String,
    signed_in_with: SignedInWith,
}

/// Reads tokens and how they were got. The error says where the file is wrong, and never what stands there: serde's own
/// message can quote it.
pub(crate) fn read(path: &Path) -> Result<(Tokens, SignedInWith), String> {
    let name = path.display();
    let text = fs::read(path)
        .map(Zeroizing::new)
        .map_err(|error| format!("{name}: {error}"))?;
    let file: SessionFile = serde_json::from_slice(&text).map_err(|error| {
        format!(
            "{name}: not a session file, from line {} column {} on (see --help)",
            error.line(),
            error.column()
        )
    })?;
    let tokens = Tokens::new(file.access_token, file.id_token, file.refresh_token);
    Ok((tokens, file.signed_in_with))
}
