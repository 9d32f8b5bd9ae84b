//! The jars, which hold the native library and the Kotlin generated for it; and the tests of them and of Android's classes.

use std::env::consts::{ARCH, OS};
use std::path::Path;
use std::process::Command;

use crate::aar;
use crate::archive;
use crate::bindgen::{self, DESKTOP_FEATURES, FEATURES, STRIPPED};
use crate::files::{copy, remove, text, write};
use crate::maven::{CORE, JVM, TESTING};
use crate::packages;
use crate::process::{cargo, cargo_command, run, run_aloud};
use crate::tools::AAPT2;
use crate::{VERSION, workspace};

/// What to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The Maven repository, untested, with the library that apps carry. Building that takes minutes.
    Package,
    /// Every test, with a library that is quick to build.
    Verify,
    /// `examples/jvm`, which takes the same library from a Maven repository, as an app does.
    Example,
}

/// Builds everything, into `target/kotlin`.
pub(crate) fn build(goal: Goal) -> Result<(), String> {
    let generated = bindgen::generate()?;
    let folder = generated.target.join("kotlin");
    let source = "dev/cognitosignout/ffi/cognito_signout.kt";
    let place = folder.join("generated").join(source);
    write(&place, internal(&text(&generated.kotlin(source))?).as_bytes())?;
    let inside = format!("jar/{}", jna_prefix(OS, ARCH));
    let name = generated.library.file_name().ok_or("the library has no name")?;
    match goal {
        Goal::Package => {
            println!("The library is optimised for size, which takes minutes.");
            let mobile = ["rustc", "--lib", "--crate-type", "cdylib", "--profile", "mobile"];
            cargo(&mobile, DESKTOP_FEATURES)?;
            stage(&generated.target.join("mobile").join(name), &folder, &inside)?;
            let repository = folder.join("maven");
            publish(&folder, &repository, &generated.target)?;
            println!("repository: {}", repository.display());
        }
        Goal::Verify => {
            AAPT2.require()?;
            stage(&generated.library, &folder, &inside)?;
            stage(&generated.library, &folder, "host")?;
            // As on a fresh clone, `cargo xtask android` must not find what only the tests make.
            let module = folder.join("cognito-signout-core");
            remove(&module)?;
            android_classes(&generated.target)?;
            check_packages(&folder, &folder.join("natives/host").join(name), &generated.target)?;
            with_androids_keychain()?;
            stage(&generated.library, &folder, "android-host")?;
            let second = bindgen::generate_second("kotlin")?;
            stage(&second.library, &folder, "host")?;
            let source = "dev/secondlibrary/second_library.kt";
            copy(&second.kotlin(source), &module.join("second").join(source))?;
            bindgen::build_fake_cognito()?;
            // Two modules at a time. Even a quiet Maven says how many tests have run.
            let totals = "-Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire.SurefireMojo=info";
            run_aloud(maven(&generated.target).args(["--threads", "2", totals, "verify"]))?;
        }
        Goal::Example => {
            stage(&generated.library, &folder, &inside)?;
            bindgen::build_fake_cognito()?;
            let repository = folder.join("not-for-apps");
            publish(&folder, &repository, &generated.target)?;
            run_example("jvm", &["compile", "exec:java"], &repository, &generated.target)?;
        }
    }
    Ok(())
}

/// Builds the library for this machine with Android's keychain, for a JVM that has Android's classes. It replaces the
/// library that was built before.
fn with_androids_keychain() -> Result<(), String> {
    let wrapper = workspace().join("bindings/xtask/with-androids-keychain.sh");
    println!("$ RUSTC_WORKSPACE_WRAPPER=…/with-androids-keychain.sh cargo rustc --lib …");
    run(cargo_command()
        .args(["rustc", "--lib", "--crate-type", "cdylib"])
        .args([FEATURES, STRIPPED].concat())
        .env("RUSTC_WORKSPACE_WRAPPER", wrapper))
}

/// Publishes as `cargo xtask android` does, but with the library for this machine in the AAR, into a folder where no app looks.
/// Then checks the packages, JNA's libraries, and the Android example with its recipes, which are compiled against the classes
/// of this AAR and of others, and built as far as DEX files.
fn check_packages(folder: &Path, library: &Path, target: &Path) -> Result<(), String> {
    let natives = [("of-this-machine-for-a-test-only", library.to_owned())];
    let repository = folder.join("not-for-devices");
    packages::publish_jars(folder, &repository)?;
    packages::publish_aar(folder, &natives, &repository)?;
    aar::check_jna(&folder.join("jna.aar"))?;
    packages::check_classes(&[
        folder.join("archives").join(CORE.file_name("")),
        folder.join("archives").join(JVM.file_name("")),
        folder.join("archives").join(TESTING.file_name("")),
        folder.join("aar/classes.jar"),
        folder.join("jna.unpacked/classes.jar"),
    ])?;
    run_example("view-model", &["test"], &repository, target)?;
    for of_the_recipes in ["credentials.aar", "messaging.aar", "tasks.aar", "security.aar", "mobile-client.aar"] {
        archive::unpack(&folder.join(of_the_recipes))?;
    }
    run_aloud(maven(target).args(["process-classes", "--file", "android-example"]))
}

fn stage(library: &Path, folder: &Path, place: &str) -> Result<(), String> {
    let name = library.file_name().ok_or("the library has no name")?;
    copy(library, &folder.join("natives").join(place).join(name))
}

/// Maven in `bindings/kotlin`, without a goal yet.
fn maven(target: &Path) -> Command {
    let mut command = Command::new("mvn");
    command
        .args(["--batch-mode", "--no-transfer-progress", "--quiet"])
        .arg(format!("-Drevision={VERSION}"))
        .arg(format!("-Dtarget={}", target.display()))
        .arg(format!("-Daapt2={}", AAPT2.folder().join("bin/aapt2").display()))
        .current_dir(workspace().join("bindings/kotlin"));
    command
}

/// Compiles what runs on any JVM, and puts it into a Maven repository, which is a folder.
fn publish(folder: &Path, repository: &Path, target: &Path) -> Result<(), String> {
    run_aloud(maven(target).args(["compile", "--projects", "core,testing"]))?;
    packages::publish_jars(folder, repository)
}

/// Compiles the classes that only Android has. [`build`] must have generated what they need.
pub(crate) fn android_classes(target: &Path) -> Result<(), String> {
    run_aloud(maven(target).args(["compile", "--projects", "core,testing,android"]))
}

/// Runs Maven in an example, which is an app of its own and takes the library from a repository.
fn run_example(example: &str, goals: &[&str], repository: &Path, target: &Path) -> Result<(), String> {
    // Maven keeps what it took from a repository, and does not look again.
    const FORGET: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:purge-local-repository";
    let mut maven = Command::new("mvn");
    maven
        .args(["--batch-mode", "--no-transfer-progress", "--quiet"])
        .arg(format!("-Dcognito-signout.version={VERSION}"))
        .arg(format!("-Dtarget={}", target.display()))
        .arg(format!("-Drepository={}", repository.display()))
        .args([FORGET, "-DmanualInclude=dev.cognitosignout"])
        .args(goals)
        .current_dir(workspace().join("examples").join(example));
    run_aloud(&mut maven)
}

/// UniFFI makes every top-level declaration public. This makes them internal. The compiler's explicit API mode refuses any
/// that it misses.
fn internal(source: &str) -> String {
    const DECLARATIONS: &[&str] = &[
        "abstract class ",
        "class ",
        "data class ",
        "enum class ",
        "inline fun ",
        "interface ",
        "object ",
        "open class ",
        "sealed class ",
    ];
    // The library's own functions are indented. Those that do not suspend are on the last line of their comment.
    const FUNCTIONS: &[&str] = &["         */ fun `", "     suspend fun `"];
    let mut result = String::with_capacity(source.len() + 4096);
    for line in source.lines() {
        if let Some(rest) = line.strip_prefix("public ") {
            result.push_str("internal ");
            result.push_str(rest);
        } else if DECLARATIONS.iter().any(|start| line.starts_with(start)) {
            result.push_str("internal ");
            result.push_str(line);
        } else if FUNCTIONS.iter().any(|start| line.starts_with(start)) {
            result.push_str(&line.replacen("suspend fun `", "internal suspend fun `", 1).replacen(
                "*/ fun `",
                "*/ internal fun `",
                1,
            ));
        } else {
            result.push_str(line);
        }
        result.push('\n');
    }
    result
}

/// The folder in the jar where JNA looks for a library, `com.sun.jna.Platform.RESOURCE_PREFIX`.
fn jna_prefix(os: &str, arch: &str) -> String {
    let os = match os {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = match arch {
        "x86_64" => "x86-64",
        other => other,
    };
    format!("{os}-{arch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn top_level_declarations_become_internal_and_members_stay() {
        let generated = "\
public interface AuthInterface {
    fun `close`()
}
open class Auth: Disposable
{
     override suspend fun `signOut`() {}
}
         */ fun `liveObjects`(): kotlin.ULong {
    suspend fun `member`()
     suspend fun `ask`() {
private class Hidden
";
        let expected = "\
internal interface AuthInterface {
    fun `close`()
}
internal open class Auth: Disposable
{
     override suspend fun `signOut`() {}
}
         */ internal fun `liveObjects`(): kotlin.ULong {
    suspend fun `member`()
     internal suspend fun `ask`() {
private class Hidden
";
        assert_eq!(internal(generated), expected);
    }

    #[test]
    fn the_library_lies_where_jna_looks() {
        assert_eq!(jna_prefix("linux", "x86_64"), "linux-x86-64");
        assert_eq!(jna_prefix("linux", "aarch64"), "linux-aarch64");
        assert_eq!(jna_prefix("macos", "aarch64"), "darwin-aarch64");
        assert_eq!(jna_prefix("windows", "x86_64"), "win32-x86-64");
    }
}
