//! The loaders of Amplify's configuration files.

use cognito_signout::AuthConfig;
use proptest::prelude::*;
use serde_json::json;

use crate::cases;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_valid_file_gives_what_it_says(
        region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
        own in "[0-9A-Za-z]{1,20}",
        client in "[0-9A-Za-z_+]{1,128}",
        secret in "[0-9A-Za-z_+]{1,64}",
        redirects in prop::collection::vec("[a-z]{3,6}app://[a-z]{0,6}(/[a-z%&?=+]{0,6})?", 1..4),
        gen1 in any::<bool>(),
    ) {
        let pool = format!("{region}_{own}");
        let domain = format!("{own}.example").to_lowercase();
        let file = if gen1 {
            let default = json!({"PoolId": pool, "AppClientId": client, "AppClientSecret": secret, "Region": region});
            let oauth = json!({"WebDomain": domain, "SignOutRedirectURI": redirects.join(",")});
            json!({"auth": {"plugins": {"awsCognitoAuthPlugin": {
                "CognitoUserPool": {"Default": default},
                "Auth": {"Default": {"OAuth": oauth}}
            }}}})
        } else {
            let oauth = json!({"domain": domain, "redirect_sign_out_uri": redirects});
            json!({"auth": {
                "user_pool_id": pool, "user_pool_client_id": client, "aws_region": region, "oauth": oauth
            }})
        };
        let loaded = AuthConfig::from_amplify_json(&file.to_string());
        let config = loaded.and_then(|config| config.build()).expect("a valid file");
        prop_assert_eq!(config.user_pool_id(), pool);
        prop_assert_eq!(config.client_id(), client);
        prop_assert_eq!(config.region(), region);
        prop_assert_eq!(config.client_secret().map(|secret| secret.reveal().to_owned()), gen1.then_some(secret));
        let hosted_ui = config.hosted_ui().expect("the file names them");
        prop_assert_eq!(hosted_ui.domain().as_str(), format!("https://{domain}/"));
        let found: Vec<_> = hosted_ui.sign_out_uris().map(ToString::to_string).collect();
        prop_assert_eq!(found, redirects);
    }
}
