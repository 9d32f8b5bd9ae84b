//! AWS's default chain of credentials: none of its secrets is logged.

use cognito_signout::admin::AdminClient;
use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::{Exchange, HttpRequest, HttpResponse, HttpTransport, RustlsTransport};
use serde_json::json;
use tokio::process::Command;

use crate::client::Log;
use crate::{SECRET_KEY, SESSION_TOKEN};

const SSO_TOKEN: &str = "the-token-of-the-sso-session";
const ARGUMENT: &str = "the-password-of-the-command";

/// Sends requests to `FakeCognito`, and plays SSO itself.
#[derive(Debug)]
struct WithSso(RustlsTransport);

impl HttpTransport for WithSso {
    fn send(&self, request: HttpRequest) -> Exchange {
        if request.url.host_str() != Some("portal.sso.eu-central-1.amazonaws.com") {
            return self.0.send(request);
        }
        let is_token = |(name, value): &(String, String)| name == "x-amz-sso_bearer_token" && value == SSO_TOKEN;
        assert!(request.headers.iter().any(is_token));
        let credentials = json!({
            "accessKeyId": "AKIDSSO",
            "secretAccessKey": SECRET_KEY,
            "sessionToken": SESSION_TOKEN,
            "expiration": 32_503_680_000_000_u64,
        });
        let body = json!({ "roleCredentials": credentials }).to_string();
        let answer = HttpResponse {
            status: 200,
            headers: Vec::new(),
            body: body.into_bytes().into(),
        };
        Box::pin(async { Ok(answer) })
    }
}

/// The variable that names a profile for `child`, which passes it to the client.
const NAMED: &str = "TEST_PROFILE";

#[tokio::test]
#[ignore = "run by the test below, in its own environment"]
async fn child() {
    let (log, _logging) = Log::of_this_thread();
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    let mut client = AdminClient::builder(WithSso(RustlsTransport::new()));
    if let Ok(profile) = std::env::var(NAMED) {
        client = client.profile(profile);
    }
    let client = client.endpoint(fake.url().as_str()).unwrap().build();
    let result = client.global_sign_out(&fake.user_pool_id(), "ana").await;
    log.assert_without(&[
        ("the SSO token", SSO_TOKEN),
        ("the command's argument", ARGUMENT),
        ("the secret key", SECRET_KEY),
        ("the session token", SESSION_TOKEN),
    ]);
    let told = result.map_or_else(|error| error.code().to_string(), |()| signer(&fake));
    println!("told: {told}.");
}

/// The access key that signed the last request.
fn signer(fake: &FakeCognito) -> String {
    let request = fake.requests().pop().expect("a request");
    let signature = request.header("authorization").unwrap();
    let credential = signature.split("Credential=").nth(1).unwrap();
    credential.split('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn no_secret_of_the_credentials_chain_is_logged_at_any_level() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| std::fs::write(home.path().join(name), content).unwrap();
    std::fs::create_dir_all(home.path().join(".aws/sso/cache")).unwrap();
    let session = json!({ "accessToken": SSO_TOKEN, "expiresAt": "2999-01-01T00:00:00Z" });
    // SHA-1 of the start URL.
    file(
        ".aws/sso/cache/4276da6793f9bc537f1a02c146cbfaa77caa4bd9.json",
        &session.to_string(),
    );
    // `cat` repeats its argument in the error about a missing file.
    let config = format!(
        "[profile sso]\nsso_start_url = https://desk.awsapps.com/start\nsso_region = eu-central-1\n\
         sso_account_id = 123456789012\nsso_role_name = admin\nregion = eu-central-1\n\
         [profile process]\ncredential_process = cat {ARGUMENT}\nregion = eu-central-1\n"
    );
    file(".aws/config", &config);
    for (by, profile, expected) in [
        ("AWS_PROFILE", "sso", "AKIDSSO"),
        ("AWS_PROFILE", "process", "credentials_unavailable"),
        (NAMED, "sso", "AKIDSSO"),
        (NAMED, "process", "credentials_unavailable"),
    ] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["credentials::child", "--exact", "--ignored", "--nocapture"])
            .env_clear()
            .env("HOME", home.path())
            .env(by, profile);
        let output = child.output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        assert!(told.contains(&format!("told: {expected}.")), "{told}");
    }
}
