//! The programs in C, built with the header and the pkg-config file that a stranger gets: under AddressSanitizer, and under valgrind.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cognito_signout::fake_cognito::FakeCognito;
use serde_json::{Value, json};

/// How a program is checked.
#[derive(Debug, Clone, Copy)]
enum Checked {
    ByAddressSanitizer,
    ByValgrind,
}

fn artefact() -> PathBuf {
    fs::canonicalize(env::var_os("COGNITO_SIGNOUT_C").expect("run me by `cargo xtask c --test`")).unwrap()
}

fn pkg_config(arguments: &[&str]) -> Vec<String> {
    let output = Command::new("pkg-config")
        .args(arguments)
        .env("PKG_CONFIG_PATH", artefact().join("lib/pkgconfig"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .split_whitespace()
        .map(Into::into)
        .collect()
}

/// Compiles a program of `bindings/c`, and returns the command that runs it.
fn compiled(source: &str, packages: &[&str], folder: &Path, checked: Checked) -> Command {
    let program = folder.join("program");
    let mut compile = Command::new("gcc");
    compile
        .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-o"])
        .arg(&program);
    compile.arg(Path::new("bindings/c").join(source));
    if matches!(checked, Checked::ByAddressSanitizer) {
        compile.arg("-fsanitize=address,undefined");
    }
    compile.args(pkg_config(
        &[&["--cflags", "--libs", "cognito-signout"], packages].concat(),
    ));
    compile.arg(format!("-Wl,-rpath,{}", artefact().join("lib").display()));
    let output = compile.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    match checked {
        Checked::ByAddressSanitizer => Command::new(program),
        Checked::ByValgrind => {
            let mut valgrind = Command::new("valgrind");
            // The library's threads live as long as the process: their memory is "possibly lost".
            valgrind.args([
                "--quiet",
                "--error-exitcode=99",
                "--leak-check=full",
                "--errors-for-leak-kinds=definite",
            ]);
            valgrind.args(["--show-leak-kinds=definite"]).arg(program);
            valgrind
        }
    }
}

fn run(command: &mut Command, input: &str) -> Output {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    running.wait_with_output().unwrap()
}

fn succeeded(output: &Output, what: &str) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {}\n{said}\n{errors}", output.status);
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_signs_out_everywhere() {
    for checked in [Checked::ByAddressSanitizer, Checked::ByValgrind] {
        let fake = FakeCognito::builder().start().await.unwrap();
        let (tokens, _elsewhere) = (fake.sign_in("ana"), fake.sign_in("ana"));
        let folder = tempfile::tempdir().unwrap();
        let settings = json!({
            "user_pool_id": fake.user_pool_id(), "client_id": fake.client_id(), "endpoint": fake.url().as_str(),
            "vault": { "kind": "memory" },
        });
        fs::write(folder.path().join("settings.json"), settings.to_string()).unwrap();
        let session = json!({
            "access_token": tokens.access.reveal(), "id_token": tokens.id.reveal(),
            "refresh_token": tokens.refresh.reveal(), "signed_in_with": "api",
        });
        let said = tokio::task::spawn_blocking(move || {
            let mut program = compiled("examples/sign_out.c", &["libcurl", "libcjson"], folder.path(), checked);
            let output = run(program.arg(folder.path().join("settings.json")), &session.to_string());
            succeeded(&output, &format!("{checked:?}"))
        });
        let said = said.await.unwrap();
        assert_eq!(fake.live_sessions("ana"), 0, "{said}");
        let answer = |method: &str| -> Value {
            let line = said.lines().find_map(|line| line.strip_prefix(&format!("{method}: ")));
            serde_json::from_str(line.unwrap()).unwrap()
        };
        assert_eq!(answer("sign_out")["ok"]["result"], "complete");
        assert_eq!(answer("session")["ok"]["state"], "signed_out");
    }
}

#[test]
fn misuse_is_an_error_and_no_crash() {
    for checked in [Checked::ByAddressSanitizer, Checked::ByValgrind] {
        let folder = tempfile::tempdir().unwrap();
        let output = run(&mut compiled("tests/misuse.c", &[], folder.path(), checked), "");
        succeeded(&output, &format!("{checked:?}"));
    }
}

/// Else the tests above would see nothing.
#[test]
fn a_string_that_is_not_given_back_is_noticed() {
    for checked in [Checked::ByAddressSanitizer, Checked::ByValgrind] {
        let folder = tempfile::tempdir().unwrap();
        let misuse = fs::read_to_string("bindings/c/tests/misuse.c").unwrap();
        let leaks = misuse.replacen("cs_string_free(json);", "", 1);
        assert_ne!(misuse, leaks);
        let source = folder.path().join("leaks.c");
        fs::write(&source, leaks).unwrap();
        let mut program = compiled(source.to_str().unwrap(), &[], folder.path(), checked);
        assert!(!run(&mut program, "").status.success(), "{checked:?}");
    }
}
