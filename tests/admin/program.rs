//! `examples/admin` as people and scripts use it: its whole output read.

use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::desk::{Desk, Said};

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
    let expected = json!({ "result": "complete", "disabled": false, "errors": {}, "elapsed_ms": 0 });
    assert_eq!((said.object(), said.code), (expected, Some(0)));
    assert!(!desk.fake.is_refresh_token_live(&tokens.refresh));
    assert_eq!(
        desk.run("sign-out ana --disable --json").await.object()["disabled"],
        true
    );
    assert!(!desk.fake.is_enabled("ana"));
}

#[tokio::test]
async fn for_people_it_says_what_lives_on() {
    let desk = desk(1).await;
    let said = desk.run("sign-out user-0").await;
    assert_eq!(said.code, Some(0));
    assert!(said.stdout.starts_with("Done ("), "{}", said.stdout);
    assert!(said.stdout.contains("until they expire"), "{}", said.stdout);
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
async fn what_makes_no_sense_is_exit_code_2_and_nothing_is_sent() {
    let desk = desk(1).await;
    desk.file("names", "user-0\n");
    for (args, code) in [
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
async fn who_failed_is_a_json_line_that_can_be_fed_in_again() {
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
            "requests": 10, "throttled": 0, "slowest_rate": 1000.0, "ended": "all_tried",
        })
    );
    let failures = std::fs::read_to_string(desk.path("failures")).unwrap();
    let failure: Value = serde_json::from_str(&failures).unwrap();
    assert_eq!(
        (&failure["username"], &failure["code"]),
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
    let said = Said::from(child.wait_with_output().await.unwrap());
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    assert!(said.stdout.contains("2 signed out"), "{}", said.stdout);
    assert_eq!(
        [0, 1, 2].map(|user| desk.fake.admin_sign_outs(&format!("user-{user}"))),
        [1, 0, 1]
    );
}

#[tokio::test]
async fn a_group_a_filter_and_a_dry_run_say_how_many() {
    let desk = desk(12).await;
    desk.fake.add_to_group("staff", "user-3");
    desk.fake.add_to_group("staff", "user-4");
    let dry = desk.run("sign-out-all --everyone --dry-run --json").await;
    assert_eq!(
        (dry.code, &dry.object()["users"]["would_sign_out"]),
        (Some(0), &json!(12))
    );
    assert_eq!(desk.fake.count(SIGN_OUT), 0);
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
    // Not everyone of the sample was among the names.
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
async fn a_run_that_cannot_begin_is_exit_code_4() {
    let desk = desk(5).await;
    desk.fake
        .on(Operation::ListUsers)
        .always(Fault::Refuse(ServiceError::AccessDenied));
    let said = desk.run("sign-out-all --everyone --json").await;
    assert_eq!(said.code, Some(4));
    let error = &said.object()["errors"]["run"];
    assert_eq!(error["message"], "not allowed: cognito-idp:ListUsers");
}

fn at_client(desk: &Desk, args: &str) -> String {
    format!("doctor --client-id {} {args}", desk.fake.client_id())
}

#[tokio::test]
async fn the_doctor_says_what_it_sees_and_warns_by_its_exit_code() {
    let good = Desk::new().await;
    let said = good.run(&at_client(&good, "--json")).await;
    assert_eq!(said.code, Some(0));
    let first = json!({
        "severity": "good",
        "code": "revocation_on",
        "means": "Token revocation is on: a sign-out ends its session's refresh token, and Cognito refuses its access tokens.",
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
async fn a_fix_shows_the_difference_and_is_made_only_if_the_answer_is_yes() {
    let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    let args = at_client(&desk, "--fix revocation,token-validity");
    for (answer, is_on, code) in [("", false, 3), ("n\n", false, 3), ("y\n", true, 0)] {
        let mut program = desk.program(&args);
        let mut child = program.stdin(std::process::Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(answer.as_bytes()).await.unwrap();
        let said = Said::from(child.wait_with_output().await.unwrap());
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
async fn with_yes_and_json_a_fix_asks_nobody() {
    let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    let args = at_client(&desk, "--fix revocation --yes --json");
    let said = desk.run(&args).await;
    assert_eq!(said.code, Some(0));
    let differences = json!([{ "setting": "EnableTokenRevocation", "before": "false", "after": "true" }]);
    assert_eq!(
        said.object()["fixed"],
        json!({ "applied": true, "differences": differences })
    );
    assert_eq!(said.object()["findings"][0]["code"], "revocation_on");
    let said = desk.run(&args).await;
    assert_eq!(said.object()["fixed"], json!({ "applied": false, "differences": [] }));
    assert_eq!(said.code, Some(0));
}
