//! The pages of the user pool's domain: the login form with its cookie, the logout, and OAuth's endpoints.
//!
//! Of the error texts, only "Required String parameter 'redirect_uri' is not present" is known to be Cognito's. The others
//! are the fake's own.

mod oauth;
mod page;
mod pages;

use std::time::SystemTime;

use url::form_urlencoded::Serializer;

use super::operation::Operation;
use super::pool::Pool;
use super::tokens::ADMIN_SCOPE;
use super::wire::{Fields, Request, Response};
pub(super) use pages::Pages;
use pages::{BrowserSession, Grant};

/// Cognito's name for the cookie of the browser session.
const COOKIE: &str = "cognito";

/// Which page or endpoint a request is for.
pub(super) fn operation(request: &Request) -> Option<Operation> {
    match (request.method.as_str(), request.split_path().0) {
        ("GET" | "POST", "/login") | ("GET", "/oauth2/authorize") => Some(Operation::HostedLogin),
        ("GET", "/logout") => Some(Operation::HostedLogout),
        ("POST", "/oauth2/token") => Some(Operation::OAuth2Token),
        ("POST", "/oauth2/revoke") => Some(Operation::OAuth2Revoke),
        _ => None,
    }
}

/// Carries out a hosted operation.
pub(super) fn perform(
    pages: &mut Pages,
    pool: &mut Pool,
    operation: Operation,
    request: &Request,
    now: SystemTime,
) -> Response {
    let response = match operation {
        Operation::HostedLogin => login(pages, pool, request, now),
        Operation::HostedLogout => logout(pages, pool, request),
        Operation::OAuth2Token => oauth::token(pages, pool, request, now),
        Operation::OAuth2Revoke => oauth::revoke(pool, request),
        _ => page::error(404, "Not found"),
    };
    response.with("cache-control", "no-store")
}

/// `/login` and `/oauth2/authorize`: shows the form, receives it, or, with a live cookie, goes straight back to the app.
fn login(pages: &mut Pages, pool: &mut Pool, request: &Request, now: SystemTime) -> Response {
    let query = request.query();
    let app = match App::of(&query, pages, pool) {
        Ok(app) => app,
        Err(refused) => return refused,
    };
    if !app.asks_for_a_code {
        return app.back(&[("error", "invalid_request")]);
    }
    let form = || page::login(request.split_path().1);
    if request.method == "POST" {
        let fields = request.form();
        let Some(username) = fields.get("username").filter(|name| !name.is_empty()) else {
            return form();
        };
        let device = request.header("user-agent");
        let (cookie, session) = pages.begin_session(username, cookie(request), device, pool, now);
        let lifetime = pool.settings.session_tracking.sso_lifetime().as_secs();
        return app.with_code(pages, &session, now).with(
            "set-cookie",
            format!("{COOKIE}={cookie}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Lax"),
        );
    }
    let session = cookie(request).and_then(|cookie| pages.session_at(cookie, pool, now));
    match (query.get("prompt"), session) {
        (Some("login"), _) => form(),
        (Some("none"), None) => app.back(&[("error", "login_required")]),
        // `select_account` too: it concerns only a provider behind the pool (AWS, "Redirect and authorization endpoint").
        (_, Some(session)) => app.with_code(pages, &session, now),
        (_, None) => form(),
    }
}

/// `/logout`, in both its forms (AWS, "Logout endpoint"). Whether a refused URL also ends the cookie is not established;
/// here the cookie stays.
fn logout(pages: &mut Pages, pool: &mut Pool, request: &Request) -> Response {
    let query = request.query();
    let client_is_ours = query.get("client_id") == Some(&pool.settings.client_id);
    let sign_out_uri = query.get("logout_uri").filter(|uri| pages.may_sign_out_to(uri));
    let location = match sign_out_uri.filter(|_| client_is_ours) {
        Some(uri) => uri.to_owned(),
        None if query.get("redirect_uri").is_none() => {
            return page::error(400, "Required String parameter 'redirect_uri' is not present");
        }
        None => match App::of(&query, pages, pool) {
            Ok(app) if app.asks_for_a_code => format!("/login?{}", request.split_path().1),
            Ok(_) => return page::error(400, "Required String parameter 'response_type' is not present"),
            Err(refused) => return refused,
        },
    };
    if let Some(cookie) = cookie(request) {
        pages.end_session(cookie, pool);
    }
    redirect(&location).with(
        "set-cookie",
        format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"),
    )
}

/// The app that sent the browser to sign in, with one of its own redirect URLs.
struct App<'a> {
    redirect_uri: &'a str,
    scope: Option<&'a str>,
    state: Option<&'a str>,
    code_challenge: Option<&'a str>,
    asks_for_a_code: bool,
}

impl<'a> App<'a> {
    /// An error page for an unknown client or URL: nothing is redirected there.
    fn of(query: &'a Fields, pages: &Pages, pool: &Pool) -> Result<Self, Response> {
        if query.get("client_id") != Some(&pool.settings.client_id) {
            return Err(page::error(400, "Client does not exist"));
        }
        let redirect_uri = query.get("redirect_uri").filter(|uri| pages.may_call_back(uri));
        Ok(Self {
            redirect_uri: redirect_uri.ok_or_else(|| page::error(400, "redirect_mismatch"))?,
            scope: query.get("scope"),
            state: query.get("state"),
            code_challenge: query.get("code_challenge"),
            asks_for_a_code: query.get("response_type") == Some("code"),
        })
    }

    /// Back to the app with a code for tokens.
    fn with_code(&self, pages: &mut Pages, session: &BrowserSession, now: SystemTime) -> Response {
        let code = pages.grant(Grant {
            username: session.username.clone(),
            redirect_uri: self.redirect_uri.to_owned(),
            // A request without scopes gets all scopes of the app client.
            scope: self
                .scope
                .map_or_else(|| format!("openid {ADMIN_SCOPE}"), str::to_owned),
            sso: session.sso,
            code_challenge: self.code_challenge.map(str::to_owned),
            granted_at: now,
        });
        self.back(&[("code", &code)])
    }

    fn back(&self, parameters: &[(&str, &str)]) -> Response {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters);
        query.extend_pairs(self.state.map(|state| ("state", state)));
        let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
        redirect(&format!("{}{separator}{}", self.redirect_uri, query.finish()))
    }
}

fn redirect(location: &str) -> Response {
    Response::empty(302).with("location", location)
}

fn cookie(request: &Request) -> Option<&str> {
    let cookies = request.header("cookie")?.split(';');
    let mut pairs = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == COOKIE).then_some(value))
}
