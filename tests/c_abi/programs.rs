//! The programs in C, built with the header and the pkg-config file that a stranger gets: under AddressSanitizer, and under valgrind.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use serde_json::{Value, json};

use crate::apps::{session, settings_for};
use crate::watched::{self, Program};

/// The file with a program's messages.
const MESSAGES: &str = "messages";

/// How a program is built, and what looks at it while it runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Build {
    AddressSanitizer,
    Valgrind,
    /// A search of its memory, in which nothing else may be.
    Search,
    /// Nothing. The library is a part of the program.
    Static,
}

fn artefact() -> PathBuf {
    fs::canonicalize(env::var_os("COGNITO_SIGNOUT_C").expect("run me by `cargo xtask c --test`")).unwrap()
}

/// The artefact, without the shared library: a linker that finds both takes that one.
fn without_the_shared_library(folder: &Path) -> PathBuf {
    let (artefact, only_static) = (artefact(), folder.join("static"));
    fs::create_dir_all(only_static.join("lib/pkgconfig")).unwrap();
    for file in ["include", "lib/libcognito_signout.a"] {
        std::os::unix::fs::symlink(artefact.join(file), only_static.join(file)).unwrap();
    }
    // Its folders begin where it lies itself.
    let file = "lib/pkgconfig/cognito-signout.pc";
    fs::copy(artefact.join(file), only_static.join(file)).unwrap();
    only_static
}

fn pkg_config(artefact: &Path, arguments: &[&str]) -> Vec<String> {
    let output = Command::new("pkg-config")
        .args(arguments)
        .env("PKG_CONFIG_PATH", artefact.join("lib/pkgconfig"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .split_whitespace()
        .map(Into::into)
        .collect()
}

/// Compiles a program of `bindings/c`, and returns the command that runs it. Its messages are written down in `folder`, unless its
/// memory is searched.
pub(crate) fn compiled(sources: &[&str], packages: &[&str], folder: &Path, build: Build) -> Command {
    let program = folder.join("program");
    let mut compile = Command::new("gcc");
    compile
        .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-o"])
        .arg(&program);
    compile.args(sources.iter().map(|source| Path::new("bindings/c").join(source)));
    if build != Build::Search {
        compile.arg("bindings/c/tests/watched.c");
        compile.args(["new", "call", "answer"].map(|function| format!("-Wl,--wrap=cs_auth_{function}")));
    }
    if build == Build::AddressSanitizer {
        compile.arg("-fsanitize=address,undefined");
    }
    let (ours, options) = match build {
        Build::Static => (
            without_the_shared_library(folder),
            &["--static", "--cflags", "--libs"][..],
        ),
        _ => {
            compile.arg(format!("-Wl,-rpath,{}", artefact().join("lib").display()));
            (artefact(), &["--cflags", "--libs"][..])
        }
    };
    // The others are shared, also in a program that has this library in it.
    compile.args(pkg_config(&ours, &[options, &["cognito-signout"]].concat()));
    if !packages.is_empty() {
        compile.args(pkg_config(&ours, &[&["--cflags", "--libs"], packages].concat()));
    }
    let output = compile.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut command = match build {
        Build::AddressSanitizer | Build::Search | Build::Static => Command::new(program),
        Build::Valgrind => {
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
    };
    command.env("WATCHED", folder.join(MESSAGES));
    command
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

/// Runs a program that reads the settings and the call that stores a session. Returns the answers that it has heard.
async fn ran(
    sources: &'static [&'static str],
    packages: &'static [&'static str],
    input: [Value; 2],
    build: Build,
) -> Vec<(String, Value)> {
    let ran = tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let mut program = compiled(sources, packages, folder.path(), build);
        let [settings, session] = input;
        let output = run(&mut program, &format!("{settings}\n{session}\n"));
        succeeded(&output, &format!("{build:?}"));
        watched::check(&folder.path().join(MESSAGES), Program::IsRight)
    });
    ran.await.unwrap()
}

fn store_session(tokens: &IssuedTokens, signed_in_with: &str) -> Value {
    json!({ "method": "store_session", "args": session(tokens, signed_in_with) })
}

fn answer_to<'a>(method: &str, answers: &'a [(String, Value)]) -> &'a Value {
    let answer = answers.iter().find(|(called, _)| called == method);
    &answer.unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_signs_out_everywhere() {
    for build in [Build::AddressSanitizer, Build::Valgrind, Build::Static] {
        let fake = FakeCognito::builder().start().await.unwrap();
        let (tokens, _elsewhere) = (fake.sign_in("ana"), fake.sign_in("ana"));
        let mut settings = settings_for(&fake);
        // For valgrind on a busy machine.
        settings["attempt_timeout"] = json!(15000);
        let input = [settings, store_session(&tokens, "api")];
        let sources = &["examples/sign_out.c", "examples/https.c"];
        let answers = ran(sources, &["libcurl", "libcjson"], input, build).await;
        assert_eq!(fake.live_sessions("ana"), 0);
        let answer = answer_to("sign_out", &answers);
        assert_eq!(answer["ok"]["result"], "complete", "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_question_is_asked_and_answered() {
    for build in [Build::AddressSanitizer, Build::Valgrind] {
        let fake = FakeCognito::builder().start().await.unwrap();
        let mut settings = settings_for(&fake);
        settings["vault"] = json!({ "kind": "host", "identity": 1 });
        settings["hosted_ui"] = json!({ "domain": "auth.example.com", "sign_out_uris": ["myapp://signed-out"] });
        settings["browser"] = json!({ "kind": "host" });
        settings["app_steps"] = json!([{ "name": "push_token", "phase": "while_token_lives" }]);
        let input = [settings, store_session(&fake.sign_in("ana"), "hosted_ui")];
        let answers = ran(&["tests/questions.c"], &["libcjson"], input, build).await;
        // The program itself fails if it has not heard every kind.
        let result = &answer_to("sign_out", &answers)["ok"];
        assert_eq!(result["report"]["steps"]["web"], "done", "{result}");
        assert_eq!(result["report"]["app_steps"][0]["status"], "done", "{result}");
    }
}

#[test]
fn misuse_is_an_error_and_no_crash() {
    for build in [Build::AddressSanitizer, Build::Valgrind] {
        let folder = tempfile::tempdir().unwrap();
        let output = run(&mut compiled(&["tests/misuse.c"], &[], folder.path(), build), "");
        succeeded(&output, &format!("{build:?}"));
        watched::check(&folder.path().join(MESSAGES), Program::MakesMistakes);
    }
}

/// Else the tests above would see nothing.
#[test]
fn a_string_that_is_not_given_back_is_noticed() {
    for build in [Build::AddressSanitizer, Build::Valgrind] {
        let folder = tempfile::tempdir().unwrap();
        let misuse = fs::read_to_string("bindings/c/tests/misuse.c").unwrap();
        let leaks = misuse.replacen("cs_string_free(json);", "", 1);
        assert_ne!(misuse, leaks);
        let source = folder.path().join("leaks.c");
        fs::write(&source, leaks).unwrap();
        let mut program = compiled(&[source.to_str().unwrap()], &[], folder.path(), build);
        assert!(!run(&mut program, "").status.success(), "{build:?}");
    }
}
