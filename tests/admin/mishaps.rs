//! `examples/admin` when something goes wrong half-way: what was done is said, and what was written stays.

use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, Fault, IssuedTokens, Operation, ServiceError};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::desk::{Desk, Said};

const SIGN_OUT: Operation = Operation::AdminUserGlobalSignOut;
const UPDATE: Operation = Operation::UpdateUserPoolClient;
const DESCRIBE: Operation = Operation::DescribeUserPoolClient;

fn denied() -> Fault {
    Fault::Refuse(ServiceError::AccessDenied)
}

/// Lets others go first until it is so.
async fn until(is_so: impl Fn() -> bool) {
    let so = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), so).await;
    in_time.expect("it never came to be so");
}

fn session(name: &str, tokens: &IssuedTokens) -> String {
    json!({ "username": name, "access_token": tokens.access.reveal() }).to_string() + "\n"
}

#[tokio::test]
async fn who_was_locked_out_by_a_run_that_broke_off_is_told() {
    let desk = Desk::new().await;
    desk.fake.add_user("ana", "");
    desk.file("names", "ana\n");
    desk.fake.on(SIGN_OUT).always(denied());
    let said = desk
        .run("sign-out-all --file {}/names --disable --failures {}/failures --json")
        .await;
    assert_eq!((said.code, &said.object()["users"]["disabled"]), (Some(3), &json!(1)));
    let failures = std::fs::read_to_string(desk.path("failures")).unwrap();
    let failure: Value = serde_json::from_str(&failures).unwrap();
    assert_eq!(
        (&failure["username"], &failure["disabled"]),
        (&json!("ana"), &json!(true))
    );
    // Where nobody was, the run has failed.
    desk.fake.on(Operation::AdminDisableUser).always(denied());
    let said = desk.run("sign-out-all --file {}/names --disable --json").await;
    assert_eq!((said.code, &said.object()["users"]["disabled"]), (Some(4), &json!(0)));
}

#[tokio::test]
async fn a_fix_that_was_sent_is_told_though_what_follows_fails() {
    for (is_confirmed, applied, problems) in [
        (true, json!(true), vec![("doctor", "access_denied")]),
        (
            false,
            Value::Null,
            vec![("doctor", "access_denied"), ("fix", "fix_not_confirmed")],
        ),
    ] {
        let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
        let fake = &desk.fake;
        let update = fake.on(UPDATE).after_effect().hold();
        let args = format!("doctor --client-id {} --fix revocation --yes --json", fake.client_id());
        let (said, ()) = tokio::join!(desk.run(&args), async {
            update.reached_by(1).await;
            let read_again = fake.on(DESCRIBE).hold();
            if is_confirmed {
                update.open();
                read_again.reached_by(1).await;
            }
            fake.heal();
            fake.on(DESCRIBE).always(denied());
            update.open();
            read_again.open();
        });
        let object = said.object();
        assert_eq!(
            (said.code, &object["fixed"]["applied"]),
            (Some(3), &applied),
            "{object}"
        );
        let codes = object["errors"].as_object().unwrap().iter();
        let codes: Vec<_> = codes
            .map(|(at, problem)| (at.as_str(), problem["code"].as_str().unwrap()))
            .collect();
        assert_eq!(codes, problems);
        assert_eq!(fake.client_settings()["EnableTokenRevocation"], true);
    }
}

#[tokio::test]
async fn the_failures_of_a_run_outlive_a_second_start_and_the_end_of_the_program() {
    let desk = Desk::new().await;
    desk.fake.add_user("ana", "");
    desk.fake.add_user("bob", "");
    desk.file("names", "ana\nbob\n");
    desk.file("failures", "those of the run before, which had more of them\n");
    desk.fake.on(SIGN_OUT).once(Fault::Refuse(ServiceError::UserNotFound));
    let gate = desk.fake.on(SIGN_OUT).hold();
    let args = "sign-out-all --file {}/names --journal {}/journal --failures {}/failures --concurrency 1 --json";
    let mut first = desk.program(args).spawn().unwrap();
    gate.reached_by(1).await;
    let failures = || std::fs::read_to_string(desk.path("failures")).unwrap();
    until(|| failures().starts_with('{')).await;
    let written = failures();

    let second = desk.run(args).await;
    assert_eq!(
        (second.code, &second.object()["errors"]["run"]["code"]),
        (Some(4), &json!("journal"))
    );
    first.kill().await.unwrap();

    assert_eq!(failures(), written);
    let failure: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(
        failure,
        json!({
            "username": "ana", "code": "user_not_found", "message": "the user pool has no such user", "disabled": false,
        })
    );
}

#[cfg(unix)]
#[tokio::test]
async fn failures_may_go_to_a_terminal_or_a_pipe() {
    let desk = Desk::new().await;
    desk.file("names", "nobody\n");
    let said = desk.run("sign-out-all --file {}/names --failures /dev/stderr").await;
    assert_eq!(said.code, Some(3));
    assert!(
        said.stderr.starts_with("{\"code\":\"user_not_found\""),
        "{}",
        said.stderr
    );
    assert!(!said.stdout.contains("failures"), "{}", said.stdout);
}

#[tokio::test]
async fn failures_overwrite_no_other_file_of_the_command_however_it_is_spelt() {
    let desk = Desk::new().await;
    let ana = desk.fake.sign_in("ana");
    let sample = session("ana", &ana);
    desk.file("names", "ana\n");
    desk.file("sample", &sample);
    let begin = "sign-out-all --file {}/names --journal {}/journal --sample {}/sample --json --failures {}";
    for same in ["names", "../{}/names", "sample", "journal", "../{}/journal"] {
        let folder = desk.path("");
        let folder = folder.file_name().unwrap().to_str().unwrap();
        let said = desk.run(&format!("{begin}/{}", same.replace("{}", folder))).await;
        assert_eq!(said.code, Some(2), "{same}: {}", said.stdout);
    }
    assert_eq!(std::fs::read_to_string(desk.path("names")).unwrap(), "ana\n");
    assert_eq!(std::fs::read_to_string(desk.path("sample")).unwrap(), sample);
    assert!(!desk.path("journal").exists());
    assert_eq!(desk.fake.admin_sign_outs("ana"), 0);
}

#[tokio::test]
async fn a_run_that_goes_on_believes_its_journal_of_the_sample() {
    let desk = Desk::new().await;
    let (ana, bob) = (desk.fake.sign_in("ana"), desk.fake.sign_in("bob"));
    desk.file("names", "ana\n");
    desk.file("sample", &(session("ana", &ana) + &session("bob", &bob)));
    let args = "sign-out-all --file {}/names --journal {}/journal --sample {}/sample --json";
    assert_eq!(desk.run(args).await.code, Some(3));
    desk.file("names", "ana\nbob\n");
    let said = desk.run(args).await;
    let expected = json!({ "refused": 2, "still_accepted": [], "undecided": [] });
    assert_eq!((said.code, &said.object()["sample"]), (Some(0), &expected));

    // Of whom the journal says nothing, nobody knows who revoked the token.
    std::fs::remove_file(desk.path("journal")).unwrap();
    let said = desk.run(args).await;
    let expected = json!({ "refused": 0, "still_accepted": [], "undecided": ["ana", "bob"] });
    assert_eq!((said.code, &said.object()["sample"]), (Some(3), &expected));
}

#[tokio::test]
async fn a_token_of_the_sample_is_looked_at_while_it_can_still_tell() {
    let desk = Desk::new().await;
    let ana = desk.fake.sign_in("ana");
    desk.file("sample", &session("ana", &ana));
    let mut program = desk.program("sign-out-all --stdin --sample {}/sample --json");
    let mut child = program.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut names = child.stdin.take().unwrap();
    names.write_all(b"ana\n").await.unwrap();
    until(|| desk.fake.count(Operation::GetUser) == 2).await;
    desk.fake.advance(Duration::from_secs(2 * 60 * 60));
    drop(names);
    let said = Said::from(child.wait_with_output().await.unwrap());
    let expected = json!({ "refused": 1, "still_accepted": [], "undecided": [] });
    assert_eq!((said.code, &said.object()["sample"]), (Some(0), &expected));
}

#[tokio::test]
async fn a_sample_that_cannot_be_asked_for_is_no_mistake_of_the_command() {
    let desk = Desk::new().await;
    let ana = desk.fake.sign_in("ana");
    desk.file("sample", &session("ana", &ana));
    desk.fake.on(Operation::GetUser).always(Fault::HtmlPage(403));
    let said = desk.run("sign-out-all --everyone --sample {}/sample --json").await;
    assert_eq!(
        (said.code, &said.object()["errors"]["sample"]["code"]),
        (Some(4), &json!("unexpected_response"))
    );
    assert_eq!(desk.fake.admin_sign_outs("ana"), 0);
}
