//! Uploads the bundle of all artefacts for Maven to the Portal of Maven Central, which checks it.
//!
//! The Portal does not publish it by itself: a person looks at the deployment there and says so. What is published can never be
//! taken back.

use std::env;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::VERSION;

const PORTAL: &str = "https://central.sonatype.com/api/v1/publisher";
/// `base64(username:password)` of a user token of the Portal.
const TOKEN: &str = "CENTRAL_TOKEN";
/// Thirty minutes in all: the Portal takes some minutes.
const LOOKS: u32 = 180;
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

pub(crate) fn upload(bundle: &Path) -> Result<(), String> {
    let token = env::var(TOKEN).unwrap_or_default();
    let portal = Portal {
        curl: Path::new("curl"),
        token: &token,
        between_looks: BETWEEN_LOOKS,
    };
    portal.upload(bundle)
}

struct Portal<'a> {
    curl: &'a Path,
    token: &'a str,
    between_looks: Duration,
}

impl Portal<'_> {
    fn upload(&self, bundle: &Path) -> Result<(), String> {
        let is_word = |char: char| char.is_ascii_alphanumeric() || "+/=".contains(char);
        if self.token.is_empty() || !self.token.chars().all(is_word) {
            return Err(format!(
                "{TOKEN} is not set, or is no base64. Make a user token at https://central.sonatype.com/account, and set the \
                 variable to base64(username:password)"
            ));
        }
        if !bundle.is_file() {
            return Err(format!(
                "{} does not exist: run cargo xtask release maven first",
                bundle.display()
            ));
        }
        let name = format!("cognito-signout-{VERSION}");
        let form = format!("bundle=@{};type=application/octet-stream", bundle.display());
        let id = self.post(
            &format!("{PORTAL}/upload?name={name}&publishingType=USER_MANAGED"),
            &["--form", &form],
        )?;
        println!("deployment {id}: https://central.sonatype.com/publishing/deployments");
        for _ in 0..LOOKS {
            let status = self.post(&format!("{PORTAL}/status?id={id}"), &["--data", ""])?;
            let status: Value =
                serde_json::from_str(&status).map_err(|error| format!("the Portal's status: {error}"))?;
            match status["deploymentState"].as_str() {
                Some("VALIDATED" | "PUBLISHING" | "PUBLISHED") => return Ok(()),
                Some("FAILED") => return Err(format!("the Portal refuses the bundle: {}", status["errors"])),
                _ => sleep(self.between_looks),
            }
        }
        Err("the Portal has not checked the bundle in time. Look at the deployment there".into())
    }

    /// The token goes in by standard input: everyone on the machine can see a program's arguments.
    fn post(&self, url: &str, arguments: &[&str]) -> Result<String, String> {
        println!("$ curl … {url}");
        let failed = |error: std::io::Error| format!("curl: {error}");
        let mut curl = Command::new(self.curl)
            .args(["--fail-with-body", "--silent", "--show-error", "--config", "-"])
            .args(arguments)
            .arg(url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .env_remove(TOKEN)
            .spawn()
            .map_err(failed)?;
        let header = format!("header = \"Authorization: Bearer {}\"\n", self.token);
        // Taken out of `curl`, so that it is closed at the end of the statement.
        let written = curl.stdin.take().map(|mut input| input.write_all(header.as_bytes()));
        written.transpose().map_err(failed)?;
        let output = curl.wait_with_output().map_err(failed)?;
        let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() {
            Ok(answer)
        } else {
            Err(format!("curl failed ({}): {answer}", output.status))
        }
    }
}

/// With a curl that writes down what it gets.
#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;
    use crate::files::text;

    struct Fixture(PathBuf);

    impl Fixture {
        /// The answers, one for each call.
        fn new(name: &str, answers: &[&str]) -> Self {
            let folder = env::temp_dir().join(format!("xtask-portal-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            for (number, answer) in answers.iter().enumerate() {
                fs::write(folder.join(format!("answer{number}")), answer).unwrap();
            }
            let there = folder.display();
            let program = format!(
                "#!/bin/sh\nn=$(cat '{there}/calls' 2>/dev/null | wc -l)\necho \"$*\" >> '{there}/calls'\ncat >> '{there}/input'\n\
                 cat '{there}'/answer$n\n"
            );
            fs::write(folder.join("curl"), program).unwrap();
            fs::set_permissions(folder.join("curl"), fs::Permissions::from_mode(0o755)).unwrap();
            fs::write(folder.join("bundle.zip"), "zip").unwrap();
            Self(folder)
        }

        fn upload(&self, token: &str) -> Result<(), String> {
            let portal = Portal {
                curl: &self.0.join("curl"),
                token,
                between_looks: Duration::ZERO,
            };
            portal.upload(&self.0.join("bundle.zip"))
        }

        fn calls(&self) -> String {
            text(&self.0.join("calls")).unwrap_or_default()
        }
    }

    impl Drop for Fixture {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_bundle_is_uploaded_and_looked_at_until_the_portal_has_checked_it() {
        let pending = r#"{"deploymentState":"PENDING"}"#;
        let fixture = Fixture::new("ok", &["d-1", pending, r#"{"deploymentState":"VALIDATED"}"#]);
        assert_eq!(fixture.upload("dTpw"), Ok(()));
        let calls = fixture.calls();
        let calls: Vec<_> = calls.lines().collect();
        assert_eq!(calls.len(), 3);
        assert!(calls[0].contains("/upload?name=cognito-signout-"), "{}", calls[0]);
        assert!(
            calls[0].contains("publishingType=USER_MANAGED"),
            "nobody can take it back"
        );
        assert!(calls[1].ends_with("/status?id=d-1"), "{}", calls[1]);
        assert!(!fixture.calls().contains("dTpw"), "the token is in an argument");
        let input = text(&fixture.0.join("input")).unwrap();
        assert_eq!(input.matches("header = \"Authorization: Bearer dTpw\"\n").count(), 3);
    }

    #[test]
    fn a_bundle_that_the_portal_refuses_is_an_error_with_its_reasons() {
        let refused = r#"{"deploymentState":"FAILED","errors":{"pkg":["no javadoc"]}}"#;
        let error = Fixture::new("refused", &["d-1", refused]).upload("dTpw").unwrap_err();
        assert!(error.contains("no javadoc"), "{error}");
    }

    #[test]
    fn without_a_token_nothing_is_sent() {
        let fixture = Fixture::new("token", &[]);
        for token in ["", "user:password", "x\"\nurl = \"file:///etc/passwd"] {
            let error = fixture.upload(token).unwrap_err();
            assert!(error.contains(TOKEN) && !error.contains("password\""), "{error}");
        }
        assert_eq!(fixture.calls(), "");
    }

    #[test]
    fn without_the_bundle_it_is_said_what_makes_it() {
        let fixture = Fixture::new("no-bundle", &[]);
        fs::remove_file(fixture.0.join("bundle.zip")).unwrap();
        let error = fixture.upload("dTpw").unwrap_err();
        assert!(error.ends_with("run cargo xtask release maven first"), "{error}");
        assert_eq!(fixture.calls(), "");
    }

    #[test]
    fn an_answer_that_is_an_error_is_an_error() {
        let error = Fixture::new("down", &[]).upload("dTpw").unwrap_err();
        assert!(error.starts_with("curl failed"), "{error}");
    }
}
