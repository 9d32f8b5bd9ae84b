//! Revocation, and the three meanings of `LINKED`.

use super::*;

/// A browser with two apps signed in, and an app that signed in without the browser.
struct Signed {
    phone: IssuedTokens,
    sibling: IssuedTokens,
    elsewhere: IssuedTokens,
    sso: String,
}

impl Signed {
    fn in_to(fake: &FakeCognito) -> Self {
        let phone = fake.sign_in_through_browser("ana");
        Self {
            sso: sso_id(fake, "ana", &phone),
            phone,
            sibling: fake.sign_in_through_browser("ana"),
            elsewhere: fake.sign_in("ana"),
        }
    }

    /// Which of them are live: phone, sibling, elsewhere, the SSO session.
    fn live(&self, fake: &FakeCognito) -> [bool; 4] {
        let live = |tokens: &IssuedTokens| {
            let live = fake.is_refresh_token_live(&tokens.refresh);
            assert_eq!(fake.is_access_token_live(&tokens.access), live);
            assert_eq!(entry(fake, "ana", &session_id(fake, tokens)).is_some(), live);
            live
        };
        let sso = entry(fake, "ana", &self.sso).is_some();
        assert_eq!(fake.has_browser_session("ana"), sso);
        [live(&self.phone), live(&self.sibling), live(&self.elsewhere), sso]
    }
}

#[tokio::test]
async fn revoke_token_linked_also_ends_the_sso_session_and_not_the_sibling() {
    for (associated, sso) in [(None, true), (Some("NONE"), true), (Some("LINKED"), false)] {
        let fake = tracking_pool().await;
        let signed = Signed::in_to(&fake);
        // An API sign-in has no SSO session: nothing is linked.
        assert_eq!(revoke_token(&fake, &signed.elsewhere.refresh, associated).await, "ok");
        assert_eq!(signed.live(&fake), [true, true, false, true]);
        for _ in 0..2 {
            assert_eq!(revoke_token(&fake, &signed.phone.refresh, associated).await, "ok");
            assert_eq!(signed.live(&fake), [false, true, false, sso]);
        }
    }
}

#[tokio::test]
async fn revoking_a_token_session_linked_also_ends_its_sso_session() {
    for (associated, sso) in [(None, true), (Some("NONE"), true), (Some("LINKED"), false)] {
        let fake = tracking_pool().await;
        let signed = Signed::in_to(&fake);
        let phone = session_id(&fake, &signed.phone);
        assert_eq!(revoke_session(&fake, &signed.elsewhere, &phone, associated).await, "ok");
        assert_eq!(signed.live(&fake), [false, true, true, sso]);
        let again = revoke_session(&fake, &signed.elsewhere, &phone, associated).await;
        assert_eq!(again, "ResourceNotFoundException", "the record is deleted");
    }
}

#[tokio::test]
async fn revoking_an_sso_session_linked_also_ends_every_token_session_that_came_through_it() {
    for (associated, apps) in [(None, true), (Some("NONE"), true), (Some("LINKED"), false)] {
        let fake = tracking_pool().await;
        let signed = Signed::in_to(&fake);
        assert_eq!(
            revoke_session(&fake, &signed.elsewhere, &signed.sso, associated).await,
            "ok"
        );
        assert_eq!(signed.live(&fake), [apps, apps, true, false]);
    }
}

#[tokio::test]
async fn an_administrator_revokes_in_the_same_way() {
    let fake = tracking_pool().await;
    let signed = Signed::in_to(&fake);
    let revoke = async |id: &str, associated: &str, username: &str| {
        let input = json!({ "Username": username, "SessionId": id, "RevokeAssociatedSessions": associated });
        admin(&fake, Operation::AdminRevokeUserSession, input).await
    };
    fake.sign_in("bob");
    let phone = session_id(&fake, &signed.phone);
    assert_eq!(
        revoke(&phone, "LINKED", "bob").await["__type"],
        "ResourceNotFoundException"
    );
    assert_eq!(
        revoke(&phone, "LINKED", "nobody").await["__type"],
        "UserNotFoundException"
    );
    assert_eq!(signed.live(&fake), [true, true, true, true]);
    assert_eq!(revoke(&phone, "NONE", "ana").await, json!({}));
    assert_eq!(signed.live(&fake), [false, true, true, true]);
    assert_eq!(revoke(&signed.sso, "LINKED", "ana").await, json!({}));
    assert_eq!(signed.live(&fake), [false, false, true, false]);
}

#[tokio::test]
async fn linked_sessions_end_after_the_delay() {
    let delay = Duration::from_secs(3);
    let fake = builder().linked_sessions_delay(delay).start().await.unwrap();
    let signed = Signed::in_to(&fake);
    assert_eq!(revoke_token(&fake, &signed.phone.refresh, Some("LINKED")).await, "ok");
    assert_eq!(signed.live(&fake), [false, true, true, true]);
    // A repeat does not postpone it.
    fake.advance(Duration::from_secs(2));
    assert_eq!(revoke_token(&fake, &signed.phone.refresh, Some("LINKED")).await, "ok");
    fake.advance(Duration::from_secs(2));
    assert_eq!(signed.live(&fake), [false, true, true, false]);

    let signed = Signed::in_to(&fake);
    assert_eq!(
        revoke_session(&fake, &signed.elsewhere, &signed.sso, Some("LINKED")).await,
        "ok"
    );
    assert_eq!(signed.live(&fake), [true, true, true, false]);
    fake.advance(delay);
    assert_eq!(signed.live(&fake), [false, false, true, false]);
}

#[tokio::test]
async fn the_callers_own_session_and_ids_of_no_session_of_the_user_are_refused() {
    let fake = tracking_pool().await;
    let (tokens, bob) = (fake.sign_in("ana"), fake.sign_in("bob"));
    let own = session_id(&fake, &tokens);
    let upper_case = own.to_uppercase();
    let unknown = format!("sso{}", "0".repeat(25));
    for (id, code) in [
        (own.as_str(), "InvalidParameterException"),
        (&own[..27], "InvalidParameterException"),
        (&upper_case, "InvalidParameterException"),
        ("", "InvalidParameterException"),
        (&unknown, "ResourceNotFoundException"),
        (&session_id(&fake, &bob), "ResourceNotFoundException"),
    ] {
        assert_eq!(revoke_session(&fake, &tokens, id, None).await, code, "{id}");
    }
    let other = fake.sign_in("ana");
    let refused = revoke_session(&fake, &tokens, &session_id(&fake, &other), Some("ALL")).await;
    assert_eq!(refused, "InvalidParameterException");
    for tokens in [&tokens, &other, &bob] {
        assert!(fake.is_refresh_token_live(&tokens.refresh));
    }
}

#[tokio::test]
async fn linked_on_the_own_sso_session_ends_the_caller_too() {
    let fake = tracking_pool().await;
    let signed = Signed::in_to(&fake);
    assert_eq!(
        revoke_session(&fake, &signed.phone, &signed.sso, Some("LINKED")).await,
        "ok"
    );
    assert_eq!(signed.live(&fake), [false, false, true, false]);
}
