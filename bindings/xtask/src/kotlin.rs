//! The jar for the JVM, built by Maven around the native library and the Kotlin generated for it, and what is tested of
//! Android's classes.

use std::env::consts::{ARCH, OS};
use std::path::Path;
use std::process::Command;

use crate::android;
use crate::apk;
use crate::bindgen::{self, DESKTOP_FEATURES, FEATURES, STRIPPED};
use crate::files::{copy, remove, text, write};
use crate::ministack::Ministack;
use crate::runner::forget_this_package;
use crate::toolbox::{Toolbox, run_aloud};
use crate::{VERSION, workspace};

/// What is built, and from what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The Maven repository, untested, with the library as apps carry it: building that takes minutes.
    Package,
    /// Every test, with a library that is quick to build.
    Verify,
    /// `examples/jvm`, which takes the same library from a Maven repository as an app would.
    Example,
}

/// Builds everything, into `target/kotlin`.
pub(crate) fn build(goal: Goal, tools: &mut Toolbox) -> Result<(), String> {
    let generated = bindgen::generate()?;
    let folder = generated.target.join("kotlin");
    let source = "dev/cognitosignout/ffi/cognito_signout.kt";
    let place = folder.join("generated").join(source);
    write(&place, internal(&text(&generated.kotlin(source))?).as_bytes())?;
    let inside = format!("jar/{}", jna_prefix(OS, ARCH));
    let name = generated.library.file_name().ok_or("the library has no name")?;
    match goal {
        Goal::Package => {
            let mobile = ["rustc", "--lib", "--crate-type", "cdylib", "--profile", "mobile"];
            bindgen::cargo(&mobile, DESKTOP_FEATURES)?;
            stage(&generated.target.join("mobile").join(name), &folder, &inside)?;
            let repository = folder.join("maven");
            deploy(&repository, &generated.target)?;
            println!("repository: {}", repository.display());
        }
        Goal::Verify => {
            stage(&generated.library, &folder, &inside)?;
            stage(&generated.library, &folder, "host")?;
            // On a fresh clone, `cargo xtask android` has nothing of what the tests need.
            let module = folder.join("cognito-signout");
            remove(&module)?;
            android_classes(&generated.target)?;
            check_aar(&folder, &folder.join("natives/host").join(name), &generated.target)?;
            with_androids_keychain()?;
            stage(&generated.library, &folder, "android-host")?;
            let second = bindgen::generate_second("kotlin")?;
            stage(&second.library, &folder, "host")?;
            let source = "dev/secondlibrary/second_library.kt";
            copy(&second.kotlin(source), &module.join("second").join(source))?;
            bindgen::cargo(&["build", "--example", "fake_cognito"], &[])?;
            let ministack = Ministack::start(tools)?;
            let mut maven = maven(&generated.target)?;
            // Two modules at a time.
            maven
                .args(["--threads", "2", "verify"])
                .env("MINISTACK", ministack.url());
            run_aloud(&mut maven)?;
        }
        Goal::Example => {
            stage(&generated.library, &folder, &inside)?;
            bindgen::cargo(&["build", "--example", "fake_cognito"], &[])?;
            let repository = folder.join("not-for-apps");
            deploy(&repository, &generated.target)?;
            run_example(&repository, &generated.target)?;
        }
    }
    Ok(())
}

/// The library for this machine, but with the keychain that it has on Android: for a JVM that has Android's classes. It lies
/// where the other lay before.
fn with_androids_keychain() -> Result<(), String> {
    let wrapper = workspace().join("bindings/xtask/with-androids-keychain.sh");
    let mut command = Command::new("cargo");
    command
        .args(["rustc", "--lib", "--crate-type", "cdylib"])
        .args([FEATURES, STRIPPED].concat())
        .current_dir(workspace())
        .env("RUSTC_WORKSPACE_WRAPPER", wrapper);
    forget_this_package(&mut command);
    println!("$ RUSTC_WORKSPACE_WRAPPER=…/with-androids-keychain.sh cargo rustc --lib …");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("it failed ({status})")),
        Err(error) => Err(format!("it could not be started ({error})")),
    }
}

/// Puts the AAR together as `cargo xtask android` does, but around the library for this machine, in a folder that no
/// device looks into; and looks at what it should hold, at JNA's libraries, and at an app that has both, whose Kotlin is
/// compiled against the AAR's classes.
fn check_aar(folder: &Path, library: &Path, target: &Path) -> Result<(), String> {
    let natives = [("of-this-machine-for-a-test-only", library.to_owned())];
    let aar = android::assemble(folder, &natives, &folder.join("not-for-devices"))?;
    android::check(&aar, &natives)?;
    let jna = folder.join("jna.aar");
    android::check_jna(&jna)?;
    apk::check(&[&aar, &jna], &folder.join("app"))?;
    run_aloud(maven(target)?.args(["compile", "--file", "android-example"]))
}

fn stage(library: &Path, folder: &Path, place: &str) -> Result<(), String> {
    let name = library.file_name().ok_or("the library has no name")?;
    copy(library, &folder.join("natives").join(place).join(name))
}

/// Maven in `bindings/kotlin`, without a goal yet.
fn maven(target: &Path) -> Result<Command, String> {
    let mut command = Command::new("mvn");
    command
        .args(["--batch-mode", "--no-transfer-progress", "--quiet"])
        .arg(format!("-Drevision={VERSION}"))
        .arg(format!("-Dtarget={}", target.display()))
        .current_dir(workspace().join("bindings/kotlin"));
    Ok(command)
}

/// Puts the jar, its sources and its POM into a Maven repository, which is a folder.
fn deploy(repository: &Path, target: &Path) -> Result<(), String> {
    let mut maven = maven(target)?;
    maven
        .args(["deploy", "-Dmaven.test.skip", "--projects", "jvm"])
        .arg(format!(
            "-DaltDeploymentRepository=local::file://{}",
            repository.display()
        ));
    run_aloud(&mut maven)
}

/// Compiles the classes that Android has beyond the jar's, after [`build`] has generated what they need.
pub(crate) fn android_classes(target: &Path) -> Result<(), String> {
    run_aloud(maven(target)?.args(["compile", "--projects", "jvm,android"]))
}

/// The example has no part in the build of the library: it is an app, and takes it from the repository.
fn run_example(repository: &Path, target: &Path) -> Result<(), String> {
    // What Maven took from a repository it keeps, and does not look again.
    const FORGET: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:purge-local-repository";
    let mut maven = Command::new("mvn");
    maven
        .args(["--batch-mode", "--no-transfer-progress", "--quiet"])
        .arg(format!("-Dcognito-signout.version={VERSION}"))
        .arg(format!("-Dtarget={}", target.display()))
        .arg(format!("-Drepository={}", repository.display()))
        .args([FORGET, "-DmanualInclude=dev.cognitosignout", "compile", "exec:java"])
        .current_dir(workspace().join("examples/jvm"));
    run_aloud(&mut maven)
}

/// Makes every top-level declaration internal: UniFFI makes them public. What it misses, the compiler's explicit API mode
/// refuses.
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
    // The library's own functions are indented, and stand behind the end of their comment if they do not suspend.
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
    fn what_is_generated_is_internal_and_its_members_are_left_alone() {
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
