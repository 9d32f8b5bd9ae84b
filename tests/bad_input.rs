//! The errors for wrong input of an app. They name the setting or the claim, and say what it must be.

#![allow(clippy::panic, reason = "helpers of tests are tests")]

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport};
use cognito_signout::vault::{MemoryVault, Vault, VaultKey};
use cognito_signout::{Auth, AuthConfig, AuthError, Claims, ErrorCode, Secret, SignedInWith, Tokens};

#[test]
fn a_wrong_setting_is_named_and_explained() {
    let builder = || AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado");
    for (builder, says) in [
        (
            AuthConfig::builder("AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado"),
            "user_pool_id: must be the Region, an underscore and the pool's own ID, such as eu-central-1_AbCdEf123",
        ),
        (
            AuthConfig::builder("eu-central-1_AbCdEf123", ""),
            "client_id: must be the app client's ID: 1 to 128 letters, digits, _ or +",
        ),
        (
            builder().client_secret(""),
            "client_secret: must be the app client's secret. Leave it out for an app client without a secret",
        ),
        (
            builder().endpoint("http://cognito.example.com/"),
            "endpoint: must be an https URL; http is allowed only for a loopback host",
        ),
        (
            builder().endpoint("https://user:password@cognito.example.com/"),
            "endpoint: must be a URL without user name, password, query or fragment",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.to_string(), says);
        assert_eq!(error.code(), ErrorCode::InvalidInput);
    }
}

#[test]
fn the_error_for_a_wrong_file_names_the_place() {
    for (file, says) in [
        (
            "auth: {}",
            "the Amplify configuration is not JSON: look at line 1, column 1",
        ),
        (
            "{}",
            "this is neither amplify_outputs.json nor amplifyconfiguration.json: it must be an object with the field `auth`",
        ),
        (
            r#"{"auth": {"user_pool_id": 7}}"#,
            "auth.user_pool_id: must be a string",
        ),
        (
            r#"{"auth": {"plugins": {"awsCognitoAuthPlugin": {}}}}"#,
            "auth.plugins.awsCognitoAuthPlugin.CognitoUserPool: missing",
        ),
    ] {
        assert_eq!(AuthConfig::from_amplify_json(file).unwrap_err().to_string(), says);
    }
}

#[test]
fn a_token_that_cannot_be_read_is_explained() {
    for (token, says) in [
        ("", "the token is not a JWT: it is empty"),
        (
            "opaque",
            "the token is not a JWT: it does not have three parts separated by dots",
        ),
        (
            "a.b.c.d.e",
            "the token is not a JWT: it has five parts, like a refresh token; an ID or access token has three",
        ),
        (
            "a.{}.c",
            "the token is not a JWT: its payload is not base64url without padding",
        ),
        ("a.W10.c", "the token is not a JWT: its payload is not a JSON object"),
        (
            "a.e30.c",
            "the token's claim exp must be a whole number of seconds since 1970, before the year 10000",
        ),
    ] {
        let error = Claims::from_jwt(&Secret::new(token)).unwrap_err();
        assert_eq!(error.to_string(), says);
        assert_eq!(error.code(), ErrorCode::InvalidInput);
    }
}

/// A wrong session is found without a request.
#[derive(Debug)]
struct NoNetwork;

impl HttpTransport for NoNetwork {
    #[allow(clippy::panic, reason = "the test fails")]
    fn send(&self, _: HttpRequest) -> Exchange {
        panic!("nothing may be asked")
    }
}

#[tokio::test]
async fn an_invalid_session_is_refused_with_the_reason_and_the_one_on_record_stays() {
    let fake = FakeCognito::start().await.unwrap();
    let key = VaultKey {
        user_pool_id: fake.user_pool_id(),
        client_id: fake.client_id(),
    };
    let vault = MemoryVault::default();
    let config = AuthConfig::builder(&key.user_pool_id, &key.client_id).build().unwrap();
    let auth = Auth::builder(config, vault.clone(), NoNetwork).build();
    let store =
        |[access, id, refresh]: [Secret; 3]| auth.store_session(Tokens::new(access, id, refresh), SignedInWith::Api);
    let (ana, bob) = (fake.sign_in("ana"), fake.sign_in("bob"));
    let of_ana = || [ana.access.clone(), ana.id.clone(), ana.refresh.clone()];
    store(of_ana()).await.unwrap();
    let before = vault.read(&key).unwrap();
    let mut events = auth.events();

    let [access, id, refresh] = of_ana();
    let empty = || Secret::new("");
    let garbled = Secret::new(access.reveal().replacen('.', ".!", 1));
    let cut = Secret::new(&access.reveal()[..access.reveal().len() / 8]);
    for (tokens, says) in [
        (
            [empty(), id.clone(), refresh.clone()],
            "the access token is not a JWT: it is empty",
        ),
        (
            [access.clone(), empty(), refresh.clone()],
            "the ID token is not a JWT: it is empty",
        ),
        ([access.clone(), id.clone(), empty()], "the refresh token is empty"),
        (
            [access.clone(), id.clone(), access.clone()],
            "the refresh token is an access token or an ID token",
        ),
        (
            [
                access.clone(),
                id.clone(),
                Secret::new(format!("{}\n", refresh.reveal())),
            ],
            "the refresh token has white space in it or at its end",
        ),
        (
            [garbled, id.clone(), refresh.clone()],
            "the access token is not a JWT: its payload is not base64url without padding",
        ),
        (
            [cut, id.clone(), refresh.clone()],
            "the access token is not a JWT: it does not have three parts separated by dots",
        ),
        (
            [id.clone(), access.clone(), refresh.clone()],
            "the access token and the ID token are swapped",
        ),
        (
            [refresh.clone(), id.clone(), access.clone()],
            "the access token is not a JWT: it has five parts, like a refresh token; an ID or access token has three",
        ),
        (
            [access.clone(), bob.id.clone(), refresh.clone()],
            "the access token and the ID token name different users (`sub`)",
        ),
    ] {
        let refused = store(tokens).await;
        assert_eq!(refused, Err(AuthError::InvalidInput(says.into())));
        assert_eq!(refused.unwrap_err().code().as_str(), "invalid_input");
    }
    assert_eq!(vault.read(&key).unwrap(), before);
    assert_eq!(events.try_next(), None);
}

#[tokio::test]
async fn a_session_of_another_app_client_is_refused_and_nothing_is_stored() {
    let fake = FakeCognito::start().await.unwrap();
    let config = AuthConfig::builder(fake.user_pool_id(), "another2client3of4fake5co")
        .build()
        .unwrap();
    let key = VaultKey {
        user_pool_id: config.user_pool_id().into(),
        client_id: config.client_id().into(),
    };
    let vault = MemoryVault::default();
    let auth = Auth::builder(config, vault.clone(), NoNetwork).build();
    let ana = fake.sign_in("ana");
    let tokens = Tokens::new(ana.access.clone(), ana.id.clone(), ana.refresh.clone());
    let refused = auth.store_session(tokens, SignedInWith::Api).await.unwrap_err();
    let says = "the access token belongs to another app client than the configured one (`client_id`)";
    assert_eq!(refused.to_string(), says);
    assert_eq!(vault.read(&key).unwrap(), None);
}

#[tokio::test]
async fn an_id_token_of_another_app_client_is_refused_and_nothing_is_stored() {
    let fake = FakeCognito::start().await.unwrap();
    let key = VaultKey {
        user_pool_id: fake.user_pool_id(),
        client_id: fake.client_id(),
    };
    let config = AuthConfig::builder(&key.user_pool_id, &key.client_id).build().unwrap();
    let vault = MemoryVault::default();
    let auth = Auth::builder(config, vault.clone(), NoNetwork).build();
    let ana = fake.sign_in("ana");
    let payload = ana.id.reveal().split('.').nth(1).unwrap();
    let claims = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let foreign = BASE64_URL_SAFE_NO_PAD.encode(claims.replace(&key.client_id, "another2client3of4fake5co"));
    let id = ana.id.reveal().replace(payload, &foreign);
    let tokens = Tokens::new(ana.access.clone(), id, ana.refresh.clone());
    let refused = auth.store_session(tokens, SignedInWith::Api).await.unwrap_err();
    let says = "the ID token belongs to another app client than the configured one (`aud`)";
    assert_eq!(refused.to_string(), says);
    assert_eq!(vault.read(&key).unwrap(), None);
}
