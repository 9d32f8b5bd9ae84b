//! The orders that the program takes, one object a line: `{"do": "sign_in", "user": "ana"}`.

use std::error::Error;
use std::time::Duration;

use cognito_signout::Secret;
use cognito_signout::fake_cognito::{ADMIN_SCOPE, FakeCognito, Fault, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

/// `--help` describes each.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Order {
    SignIn {
        user: String,
        scope: Option<String>,
        through: Option<String>,
        #[serde(default)]
        browser: bool,
    },
    Fault {
        operation: String,
        fault: String,
        times: Option<usize>,
        #[serde(default)]
        after_effect: bool,
    },
    Heal {},
    Delay {
        millis: u64,
    },
    GoOffline {},
    GoOnline {},
    Advance {
        seconds: u64,
    },
    Requests {},
    ForgetRequests {},
    DeleteUser {
        user: String,
    },
    SignOutEverywhere {
        user: String,
    },
    SetEnabled {
        user: String,
        on: bool,
    },
    RequirePasswordReset {
        user: String,
    },
    LiveSessions {
        user: String,
    },
    IsRefreshTokenLive {
        token: String,
    },
    IsAccessTokenLive {
        token: String,
    },
    HasBrowserSession {
        user: String,
    },
    IssuedTokens {},
    Sessions {
        user: String,
    },
    SessionId {
        token: String,
    },
    SetSession {
        id: String,
        member: String,
        value: Value,
    },
    SessionTracking {
        on: bool,
    },
    SetUserPool {
        member: String,
        value: Value,
    },
}

/// Carries out an order and returns its result.
pub(crate) async fn carry_out(fake: &FakeCognito, order: Order) -> Result<Value, Box<dyn Error>> {
    match order {
        Order::SignIn {
            user,
            scope,
            through,
            browser,
        } => {
            let tokens = match through {
                Some(provider) => fake.sign_in_through(&provider, &user),
                None if browser => fake.sign_in_through_browser(&user),
                None => fake.sign_in_with_scope(&user, scope.as_deref().unwrap_or(ADMIN_SCOPE)),
            };
            return Ok(json!({
                "access_token": tokens.access.reveal(),
                "id_token": tokens.id.reveal(),
                "refresh_token": tokens.refresh.reveal(),
            }));
        }
        Order::Fault {
            operation,
            fault,
            times,
            after_effect,
        } => {
            let on = fake.on(operation_named(&operation)?);
            let on = if after_effect { on.after_effect() } else { on };
            match times {
                Some(times) => on.times(times, fault_named(&fault)?),
                None => on.always(fault_named(&fault)?),
            }
        }
        Order::Heal {} => fake.heal(),
        Order::Delay { millis } => fake.set_delay(Duration::from_millis(millis)),
        Order::GoOffline {} => fake.go_offline().await?,
        Order::GoOnline {} => fake.go_online().await?,
        Order::Advance { seconds } => fake.advance(Duration::from_secs(seconds)),
        Order::Requests {} => return Ok(json!({ "requests": requests(fake) })),
        Order::ForgetRequests {} => fake.forget_requests(),
        Order::DeleteUser { user } => fake.delete_user(&user),
        Order::SignOutEverywhere { user } => fake.sign_out_everywhere(&user),
        Order::SetEnabled { user, on } => fake.set_enabled(&user, on),
        Order::RequirePasswordReset { user } => fake.require_password_reset(&user),
        Order::LiveSessions { user } => return Ok(json!({ "live": fake.live_sessions(&user) })),
        Order::IsRefreshTokenLive { token } => {
            return Ok(json!({ "live": fake.is_refresh_token_live(&Secret::new(token)) }));
        }
        Order::IsAccessTokenLive { token } => {
            return Ok(json!({ "live": fake.is_access_token_live(&Secret::new(token)) }));
        }
        Order::HasBrowserSession { user } => return Ok(json!({ "live": fake.has_browser_session(&user) })),
        Order::Sessions { user } => return Ok(json!({ "sessions": fake.sessions(&user) })),
        Order::SessionId { token } => {
            return Ok(json!({ "session_id": fake.session_id_of(&Secret::new(token)) }));
        }
        Order::SetSession { id, member, value } => fake.set_session(&id, &member, value),
        Order::SessionTracking { on } => fake.set_session_tracking(on),
        Order::SetUserPool { member, value } => fake.set_user_pool(&member, value),
        Order::IssuedTokens {} => {
            let tokens = fake.issued_tokens();
            return Ok(json!({ "tokens": tokens.iter().map(Secret::reveal).collect::<Vec<_>>() }));
        }
    }
    Ok(json!({}))
}

fn requests(fake: &FakeCognito) -> Vec<Value> {
    let requests = fake.requests();
    let described = requests.iter().map(|request| {
        json!({
            "operation": request.operation().map(Operation::as_str),
            "method": request.method(),
            "path": request.path(),
            "status": request.status(),
        })
    });
    described.collect()
}

fn operation_named(name: &str) -> Result<Operation, Box<dyn Error>> {
    let mut all = Operation::ALL.into_iter();
    Ok(all
        .find(|operation| operation.as_str() == name)
        .ok_or("unknown operation")?)
}

fn fault_named(name: &str) -> Result<Fault, Box<dyn Error>> {
    let mut all = Fault::all().into_iter();
    Ok(all
        .find(|fault| format!("{fault:?}") == name)
        .ok_or("unknown fault: not in Fault::all()")?)
}
