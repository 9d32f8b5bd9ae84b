//! Reads a session file.

use std::path::Path;

use cognito_signout::{SignedInWith, Tokens};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::user::files;

/// Reads tokens and how the user signed in, from a file, or from standard input for `-`. An error names the position or the
/// member, and never quotes the text, as serde's own message can.
pub(crate) fn read(path: &Path) -> Result<(Tokens, SignedInWith), String> {
    let (name, text) = files::read(path)?;
    parse(&text).map_err(|wrong| format!("{name}: {wrong} (see cognito-signout --help)"))
}

fn parse(text: &[u8]) -> Result<(Tokens, SignedInWith), String> {
    let mut members: Map<String, Value> = serde_json::from_slice(text).map_err(|error| {
        format!(
            "not a session file: no JSON object from line {} column {} on",
            error.line(),
            error.column()
        )
    })?;
    let mut token = |name: &str| match members.remove(name) {
        Some(Value::String(token)) => Ok(token),
        Some(_) => Err(format!("{name}: must be a string")),
        None => Err(format!("{name}: missing")),
    };
    let tokens = Tokens::new(token("access_token")?, token("id_token")?, token("refresh_token")?);
    let signed_in_with = members.remove("signed_in_with").ok_or("signed_in_with: missing")?;
    let signed_in_with = SignedInWith::deserialize(signed_in_with)
        .map_err(|_| "signed_in_with: must be api, hosted_ui or hosted_ui_private")?;
    Ok((tokens, signed_in_with))
}
