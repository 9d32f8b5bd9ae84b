//! The user pool's session configuration.
//!
//! `SetUserPoolSessionConfiguration` replaces the whole configuration. So the configuration that was read is sent back,
//! with the limit of sessions for each user, and with members that this library does not know.

use serde_json::{Map, Value, json};

use super::super::facts::DEFAULT_MAX_PER_USER;
use crate::admin::AdminError;
use crate::admin::client::Pool;
use crate::admin::patience::Patience;

pub(super) async fn read(pool: &Pool) -> Result<Map<String, Value>, AdminError> {
    Patience::brief().send(|| pool.session_configuration()).await
}

pub(super) async fn write(pool: &Pool, configuration: Map<String, Value>) -> Result<(), AdminError> {
    let request = || pool.set_session_configuration(configuration.clone());
    Patience::brief().send(request).await
}

pub(super) fn switch_on(configuration: &mut Map<String, Value>) {
    configuration.insert("UserSessionTracking".to_owned(), json!("ENABLED"));
    // `SetUserPoolSessionConfiguration` requires it.
    configuration
        .entry("TokenSession")
        .or_insert(json!({ "MaxPerUser": DEFAULT_MAX_PER_USER }));
}
