//! The part of W3C WebDriver that these tests need. The crates for it would add another licence or more features to the whole
//! build.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use crate::wire::http_client;

/// The key of an element (WebDriver, section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session of a driver, with its own browser. Clones are the same session.
#[derive(Clone)]
pub(crate) struct WebDriver {
    http: reqwest::Client,
    session: String,
}

/// The driver's error message.
#[derive(Debug)]
pub(crate) struct WebDriverError(String);

pub(crate) type Result<T> = std::result::Result<T, WebDriverError>;

impl fmt::Display for WebDriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WebDriverError {}

impl WebDriver {
    /// Starts a browser.
    pub(crate) async fn start(driver: &str, capabilities: Value) -> Result<Self> {
        let mut driver = Self {
            http: http_client(),
            session: format!("{driver}/session"),
        };
        let wishes = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let started = driver.post("", wishes).await?;
        driver.session = format!("{}/{}", driver.session, text(&started["sessionId"]));
        Ok(driver)
    }

    /// Ends the browser.
    pub(crate) async fn quit(&self) -> Result<()> {
        self.send(self.http.delete(&self.session)).await.map(drop)
    }

    /// Opens `url` in a new tab, which becomes the current one. Does not wait for the page.
    pub(crate) async fn open(&self, url: &Url) -> Result<()> {
        let tab = self.post("/window/new", json!({ "type": "tab" })).await?;
        self.post("/window", json!({ "handle": tab["handle"] })).await?;
        self.post("/url", json!({ "url": url })).await.map(drop)
    }

    /// Closes the current tab. The first of the other tabs is current then.
    pub(crate) async fn close_tab(&self) -> Result<()> {
        let left = self.send(self.http.delete(format!("{}/window", self.session))).await?;
        self.post("/window", json!({ "handle": left[0] })).await.map(drop)
    }

    /// The ID of the first element for a CSS selector.
    pub(crate) async fn find(&self, selector: &str) -> Result<String> {
        let query = json!({ "using": "css selector", "value": selector });
        Ok(text(&self.post("/element", query).await?[ELEMENT]))
    }

    pub(crate) async fn click(&self, element: &str) -> Result<()> {
        self.post(&format!("/element/{element}/click"), json!({}))
            .await
            .map(drop)
    }

    pub(crate) async fn write(&self, element: &str, keys: &str) -> Result<()> {
        let keys = json!({ "text": keys });
        self.post(&format!("/element/{element}/value"), keys).await.map(drop)
    }

    /// The result of a script in the current tab.
    pub(crate) async fn run(&self, script: &str) -> Result<Value> {
        self.post("/execute/sync", json!({ "script": script, "args": [] }))
            .await
    }

    /// A picture of the tab as PNG.
    pub(crate) async fn screenshot(&self) -> Result<Vec<u8>> {
        let picture = self.get("/screenshot").await?;
        Ok(STANDARD.decode(text(&picture)).unwrap())
    }

    /// A command of Chromium's own (Chrome DevTools Protocol).
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let command = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", command).await
    }

    async fn get(&self, path: &str) -> Result<Value> {
        self.send(self.http.get(format!("{}{path}", self.session))).await
    }

    async fn post(&self, path: &str, parameters: Value) -> Result<Value> {
        let request = self.http.post(format!("{}{path}", self.session));
        self.send(request.body(parameters.to_string())).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let failed = |error: reqwest::Error| WebDriverError(error.to_string());
        let answer = request.send().await.map_err(failed)?.bytes().await.map_err(failed)?;
        let mut answer: Value = serde_json::from_slice(&answer).expect("WebDriver speaks JSON");
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(WebDriverError(format!("{error}: {}", text(&value["message"])))),
            None => Ok(value),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
