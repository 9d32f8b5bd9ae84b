//! The library for Android's arm64 on a machine without the NDK: built by Debian's compiler, linked against Android's own C
//! library (bionic, of API 23), measured, and run on it, under emulation.
//!
//! unidbg brings the C library, and emulates the processor. See bindings/kotlin/bionic.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::aar::{self, LIBRARY};
use crate::android;
use crate::bindgen::{self, FEATURES, utf8};
use crate::cross::{self, Library};
use crate::files::{copy, write};
use crate::kotlin;
use crate::process::{run, run_aloud};
use crate::rustflags;
use crate::size;
use crate::tools::{CROSS_RUST, LIBUNWIND, MAVEN};
use crate::workspace;

/// Where Debian puts LLVM's programs.
const LLVM: &str = "/usr/lib/llvm-19/bin";

/// minSdk is 24.
const ANDROID: &str = "--target=aarch64-linux-android24";

/// Builds the library, measures it, and runs it.
pub(crate) fn check() -> Result<(), String> {
    for tool in [&CROSS_RUST, &LIBUNWIND, &MAVEN] {
        tool.require()?;
    }
    let (_, target) = bindgen::folders()?;
    let folder = target.join("kotlin/bionic");
    run_aloud(kotlin::maven(&target).args(["generate-resources", "--file", "bionic"]))?;
    let built = build(&folder.join("android/sdk23/lib64"), &folder.join("linked"))?;
    let library = folder.join(LIBRARY);
    copy(&built, &library)?;
    aar::check_alignment(&library)?;
    android::check_exports(&library)?;
    size::measure(&[format!("arm64-v8a={}", library.display())])?;
    kotlin::generate()?;
    run_aloud(kotlin::maven(&target).args([
        "test",
        "--activate-profiles",
        "bionic",
        "--projects",
        "core,bionic",
        // Not the tests of the other module.
        "-Dmaven.test.skip",
    ]))
}

/// `system` has Android's libraries. Today's linker does not accept files that are so old, so it gets lists of their symbols.
fn build(system: &Path, linked: &Path) -> Result<PathBuf, String> {
    let unwinder = LIBUNWIND.folder().join("usr/lib/llvm-19/lib/libunwind.a");
    copy(&unwinder, &linked.join("libunwind.a"))?;
    // It asks for this library, which is a part of Android's libc.so.
    write(&linked.join("libpthread.a"), b"!<arch>\n")?;
    for library in ["libc.so", "libdl.so", "liblog.so", "libm.so"] {
        let mut list = Command::new(format!("{LLVM}/llvm-ifs"));
        list.arg("--input-format=ELF")
            .arg(format!("--output-elf={}", utf8(&linked.join(library))?))
            .arg(system.join(library));
        run(&mut list)?;
    }
    let for_apps = android::for_apps()?;
    let for_apps: Vec<_> = for_apps.iter().map(String::as_str).collect();
    let clang = format!("{LLVM}/clang");
    let for_libunwind = linked.join("libunwind-on-bionic.o");
    run(Command::new(&clang)
        .args([ANDROID, "-O2", "-fPIC", "-c"])
        .arg(workspace().join("bindings/xtask/libunwind-on-bionic.c"))
        .arg("-o")
        .arg(&for_libunwind))?;
    let for_linker = [
        ANDROID,
        &format!("-fuse-ld={LLVM}/ld.lld"),
        // What the compiler would add comes from the NDK, and does nothing that a check needs.
        "-nostdlib",
        &format!("-L{}", utf8(linked)?),
        utf8(&for_libunwind)?,
        "-lc",
        "-lm",
        "-Wl,--no-undefined",
    ]
    .map(|flag| format!("-Clink-arg={flag}"));
    let flags: Vec<_> = android::for_each_crate()?.into_iter().chain(for_linker).collect();
    let (variable, flags) = rustflags::variable(&flags);
    cross::build(&Library {
        package: "cognito-signout",
        features: &[FEATURES, &for_apps].concat(),
        kind: "cdylib",
        target: "aarch64-linux-android",
        profile: "mobile",
        env: &[
            (
                "CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER",
                "/usr/lib/llvm-19/bin/clang",
            ),
            (variable, &flags),
        ],
    })
}
