//! The logout, in both its forms.

use super::*;

#[tokio::test]
async fn logout_to_an_allowed_url_clears_the_cookie_and_returns_no_state() {
    let fake = builder().start().await.unwrap();
    let mut browser = Browser::new(&fake);
    browser.sign_in("ana").await;
    let old_cookie = browser.cookie.clone();

    let reply = browser.log_out(&[("logout_uri", SIGNED_OUT), ("state", "s")]).await;

    assert_eq!(reply.location(), SIGNED_OUT);
    assert_eq!((&browser.cookie, fake.has_browser_session("ana")), (&None, false));
    let query = sign_in_query(&fake);
    assert!(browser.get("/login", &pairs(&query)).await.is_form());
    browser.cookie = old_cookie;
    assert!(
        browser.get("/login", &pairs(&query)).await.is_form(),
        "a copy of the cookie"
    );
    let without_a_session = Browser::new(&fake).log_out(&[("logout_uri", SIGNED_OUT)]).await;
    assert_eq!(without_a_session.location(), SIGNED_OUT);
}

#[tokio::test]
async fn logout_back_to_the_login_page_clears_the_cookie_and_shows_the_form() {
    let fake = builder().start().await.unwrap();
    let mut browser = Browser::new(&fake);
    browser.sign_in("ana").await;

    let reply = browser.get("/logout", &pairs(&sign_in_query(&fake))).await;

    let location = reply.location();
    assert!(location.starts_with("/login?"), "{location}");
    assert!(browser.cookie.is_none() && !fake.has_browser_session("ana"));
    let form = browser.call(&format!("GET {location}"), "", "").await;
    assert!(form.is_form());
    let action = form
        .text()
        .split(r#"action=""#)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&");
    let headers = "content-type: application/x-www-form-urlencoded\r\n";
    let back = browser.call(&format!("POST {action}"), headers, "username=bob").await;
    assert_eq!(back.sent_back("state").as_deref(), Some("a&b=c d%#é"));
}

#[tokio::test]
async fn a_logout_that_does_not_match_is_an_error_page() {
    let fake = builder().start().await.unwrap();
    let mut browser = Browser::new(&fake);
    browser.sign_in("ana").await;
    let missing = "Required String parameter &#39;redirect_uri&#39; is not present";
    for query in [
        &[][..],
        &[("logout_uri", "http://localhost:8765/signed-out?from=app/")],
        &[("logout_uri", "http://localhost:8765/signed-out")],
        &[("logout_uri", "http%3A%2F%2Flocalhost%3A8765%2Fsigned-out%3Ffrom%3Dapp")],
        &[("logout_uri", CALLBACK)],
    ] {
        let reply = browser.log_out(query).await;
        assert_eq!(
            (reply.status(), reply.exact_header("location")),
            (400, None),
            "{query:?}"
        );
        assert!(reply.text().contains(missing), "{}", reply.text());
    }
    for query in [
        &[("redirect_uri", CALLBACK)][..],
        &[
            ("redirect_uri", "https://elsewhere.invalid/"),
            ("response_type", "code"),
        ],
    ] {
        let reply = browser.log_out(query).await;
        assert_eq!(
            (reply.status(), reply.exact_header("location")),
            (400, None),
            "{query:?}"
        );
    }
    let of_another_client = [("client_id", "another"), ("logout_uri", SIGNED_OUT)];
    assert_eq!(browser.get("/logout", &of_another_client).await.status(), 400);
}

#[tokio::test]
async fn a_global_sign_out_leaves_the_browser_session_and_deleting_the_user_ends_it() {
    let fake = builder().start().await.unwrap();
    Browser::new(&fake).sign_in("ana").await;
    let request = json!({ "AccessToken": fake.sign_in("ana").access.reveal() });
    assert_eq!(call(&fake, Operation::GlobalSignOut, &request).await.status(), 200);
    assert!(fake.has_browser_session("ana"));
    fake.delete_user("ana");
    assert!(!fake.has_browser_session("ana"));
}
