//! Tokens for codes, and the revocation of refresh tokens.

use super::*;

#[tokio::test]
async fn a_code_works_for_five_minutes_and_only_for_its_own_redirect_and_client() {
    let fake = builder().client_secret("s3cr3t").start().await.unwrap();
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:s3cr3t", fake.client_id())));
    let client_id = fake.client_id();
    for (late, redirect_uri, authorization, error) in [
        (0, CALLBACK, Some(basic.as_str()), None),
        (300, CALLBACK, Some(basic.as_str()), Some("invalid_grant")),
        (
            0,
            "http://localhost:8765/callback/",
            Some(basic.as_str()),
            Some("invalid_grant"),
        ),
        (0, CALLBACK, None, Some("invalid_client")),
    ] {
        let query = sign_in_query(&fake);
        let code = Browser::new(&fake)
            .submit(&pairs(&query), "ana")
            .await
            .sent_back("code")
            .unwrap();
        fake.advance(Duration::from_secs(late));
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id.as_str()),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
        ];
        let response = post_form(&fake, "/oauth2/token", authorization, &form).await.json();
        assert_eq!(response["error"].as_str(), error);
        assert_eq!(response["access_token"].is_string(), error.is_none());
    }
}

/// The example of RFC 7636, appendix B.
#[tokio::test]
async fn a_code_that_was_asked_for_with_pkce_works_only_with_its_verifier() {
    let fake = builder().start().await.unwrap();
    let client_id = fake.client_id();
    for (verifier, error) in [
        (Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), None),
        (Some("another"), Some("invalid_grant")),
        (None, Some("invalid_grant")),
    ] {
        let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let query = with(sign_in_query(&fake), "code_challenge", challenge);
        let query = with(query, "code_challenge_method", Some("S256"));
        let reply = Browser::new(&fake).submit(&pairs(&query), "ana").await;
        let code = reply.sent_back("code").unwrap();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", &client_id),
            ("code", &code),
            ("redirect_uri", CALLBACK),
        ];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let response = post_form(&fake, "/oauth2/token", None, &form).await.json();
        assert_eq!(response["error"].as_str(), error);
        assert_eq!(response["access_token"].is_string(), error.is_none());
    }
}

#[tokio::test]
async fn revoke_ends_the_session_and_an_unknown_token_succeeds_too() {
    let fake = FakeCognito::start().await.unwrap();
    let (tokens, elsewhere, client_id) = (fake.sign_in("ana"), fake.sign_in("ana"), fake.client_id());
    for token in [tokens.refresh.reveal(), tokens.refresh.reveal(), "garbage"] {
        let form = [("token", token), ("client_id", client_id.as_str())];
        let reply = post_form(&fake, "/oauth2/revoke", None, &form).await;
        assert_eq!((reply.status(), reply.parts().1.as_str()), (200, ""));
    }
    assert!(!fake.is_refresh_token_live(&tokens.refresh) && !fake.is_access_token_live(&tokens.access));
    assert!(fake.is_refresh_token_live(&elsewhere.refresh));
    assert_eq!(fake.operations(), [Operation::OAuth2Revoke; 3]);
    fake.assert_no_token_in_urls();
}

#[tokio::test]
async fn revoke_refuses_as_documented_and_the_token_lives() {
    let basic = |plain: &str| Some(format!("Basic {}", STANDARD.encode(plain)));
    let id = || FakeCognito::builder().start();
    let public = id().await.unwrap();
    let off = FakeCognito::builder().token_revocation(false).start().await.unwrap();
    let secret = FakeCognito::builder()
        .client_secret("s+3 c:r%3t")
        .start()
        .await
        .unwrap();
    let client_id = public.client_id();
    let named = ("client_id", client_id.as_str());
    for (fake, authorization, form, with_token, error) in [
        (&public, None, vec![named], false, OAuthError::InvalidRequest),
        (
            &public,
            None,
            vec![named, ("token", "")],
            false,
            OAuthError::InvalidRequest,
        ),
        (&off, None, vec![named], true, OAuthError::InvalidRequest),
        (&public, None, vec![], true, OAuthError::InvalidClient),
        (
            &public,
            None,
            vec![("client_id", "another")],
            true,
            OAuthError::InvalidClient,
        ),
        (&secret, None, vec![named], true, OAuthError::InvalidClient),
        (
            &secret,
            None,
            vec![named, ("client_secret", "s+3 c:r%3t")],
            true,
            OAuthError::InvalidClient,
        ),
        (
            &secret,
            basic(&format!("{client_id}:wrong")),
            vec![named],
            true,
            OAuthError::InvalidClient,
        ),
        (&secret, basic(&client_id), vec![named], true, OAuthError::InvalidClient),
        (
            &secret,
            Some("Basic !".to_owned()),
            vec![named],
            true,
            OAuthError::InvalidClient,
        ),
        (
            &secret,
            Some("Bearer x".to_owned()),
            vec![named],
            true,
            OAuthError::InvalidClient,
        ),
    ] {
        let tokens = fake.sign_in("ana");
        let token = [("token", tokens.refresh.reveal())];
        let form = [&form[..], &token[..usize::from(with_token)]].concat();
        let reply = post_form(fake, "/oauth2/revoke", authorization.as_deref(), &form).await;
        assert_eq!(
            (reply.status(), reply.json()),
            (error.status(), json!({ "error": error.code() })),
            "{form:?}"
        );
        assert!(fake.is_refresh_token_live(&tokens.refresh), "{form:?}");
    }

    let tokens = public.sign_in("ana");
    for token in [&tokens.access, &tokens.id] {
        let reply = post_form(&public, "/oauth2/revoke", None, &[named, ("token", token.reveal())]).await;
        assert_eq!(
            (reply.status(), reply.json()),
            (400, json!({ "error": "unsupported_token_type" }))
        );
    }
    assert!(public.is_access_token_live(&tokens.access));

    let tokens = secret.sign_in("ana");
    let proof = basic(&format!("{client_id}:s%2B3+c%3Ar%253t"));
    let reply = post_form(
        &secret,
        "/oauth2/revoke",
        proof.as_deref(),
        &[("token", tokens.refresh.reveal())],
    )
    .await;
    assert_eq!(
        (reply.status(), secret.is_refresh_token_live(&tokens.refresh)),
        (200, false)
    );
}

#[tokio::test]
async fn a_revocation_that_is_not_a_form_is_refused() {
    let fake = FakeCognito::start().await.unwrap();
    let (tokens, client_id) = (fake.sign_in("ana"), fake.client_id());
    let form = encoded(&[("token", tokens.refresh.reveal()), ("client_id", client_id.as_str())]);
    for headers in ["", "content-type: application/json\r\n", "content-type: text/plain\r\n"] {
        let reply = Browser::new(&fake).call("POST /oauth2/revoke", headers, &form).await;
        assert_eq!(reply.status(), 401);
    }
    assert!(fake.is_refresh_token_live(&tokens.refresh));
    let headers = "content-type: application/x-www-form-urlencoded; charset=utf-8\r\n";
    assert_eq!(
        Browser::new(&fake)
            .call("POST /oauth2/revoke", headers, &form)
            .await
            .status(),
        200
    );
}
