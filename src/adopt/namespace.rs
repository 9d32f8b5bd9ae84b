//! How Amplify Swift and Amplify Android name their items: `amplify`, the pools, and the item's own name.

use super::reading::Reading;
use super::{AdoptError, App};

const SESSION: &str = ".session";

/// The item with the session, and what its name begins with. Without an identity pool it may be any that the user pool is with, if
/// there is only one: an app may not know it here.
pub(super) fn session<'a>(items: &Reading<'a>, app: &App<'_>) -> Result<(String, &'a str), AdoptError> {
    let user_pool = format!("amplify.{}", app.user_pool_id);
    let mut places = Vec::with_capacity(3);
    match app.identity_pool_id {
        Some(identity_pool) => {
            places.push(format!("{user_pool}.{identity_pool}"));
            places.push(user_pool);
            places.push(format!("amplify.{identity_pool}"));
        }
        None => {
            let with_any = items.only_like(&format!("{user_pool}."), SESSION);
            places.push(user_pool);
            places.extend(with_any.map(|name| name[..name.len() - SESSION.len()].to_owned()));
        }
    }
    let read = |place: &String| items.text(&format!("{place}{SESSION}"));
    let Some((at, session)) = places
        .iter()
        .enumerate()
        .find_map(|(at, place)| Some((at, read(place)?)))
    else {
        return Err(match items.has_like("amplify.", SESSION) {
            true => AdoptError::OtherConfiguration {
                place: "amplify.<other pools>.session",
            },
            false => AdoptError::NobodySignedIn,
        });
    };
    // When an app adds or removes its identity pool, Amplify copies the session and leaves the old one, with the same tokens.
    if at == 0
        && let Some(old) = places.get(1)
    {
        items.note(old, &[SESSION]);
    }
    Ok((places.swap_remove(at), session))
}
