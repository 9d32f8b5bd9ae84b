//! Signs a user in with the AWS SDK for Rust, and gives the session to this library. `docs/beside-your-sign-in.md` has this code.

use std::error::Error;

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use cognito_signout::{Auth, SignedInWith, Tokens};

pub(crate) async fn sign_in(
    cognito: &Client,
    client_id: &str,
    username: &str,
    password: &str,
    auth: &Auth,
) -> Result<(), Box<dyn Error>> {
    let request = cognito.initiate_auth().client_id(client_id);
    let request = request.auth_flow(AuthFlowType::UserPasswordAuth);
    let request = request.auth_parameters("USERNAME", username);
    let answer = request.auth_parameters("PASSWORD", password).send().await?;
    // Without a result there is a challenge, such as a code from the user's phone. `respond_to_auth_challenge` answers it,
    // and returns the same result.
    let result = answer.authentication_result().ok_or("a challenge has to be answered")?;
    let (Some(access), Some(id), Some(refresh)) = (result.access_token(), result.id_token(), result.refresh_token())
    else {
        return Err("a token is missing".into());
    };
    auth.store_session(Tokens::new(access, id, refresh), SignedInWith::Api)
        .await?;
    Ok(())
}
