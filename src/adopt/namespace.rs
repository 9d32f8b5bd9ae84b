//! How Amplify Swift and Amplify Android name their items: `amplify`, the pools, and the item's own name.

use super::{AdoptError, App, StoredItems};

/// The item with the session, and what its name begins with.
pub(super) fn session<'a>(items: &'a StoredItems, app: &App<'_>) -> Result<(String, &'a str), AdoptError> {
    let user_pool = app.user_pool_id;
    let identity_pool = app.identity_pool_id.unwrap_or_default();
    let names = [
        format!("amplify.{user_pool}.{identity_pool}"),
        format!("amplify.{user_pool}"),
        format!("amplify.{identity_pool}"),
    ];
    for name in names {
        if let Some(session) = items.text(&format!("{name}.session")) {
            return Ok((name, session));
        }
    }
    Err(match items.has_like("amplify.", ".session") {
        true => AdoptError::OtherConfiguration {
            place: "amplify.<other pools>.session",
        },
        false => AdoptError::NobodySignedIn,
    })
}
