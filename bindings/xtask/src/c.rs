//! The library for C: the files that a C program is built with.

use std::path::{Path, PathBuf};

use crate::VERSION;
use crate::bindgen::{self, DESKTOP_FEATURES, folders, our_file, utf8};
use crate::files::{copy, text, write};
use crate::process::{cargo, cargo_command, run};
use crate::workspace;

/// The header, below the workspace. cbindgen writes it: `UPDATE_API=1 cargo test -p xtask header`.
pub(crate) const HEADER: &str = "bindings/c/include/cognito_signout.h";

/// Builds the library for this machine, as small as it gets, and puts it into target/c with its header and its pkg-config file.
pub(crate) fn package() -> Result<(), String> {
    bindgen::build_small_desktop_library()?;
    let archive_of_it = ["rustc", "--lib", "--crate-type", "staticlib", "--profile", "mobile"];
    cargo(&archive_of_it, DESKTOP_FEATURES)?;
    let (_, target) = folders()?;
    let built = target.join("mobile");
    let folder = target.join("c");
    put_together(&built, &folder, &[&our_file(), &archive()])?;
    println!("{}", folder.display());
    Ok(())
}

/// Tests a library that is quick to build.
pub(crate) fn test() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("the tests of the C interface run on Linux alone".into());
    }
    bindgen::build_desktop_library()?;
    let (built, target) = folders()?;
    let folder = target.join("c-to-test");
    put_together(&built, &folder, &[&our_file(), &archive()])?;
    let test = ["test", "--features", "ffi,admin", "--test", "c_abi"];
    println!("$ COGNITO_SIGNOUT_C={} cargo {}", folder.display(), test.join(" "));
    run(cargo_command().args(test).env("COGNITO_SIGNOUT_C", utf8(&folder)?))
}

fn archive() -> String {
    let windows = cfg!(windows);
    if windows {
        "cognito_signout.lib"
    } else {
        "libcognito_signout.a"
    }
    .into()
}

/// `include/`, `lib/` and `lib/pkgconfig/`, as C's tools want them. The folder can be moved.
fn put_together(built: &Path, folder: &Path, libraries: &[&str]) -> Result<(), String> {
    let source = |file: &str| -> PathBuf { workspace().join("bindings/c").join(file) };
    copy(&workspace().join(HEADER), &folder.join("include/cognito_signout.h"))?;
    copy(
        &source("messages.schema.json"),
        &folder.join("share/cognito-signout/messages.schema.json"),
    )?;
    let pkg_config = text(&source("cognito-signout.pc.in"))?.replace("@VERSION@", VERSION);
    write(&folder.join("lib/pkgconfig/cognito-signout.pc"), pkg_config.as_bytes())?;
    for library in libraries {
        copy(&built.join(library), &folder.join("lib").join(library))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use cbindgen::{Builder, Config, DocumentationStyle, EnumConfig, ExportConfig, Language, RenameRule};

    use super::*;
    use crate::golden;

    fn header() -> String {
        let names = [
            ("Handle", "cs_auth"),
            ("Kind", "cs_kind"),
            ("Status", "cs_status"),
            ("Callback", "cs_callback"),
        ];
        let config = Config {
            language: Language::C,
            header: Some(
                text(&workspace().join("bindings/c/introduction.txt"))
                    .unwrap()
                    .trim_end()
                    .into(),
            ),
            include_guard: Some("COGNITO_SIGNOUT_H".into()),
            no_includes: true,
            sys_includes: vec!["stdint.h".into()],
            cpp_compat: true,
            documentation_style: DocumentationStyle::C,
            enumeration: EnumConfig {
                prefix_with_name: true,
                rename_variants: RenameRule::ScreamingSnakeCase,
                ..EnumConfig::default()
            },
            export: ExportConfig {
                rename: names.map(|(rust, c)| (rust.into(), c.into())).into(),
                ..ExportConfig::default()
            },
            ..Config::default()
        };
        let source = |file: &str| workspace().join("src/c_abi").join(file);
        let builder = Builder::new().with_config(config);
        let builder = builder
            .with_src(source("types.rs"))
            .with_src(source("functions.rs"))
            .with_src(source("dart.rs"));
        let mut written = Vec::new();
        builder.generate().unwrap().write(&mut written);
        // What Rust calls safety, C's reader knows as what a function needs.
        String::from_utf8(written)
            .unwrap()
            .replace(" # Safety\n", " What you promise:\n")
    }

    #[test]
    fn the_header_is_what_cbindgen_writes() {
        golden::compare(HEADER, &header(), "cargo test --package xtask header").unwrap();
    }
}
