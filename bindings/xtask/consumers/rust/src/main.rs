//! Runs the README's quick start, with this system's keychain and without a network: the user is signed out of this device, and
//! the revocation is kept.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

include!("quick_start.rs");

/// As Cognito would issue it to the quick start's app client. Nobody here verifies the signature.
fn token(token_use: &str, client: &str) -> String {
    let claims = format!(
        r#"{{"sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","iss":"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123",
        "{client}":"1h57kf5cpq17m0eml12EXAMPLE","username":"ana","origin_jti":"11111111-2222-3333-4444-555555555555",
        "token_use":"{token_use}","auth_time":1767225600,"iat":1767225600,"exp":4102444800}}"#
    );
    let parts = [r#"{"alg":"RS256"}"#, &claims, "signature"].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    parts.join(".")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tokens = Tokens::new(token("access", "client_id"), token("id", "aud"), "a-refresh-token");
    match from_launch_to_sign_out(tokens).await? {
        SignOutResult::Partial(partial) if partial.kept => {
            println!("signed out of this device, the rest is kept: {partial}");
            Ok(())
        }
        other => Err(format!("not what happens without a network: {other}").into()),
    }
}
