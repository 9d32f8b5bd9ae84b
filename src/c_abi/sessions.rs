//! The user's session, tokens and other sessions: as JSON, and from JSON.

use serde_json::Value;

use super::arguments::Fields;
use super::values::{list, maybe_number, maybe_secret, maybe_text, object, problem, secret, step_error, text};
use crate::ffi::{
    AdoptedSession, Adoption, AwsCredentials, EndedSession, Identity, RemoteSignOut, Session, SessionState,
    UserSession, Verification,
};
use crate::{Device, SignedInWith, StepError, Tokens};

pub(super) fn state(state: SessionState) -> Value {
    match state {
        SessionState::SignedIn { session } => object(&mut [("state", text("signed_in")), ("session", known(session))]),
        SessionState::SignedOut => object(&mut [("state", text("signed_out"))]),
        SessionState::Unavailable { problem: why } => {
            object(&mut [("state", text("unavailable")), ("problem", problem(why))])
        }
    }
}

fn known(session: Session) -> Value {
    object(&mut [
        ("sub", Value::String(session.sub)),
        ("username", maybe_text(session.username)),
        ("signed_in_with", text(with(session.signed_in_with))),
        ("access_token_expires", Value::from(session.access_token_expires)),
        ("expired", Value::Bool(session.expired)),
        ("identity_id", maybe_text(session.identity_id)),
    ])
}

fn with(with: SignedInWith) -> &'static str {
    match with {
        SignedInWith::Api => "api",
        SignedInWith::HostedUi => "hosted_ui",
        SignedInWith::HostedUiPrivate => "hosted_ui_private",
    }
}

pub(super) fn read_with(fields: &mut Fields) -> Result<SignedInWith, StepError> {
    match &*fields.text("signed_in_with")? {
        "api" => Ok(SignedInWith::Api),
        "hosted_ui" => Ok(SignedInWith::HostedUi),
        "hosted_ui_private" => Ok(SignedInWith::HostedUiPrivate),
        _ => Err(fields.wrong("signed_in_with", "api, hosted_ui or hosted_ui_private")),
    }
}

pub(super) fn tokens(tokens: &Tokens) -> Value {
    object(&mut [
        ("access_token", secret(&tokens.access_token)),
        ("id_token", secret(&tokens.id_token)),
        ("refresh_token", secret(&tokens.refresh_token)),
    ])
}

pub(super) fn read_tokens(fields: &mut Fields) -> Result<Tokens, StepError> {
    Ok(Tokens::new(
        fields.secret("access_token")?,
        fields.secret("id_token")?,
        fields.secret("refresh_token")?,
    ))
}

pub(super) fn verification(verification: Verification) -> Value {
    match verification {
        Verification::Alive => object(&mut [("verification", text("alive"))]),
        Verification::Ended { reason } => {
            object(&mut [("verification", text("ended")), ("reason", text(reason.as_str()))])
        }
        Verification::Unknown { problem: why } => {
            object(&mut [("verification", text("unknown")), ("problem", problem(why))])
        }
    }
}

pub(super) fn remote_sign_out(outcome: RemoteSignOut) -> Value {
    match outcome {
        RemoteSignOut::NotRecognized => object(&mut [("outcome", text("not_recognized"))]),
        RemoteSignOut::OtherSession => object(&mut [("outcome", text("other_session"))]),
        RemoteSignOut::Verified { verification: said } => {
            object(&mut [("outcome", text("verified")), ("said", verification(said))])
        }
    }
}

pub(super) fn identity(identity: Identity) -> Value {
    let credentials = identity.credentials.map_or(Value::Null, |credentials| {
        object(&mut [
            ("access_key_id", Value::String(credentials.access_key_id)),
            ("secret_access_key", secret(&credentials.secret_access_key)),
            ("session_token", secret(&credentials.session_token)),
            ("expires", Value::from(credentials.expires)),
        ])
    });
    object(&mut [
        ("identity_id", Value::String(identity.identity_id)),
        ("credentials", credentials),
    ])
}

pub(super) fn read_identity(mut fields: Fields) -> Result<Identity, StepError> {
    let credentials = fields.maybe_object("credentials")?.map(|mut fields| {
        let credentials = AwsCredentials {
            access_key_id: fields.text("access_key_id")?,
            secret_access_key: fields.secret("secret_access_key")?,
            session_token: fields.secret("session_token")?,
            expires: fields.number("expires")?,
        };
        fields.end()?;
        Ok::<_, StepError>(credentials)
    });
    let (identity_id, credentials) = (fields.text("identity_id")?, credentials.transpose()?);
    fields.end()?;
    Ok(Identity {
        identity_id,
        credentials,
    })
}

pub(super) fn device(device: Device) -> Value {
    object(&mut [
        ("key", Value::String(device.key)),
        ("group_key", Value::String(device.group_key)),
        ("password", secret(&device.password)),
    ])
}

pub(super) fn read_device(mut fields: Fields) -> Result<Device, StepError> {
    let device = Device::new(
        fields.text("key")?,
        fields.text("group_key")?,
        fields.secret("password")?,
    );
    fields.end()?;
    Ok(device)
}

pub(super) fn user_session(session: UserSession) -> Value {
    object(&mut [
        ("id", maybe_text(session.id)),
        ("kind", text(session.kind.as_str())),
        ("client_id", maybe_text(session.client_id)),
        ("created", maybe_number(session.created)),
        ("last_active", maybe_number(session.last_active)),
        ("device", maybe_text(session.device)),
        ("city", maybe_text(session.city)),
        ("country", maybe_text(session.country)),
        ("ip_address", maybe_secret(session.ip_address.as_ref())),
        ("origin", maybe_text(session.origin)),
        ("is_current", Value::Bool(session.is_current)),
    ])
}

pub(super) fn ended_sessions(sessions: Vec<EndedSession>) -> Value {
    list(sessions, |ended| {
        object(&mut [
            ("session", user_session(ended.session)),
            ("error", ended.error.map_or(Value::Null, step_error)),
        ])
    })
}

pub(super) fn adopted(session: AdoptedSession) -> Value {
    object(&mut [
        ("tokens", tokens(&session.tokens)),
        ("signed_in_with", text(with(session.signed_in_with))),
        ("username", maybe_text(session.username)),
        ("identity", session.identity.map_or(Value::Null, identity)),
        ("device", session.device.map_or(Value::Null, device)),
        ("provider", maybe_text(session.provider)),
    ])
}

pub(super) fn read_adopted(mut fields: Fields) -> Result<AdoptedSession, StepError> {
    let mut given = fields.object("tokens")?;
    let tokens = read_tokens(&mut given)?;
    given.end()?;
    let session = AdoptedSession {
        tokens,
        signed_in_with: read_with(&mut fields)?,
        username: fields.maybe_text("username")?,
        identity: fields.maybe_object("identity")?.map(read_identity).transpose()?,
        device: fields.maybe_object("device")?.map(read_device).transpose()?,
        provider: fields.maybe_text("provider")?,
    };
    fields.end()?;
    Ok(session)
}

pub(super) fn adoption(adoption: Adoption) -> Value {
    let word = |word| ("adoption", text(word));
    match adoption {
        Adoption::Adopted => object(&mut [word("adopted")]),
        Adoption::AlreadySignedIn => object(&mut [word("already_signed_in")]),
        Adoption::AlreadySignedOut => object(&mut [word("already_signed_out")]),
        Adoption::Refused { problem: why } => object(&mut [word("refused"), ("problem", problem(why))]),
    }
}
