//! What people read: the output without `--json`.

#[cfg(target_os = "linux")]
use std::path::Path;

use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};

use crate::desk::Desk;
use crate::secrets;

#[tokio::test]
async fn people_get_words_and_no_colour_without_a_terminal() {
    let (desk, session, tokens) = Desk::signed_in().await;
    desk.fake
        .on(Operation::RevokeToken)
        .always(Fault::Refuse(ServiceError::Forbidden));
    let said = desk.run("sign-out", &[&session]).await;
    assert_eq!(said.code, Some(3));
    assert!(
        said.stdout
            .starts_with("Signed out of this device, with something left to do (")
    );
    assert!(said.stdout.contains("  revoke_token     failed:forbidden\n"));
    assert!(said.stdout.contains("--reveal shows it"));
    assert!(!said.stdout.contains('\u{1b}'));
    said.assert_shows_none_of(&secrets(&tokens));

    let usage = desk.run("store", &[]).await;
    assert_eq!(usage.code, Some(2));
    assert_eq!(
        (usage.stdout.as_str(), usage.stderr.as_str()),
        ("", "error: store needs --session FILE\n")
    );
}

#[tokio::test]
async fn people_are_told_whether_what_is_unpaid_is_kept() {
    let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    let (session, _) = desk.session("ana.json", "api");
    let said = desk.run("sign-out --json", &[&session]).await;
    assert_eq!(said.object()["kept"], false);
    let said = desk.run("sign-out", &[&session]).await;
    for words in [
        "Cognito accepts the refresh token until it expires",
        "Nothing is kept for another attempt.",
    ] {
        assert!(said.stdout.contains(words), "{}", said.stdout);
    }

    let (desk, session, _) = Desk::signed_in().await;
    let refused = Fault::Refuse(ServiceError::Forbidden);
    desk.fake.on(Operation::RevokeToken).always(refused);
    let kept = "What is unpaid is kept: `resume` and `retry` try again.";
    let said = desk.run("sign-out", &[&session]).await;
    assert!(said.stdout.contains(kept), "{}", said.stdout);
    let said = desk.run("sign-out --hand-over", &[&session]).await;
    assert!(!said.stdout.contains(kept), "{}", said.stdout);
    assert!(
        said.stdout.contains("Nothing is kept for another attempt."),
        "{}",
        said.stdout
    );
}

#[tokio::test]
async fn a_sign_out_that_finds_nobody_says_so() {
    let desk = Desk::new().await;
    let said = desk.run("sign-out", &[]).await;
    assert!(
        said.stdout.starts_with("Nobody was signed in here ("),
        "{}",
        said.stdout
    );
    assert_eq!(said.code, Some(0));
    let said = desk.run("sign-out --json", &[]).await;
    assert_eq!(said.object()["steps"]["commit"], "skipped:no_session");
}

/// There is no D-Bus at this address.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_a_keychain_the_output_names_the_memory_vault() {
    let desk = Desk::new().await;
    let nowhere = Path::new("unix:path=/nowhere/to/be/found");
    let args = "status --user-pool eu-central-1_Example --client-id c";
    let said = desk
        .run_bare_with(args, &[], &[("DBUS_SESSION_BUS_ADDRESS", nowhere)])
        .await;
    assert!(said.stdout.contains("(vault_unavailable)"), "{}", said.stdout);
    assert!(said.stdout.contains("--vault memory"), "{}", said.stdout);
    assert_eq!(said.code, Some(4));
}

#[cfg(target_os = "linux")] // Has a disk that is always full.
#[tokio::test]
async fn an_output_that_cannot_be_written_is_an_exit_code_and_no_panic() {
    let desk = Desk::new().await;
    for args in ["sign-out", "sign-out --json"] {
        let said = desk.run_into(args, Path::new("/dev/full")).await;
        assert_eq!(said.code, Some(4));
        assert!(
            said.stderr.starts_with("the output could not be printed: "),
            "{}",
            said.stderr
        );
    }
}
