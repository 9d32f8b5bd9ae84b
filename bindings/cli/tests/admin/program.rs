//! The program as people and scripts use it: reads its whole output.

use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::desk::{Desk, checked, said};

const SIGN_OUT: Operation = Operation::AdminUserGlobalSignOut;

async fn desk(users: usize) -> Desk {
    let desk = Desk::new().await;
    (0..users).for_each(|user| desk.fake.add_user(&format!("user-{user}"), ""));
    desk
}

#[tokio::test]
async fn signing_one_user_out_is_one_object_and_exit_code_0() {
    let desk = Desk::new().await;
    let tokens = desk.fake.sign_in("ana");
    let said = desk.run("sign-out ana --json").await;
    let signer = json!({ "access_key_id_end": "MPLE" });
    let expected = json!({ "result": "complete", "signer": signer, "disabled": false, "errors": {}, "elapsed_ms": 0 });
    assert_eq!((said.object(), said.code), (expected, Some(0)));
    assert!(!desk.fake.is_refresh_token_live(&tokens.refresh));
    assert_eq!(
        desk.run("sign-out ana --disable --json").await.object()["disabled"],
        true
    );
    assert!(!desk.fake.is_enabled("ana"));
}

#[tokio::test]
async fn people_are_told_what_a_sign_out_does_not_end() {
    let desk = desk(1).await;
    let said = desk.run("sign-out user-0").await;
    assert_eq!(said.code, Some(0));
    assert!(said.stdout.starts_with("Done ("), "{}", said.stdout);
    assert!(said.stdout.contains("until they expire"), "{}", said.stdout);
    assert!(
        said.stdout
            .contains("A browser that signed in at the hosted pages keeps its session")
    );
    let said = desk.run("sign-out-all --everyone").await;
    assert!(
        said.stdout
            .contains("A browser that signed in at the hosted pages keeps its session")
    );
    // A disabled user gets no tokens there either.
    let said = desk.run("sign-out-all --everyone --disable").await;
    assert!(!said.stdout.contains("keeps its session"), "{}", said.stdout);
}

#[tokio::test]
async fn a_failure_is_exit_code_4_and_says_what_to_do() {
    let desk = desk(1).await;
    let said = desk.run("sign-out nobody --json").await;
    assert_eq!(said.code, Some(4));
    assert_eq!(said.object()["errors"]["sign_out"]["code"], "user_not_found");
    desk.fake.on(SIGN_OUT).always(Fault::Refuse(ServiceError::AccessDenied));
    let said = desk.run("sign-out user-0 --disable").await;
    // Disabled, but not signed out.
    assert_eq!(said.code, Some(3));
    assert!(
        said.stdout.contains("not allowed: cognito-idp:AdminUserGlobalSignOut"),
        "{}",
        said.stdout
    );
}

#[tokio::test]
async fn a_usage_error_is_exit_code_2_and_nobody_is_signed_out() {
    let desk = desk(1).await;
    desk.file("names", "user-0\n");
    // Cannot be read, which shows before anyone is signed out.
    desk.file("columns", "user-0\nuser-1\tuser-2\n");
    for (args, code) in [
        ("sign-out-all --file {}/columns --json", 2),
        ("sign-out-all --json", 2),
        ("sign-out-all --everyone --group staff --json", 2),
        ("sign-out-all --everyone --rate 0 --json", 2),
        ("sign-out-all --file {}/none --json", 2),
        ("sign-out-all --file {}/names --failures {}/names --json", 2),
        ("doctor --client-id x --fix everything --json", 2),
        ("doctor --client-id x --fix revocation --json", 2),
        ("sign-outt ana --json", 2),
    ] {
        let said = desk.run(args).await;
        assert_eq!(said.code, Some(code), "{args}: {}", said.stdout);
        assert_eq!(
            serde_json::from_str::<Value>(&said.stdout).unwrap()["result"],
            "usage",
            "{args}"
        );
    }
    assert_eq!(desk.fake.admin_sign_outs("user-0"), 0);
    assert_eq!(std::fs::read_to_string(desk.path("names")).unwrap(), "user-0\n");
}

#[tokio::test]
async fn failures_are_json_lines_that_the_next_run_reads() {
    let desk = desk(9).await;
    let names: String = (0..10).map(|user| format!("user-{user}\n")).collect();
    desk.file("names", &names);
    let said = desk
        .run("sign-out-all --file {}/names --rate 1000 --failures {}/failures --json")
        .await;
    assert_eq!(said.code, Some(3));
    let users = &said.object()["users"];
    assert_eq!(
        *users,
        json!({
            "signed_out": 9, "disabled": 0, "already_done": 0, "would_sign_out": 0, "failed": 1, "not_found": 1,
            "not_tried": 0, "more_not_tried": false, "requests": 10, "throttled": 0, "slowest_rate": 1000.0, "ended": "all_tried",
        })
    );
    let failures = desk.lines("failures");
    assert_eq!(failures.len(), 2);
    assert_eq!(failures[0], json!({ "complete": true }));
    assert_eq!(
        (&failures[1]["username"], &failures[1]["code"]),
        (&json!("user-9"), &json!("user_not_found"))
    );

    desk.fake.add_user("user-9", "");
    let said = desk.run("sign-out-all --file {}/failures --rate 1000 --json").await;
    assert_eq!((said.code, &said.object()["users"]["signed_out"]), (Some(0), &json!(1)));
    assert_eq!(desk.fake.admin_sign_outs("user-9"), 1);
}

#[tokio::test]
async fn names_come_from_standard_input_too_and_without_a_terminal_there_is_no_bar() {
    let desk = desk(3).await;
    let mut program = desk.program("sign-out-all --stdin --rate 1000");
    let mut child = program.stdin(std::process::Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"user-0\nuser-2\n")
        .await
        .unwrap();
    let said = checked(child.wait_with_output().await.unwrap());
    let signer = "signing with the access key …MPLE\n";
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), signer));
    assert!(said.stdout.contains("2 signed out"), "{}", said.stdout);
    assert_eq!(
        [0, 1, 2].map(|user| desk.fake.admin_sign_outs(&format!("user-{user}"))),
        [1, 0, 1]
    );
}

#[tokio::test]
async fn a_group_a_filter_and_a_dry_run_are_counted() {
    let desk = desk(12).await;
    desk.fake.add_to_group("staff", "user-3");
    desk.fake.add_to_group("staff", "user-4");
    let dry = desk.run("sign-out-all --everyone --dry-run --json").await;
    let users = &dry.object()["users"];
    assert_eq!((dry.code, &users["would_sign_out"]), (Some(0), &json!(12)));
    let first = users["would_sign_out_first"].as_array().unwrap();
    assert_eq!((first.len(), &first[0]), (10, &json!("user-0")));
    assert_eq!(desk.fake.admin_sign_outs_in_all(), 0);
    for (who, expected) in [("--group staff", 2), (r#"--filter username^="user-1""#, 3)] {
        let said = desk.run(&format!("sign-out-all {who} --rate 1000 --json")).await;
        assert_eq!(said.object()["users"]["signed_out"], expected, "{}", said.stdout);
    }
}

#[tokio::test]
async fn a_sample_of_tokens_shows_whether_the_run_had_its_effect() {
    let desk = Desk::new().await;
    let (ana, bob) = (desk.fake.sign_in("ana"), desk.fake.sign_in("bob"));
    let line = |name: &str, token: &str| json!({ "username": name, "access_token": token }).to_string();
    let sample = [line("ana", ana.access.reveal()), line("bob", bob.access.reveal())].join("\n");
    desk.file("sample", &sample);
    desk.file("names", "ana\n");
    let said = desk.run("sign-out-all --file {}/names --sample {}/sample --json").await;
    // One user of the sample was not among the names.
    assert_eq!(said.code, Some(3));
    let expected = json!({ "refused": 1, "still_accepted": ["bob"], "undecided": [] });
    assert_eq!(said.object()["sample"], expected);
    assert!(!said.stdout.contains(ana.access.reveal()));
    // A token that is refused before the run proves nothing.
    let said = desk.run("sign-out-all --file {}/names --sample {}/sample --json").await;
    assert_eq!(said.code, Some(2));
    assert!(
        said.object()["errors"]["usage"]["message"]
            .as_str()
            .unwrap()
            .contains("line 1")
    );
    desk.file("sample", &line("bob", bob.access.reveal()));
    let said = desk.run("sign-out-all --everyone --sample {}/sample --json").await;
    assert_eq!((said.code, &said.object()["sample"]["refused"]), (Some(0), &json!(1)));
}

#[tokio::test]
async fn a_dry_run_checks_the_permission_and_the_journal() {
    let desk = desk(3).await;
    let denied = || Fault::Refuse(ServiceError::AccessDenied);
    for (operation, args) in [
        (SIGN_OUT, "--dry-run"),
        (Operation::AdminDisableUser, "--dry-run --disable"),
    ] {
        desk.fake.on(operation).always(denied());
        let said = desk.run(&format!("sign-out-all --everyone --json {args}")).await;
        assert_eq!(said.code, Some(4));
        assert_eq!(said.object()["errors"]["dry_run"]["code"], "access_denied");
        desk.fake.heal();
    }
    let said = desk
        .run("sign-out-all --everyone --dry-run --journal {}/none/journal --json")
        .await;
    assert_eq!(said.code, Some(4));
    assert_eq!(said.object()["errors"]["run"]["code"], "journal");
    assert_eq!(desk.fake.admin_sign_outs_in_all(), 0);
    assert!((0..3).all(|user| desk.fake.is_enabled(&format!("user-{user}"))));
}

#[tokio::test]
async fn nobody_to_sign_out_is_partial_without_allow_empty() {
    let desk = desk(3).await;
    desk.file("names", "\n");
    for args in [r#"--filter username^="x""#, "--file {}/names", "--stdin"] {
        let said = desk.run(&format!("sign-out-all {args} --json")).await;
        assert_eq!(
            (said.code, &said.object()["errors"]["users"]["code"]),
            (Some(3), &json!("nobody"))
        );
        let said = desk.run(&format!("sign-out-all {args} --allow-empty")).await;
        assert_eq!(said.code, Some(0));
        assert!(said.stdout.contains(" 0 signed out"), "{}", said.stdout);
    }
    let said = desk.run("sign-out-all --filter nonsense --json").await;
    assert_eq!(
        (said.code, &said.object()["errors"]["run"]["code"]),
        (Some(4), &json!("filter_refused"))
    );
}

#[tokio::test]
async fn failures_and_their_reasons_are_printed_without_a_terminal() {
    let desk = desk(12).await;
    desk.fake.on(SIGN_OUT).always(Fault::Refuse(ServiceError::UserDisabled));
    let said = desk.run("sign-out-all --everyone --rate 1000").await;
    // Nobody was signed out.
    assert_eq!(said.code, Some(4));
    assert!(said.stdout.starts_with("Failed ("), "{}", said.stdout);
    for told in [
        "refused: 12",
        "NotAuthorizedException",
        "user-0",
        "--failures FILE lists all",
    ] {
        assert!(said.stdout.contains(told), "{told}: {}", said.stdout);
    }
    let said = desk.run("sign-out-all --everyone --rate 1000 --json").await;
    let failed = &said.object()["failed_by_code"]["refused"];
    assert_eq!(
        (&failed["count"], failed["first"].as_array().unwrap().len()),
        (&json!(12), 10)
    );
    assert!(
        failed["messages"][0]
            .as_str()
            .unwrap()
            .contains("AdminUserGlobalSignOut")
    );
    assert!(failed["recovery"].is_string());

    desk.fake.heal();
    desk.fake.delete_user("user-3");
    desk.file("names", "user-0\nuser-3\n");
    let said = desk.run("sign-out-all --file {}/names").await;
    assert_eq!(said.code, Some(3));
    assert!(said.stdout.contains("user_not_found: 1"), "{}", said.stdout);
    assert!(said.stdout.contains("Check the user name"), "{}", said.stdout);
}

#[tokio::test]
async fn the_journal_of_an_earlier_incident_is_refused() {
    let desk = desk(3).await;
    let args = "sign-out-all --everyone --rate 1000 --journal {}/incident.jsonl";
    assert_eq!(desk.run(args).await.code, Some(0));
    let session = desk.fake.sign_in("user-0");
    let said = desk.run(args).await;
    assert_eq!(said.code, Some(4), "{}", said.stdout);
    assert!(said.stdout.contains("its run signed everyone out"), "{}", said.stdout);
    // That can be intended, but proves nothing about the present.
    let said = desk.run(&format!("{args} --continue")).await;
    assert_eq!(said.code, Some(3), "{}", said.stdout);
    assert!(
        said.stdout
            .contains("3 skipped: signed out before, according to the journal")
    );
    assert!(said.stdout.contains("incident.jsonl of 20"), "{}", said.stdout);
    assert!(
        said.stdout
            .contains("Users who have signed in again since then are signed in.")
    );
    assert!(desk.fake.is_refresh_token_live(&session.refresh));
}

fn at_client(desk: &Desk, args: &str) -> String {
    format!("doctor --client-id {} {args}", desk.fake.client_id())
}

#[tokio::test]
async fn the_doctor_prints_findings_and_its_exit_code_warns() {
    let good = Desk::new().await;
    let said = good.run(&at_client(&good, "--json")).await;
    assert_eq!(said.code, Some(0));
    let first = json!({
        "severity": "good",
        "code": "revocation_on",
        "means": "Token revocation is on: a sign-out revokes the session's refresh token, and Cognito then refuses its access tokens.",
    });
    assert_eq!(said.object()["findings"][0], first);

    let bad = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    let said = bad.run(&at_client(&bad, "--sign-out-uri myapp://out")).await;
    assert_eq!(said.code, Some(3));
    assert!(said.stdout.contains("problem  revocation_off: "), "{}", said.stdout);
    assert!(
        said.stdout.contains("problem  sign_out_uri_not_listed: "),
        "{}",
        said.stdout
    );
}

#[tokio::test]
async fn a_fix_shows_the_difference_and_is_made_only_after_a_yes() {
    let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    let args = at_client(&desk, "--fix revocation,token-validity");
    for (answer, is_on, code) in [("", false, 3), ("n\n", false, 3), ("y\n", true, 0)] {
        let mut program = desk.program(&args);
        let mut child = program.stdin(std::process::Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(answer.as_bytes()).await.unwrap();
        let said = checked(child.wait_with_output().await.unwrap());
        assert!(
            said.stderr.contains("EnableTokenRevocation\n    - false\n    + true\n"),
            "{}",
            said.stderr
        );
        assert_eq!(said.code, Some(code), "{}", said.stdout);
        assert_eq!(desk.fake.client_settings()["EnableTokenRevocation"], is_on);
    }
}

#[tokio::test]
async fn the_fix_of_session_tracking_shows_that_it_changes_the_user_pool() {
    let desk = Desk::new().await;
    let said = desk.run(&at_client(&desk, "--fix session-tracking --yes")).await;
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    let shown = "settings of the user pool, and sends all others back unchanged:\n  UserSessionTracking\n    - \"DISABLED\"\n    + \"ENABLED\"\n";
    assert!(said.stderr.contains(shown), "{}", said.stderr);
    assert!(
        said.stdout.contains("good     session_tracking_on: "),
        "{}",
        said.stdout
    );

    let said = desk
        .run(&at_client(&desk, "--fix session-tracking,revocation --yes --json"))
        .await;
    assert_eq!(said.code, Some(2), "{}", said.stdout);
    let lite = Desk::new().await;
    lite.fake.set_user_pool("UserPoolTier", json!("LITE"));
    let said = lite.run(&at_client(&lite, "--fix session-tracking --yes --json")).await;
    let object = said.object();
    assert_eq!(
        (said.code, &object["errors"]["fix"]["code"]),
        (Some(4), &json!("not_in_tier"))
    );
    assert_eq!(object["fixed"]["applied"], false);
}

#[tokio::test]
async fn with_yes_and_json_a_fix_does_not_ask() {
    let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    let args = at_client(&desk, "--fix revocation --yes --json");
    let said = desk.run(&args).await;
    assert_eq!(said.code, Some(0));
    let differences = json!([{ "setting": "EnableTokenRevocation", "before": "false", "after": "true" }]);
    assert_eq!(
        said.object()["fixed"],
        json!({ "applied": true, "differences": differences })
    );
    let findings = said.object()["findings"].clone();
    assert_eq!(findings[0]["code"], "revocation_on");
    // The settings no longer show this.
    assert_eq!(
        findings.as_array().unwrap().last().unwrap()["code"],
        "sessions_begun_before"
    );
    let said = desk.run(&args).await;
    assert_eq!(said.object()["fixed"], json!({ "applied": false, "differences": [] }));
    assert_eq!(said.code, Some(0));
}

#[tokio::test]
async fn a_fix_that_is_denied_still_shows_the_findings() {
    let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    let denied = Fault::Refuse(ServiceError::AccessDenied);
    desk.fake.on(Operation::UpdateUserPoolClient).always(denied);
    let said = desk.run(&at_client(&desk, "--fix revocation --yes --json")).await;
    let object = said.object();
    assert_eq!(
        (said.code, &object["errors"]["fix"]["code"]),
        (Some(4), &json!("access_denied"))
    );
    assert_eq!(object["fixed"]["applied"], false);
    assert_eq!(object["findings"][0]["code"], "revocation_off");
}

#[tokio::test]
async fn an_accepted_finding_does_not_affect_the_exit_code() {
    let desk = Desk::over(FakeCognito::builder().client_secret("secret").start().await.unwrap());
    for (args, code) in [
        ("", 3),
        ("--accept rotation_off", 3),
        ("--accept rotation_off,client_secret", 0),
    ] {
        let said = desk.run(&at_client(&desk, args)).await;
        assert_eq!(said.code, Some(code), "{args}");
        assert!(said.stdout.contains("client_secret"), "{}", said.stdout);
    }
}

#[tokio::test]
async fn a_fix_shows_a_lifetime_in_one_line() {
    let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    desk.fake.set_client("AccessTokenValidity", json!(24));
    desk.fake
        .set_client("TokenValidityUnits", json!({ "AccessToken": "hours" }));
    let said = desk.run(&at_client(&desk, "--fix token-validity --yes")).await;
    assert!(
        said.stderr
            .contains("AccessTokenValidity\n    24 hours -> 60 minutes\n"),
        "{}",
        said.stderr
    );
    // A change made by somebody else in between was undone, and nothing shows it.
    assert!(!said.stdout.contains("no other setting has changed"), "{}", said.stdout);
}

#[tokio::test]
async fn control_characters_are_escaped() {
    let desk = Desk::new().await;
    for args in ["--json", ""] {
        let mut program = desk.program(&at_client(&desk, args));
        program.args(["--sign-out-uri", "myapp://\u{9b}31m\u{202e}\u{1b}[0m"]);
        let said = said(program).await;
        assert_eq!(said.code, Some(3));
        let told = said.stdout.replace("\n", "");
        assert!(told.contains("myapp://"), "{told:?}");
        assert!(
            !told.chars().any(|shown| shown.is_control() || shown == '\u{202e}'),
            "{told:?}"
        );
        assert!(
            told.contains(if args.is_empty() { "\\u{202e}" } else { "\\u202e" }),
            "{told:?}"
        );
        if !args.is_empty() {
            let uri = said.object()["findings"].to_string();
            assert!(uri.contains("\u{202e}"), "{uri:?}");
        }
    }
}
