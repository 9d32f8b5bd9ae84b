//! The program when something goes wrong half-way: the output says what was done, and files keep what was written.

use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, Fault, IssuedTokens, Operation, ServiceError};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::desk::{Desk, checked, said};

const SIGN_OUT: Operation = Operation::AdminUserGlobalSignOut;
const UPDATE: Operation = Operation::UpdateUserPoolClient;
const DESCRIBE: Operation = Operation::DescribeUserPoolClient;

fn denied() -> Fault {
    Fault::Refuse(ServiceError::AccessDenied)
}

/// Waits until the condition holds.
async fn until(is_so: impl Fn() -> bool) {
    let so = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), so).await;
    in_time.expect("the condition never held");
}

fn session(name: &str, tokens: &IssuedTokens) -> String {
    json!({ "username": name, "access_token": tokens.access.reveal() }).to_string() + "\n"
}

#[tokio::test]
async fn users_disabled_by_a_run_that_broke_off_are_counted() {
    let desk = Desk::new().await;
    desk.fake.add_user("ana", "");
    desk.file("names", "ana\n");
    desk.fake.on(SIGN_OUT).always(denied());
    let said = desk
        .run("sign-out-all --file {}/names --disable --failures {}/failures --json")
        .await;
    assert_eq!((said.code, &said.object()["users"]["disabled"]), (Some(3), &json!(1)));
    let failure = &desk.lines("failures")[1];
    assert_eq!(
        (&failure["username"], &failure["disabled"]),
        (&json!("ana"), &json!(true))
    );
    // If nobody was disabled, the run has failed.
    desk.fake.on(Operation::AdminDisableUser).always(denied());
    let said = desk.run("sign-out-all --file {}/names --disable --json").await;
    assert_eq!((said.code, &said.object()["users"]["disabled"]), (Some(4), &json!(0)));
}

#[tokio::test]
async fn a_fix_that_was_sent_is_reported_although_a_later_step_fails() {
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

/// How many of these sessions can still be refreshed.
fn live(desk: &Desk, sessions: &[IssuedTokens]) -> usize {
    let live = sessions
        .iter()
        .filter(|tokens| desk.fake.is_refresh_token_live(&tokens.refresh));
    live.count()
}

/// Begins a run over 400 users, and takes the network away when ten of them are signed out.
async fn outage(desk: &Desk, args: &str) -> Value {
    // So that neither the listing nor the run is complete by then.
    desk.fake.set_delay(Duration::from_millis(300));
    let args = format!("{args} --rate 50 --patience 1 --failures {{}}/failures --json");
    let (said, ()) = tokio::join!(desk.run(&args), async {
        until(|| desk.fake.admin_sign_outs_in_all() >= 10).await;
        desk.fake.go_offline().await.unwrap();
    });
    desk.fake.set_delay(Duration::ZERO);
    desk.fake.go_online().await.unwrap();
    let object = said.object();
    assert_eq!(
        (said.code, &object["result"]),
        (Some(5), &json!("broke_off")),
        "{object}"
    );
    assert_eq!(object["errors"]["run"]["code"], "network_unavailable");
    object
}

#[tokio::test]
async fn after_an_outage_the_failures_of_a_list_have_every_remaining_user() {
    let desk = Desk::new().await;
    let names: Vec<String> = (0..400).map(|user| format!("user-{user}")).collect();
    let sessions: Vec<_> = names.iter().map(|name| desk.fake.sign_in(name)).collect();
    desk.file("names", &names.join("\n"));
    let object = outage(&desk, "sign-out-all --file {}/names").await;
    let left = live(&desk, &sessions);
    assert!(left > 0);
    let count = |what: &str| object["users"][what].as_u64().unwrap() as usize;
    assert_eq!(object["users"]["more_not_tried"], false);
    assert!(count("not_tried") > 0);
    assert_eq!(count("signed_out") + count("failed") + count("not_tried"), 400);
    let failures = desk.lines("failures");
    assert_eq!(failures[0], json!({ "complete": true }));
    assert!(failures.iter().any(|line| line["code"] == "not_tried"));

    let said = desk.run("sign-out-all --file {}/failures --rate 1000 --json").await;
    assert_eq!((said.code, live(&desk, &sessions)), (Some(0), 0), "{}", said.stdout);
}

#[tokio::test]
async fn after_an_outage_the_failures_of_a_listing_are_never_taken_for_complete() {
    let desk = Desk::new().await;
    let names = (0..400).map(|user| format!("user-{user}"));
    let sessions: Vec<_> = names.map(|name| desk.fake.sign_in(&name)).collect();
    let everyone = "sign-out-all --everyone --journal {}/journal";
    let object = outage(&desk, everyone).await;
    assert_eq!(object["users"]["more_not_tried"], true);
    assert_eq!(object["errors"]["failures"]["code"], "not_all");

    for args in ["--json", ""] {
        let said = desk
            .run(&format!("sign-out-all --file {{}}/failures --rate 1000 {args}"))
            .await;
        assert!(live(&desk, &sessions) > 0);
        // The same command would end here again.
        assert_eq!(said.code, Some(3), "{}", said.stdout);
        assert!(!said.stdout.starts_with("Done ("), "{}", said.stdout);
        assert!(said.stdout.contains("list_not_whole"), "{}", said.stdout);
        assert!(!said.stdout.contains("Run the same command again"), "{}", said.stdout);
    }

    let said = desk.run(&format!("{everyone} --rate 1000 --json")).await;
    assert_eq!((said.code, live(&desk, &sessions)), (Some(0), 0), "{}", said.stdout);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_stopped_by_a_signal_says_who_was_not_tried() {
    let desk = Desk::new().await;
    let names: Vec<String> = (0..40).map(|user| format!("user-{user}")).collect();
    names.iter().for_each(|name| desk.fake.add_user(name, ""));
    desk.file("names", &names.join("\n"));
    for signal in ["INT", "TERM", "HUP"] {
        let gate = desk.fake.on(SIGN_OUT).hold();
        let args = "sign-out-all --file {}/names --concurrency 2";
        // These tests may themselves run under nohup.
        let child = through("env", &["--default-signal=HUP"], &desk.program(args))
            .spawn()
            .unwrap();
        gate.reached_by(2).await;
        let process = child.id().unwrap().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-s", signal, &process])
            .status();
        assert!(sent.unwrap().success());
        // The remaining users would take two seconds, at 20 a second.
        gate.open();
        let said = checked(child.wait_with_output().await.unwrap());
        assert_eq!(said.code, Some(5), "{signal}: {}", said.stdout);
        assert!(said.stdout.contains("NOT TRIED: "), "{signal}: {}", said.stdout);
        assert!(said.stdout.contains("With --journal it would continue from here."));
        desk.fake.heal();
    }
}

/// The same, started by another program that replaces itself with it.
#[cfg(target_os = "linux")]
fn through(other: &str, arguments: &[&str], program: &tokio::process::Command) -> tokio::process::Command {
    let mut through = tokio::process::Command::new(other);
    through.args(arguments);
    through.arg(program.as_std().get_program());
    through.args(program.as_std().get_args());
    through.env_clear();
    for (name, value) in program.as_std().get_envs() {
        through.env(name, value.unwrap());
    }
    through
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true);
    through
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_journal_that_cannot_grow_ends_the_run_and_the_remaining_users_are_counted() {
    let desk = Desk::new().await;
    let names: Vec<String> = (0..400).map(|user| format!("user-{user}")).collect();
    let sessions: Vec<_> = names.iter().map(|name| desk.fake.sign_in(name)).collect();
    desk.file("names", &names.join("\n"));
    // 90 lines fit into the journal. While the next write fails, two batches of 128 and the 8 users at a time may be signed
    // out: fewer than 400.
    let program = desk.program("sign-out-all --file {}/names --journal {}/journal --rate 1000 --concurrency 8 --json");
    // As on a disk with room for 4 KiB.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let said = said(through("sh", &["-c", limited], &program)).await;
    let object = said.object();
    assert_eq!(
        (said.code, &object["errors"]["run"]["code"]),
        (Some(5), &json!("journal")),
        "{object}"
    );
    let recovery = object["errors"]["run"]["recovery"].as_str().unwrap();
    assert!(recovery.contains("Free space"), "{recovery}");
    let users = &object["users"];
    let left = users["failed"].as_u64().unwrap() + users["not_tried"].as_u64().unwrap();
    assert_eq!(
        (left, users["more_not_tried"].as_bool()),
        (live(&desk, &sessions) as u64, Some(false))
    );
    assert!(left > 0);

    let said = desk
        .run("sign-out-all --file {}/names --journal {}/journal --rate 1000 --json")
        .await;
    assert_eq!((said.code, live(&desk, &sessions)), (Some(0), 0), "{}", said.stdout);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_under_nohup_outlives_its_terminal() {
    let desk = Desk::new().await;
    desk.fake.add_user("ana", "");
    let gate = desk.fake.on(SIGN_OUT).hold();
    let program = desk.program("sign-out-all --everyone");
    let child = through("nohup", &[], &program).spawn().unwrap();
    gate.reached_by(1).await;
    let process = child.id().unwrap().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-s", "HUP", &process])
        .status();
    assert!(sent.unwrap().success());
    gate.open();
    let said = checked(child.wait_with_output().await.unwrap());
    assert_eq!(said.code, Some(0), "{}", said.stdout);
}

#[tokio::test]
async fn a_log_shows_the_progress_of_the_run() {
    let desk = Desk::new().await;
    desk.fake.add_user("ana", "");
    let gate = desk.fake.on(SIGN_OUT).hold();
    let mut child = desk
        .program("sign-out-all --everyone --report-every 1")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let told = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let line = lines.next_line().await.unwrap().unwrap();
            if line.starts_with("after ") {
                return line;
            }
        }
    });
    let told = told.await.expect("a line");
    assert!(told.ends_with(" s: 0 of 1 users, 0 failed"), "{told}");
    gate.open();
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn failures_never_overwrite_a_journal_and_only_the_owner_can_read_them() {
    let desk = Desk::new().await;
    desk.fake.add_user("ana", "");
    desk.file("names", "ana\nnobody\n");
    let args = "sign-out-all --file {}/names --journal {}/journal --failures {}/failures --json";
    assert_eq!(desk.run(args).await.code, Some(3));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(desk.path("failures")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let journal = std::fs::read(desk.path("journal")).unwrap();
    let said = desk
        .run("sign-out-all --file {}/names --failures {}/journal --json")
        .await;
    assert_eq!(said.code, Some(2), "{}", said.stdout);
    assert_eq!(std::fs::read(desk.path("journal")).unwrap(), journal);
}

#[tokio::test]
async fn the_failures_of_a_run_survive_a_second_start_and_a_killed_program() {
    let desk = Desk::new().await;
    desk.fake.add_user("ana", "");
    desk.fake.add_user("bob", "");
    desk.file("names", "ana\nbob\n");
    desk.file("failures", "the failures of an earlier run, which had more of them\n");
    desk.fake.on(SIGN_OUT).once(Fault::Refuse(ServiceError::UserNotFound));
    let gate = desk.fake.on(SIGN_OUT).hold();
    let args = "sign-out-all --file {}/names --journal {}/journal --failures {}/failures --concurrency 1 --json";
    let mut first = desk.program(args).spawn().unwrap();
    gate.reached_by(1).await;
    let failures = || std::fs::read_to_string(desk.path("failures")).unwrap();
    until(|| failures().lines().count() == 2).await;
    let written = failures();

    let second = desk.run(args).await;
    assert_eq!(
        (second.code, &second.object()["errors"]["run"]["code"]),
        (Some(4), &json!("journal"))
    );
    first.kill().await.unwrap();

    assert_eq!(failures(), written);
    let failures = desk.lines("failures");
    // The program was killed: there may be more.
    assert_eq!(failures[0], json!({ "complete": false }));
    assert_eq!(
        failures[1],
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
    assert_eq!(said.code, Some(4));
    let lines: Vec<&str> = said.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", said.stderr);
    assert!(lines[1].starts_with("{\"code\":\"user_not_found\""), "{}", lines[1]);
    assert!(!said.stdout.contains("failures:"), "{}", said.stdout);
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
async fn a_continued_run_trusts_its_journal_about_the_sample() {
    let desk = Desk::new().await;
    let (ana, bob) = (desk.fake.sign_in("ana"), desk.fake.sign_in("bob"));
    desk.file("names", "ana\n");
    desk.file("sample", &(session("ana", &ana) + &session("bob", &bob)));
    let args = "sign-out-all --file {}/names --journal {}/journal --sample {}/sample --concurrency 1 --json";
    assert_eq!(desk.run(args).await.code, Some(3));
    desk.file("names", "ana\nbob\n");
    let said = desk.run(&format!("{args} --continue")).await;
    let expected = json!({ "refused": 2, "still_accepted": [], "undecided": [] });
    assert_eq!((said.code, &said.object()["sample"]), (Some(0), &expected));

    // Without the journal nobody knows who revoked the tokens.
    std::fs::remove_file(desk.path("journal")).unwrap();
    let said = desk.run(args).await;
    let expected = json!({ "refused": 0, "still_accepted": [], "undecided": ["ana", "bob"] });
    assert_eq!((said.code, &said.object()["sample"]), (Some(3), &expected));
}

#[tokio::test]
async fn a_token_of_the_sample_is_checked_before_it_expires() {
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
    let said = checked(child.wait_with_output().await.unwrap());
    let expected = json!({ "refused": 1, "still_accepted": [], "undecided": [] });
    assert_eq!((said.code, &said.object()["sample"]), (Some(0), &expected));
}

#[tokio::test]
async fn a_sample_that_cannot_be_checked_is_no_usage_error() {
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
