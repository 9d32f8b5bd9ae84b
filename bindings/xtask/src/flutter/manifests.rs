//! What Flutter's, Google's and Apple's tools read of the plugin: it must name what is there, and what the rest of this repository says.

use saphyr::{LoadableYamlNode, Yaml};

use super::{FRAMEWORK, NAME, PLUGIN};
use crate::aar::LIBRARY;
use crate::apple::SLICES;
use crate::files::text;
use crate::{VERSION, workspace};

fn of_plugin(file: &str) -> String {
    text(&workspace().join(PLUGIN).join(file)).unwrap_or_default()
}

fn darwin(file: &str) -> String {
    of_plugin(&format!("darwin/{NAME}/{file}"))
}

#[test]
fn flutters_tool_finds_the_class_of_each_system() {
    let pubspec = Yaml::load_from_str(&of_plugin("pubspec.yaml")).unwrap().remove(0);
    assert_eq!(pubspec["name"].as_str(), Some(NAME));
    let platforms = &pubspec["flutter"]["plugin"]["platforms"];
    let android = &platforms["android"];
    let [package, class] = ["package", "pluginClass"].map(|key| android[key].as_str().unwrap());
    let java = of_plugin(&format!(
        "android/src/main/java/{}/{class}.java",
        package.replace('.', "/")
    ));
    assert!(java.contains(&format!("package {package};")) && java.contains(&format!("class {class} ")));
    assert!(of_plugin("android/build.gradle.kts").contains(&format!("namespace = \"{package}\"")));
    for system in ["ios", "macos"] {
        assert_eq!(platforms[system]["sharedDarwinSource"].as_bool(), Some(true));
        let class = platforms[system]["pluginClass"].as_str().unwrap();
        let swift = darwin(&format!("Sources/{NAME}/{class}.swift"));
        assert!(swift.contains(&format!("public final class {class}: NSObject, FlutterPlugin")));
    }
    for (system, library) in [("linux", LIBRARY), ("windows", "cognito_signout.dll")] {
        assert_eq!(platforms[system]["ffiPlugin"].as_bool(), Some(true));
        let cmake = of_plugin(&format!("{system}/CMakeLists.txt"));
        assert!(cmake.contains(&format!(
            "set({NAME}_bundled_libraries \"${{CMAKE_CURRENT_SOURCE_DIR}}/{library}\""
        )));
    }
}

#[test]
fn each_manifest_has_this_version() {
    for (file, line) in [
        ("pubspec.yaml", format!("version: {VERSION}\n")),
        ("android/build.gradle.kts", format!("version = \"{VERSION}\"\n")),
        (
            "darwin/cognito_signout_flutter.podspec",
            format!("s.version = '{VERSION}'\n"),
        ),
        ("../pubspec.yaml", format!("version: {VERSION}\n")),
    ] {
        assert!(of_plugin(file).contains(&line), "{file}");
    }
}

#[test]
fn the_oldest_systems_are_those_of_the_libraries() {
    let (package, pod) = (
        darwin("Package.swift"),
        of_plugin("darwin/cognito_signout_flutter.podspec"),
    );
    for slice in SLICES.iter().filter(|slice| slice.is_for_flutter()) {
        let (swift, cocoa) = if slice.platform == "ios" {
            ("iOS", "ios")
        } else {
            ("macOS", "osx")
        };
        let oldest = slice.oldest.version;
        assert!(package.contains(&format!(".{swift}(\"{oldest}\")")), "{package}");
        assert!(
            pod.contains(&format!("s.{cocoa}.deployment_target = '{oldest}'")),
            "{pod}"
        );
    }
    let aar = text(&workspace().join("bindings/kotlin/android/src/main/aar/AndroidManifest.xml")).unwrap();
    assert!(aar.contains("minSdkVersion=\"24\"") && of_plugin("android/build.gradle.kts").contains("minSdk = 24\n"));
}

#[test]
fn dart_opens_the_libraries_that_the_plugin_brings() {
    let dart = of_plugin("../lib/src/native/library.dart");
    let framework = FRAMEWORK
        .rsplit('/')
        .next()
        .and_then(|file| file.strip_suffix(".xcframework"))
        .unwrap();
    assert!(dart.contains(&format!("'{framework}.framework/{framework}'")));
    assert!(dart.contains(&format!("'{LIBRARY}'")));
    assert!(darwin("Package.swift").contains(&format!("path: \"{framework}.xcframework\"")));
    let pod = of_plugin("darwin/cognito_signout_flutter.podspec");
    assert!(pod.contains(&format!("'{}'", FRAMEWORK.strip_prefix("darwin/").unwrap())));
}
