//! The settings of a handle: the configuration of the app client, and which ports the host has.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::arguments::Fields;
use super::host::Host;
use super::ports::{HostBrowser, HostTransport, HostVault, OwnBrowser, Step};
use crate::ffi::{
    AppStep, AuthConfig, AuthError, Browser, ConfigOptions, HostedUi, KeychainOptions, Ports, ProviderLogout,
    SignOutUri, SystemBrowser, UnpaidRevocations, VaultChoice,
};
use crate::{ClosingTexts, Phase, RevocationRoute, StepError};

/// Reads the settings.
///
/// # Errors
/// [`AuthError::InvalidInput`], with the setting's place; [`AuthError::Runtime`].
pub(super) fn read(settings: Value, host: &Arc<Host>) -> Result<(Arc<AuthConfig>, Ports), AuthError> {
    let mut fields = Fields::of(settings, "")?;
    let amplify_json = fields.maybe_text("amplify_json")?;
    let ids = match amplify_json {
        Some(_) => {
            for name in ["user_pool_id", "client_id"] {
                if fields.maybe_text(name)?.is_some() {
                    return Err(fields.wrong(name, "null, because amplify_json has it").into());
                }
            }
            None
        }
        None => Some((fields.text("user_pool_id")?, fields.text("client_id")?)),
    };
    let ports = ports(&mut fields, host)?;
    let options = options(&mut fields)?;
    fields.end()?;
    let config = match ids {
        Some((user_pool_id, client_id)) => AuthConfig::new(user_pool_id, client_id, options)?,
        None => AuthConfig::from_amplify_json(amplify_json.unwrap_or_default(), options)?,
    };
    Ok((config, ports))
}

fn ports(fields: &mut Fields, host: &Arc<Host>) -> Result<Ports, AuthError> {
    let (browser, redirects) = match fields.maybe_object("browser")? {
        Some(settings) => {
            let (browser, redirects) = browser(settings, host)?;
            (Some(browser), redirects)
        }
        None => (None, Vec::new()),
    };
    let app_steps = fields.list("app_steps")?.into_iter();
    let app_steps = app_steps.map(|step| app_step(Fields::of(step, "app_steps")?, host));
    Ok(Ports {
        transport: Arc::new(HostTransport(Arc::clone(host))),
        vault: vault(fields.object("vault")?, host)?,
        browser,
        redirects,
        app_steps: app_steps.collect::<Result<_, StepError>>()?,
    })
}

fn vault(mut fields: Fields, host: &Arc<Host>) -> Result<VaultChoice, StepError> {
    let vault = match &*fields.text("kind")? {
        "memory" => VaultChoice::Memory,
        "keychain" => VaultChoice::Keychain {
            options: KeychainOptions {
                access_group: fields.maybe_text("access_group")?,
                service_prefix: fields.maybe_text("service_prefix")?,
                lock_directory: fields.maybe_text("lock_directory")?,
            },
        },
        "host" => VaultChoice::Host {
            identity: fields.id("identity")?,
            vault: Arc::new(HostVault {
                host: Arc::clone(host),
                locks: fields.flag("locks")?,
            }),
        },
        _ => return Err(fields.wrong("kind", "memory, keychain or host")),
    };
    fields.end()?;
    Ok(vault)
}

fn browser(mut fields: Fields, host: &Arc<Host>) -> Result<(Arc<dyn Browser>, Vec<String>), AuthError> {
    let (browser, redirects): (Arc<dyn Browser>, _) = match &*fields.text("kind")? {
        "host" => (Arc::new(HostBrowser(Arc::clone(host))), fields.texts("redirects")?),
        "system" => {
            let texts = fields.list("closing_texts")?.into_iter();
            let texts = texts.map(|texts| closing_texts(Fields::of(texts, "browser.closing_texts")?));
            let texts = texts.collect::<Result<_, StepError>>()?;
            let (name, page) = (fields.maybe_text("app_name")?, fields.maybe_text("closing_page")?);
            let own = SystemBrowser::new(name, texts, page, fields.maybe_text("failure_page")?)?;
            // Its listener receives nothing else.
            (Arc::new(OwnBrowser(own)), vec!["http".to_owned()])
        }
        _ => return Err(fields.wrong("kind", "host or system").into()),
    };
    fields.end()?;
    Ok((browser, redirects))
}

fn closing_texts(mut fields: Fields) -> Result<ClosingTexts, StepError> {
    let texts = ClosingTexts {
        language: fields.text("language")?,
        signed_out: fields.text("signed_out")?,
        signed_out_next: fields.text("signed_out_next")?,
        not_signed_out: fields.text("not_signed_out")?,
        not_signed_out_next: fields.text("not_signed_out_next")?,
    };
    fields.end()?;
    Ok(texts)
}

fn app_step(mut fields: Fields, host: &Arc<Host>) -> Result<AppStep, StepError> {
    let name = fields.text("name")?;
    let phase = match &*fields.text("phase")? {
        "while_token_lives" => Phase::WhileTokenLives,
        "after_sign_out" => Phase::AfterSignOut,
        _ => return Err(fields.wrong("phase", "while_token_lives or after_sign_out")),
    };
    let step = AppStep {
        name: name.clone(),
        phase,
        time_limit: fields.maybe_number("time_limit")?,
        runner: Arc::new(Step {
            host: Arc::clone(host),
            name,
        }),
    };
    fields.end()?;
    Ok(step)
}

fn options(fields: &mut Fields) -> Result<ConfigOptions, StepError> {
    Ok(ConfigOptions {
        client_secret: fields.maybe_secret("client_secret")?,
        region: fields.maybe_text("region")?,
        endpoint: fields.maybe_text("endpoint")?,
        user_agent: fields.maybe_text("user_agent")?,
        refresh_token_rotation: fields.maybe_flag("refresh_token_rotation")?,
        connect_timeout: fields.maybe_number("connect_timeout")?,
        attempt_timeout: fields.maybe_number("attempt_timeout")?,
        refresh_margin: fields.maybe_number("refresh_margin")?,
        unpaid_revocations: fields.maybe_object("unpaid_revocations")?.map(unpaid).transpose()?,
        revocation_route: match fields.maybe_text("revocation_route")?.as_deref() {
            None => None,
            Some("user_pools_api") => Some(RevocationRoute::UserPoolsApi),
            Some("pool_domain") => Some(RevocationRoute::PoolDomain),
            Some(_) => return Err(fields.wrong("revocation_route", "user_pools_api or pool_domain")),
        },
        session_tracking: fields.maybe_flag("session_tracking")?,
        hosted_ui: fields.maybe_object("hosted_ui")?.map(hosted_ui).transpose()?,
        provider_logouts: fields.maybe_object("provider_logouts")?.map(providers).transpose()?,
    })
}

fn unpaid(mut fields: Fields) -> Result<UnpaidRevocations, StepError> {
    let unpaid = match &*fields.text("kind")? {
        "hand_over" => UnpaidRevocations::HandOver,
        "keep" => UnpaidRevocations::Keep {
            max_age: fields.number("max_age")?,
            // A number that does not fit is refused like a negative one.
            max_debts: i32::try_from(fields.number("max_debts")?).unwrap_or(-1),
        },
        _ => return Err(fields.wrong("kind", "hand_over or keep")),
    };
    fields.end()?;
    Ok(unpaid)
}

fn hosted_ui(mut fields: Fields) -> Result<HostedUi, StepError> {
    let uris = fields.list("sign_out_uris")?.into_iter();
    let pages = HostedUi {
        domain: fields.text("domain")?,
        sign_out_uris: uris.map(sign_out_uri).collect::<Result<_, _>>()?,
        callback_uris: fields.texts("callback_uris")?,
        providers: fields.maybe_object("providers")?.map(providers).transpose()?,
    };
    fields.end()?;
    Ok(pages)
}

/// A text, or an object if the browser ends elsewhere.
fn sign_out_uri(value: Value) -> Result<SignOutUri, StepError> {
    if let Value::String(uri) = value {
        return Ok(SignOutUri { uri, ends_at: None });
    }
    let mut fields = Fields::of(value, "hosted_ui.sign_out_uris")?;
    let uri = SignOutUri {
        uri: fields.text("uri")?,
        ends_at: fields.maybe_text("ends_at")?,
    };
    fields.end()?;
    Ok(uri)
}

fn providers(fields: Fields) -> Result<HashMap<String, ProviderLogout>, StepError> {
    let providers = fields.each();
    let providers = providers.map(|(name, value)| Ok((name, provider(Fields::of(value, "providers")?)?)));
    providers.collect()
}

fn provider(mut fields: Fields) -> Result<ProviderLogout, StepError> {
    let logout = match &*fields.text("kind")? {
        "oidc" => ProviderLogout::Oidc {
            issuer: fields.text("issuer")?,
            client_id: fields.text("client_id")?,
        },
        "template" => ProviderLogout::Template {
            url: fields.text("url")?,
        },
        "google" => ProviderLogout::Google,
        "entra" => ProviderLogout::Entra {
            tenant: fields.text("tenant")?,
            client_id: fields.text("client_id")?,
        },
        "okta" => ProviderLogout::Okta {
            domain: fields.text("domain")?,
        },
        "auth0" => ProviderLogout::Auth0 {
            domain: fields.text("domain")?,
            client_id: fields.text("client_id")?,
        },
        "saml_single_logout" => ProviderLogout::SamlSingleLogout,
        "left_alone" => ProviderLogout::LeftAlone,
        _ => {
            let must = "oidc, template, google, entra, okta, auth0, saml_single_logout or left_alone";
            return Err(fields.wrong("kind", must));
        }
    };
    fields.end()?;
    Ok(logout)
}
