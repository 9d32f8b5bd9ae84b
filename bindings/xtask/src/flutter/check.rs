//! What can be checked of the plugin where there is no Flutter: each half by its own compiler, over stand-ins that are named as such.

use std::path::Path;
use std::process::Command;

use super::{PLUGIN, place};
use crate::bindgen::{self, folders, utf8};
use crate::face::Face;
use crate::files::{copy, copy_folder, read, remove, write};
use crate::process::{output, run, run_aloud};
use crate::swift::program;
use crate::tools::{CMAKE, MAVEN, SWIFT};
use crate::{apple, c, dart, kotlin, workspace};

/// Runs the example over stand-ins for Flutter, and compiles what the plugin has in Java and in Swift.
pub(crate) fn test() -> Result<(), String> {
    cmake()?;
    swift()?;
    java()?;
    dart::run_programs(
        &[
            dart::PACKAGE,
            ("cognito_signout_flutter", PLUGIN),
            ("flutter", "bindings/dart/flutter/test/stand_ins/flutter"),
            (
                "flutter_web_auth_2",
                "bindings/dart/flutter/test/stand_ins/flutter_web_auth_2",
            ),
        ],
        &["bindings/dart/flutter/test/main.dart"],
    )
}

/// Runs the library for arm64 on Android's own C library: the context from Java, and a sign-out in the messages that Dart gets.
pub(super) fn emulate(library: &Path) -> Result<(), String> {
    kotlin::generate()?;
    run_aloud(kotlin::maven(&folders()?.1).args([
        "test",
        "--activate-profiles",
        "bionic",
        "--projects",
        "core,bionic",
        // Not the tests of the other module.
        "-Dmaven.test.skip",
        "-Dtest=PluginTest",
        &format!("-Dlibrary={}", utf8(library)?),
    ]))
}

/// Lets SwiftPM read the plugin's manifest, with a stand-in for the package that Flutter's tool makes.
pub(super) fn swift_manifest(plugin: &Path) -> Result<(), String> {
    let darwin = plugin.join("darwin");
    let framework = workspace().join(PLUGIN).join("test/stand_ins/FlutterFramework");
    copy_folder(&framework, &darwin.join("FlutterFramework"))?;
    let package = darwin.join("cognito_signout_flutter");
    let described = output(program("swift", &package)?.args(["package", "describe"]))?;
    remove(&darwin.join("FlutterFramework"))?;
    remove(&package.join(".build"))?;
    for part in [
        "cognito-signout-flutter",
        "CognitoSignOutFFI.xcframework",
        "CognitoSignOutPlugin.swift",
    ] {
        if !described.contains(part) {
            return Err(format!("SwiftPM does not find {part} in the plugin:\n{described}"));
        }
    }
    Ok(())
}

/// Lets CMake put the libraries for Linux and Windows beside an app.
fn cmake() -> Result<(), String> {
    CMAKE.require()?;
    let folder = folders()?.1.join("flutter-check/cmake");
    remove(&folder)?;
    copy_folder(
        &workspace().join(PLUGIN).join("test/stand_ins/cmake"),
        &folder.join("app"),
    )?;
    for system in ["linux", "windows"] {
        let plugin = folder.join(system);
        copy_folder(&workspace().join(PLUGIN).join(system), &plugin)?;
        let library = folder.join(place(system));
        write(&library, format!("a library for {system}").as_bytes())?;
        let (built, app) = (format!("{system}-built"), format!("{system}-app"));
        let cmake = |arguments: &[&str]| run_aloud(Command::new("cmake").current_dir(&folder).args(arguments));
        cmake(&["-S", "app", "-B", &built, &format!("-DPLUGIN={}", utf8(&plugin)?)])?;
        cmake(&["--install", &built, "--prefix", &app])?;
        let name = library.file_name().unwrap_or_default();
        if read(&folder.join(&app).join(name))? != read(&library)? {
            return Err(format!("{system}: the library beside the app is another one"));
        }
    }
    Ok(())
}

/// Compiles and runs the Swift half, over a stand-in for Flutter's framework, with the library of this machine.
fn swift() -> Result<(), String> {
    SWIFT.require()?;
    let folder = folders()?.1.join("flutter-check/swift");
    remove(&folder)?;
    let stand_in = workspace()
        .join(PLUGIN)
        .join("test/stand_ins/FlutterFramework/Sources/FlutterMacOS");
    let sources = workspace()
        .join(PLUGIN)
        .join("darwin/cognito_signout_flutter/Sources/cognito_signout_flutter");
    let library = bindgen::build_desktop_library()?;
    copy(&library, &folder.join(bindgen::our_file()))?;
    copy(&workspace().join(c::HEADER), &folder.join("CognitoSignOutFFI.h"))?;
    write(
        &folder.join("module.modulemap"),
        apple::module_map("", "CognitoSignOutFFI").as_bytes(),
    )?;
    copy(&stand_in.join("FlutterMacOS.swift"), &folder.join("FlutterMacOS.swift"))?;
    copy(
        &sources.join("CognitoSignOutPlugin.swift"),
        &folder.join("CognitoSignOutPlugin.swift"),
    )?;
    // As Flutter's generated registrant does.
    write(&folder.join("main.swift"), REGISTRANT.as_bytes())?;
    let swiftc = |arguments: &[&str]| {
        println!("$ swiftc {}", arguments.join(" "));
        run(program("swiftc", &folder)?.args(arguments))
    };
    swiftc(&[
        "-emit-library",
        "-emit-module",
        "-parse-as-library",
        "-module-name",
        "FlutterMacOS",
        "FlutterMacOS.swift",
    ])?;
    swiftc(&[
        "-warnings-as-errors",
        "-I",
        ".",
        "-L",
        ".",
        "-lFlutterMacOS",
        "-lcognito_signout",
        "-Xlinker",
        "-rpath",
        "-Xlinker",
        "$ORIGIN",
        "-o",
        "registrant",
        "CognitoSignOutPlugin.swift",
        "main.swift",
    ])?;
    println!("$ ./registrant");
    run(&mut program("./registrant", &folder)?)
}

const REGISTRANT: &str = "\
import FlutterMacOS

final class Registrar: NSObject, FlutterPluginRegistrar {}

CognitoSignOutPlugin.register(with: Registrar())
";

/// Compiles the Java half, over a stand-in for Flutter's interface, and runs it in Android's own framework: see bindings/kotlin/flutter.
fn java() -> Result<(), String> {
    MAVEN.require()?;
    let java = folders()?.1.join("kotlin/flutter-java");
    remove(&java)?;
    for half in ["android/src/main/java", "test/stand_ins/java"] {
        copy_folder(&workspace().join(PLUGIN).join(half), &java)?;
    }
    kotlin::with_androids_keychain(Face::C, "flutter-host")?;
    run_aloud(kotlin::maven(&folders()?.1).args(["test", "--activate-profiles", "flutter", "--projects", "flutter"]))
}
