//! What signing out and refreshing use of the outside world.

use std::sync::Arc;

use crate::clock::Clock;
use crate::cognito::CognitoClient;
use crate::record::RecordStore;

/// The record, Cognito and the time of day.
#[derive(Debug)]
pub(crate) struct Ports {
    pub(crate) store: RecordStore,
    pub(crate) cognito: Arc<CognitoClient>,
    pub(crate) clock: Arc<dyn Clock>,
}
