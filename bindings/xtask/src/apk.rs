//! The AAR in an app, as far as Debian's tools go: the example's manifest with the AAR's merged in, linked and read back, and
//! the libraries stored and aligned as a device maps them. No dexer is in reach, so the app has no code and runs nowhere.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::android::aar_content;
use crate::files::{copy, remove, text, write};
use crate::toolbox::{is_there, run};
use crate::tools::{AAPT, FRAMEWORK};
use crate::workspace;

/// What the linked manifest must hold of the AAR's, as aapt says it, without its numbers. 24 is 0x18, `singleTask` is 2.
///
/// This aapt is of Android 10: `queries` is one of Android 11's, which it passes on without knowing it.
const OF_THE_AAR: &[&str] = &[
    "E: uses-sdk\nA: android:minSdkVersion=(type 0x10)0x18\n",
    // The rules for backups, in their two forms, which the example names.
    "A: android:fullBackupContent=@0x7f020001\nA: android:networkSecurityConfig=@0x7f020000\n",
    "E: uses-permission\nA: android:name=\"android.permission.INTERNET\"\n",
    "E: queries\nE: intent\nE: action\nA: android:name=\"android.intent.action.VIEW\"\n\
     E: category\nA: android:name=\"android.intent.category.BROWSABLE\"\nE: data\nA: android:scheme=\"https\"\n",
    "A: android:name=\"dev.cognitosignout.android.SignOutActivity\"\n\
     A: android:exported=(type 0x12)0x0\nA: android:launchMode=(type 0x10)0x2\n",
    "A: android:name=\"dev.cognitosignout.android.RedirectActivity\"\nA: android:exported=(type 0x12)0xffffffff\n\
     E: intent-filter\nE: action\nA: android:name=\"android.intent.action.VIEW\"\n\
     E: category\nA: android:name=\"android.intent.category.DEFAULT\"\n\
     E: category\nA: android:name=\"android.intent.category.BROWSABLE\"\nE: data\nA: android:scheme=\"myapp\"\n\
     A: android:host=\"signed-out\"\n",
];

/// Puts the AARs into the example, in a folder of its own, and looks at what has become of them. Without the tools it says so.
pub(crate) fn check(aars: &[&Path], folder: &Path) -> Result<(), String> {
    if !is_there(&AAPT) {
        println!("not checked: the AAR in an app (needs {}, of Debian)", AAPT.name);
        return Ok(());
    }
    let looked_at = look_into(aars, folder);
    // Libraries that are not stripped, three times over.
    let removed = remove(folder);
    looked_at.and(removed)
}

fn look_into(aars: &[&Path], folder: &Path) -> Result<(), String> {
    let (content, resources, app, aligned) = (
        folder.join("content"),
        folder.join("res"),
        folder.join("app.apk"),
        folder.join("aligned.apk"),
    );
    let mut manifests = Vec::new();
    let mut libraries = Vec::new();
    for aar in aars {
        let unpacked = aar_content(aar)?;
        manifests.push(text(&unpacked.join("AndroidManifest.xml"))?);
        let taken = take(&unpacked.join("jni"), &content.join("lib")).and_then(|libraries| {
            let of_aar = unpacked.join("res");
            if of_aar.exists() {
                take(&of_aar, &resources)?;
            }
            Ok(libraries)
        });
        remove(&unpacked)?;
        libraries.extend(taken?);
    }
    let example = workspace().join("examples/android/app");
    let gradle = text(&example.join("build.gradle.kts"))?;
    let merged = merge(
        &text(&example.join("src/main/AndroidManifest.xml"))?,
        &manifests[0],
        &gradle,
    );
    let manifest = folder.join("AndroidManifest.xml");
    let merged = merged.ok_or("the manifests could not be merged")?;
    // An attribute of Android 12's. In its place one that this aapt knows, for it to find the file.
    let merged = merged.replace("android:dataExtractionRules", "android:networkSecurityConfig");
    write(&manifest, merged.as_bytes())?;

    let mut link = Command::new("aapt");
    link.args(["package", "-f", "-0", "so", "-I", FRAMEWORK, "-M"])
        .arg(&manifest);
    run(link.arg("-S").arg(&resources).arg("-F").arg(&app).arg(&content))?;
    // Pages of 16 KB.
    run(Command::new("zipalign").args(["-f", "16384"]).arg(&app).arg(&aligned))?;
    let alignment = told(Command::new("zipalign").args(["-c", "-v", "16384"]).arg(&aligned))?;
    for library in libraries {
        // One that is compressed is said to be, and could not be mapped.
        if !alignment.contains(&format!("lib/{library} (OK)\n")) {
            return Err(format!("{library} is not stored at a page of 16 KB:\n{alignment}"));
        }
    }
    let tree = told(
        Command::new("aapt")
            .args(["dump", "xmltree"])
            .arg(&aligned)
            .arg("AndroidManifest.xml"),
    )?;
    let tree = without_numbers(&tree);
    if let Some(lost) = OF_THE_AAR.iter().find(|part| !tree.contains(*part)) {
        return Err(format!("the app's manifest lacks\n{lost}in\n{tree}"));
    }
    let badging = told(Command::new("aapt").args(["dump", "badging"]).arg(&aligned))?;
    if !badging.contains("launchable-activity: name='dev.cognitosignout.example.MainActivity'") {
        return Err(format!("the example cannot be launched:\n{badging}"));
    }
    Ok(())
}

/// Copies what lies in the folders of a folder, as the libraries of every processor, and names it.
fn take(from: &Path, to: &Path) -> Result<Vec<String>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    let mut taken = Vec::new();
    for abi in fs::read_dir(from).map_err(failed)? {
        for library in fs::read_dir(abi.map_err(failed)?.path()).map_err(failed)? {
            let library = library.map_err(failed)?.path();
            let name = library.strip_prefix(from).map_err(|error| error.to_string())?;
            copy(&library, &to.join(name))?;
            taken.push(name.display().to_string());
        }
    }
    Ok(taken)
}

/// What Android's manifest merger makes of two that agree: the elements of both. From Gradle come the package and what
/// stands for the placeholders.
fn merge(app: &str, library: &str, gradle: &str) -> Option<String> {
    let said = |what: &str| gradle.split_once(what)?.1.split('"').nth(1);
    let package = format!("<manifest package=\"{}\"", said("namespace = ")?);
    let library = ["Scheme", "Host"]
        .iter()
        .try_fold(library.to_owned(), |library, placeholder| {
            let value = said(&format!("manifestPlaceholders[\"cognitoSignOut{placeholder}\"] = "))?;
            Some(library.replace(&format!("${{cognitoSignOut{placeholder}}}"), value))
        })?;
    let (beside, activities) = library.split_once("<application>")?;
    let (_, beside) = beside.split_once("<uses-sdk")?;
    let (activities, _) = activities.split_once("</application>")?;
    let (start, of_app) = app.split_once("<application")?;
    let (of_app, end) = of_app.rsplit_once("</application>")?;
    let start = start.replacen("<manifest", &package, 1);
    Some(format!(
        "{start}<uses-sdk{beside}<application{of_app}{activities}</application>{end}"
    ))
}

/// `A: android:name(0x01010003)="a" (Raw: "a")` as `A: android:name="a"`, and `E: data (line=13)` as `E: data`.
fn without_numbers(tree: &str) -> String {
    let lines = tree.lines().map(|line| {
        let line = line.trim().split(" (Raw: ").next().unwrap_or_default();
        let line = line.split(" (line=").next().unwrap_or_default();
        match line
            .split_once("(0x")
            .and_then(|(name, rest)| Some((name, rest.split_once(")=")?.1)))
        {
            Some((name, value)) => format!("{name}={value}\n"),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}

fn told(command: &mut Command) -> Result<String, String> {
    let output = command.output();
    let output = output.map_err(|error| format!("{command:?} could not be started ({error})"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("{command:?} failed ({}):\n{text}", output.status))
    }
}
