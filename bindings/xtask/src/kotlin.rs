//! The jars, which hold the native library and the Kotlin generated for it; and the tests of them and of Android's classes.

use std::env::consts::{ARCH, OS};
use std::path::Path;
use std::process::Command;

use crate::aar;
use crate::archive;
use crate::bindgen::{self, DESKTOP_FEATURES, FEATURES, Generated, STRIPPED};
use crate::files::{copy, remove, text, write};
use crate::packages::Packages;
use crate::process::{cargo, cargo_command, run, run_aloud};
use crate::size;
use crate::tools::AAPT2;
use crate::{VERSION, workspace};

/// What to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The Maven repository, untested, with the library that apps carry. Building that takes minutes.
    Package,
    /// Every test, with a library that is quick to build.
    Verify,
    /// All artefacts as they are published, but with that library in the AAR too, as Maven and Gradle read them.
    Packages,
    /// `examples/jvm`, which takes the same library from a Maven repository, as an app does.
    Example,
}

/// Builds everything, into `target/kotlin`.
pub(crate) fn build(goal: Goal) -> Result<(), String> {
    let generated = generate()?;
    let folder = generated.target.join("kotlin");
    let inside = format!("jar/{}", jna_prefix(OS, ARCH));
    let name = generated.library.file_name().ok_or("the library has no name")?;
    match goal {
        Goal::Package => {
            println!("The library is optimised for size, which takes minutes.");
            let mobile = ["rustc", "--lib", "--crate-type", "cdylib", "--profile", "mobile"];
            cargo(&mobile, DESKTOP_FEATURES)?;
            stage(&generated.target.join("mobile").join(name), &folder, &inside)?;
            let packages = packages(&generated.target);
            compile(&generated.target, "core,testing", packages.documented)?;
            packages.publish_jars()?;
            println!("repository: {}", packages.repository.display());
        }
        Goal::Verify => {
            AAPT2.require()?;
            stage(&generated.library, &folder, &inside)?;
            stage(&generated.library, &folder, "host")?;
            // As on a fresh clone, `cargo xtask android` must not find what only the tests make.
            let module = folder.join("cognito-signout-core");
            remove(&module)?;
            let packages = Packages {
                documented: false,
                ..for_no_device(&generated.target)
            };
            check(&packages, &generated.library, &generated.target)?;
            run_aloud(maven(&generated.target).args(["test-compile", "--file", "android-example"]))?;
            size::measure_app(&folder)?;
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
        Goal::Packages => {
            stage(&generated.library, &folder, &inside)?;
            let packages = for_no_device(&generated.target);
            check(&packages, &generated.library, &generated.target)?;
            let repository = format!("-Drepository={}", packages.repository.display());
            run_aloud(maven(&generated.target).args(["test", "--file", "gradle", &repository]))?;
        }
        Goal::Example => {
            stage(&generated.library, &folder, &inside)?;
            bindgen::build_fake_cognito()?;
            let packages = Packages {
                repository: folder.join("not-for-apps"),
                built: folder,
                documented: false,
            };
            compile(&generated.target, "core,testing", packages.documented)?;
            packages.publish_jars()?;
            let goals = ["compile", "exec:java"];
            run_example("jvm", &goals, &packages.repository, &generated.target)?;
        }
    }
    Ok(())
}

/// Generates the Kotlin that the modules compile.
pub(crate) fn generate() -> Result<Generated, String> {
    let generated = bindgen::generate()?;
    let source = "dev/cognitosignout/ffi/cognito_signout.kt";
    let place = generated.target.join("kotlin/generated").join(source);
    write(&place, internal(&text(&generated.kotlin(source))?).as_bytes())?;
    Ok(generated)
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

/// What no app gets: the library for this machine is in the AAR.
fn for_no_device(target: &Path) -> Packages {
    Packages {
        repository: target.join("kotlin/not-for-devices"),
        ..packages(target)
    }
}

/// Compiles and publishes all artefacts as `cargo xtask android` does, and checks them: their classes, JNA's libraries, and an
/// example that takes them from the repository. The Android example is compiled against what this unpacks.
fn check(packages: &Packages, library: &Path, target: &Path) -> Result<(), String> {
    compile(target, "core,testing,android", packages.documented)?;
    packages.publish_jars()?;
    packages.publish_aar(&[("of-this-machine-for-a-test-only", library.to_owned())])?;
    aar::check_jna(&packages.built.join("jna.aar"))?;
    packages.check_classes()?;
    for of_the_example in [
        "credentials.aar",
        "messaging.aar",
        "tasks.aar",
        "security.aar",
        "mobile-client.aar",
        "monitor.aar",
    ] {
        archive::unpack(&packages.built.join(of_the_example))?;
    }
    run_example("view-model", &["test"], &packages.repository, target)
}

fn stage(library: &Path, folder: &Path, place: &str) -> Result<(), String> {
    let name = library.file_name().ok_or("the library has no name")?;
    copy(library, &folder.join("natives").join(place).join(name))
}

/// Maven in `bindings/kotlin`, without a goal yet.
pub(crate) fn maven(target: &Path) -> Command {
    let mut command = Command::new("mvn");
    command
        .args(["--batch-mode", "--no-transfer-progress", "--quiet"])
        .arg(format!("-Drevision={VERSION}"))
        .arg(format!("-Dtarget={}", target.display()))
        .arg(format!("-Daapt2={}", AAPT2.folder().join("bin/aapt2").display()))
        .current_dir(workspace().join("bindings/kotlin"));
    command
}

/// What apps get.
pub(crate) fn packages(target: &Path) -> Packages {
    let built = target.join("kotlin");
    Packages {
        repository: built.join("maven"),
        built,
        documented: true,
    }
}

/// Compiles modules, which names a list with commas, and writes their documentation. [`build`] must have generated what they
/// need.
pub(crate) fn compile(target: &Path, modules: &str, documented: bool) -> Result<(), String> {
    let documentation: &[&str] = if documented { &["dokka:dokka"] } else { &[] };
    run_aloud(
        maven(target)
            .arg("compile")
            .args(documentation)
            .args(["--projects", modules]),
    )
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
