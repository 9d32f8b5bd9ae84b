//! The readers of other libraries' stores.

use cognito_signout::AuthConfig;
use cognito_signout::adopt::{Layout, StoredItems};
use serde_json::Value;

use crate::text::first_line;

const IDENTITY_POOL: &str = "eu-central-1:11112222-3333-4444-5555-666677778888";

/// Part of each secret in the corpus.
const MARKS: [&str; 3] = ["golden", "eyJ", "hunter2"];

/// Input: the layout's name in the first line, then the items of a store. They are a session, or a typed error that says nothing of
/// them.
pub fn adopt(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (name, dump) = first_line(&text);
    let Some(layout) = Layout::ALL.iter().find(|layout| layout.as_str() == name) else {
        return;
    };
    let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado");
    let config = config.build().expect("a valid configuration");
    let items = StoredItems::from_json(dump);
    if let Ok(items) = &items {
        let names = layout.names_to_forget(items, &config, Some(IDENTITY_POOL));
        let stored: Value = serde_json::from_str(dump).expect("it was read");
        assert!(
            names.into_iter().flatten().all(|name| stored.get(name).is_some()),
            "{layout:?}"
        );
    }
    let said = match items.and_then(|items| layout.read(&items, &config, Some(IDENTITY_POOL))) {
        Ok(session) => {
            let device = session.device.map(|device| device.password);
            format!("{:?} {device:?}", session.tokens)
        }
        Err(error) => format!("{error} {error:?}"),
    };
    assert!(!MARKS.iter().any(|mark| said.contains(mark)), "{said}");
}
