//! Apps that take the artefacts from the bundle alone: with the code and the dependency that docs/jvm-and-desktop.md shows, with
//! the README's code for Android, our examples, and what Gradle resolves.

mod fake_cognito;

use std::path::Path;

use super::super::readme::snippet;
use super::BUNDLE;
use crate::archive;
use crate::bindgen;
use crate::central;
use crate::files::{copy, copy_folder, text, write};
use crate::kotlin;
use crate::maven_app::{maven, run_example};
use crate::process::run_aloud;
use crate::{VERSION, workspace};
use fake_cognito::FakeCognito;

const GUIDE: &str = "docs/jvm-and-desktop.md";

/// An app in one language: the guide's code, and what a test puts in the place of AWS and of the user's keychain.
struct App {
    language: &'static str,
    sources: [&'static str; 2],
    as_written: &'static str,
    on_the_fake: &'static str,
    user: &'static str,
}

const APPS: [App; 2] = [
    App {
        language: "kotlin",
        sources: ["kotlin/src/AsWritten.kt", "kotlin/src/Main.kt"],
        as_written: "Auth(AuthConfig.builder(userPoolId, clientId).build())",
        on_the_fake: "Auth(AuthConfig.builder(userPoolId, clientId).endpoint(endpoint).build(), vault = VaultChoice.Memory)",
        user: "ana",
    },
    App {
        language: "java",
        sources: ["java/src/AsWritten.java", "java/src/Main.java"],
        as_written: "new Auth(AuthConfig.builder(userPoolId, clientId).build())",
        on_the_fake: "new Auth(AuthConfig.builder(userPoolId, clientId).endpoint(endpoint).build(), VaultChoice.Memory.INSTANCE)",
        user: "ben",
    },
];

/// Runs all of them in a folder outside the checkout.
pub(super) fn run(part: &Path, outside: &Path) -> Result<(), String> {
    let (profile, target) = bindgen::folders()?;
    bindgen::build_programs_for_tests()?;
    let bundle = outside.join(BUNDLE);
    copy(&part.join(BUNDLE), &bundle)?;
    let repository = central::unpack(&bundle)?;

    let app = outside.join("quick-start");
    extract(&app)?;
    let aar = repository.join(format!(
        "dev/cognitosignout/cognito-signout-android/{VERSION}/cognito-signout-android-{VERSION}.aar"
    ));
    let aar = archive::unpack(&aar)?;
    let mut fake = FakeCognito::start(&profile.join("examples/fake_cognito"))?;
    for App { language, user, .. } in &APPS {
        // In a file: a command line and a variable would be printed.
        write(&app.join(language).join("user"), fake.sign_in(user)?.as_bytes())?;
    }
    // A file whose checksum is wrong is an error.
    run_aloud(
        maven(&app, &repository, &target)?
            .arg(format!("-Daar={}", aar.display()))
            .args(["--strict-checksums", "process-classes"]),
    )?;
    for App { language, user, .. } in &APPS {
        if fake.is_signed_in(user)? {
            return Err(format!("the quick start in {language} has left its user signed in"));
        }
    }

    run_example("jvm", &["compile", "exec:java"], &repository, &target)?;
    run_example("view-model", &["test"], &repository, &target)?;
    let of_gradle = format!("-Drepository={}", repository.display());
    run_aloud(kotlin::maven(&target).args(["test", "--file", "gradle", &of_gradle]))
}

/// Puts the apps into a folder, with the code of the guide and of the README in them.
fn extract(app: &Path) -> Result<(), String> {
    copy_folder(&workspace().join("bindings/kotlin/quick-start"), app)?;
    let for_android = app.join("android/src/AsWritten.kt");
    fill(&for_android, "// THE README'S CODE", &snippet("kotlin")?)?;
    let guide = text(&workspace().join(GUIDE))?;
    fill(
        &app.join("pom.xml"),
        "<!-- THE GUIDE'S DEPENDENCY -->",
        block(&guide, "xml", "<dependency>")?,
    )?;
    for App {
        language,
        sources,
        as_written,
        on_the_fake,
        ..
    } in &APPS
    {
        let code = block(&guide, language, as_written)?;
        fill(&app.join(sources[0]), "// THE GUIDE'S CODE", code)?;
        fill(
            &app.join(sources[1]),
            "// THE GUIDE'S CODE ON THE FAKE",
            &code.replacen(as_written, on_the_fake, 1),
        )?;
    }
    Ok(())
}

/// The only block of code in this language that has these words.
fn block<'a>(guide: &'a str, language: &str, words: &str) -> Result<&'a str, String> {
    let blocks = guide.split("```").skip(1).step_by(2);
    let in_it = blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    let found: Vec<_> = in_it.filter(|code| code.contains(words)).collect();
    match found[..] {
        [code] => Ok(code),
        _ => Err(format!(
            "{GUIDE} has {} blocks in {language} with {words}, not one",
            found.len()
        )),
    }
}

fn fill(file: &Path, marker: &str, code: &str) -> Result<(), String> {
    let before = text(file)?;
    let filled = before.replacen(marker, code, 1);
    if filled == before {
        return Err(format!("{} has no {marker}", file.display()));
    }
    write(file, filled.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = "Add it:\n```xml\n<dependency>1</dependency>\n```\nand\n```java\nnew Auth();\n```\n";

    #[test]
    fn a_block_is_found_by_its_language_and_words() {
        assert_eq!(block(GUIDE, "java", "Auth"), Ok("new Auth();\n"));
        assert_eq!(block(GUIDE, "xml", "<dependency>"), Ok("<dependency>1</dependency>\n"));
    }

    #[test]
    fn a_block_that_is_missing_or_there_twice_is_an_error() {
        assert!(block(GUIDE, "kotlin", "Auth").is_err());
        assert!(block(GUIDE, "java", "JavaAuth").is_err());
        assert!(block(&GUIDE.repeat(2), "java", "Auth").is_err());
    }
}
