//! The jars, which hold the native library and the Kotlin generated for it; and the tests of them and of Android's classes.

use std::path::Path;
use std::process::Command;

use crate::aar::{self, Native};
use crate::archive;
use crate::bindgen::{self, Generated, STRIPPED};
use crate::face::Face;
use crate::files::{copy, read, remove, text, write};
use crate::maven_app::{quiet_maven, run_example};
use crate::natives::{self, Natives};
use crate::packages::Packages;
use crate::process::{cargo_command, run, run_aloud};
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
    /// `examples/jvm`, which takes the same library from a Maven repository, as an app does.
    Example,
}

/// Builds everything, into `target/kotlin`.
pub(crate) fn build(goal: Goal) -> Result<(), String> {
    let generated = generate()?;
    let target = &generated.target;
    match goal {
        Goal::Package => package(&generated),
        Goal::Verify => verify(&generated),
        Goal::Example => {
            stage_in_jar(target, &[(&natives::of_this_machine(), generated.library.clone())])?;
            bindgen::build_programs_for_tests()?;
            let packages = undocumented(target, "not-for-apps");
            compile(target, "core,testing", packages.documented)?;
            packages.publish_jars()?;
            run_example("jvm", &["compile", "exec:java"], &packages.repository, target)
        }
    }
}

/// With the libraries of other machines, if they are there.
fn package(generated: &Generated) -> Result<(), String> {
    println!("The library is optimised for size, which takes minutes.");
    let library = bindgen::build_small_desktop_library()?;
    Natives::Jvm.keep(&natives::of_this_machine(), &library)?;
    stage_in_jar(&generated.target, &Natives::Jvm.kept()?)?;
    let packages = packages(&generated.target);
    compile(&generated.target, "core,testing", packages.documented)?;
    packages.publish_jars()?;
    println!("repository: {}", packages.repository.display());
    Ok(())
}

fn verify(generated: &Generated) -> Result<(), String> {
    let target = &generated.target;
    let folder = target.join("kotlin");
    AAPT2.require()?;
    stage_in_jar(target, &[(&natives::of_this_machine(), generated.library.clone())])?;
    stage(&generated.library, &folder.join("natives/host"))?;
    // As on a fresh clone, `cargo xtask android` must not find what only the tests make.
    let module = folder.join("cognito-signout-core");
    remove(&module)?;
    // As an earlier build leaves a class that is deleted afterwards.
    let deleted = folder.join(folder_of("testing")).join("classes/Deleted.class");
    write(&deleted, b"")?;
    check(&undocumented(target, "not-for-devices"), &generated.library, target)?;
    if deleted.exists() {
        return Err("a class that was deleted from the sources is still published".into());
    }
    run_aloud(maven(target).args(["test-compile", "--file", "android-example"]))?;
    size::measure_app(&folder)?;
    aar::check_shrunk(&read(&folder.join(size::CODE_OF_THE_EXAMPLE))?)?;
    with_androids_keychain(Face::UniFfi, "android-host")?;
    let second = bindgen::generate_second("kotlin")?;
    stage(&second.library, &folder.join("natives/host"))?;
    let source = "dev/secondlibrary/second_library.kt";
    copy(&second.kotlin(source), &module.join("second").join(source))?;
    bindgen::build_programs_for_tests()?;
    // Two modules at a time. Even a quiet Maven says how many tests have run.
    let totals = "-Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire.SurefireMojo=info";
    run_aloud(maven(target).args(["--threads", "2", totals, "verify"]))
}

/// Generates the Kotlin that the modules compile.
pub(crate) fn generate() -> Result<Generated, String> {
    let generated = bindgen::generate()?;
    let source = "dev/cognitosignout/ffi/cognito_signout.kt";
    let place = generated.target.join("kotlin/generated").join(source);
    write(&place, internal(&text(&generated.kotlin(source))?).as_bytes())?;
    Ok(generated)
}

/// Builds the library for this machine with Android's keychain, for a JVM that has Android's classes, and puts it into a folder. It
/// replaces the library that was built before. Without `browser`: a test shows that Android's library refuses the desktop's.
pub(crate) fn with_androids_keychain(face: Face, folder: &str) -> Result<(), String> {
    let wrapper = workspace().join("bindings/xtask/with-androids-keychain.sh");
    println!("$ RUSTC_WORKSPACE_WRAPPER=…/with-androids-keychain.sh cargo rustc --lib …");
    run(cargo_command()
        .args(["rustc", "--lib", "--crate-type", "cdylib"])
        .args([face.features(), STRIPPED].concat())
        .env("RUSTC_WORKSPACE_WRAPPER", wrapper))?;
    let (profile, target) = bindgen::folders()?;
    stage(
        &profile.join(bindgen::our_file()),
        &target.join("kotlin/natives").join(folder),
    )
}

/// What no app gets.
pub(crate) fn undocumented(target: &Path, repository: &str) -> Packages {
    Packages {
        repository: target.join("kotlin").join(repository),
        documented: false,
        ..packages(target)
    }
}

/// Compiles and publishes all artefacts as `cargo xtask android` does, and checks them: their classes, and JNA's libraries. The
/// Android example is compiled against what this unpacks.
fn check(packages: &Packages, library: &Path, target: &Path) -> Result<(), String> {
    compile(target, "core,testing,android", packages.documented)?;
    packages.publish_jars()?;
    packages.publish_aar(&[(OF_THIS_MACHINE, library.to_owned())])?;
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
    Ok(())
}

/// The folder of an AAR with this machine's library, which no device can load.
pub(crate) const OF_THIS_MACHINE: &str = "of-this-machine-for-a-test-only";

/// Puts libraries where the jar gets them from, and no others: each in the folder where JNA looks for it.
pub(crate) fn stage_in_jar(target: &Path, libraries: &[Native<'_>]) -> Result<(), String> {
    let jar = target.join("kotlin/natives/jar");
    remove(&jar)?;
    let mut libraries = libraries.iter();
    libraries.try_for_each(|(place, library)| stage(library, &jar.join(place)))
}

fn stage(library: &Path, folder: &Path) -> Result<(), String> {
    let name = library.file_name().ok_or("the library has no name")?;
    copy(library, &folder.join(name))
}

/// Maven in `bindings/kotlin`, without a goal yet.
pub(crate) fn maven(target: &Path) -> Command {
    let mut command = quiet_maven();
    command
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
    for module in modules.split(',') {
        let folder = target.join("kotlin").join(folder_of(module));
        // Otherwise what was deleted from the sources would still be published.
        remove(&folder.join("classes"))?;
        remove(&folder.join("documentation"))?;
    }
    run_aloud(
        maven(target)
            .arg("compile")
            .args(documentation)
            .args(["--projects", modules]),
    )
}

/// Where Maven puts what it makes of a module: the name of its artefact.
fn folder_of(module: &str) -> String {
    let more = if module == "android" { "-classes" } else { "" };
    format!("cognito-signout-{module}{more}")
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
}
