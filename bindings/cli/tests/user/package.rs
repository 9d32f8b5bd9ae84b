//! What a package of the program contains beside it.

use std::path::Path;
use std::process::{Command, Output};

use crate::desk::Desk;
use crate::tried::program;

fn run(args: &[&str]) -> Output {
    Command::new(program()).args(args).output().unwrap()
}

#[test]
fn the_completions_of_each_shell_know_the_users_and_the_administrators_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        assert!(output.status.success());
        let script = String::from_utf8(output.stdout).unwrap();
        for word in ["begin-sign-out", "sign-out-all", "browser-deadline", "journal"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(&["man", folder.path().to_str().unwrap()]).status.success());
    for (page, says) in [
        ("cognito-signout.1", "Exit codes"),
        ("cognito-signout-sign-out.1", "every device"),
        ("cognito-signout-admin-doctor.1", "session"),
    ] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(says), "{page}");
    }
    let file = folder.path().join("cognito-signout.1");
    let output = run(&["man", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cognito-signout.1"));
}

#[tokio::test]
async fn the_ids_can_come_from_the_environment() {
    let (desk, session, _) = Desk::signed_in().await;
    let (pool, client) = (desk.fake.user_pool_id(), desk.fake.client_id());
    let ids = [
        ("COGNITO_USER_POOL_ID", Path::new(pool.as_str())),
        ("COGNITO_CLIENT_ID", Path::new(client.as_str())),
    ];
    let said = desk
        .run_bare_with("status --vault memory --json", &[&session], &ids)
        .await;
    assert_eq!(said.object()["result"], "signed_in");
}

#[test]
fn a_command_that_is_none_is_refused_by_one_object_if_json_is_asked_for() {
    for command in [&["sing-out", "--json"][..], &["admin", "sing-out", "--json"]] {
        let output = run(command);
        assert_eq!(output.status.code(), Some(2));
        let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(object["result"], "usage");
        assert!(object["errors"]["usage"]["message"].to_string().contains("sing-out"));
    }
}

/// The administrator's errors have no `token_available`.
#[test]
fn a_value_that_reads_admin_makes_no_administrators_command_of_a_users() {
    let output = run(&["status", "--user-pool", "admin", "--typo", "--json"]);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["errors"]["usage"]["token_available"], false);
}
