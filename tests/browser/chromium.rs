//! A headless Chromium for one test, with a new profile.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use cognito_signout::{ClosingTexts, SystemBrowser};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};
use url::Url;

use crate::webdriver::WebDriver;

/// The longest wait for a page, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The app's name, as its users see it.
pub(crate) const APP_NAME: &str = "Ledger";

const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Only this machine can be reached.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/// One window with tabs. The methods act on the current tab.
pub(crate) struct Chromium {
    driver: WebDriver,
    profile: PathBuf,
    _processes: Processes,
    _home: TempDir,
}

/// ChromeDriver and the Chromium that it starts, in their own process group.
struct Processes {
    /// The shell that ends the group when its input ends: when this is dropped, or when the test is killed.
    _shell: Child,
    /// Kept, so that writes to it do not fail.
    lines: Lines<BufReader<ChildStdout>>,
}

const SHELL: &str = "chromedriver --port=0 & read -r _; kill -KILL 0";

impl Chromium {
    pub(crate) async fn start() -> Self {
        Self::start_in("en-US,en").await
    }

    /// With a user who prefers these languages.
    pub(crate) async fn start_in(languages: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut processes = Processes::start(home.path());
        let port = timeout(PATIENCE, processes.port())
            .await
            .expect("chromedriver is ready: on Debian, apt-get install chromium chromium-driver");
        let profile = home.path().join("profile");
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.display()));
        let wishes = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags, "prefs": { "intl.accept_languages": languages } },
            // A test can close a tab before its page is loaded, so no command may wait for a page.
            "pageLoadStrategy": "none",
        });
        let driver = WebDriver::start(&format!("http://127.0.0.1:{port}"), wishes).await;
        Self {
            driver: driver.expect("Chromium starts"),
            profile,
            _processes: processes,
            _home: home,
        }
    }

    /// Ends Chromium properly. After a failed test `drop` does it.
    pub(crate) async fn quit(self) {
        self.driver.quit().await.unwrap();
    }

    /// The library's browser for desktops, with this Chromium as the user's browser. Each URL opens in a new tab.
    pub(crate) fn system_browser(&self) -> SystemBrowser {
        let (driver, runtime) = (self.driver.clone(), tokio::runtime::Handle::current());
        let opener = move |url: &Url| runtime.block_on(driver.open(url)).map_err(std::io::Error::other);
        let german = ClosingTexts {
            language: "de".into(),
            signed_out: "Sie sind abgemeldet".into(),
            signed_out_next: "Sie können dieses Fenster schließen und zu Ledger zurückkehren.".into(),
            not_signed_out: "Die Abmeldung ist nicht abgeschlossen".into(),
            not_signed_out_next: "Kehren Sie zu Ledger zurück und melden Sie sich dort noch einmal ab.".into(),
        };
        let browser = SystemBrowser::builder().app_name(APP_NAME).closing_texts(german);
        browser.opener(opener).build().unwrap()
    }

    /// Opens `url` in a new tab, the current one from then on.
    pub(crate) async fn open(&self, url: &Url) {
        self.driver.open(url).await.unwrap();
    }

    /// Closes the current tab like a user does. Another tab is current then.
    pub(crate) async fn close_tab(&self) {
        self.driver.close_tab().await.unwrap();
    }

    /// Waits for the element of a CSS selector.
    pub(crate) async fn element(&self, selector: &str) -> String {
        self.until(selector, async || self.driver.find(selector).await.ok())
            .await
    }

    pub(crate) async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.driver.click(&element).await.unwrap();
    }

    pub(crate) async fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.driver.write(&element, text).await.unwrap();
    }

    /// Whether the element of a CSS selector exists now.
    pub(crate) async fn has(&self, selector: &str) -> bool {
        self.driver.find(selector).await.is_ok()
    }

    /// Waits until the URL of the current tab fulfils `is_it`.
    pub(crate) async fn url(&self, what: &str, is_it: impl Fn(&Url) -> bool) -> Url {
        let look = async || Some(self.page().await?.0).filter(&is_it);
        self.until(what, look).await
    }

    /// The URL of the current tab, and the status of its response.
    pub(crate) async fn page(&self) -> Option<(Url, u64)> {
        let script = "return [location.href, performance.getEntriesByType('navigation')[0]?.responseStatus]";
        let page = self.driver.run(script).await.ok()?;
        Some((page[0].as_str()?.parse().ok()?, page[1].as_u64()?))
    }

    /// Polls, because there is no event to wait for while a page is loaded.
    pub(crate) async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let looking = async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        match timeout(PATIENCE, looking).await {
            Ok(found) => found,
            Err(_) => panic!(
                "no {what} at {:?}",
                self.driver.run("return [location.href, document.body.innerText]").await
            ),
        }
    }

    /// Waits until the page's text fulfils `is_it`.
    pub(crate) async fn shows(&self, what: &str, is_it: impl Fn(&str) -> bool) {
        let look = async || {
            let text = self.driver.run("return document.body.innerText").await.ok()?;
            is_it(text.as_str()?.trim()).then_some(())
        };
        self.until(what, look).await;
    }

    /// The names of all cookies that the browser has for a host.
    pub(crate) async fn cookies(&self, host: &str) -> Vec<String> {
        let kept = self.driver.devtools("Storage.getCookies", json!({})).await.unwrap();
        let cookies = kept["cookies"].as_array().unwrap().iter();
        let of_host = cookies.filter(|cookie| cookie["domain"] == host);
        of_host
            .map(|cookie| cookie["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Puts the current tab into a small window, and sets whether the user prefers `light` or `dark` pages.
    pub(crate) async fn prefers(&self, color_scheme: &str) {
        let window = json!({ "width": 480, "height": 340, "deviceScaleFactor": 2, "mobile": false });
        let wish = json!({ "features": [{ "name": "prefers-color-scheme", "value": color_scheme }] });
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", window),
            ("Emulation.setEmulatedMedia", wish),
        ] {
            self.driver.devtools(command, parameters).await.unwrap();
        }
    }

    /// The result of a script in the current tab.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.driver.run(script).await.unwrap()
    }

    /// A picture of the current tab as PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        self.driver.screenshot().await.unwrap()
    }

    /// Saves a picture of the current tab. Prints its path directly to standard error, because the test harness hides output.
    pub(crate) async fn screenshot(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name).with_extension("png");
        std::fs::write(&file, self.picture().await).unwrap();
        #[allow(clippy::explicit_write, reason = "the harness hides the output of eprintln!")]
        writeln!(std::io::stderr(), "screenshot: {}", file.display()).unwrap();
    }

    /// The address at which Chromium listens for its driver.
    pub(crate) fn debugger(&self) -> SocketAddr {
        let file = std::fs::read_to_string(self.profile.join("DevToolsActivePort")).unwrap();
        let port = file.lines().next().unwrap();
        SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()))
    }
}

impl Processes {
    fn start(home: &Path) -> Self {
        let mut shell = Command::new("sh")
            .args(["-c", SHELL])
            // For files that Chromium stores outside its profile.
            .env("HOME", home)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh starts");
        let lines = BufReader::new(shell.stdout.take().unwrap()).lines();
        Self { _shell: shell, lines }
    }

    async fn port(&mut self) -> u16 {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            if let Some((_, port)) = line.rsplit_once("started successfully on port ") {
                return port.trim_end_matches('.').parse().unwrap();
            }
        }
        panic!("the shell ended");
    }
}
