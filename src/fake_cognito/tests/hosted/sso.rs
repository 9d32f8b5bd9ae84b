//! The cookie, while an SSO session backs it.

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

async fn tracking_pool(validity: Duration) -> FakeCognito {
    let builder = builder().session_tracking().sso_validity(validity);
    builder.start().await.unwrap()
}

/// Tokens for the code that the browser is sent back with.
async fn tokens(fake: &FakeCognito, reply: &Reply) -> Value {
    let (code, client_id) = (reply.sent_back("code").unwrap(), fake.client_id());
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id.as_str()),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
    ];
    let reply = post_form(fake, "/oauth2/token", None, &form).await;
    assert_eq!(reply.status(), 200);
    reply.json()
}

fn ids(fake: &FakeCognito, kind: &str) -> Vec<String> {
    let sessions = fake.sessions("ana").into_iter();
    let of_kind = sessions.filter(|session| session["SessionType"] == kind);
    of_kind
        .map(|session| session["SessionId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_apps_of_one_browser_come_through_one_sso_session() {
    let fake = tracking_pool(HOUR).await;
    let query = sign_in_query(&fake);
    let mut browser = Browser::new(&fake);
    let signed_in = browser.submit(&pairs(&query), "ana").await;
    tokens(&fake, &signed_in).await;
    let silent = browser.get("/login", &pairs(&query)).await;
    tokens(&fake, &silent).await;
    let [sso] = ids(&fake, "SSO").try_into().unwrap();
    let sessions = fake.sessions("ana");
    let through_it = sessions.iter().filter(|session| session["OriginSessionId"] == sso);
    assert_eq!((sessions.len(), through_it.count()), (3, 2));

    Browser::new(&fake).sign_in("ana").await;
    assert_eq!(ids(&fake, "SSO").len(), 2, "another browser, another SSO session");
}

#[tokio::test]
async fn a_revoked_sso_session_shows_the_login_form() {
    let fake = tracking_pool(HOUR).await;
    let query = sign_in_query(&fake);
    let mut browser = Browser::new(&fake);
    let signed_in = browser.submit(&pairs(&query), "ana").await;
    let tokens = tokens(&fake, &signed_in).await;
    assert!(browser.get("/login", &pairs(&query)).await.sent_back("code").is_some());

    let mut request = revoke_request(&fake, &Secret::new(tokens["refresh_token"].as_str().unwrap()));
    request["RevokeAssociatedSessions"] = json!("LINKED");
    assert_eq!(call(&fake, Operation::RevokeToken, &request).await.status(), 200);

    assert!(browser.cookie.is_some());
    for path in ["/login", "/oauth2/authorize"] {
        assert!(browser.get(path, &pairs(&query)).await.is_form());
    }
    let silent = with(query.clone(), "prompt", Some("none"));
    let silent = browser.get("/oauth2/authorize", &pairs(&silent)).await;
    assert_eq!(silent.sent_back("error").as_deref(), Some("login_required"));
    assert!(!fake.has_browser_session("ana"));

    let again = browser.submit(&pairs(&query), "ana").await;
    assert!(again.sent_back("code").is_some());
    assert_eq!(ids(&fake, "SSO").len(), 1, "a new SSO session");
}

#[tokio::test]
async fn the_validity_counts_from_the_last_authentication() {
    let day = 24 * HOUR;
    let fake = tracking_pool(day).await;
    let query = sign_in_query(&fake);
    let mut browser = Browser::new(&fake);
    let signed_in = browser.submit(&pairs(&query), "ana").await;
    assert!(signed_in.exact_header("set-cookie").unwrap().contains("Max-Age=86400;"));
    let first = ids(&fake, "SSO");

    fake.advance(day - HOUR);
    assert!(browser.get("/login", &pairs(&query)).await.sent_back("code").is_some());
    fake.advance(HOUR);
    assert!(
        browser.get("/login", &pairs(&query)).await.is_form(),
        "silent use does not extend it"
    );

    browser.sign_in("ana").await;
    let second = ids(&fake, "SSO");
    assert!(second.len() == 1 && second != first, "the first one has expired");

    // Another authentication in the same browser does extend it.
    fake.advance(day - HOUR);
    let prompt = with(query.clone(), "prompt", Some("login"));
    assert!(browser.get("/oauth2/authorize", &pairs(&prompt)).await.is_form());
    browser.sign_in("ana").await;
    fake.advance(day - HOUR);
    assert!(browser.get("/login", &pairs(&query)).await.sent_back("code").is_some());
    assert_eq!(ids(&fake, "SSO"), second);
}

#[tokio::test]
async fn while_the_end_of_an_sso_session_is_due_the_cookie_works_and_an_authentication_begins_another() {
    let fake = builder()
        .session_tracking()
        .linked_sessions_delay(5 * MINUTE)
        .start()
        .await
        .unwrap();
    let query = sign_in_query(&fake);
    let mut browser = Browser::new(&fake);
    let signed_in = browser.submit(&pairs(&query), "ana").await;
    let tokens = tokens(&fake, &signed_in).await;
    let mut request = revoke_request(&fake, &Secret::new(tokens["refresh_token"].as_str().unwrap()));
    request["RevokeAssociatedSessions"] = json!("LINKED");
    assert_eq!(call(&fake, Operation::RevokeToken, &request).await.status(), 200);

    assert!(browser.get("/login", &pairs(&query)).await.sent_back("code").is_some());
    let mut same_cookie = Browser::new(&fake);
    same_cookie.cookie.clone_from(&browser.cookie);
    same_cookie.sign_in("ana").await;
    assert_eq!(ids(&fake, "SSO").len(), 2);
    fake.advance(5 * MINUTE);
    assert!(browser.get("/login", &pairs(&query)).await.is_form());
    assert!(
        same_cookie
            .get("/login", &pairs(&query))
            .await
            .sent_back("code")
            .is_some()
    );
}

#[tokio::test]
async fn a_validity_of_zero_never_reuses_the_sso_session() {
    let fake = tracking_pool(Duration::ZERO).await;
    let query = sign_in_query(&fake);
    let mut browser = Browser::new(&fake);
    browser.sign_in("ana").await;
    assert!(
        browser.cookie.is_some() && ids(&fake, "SSO").len() == 1,
        "it is made all the same"
    );
    assert!(browser.get("/login", &pairs(&query)).await.is_form());
}

#[tokio::test]
async fn logout_ends_the_sso_session_and_leaves_the_token_sessions() {
    let fake = tracking_pool(HOUR).await;
    let mut browser = Browser::new(&fake);
    let signed_in = browser.submit(&pairs(&sign_in_query(&fake)), "ana").await;
    tokens(&fake, &signed_in).await;
    browser.log_out(&[("logout_uri", SIGNED_OUT)]).await;
    assert_eq!((ids(&fake, "SSO").len(), ids(&fake, "TOKEN").len()), (0, 1));
    assert_eq!(fake.live_sessions("ana"), 1);
}

#[tokio::test]
async fn a_sign_in_notes_the_browser_and_the_app() {
    let fake = tracking_pool(HOUR).await;
    let query = sign_in_query(&fake);
    let line = format!("POST /login?{}", encoded(&pairs(&query)));
    let headers = "content-type: application/x-www-form-urlencoded\r\nuser-agent: Firefox on Linux\r\n";
    let mut browser = Browser::new(&fake);
    browser.call(&line, headers, "username=ana").await;
    assert_eq!(fake.sessions("ana")[0]["DeviceType"], "Firefox on Linux");
}
