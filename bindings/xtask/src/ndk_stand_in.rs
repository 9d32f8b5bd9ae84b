//! What stands for the NDK on a machine without it. cargo-ndk takes it for an NDK: it has the same folders, with Clang and LLD of
//! Debian, LLVM's libunwind of Debian, and lists of what Android's own libraries have.
//!
//! The lists are of API 23: unidbg brings these libraries. Today's linker does not accept files that are so old.

use std::path::Path;
use std::process::Command;

use crate::aar::Abi;
use crate::android::Ndk;
use crate::bindgen::{self, utf8};
use crate::cross;
use crate::files::{copy, create, make_executable, remove, write};
use crate::kotlin;
use crate::natives::Natives;
use crate::process::{run, run_aloud};
use crate::tools::{CARGO_NDK, CROSS_RUST, LIBUNWIND_ARM, LIBUNWIND_ARM64, LIBUNWIND_X86_64, MAVEN, Tool};
use crate::workspace;

/// Where Debian puts LLVM's programs.
const LLVM: &str = "/usr/lib/llvm-19/bin";

/// What stands for the NDK's files for a processor.
struct Parts {
    abi: &'static str,
    /// As the folder of the NDK's libraries is named.
    folder: &'static str,
    /// As Clang names the system.
    target: &'static str,
    /// As llvm-ifs names the processor.
    processor: &'static str,
    bits: &'static str,
    /// Whose symbols it has: unidbg has no library for x86-64, and Android's have the same symbols on each processor with 64 bits.
    symbols_of: &'static str,
    libunwind: &'static Tool,
}

const PARTS: &[Parts] = &[
    Parts {
        abi: "arm64-v8a",
        folder: "aarch64-linux-android",
        target: "aarch64-linux-android24",
        processor: "AArch64",
        bits: "64",
        symbols_of: "lib64",
        libunwind: &LIBUNWIND_ARM64,
    },
    Parts {
        abi: "armeabi-v7a",
        folder: "arm-linux-androideabi",
        target: "armv7a-linux-androideabi24",
        processor: "ARM",
        bits: "32",
        symbols_of: "lib",
        libunwind: &LIBUNWIND_ARM,
    },
    Parts {
        abi: "x86_64",
        folder: "x86_64-linux-android",
        target: "x86_64-linux-android24",
        processor: "x86_64",
        bits: "64",
        symbols_of: "lib64",
        libunwind: &LIBUNWIND_X86_64,
    },
];

/// Makes it for some processors, in the target folder.
pub(crate) fn make(abis: &[Abi]) -> Result<Ndk, String> {
    for tool in [&CROSS_RUST, &MAVEN, &CARGO_NDK] {
        tool.require()?;
    }
    let (_, target) = bindgen::folders()?;
    run_aloud(kotlin::maven(&target).args(["generate-resources", "--file", "bionic"]))?;
    let system = target.join("kotlin/bionic/android/sdk23");
    let folder = target.join("ndk-stand-in");
    remove(&folder)?;
    // cargo-ndk reads it.
    write(
        &folder.join("source.properties"),
        b"Pkg.Desc = a stand-in for the NDK\nPkg.Revision = 28.0.0\n",
    )?;
    let toolchain = folder.join("toolchains/llvm/prebuilt/linux-x86_64");
    for name in ["clang", "clang++"] {
        program(&toolchain.join("bin").join(name), &format!("{LLVM}/{name}"))?;
    }
    let named = |parts: &&Parts| abis.iter().any(|(abi, _)| *abi == parts.abi);
    for parts in PARTS.iter().filter(named) {
        parts.libunwind.require()?;
        parts.write(
            &toolchain.join("sysroot/usr/lib").join(parts.folder).join("24"),
            &system,
        )?;
    }
    let mut env = cross::debians_rust()?;
    env.push(("ANDROID_NDK_HOME", folder.into()));
    Ok(Ndk {
        cargo: CARGO_NDK.folder().join("bin/cargo-ndk"),
        env,
        target: cross::target()?,
        natives: Natives::AndroidWithoutNdk,
    })
}

/// The NDK's Clang knows where it lies. Here a script says it.
fn program(script: &Path, program: &str) -> Result<(), String> {
    let text = format!(
        "#!/bin/sh\nexec {program} --sysroot=\"$(dirname \"$0\")/../sysroot\" -fuse-ld={LLVM}/ld.lld -Wl,--no-undefined \"$@\"\n"
    );
    write(script, text.as_bytes())?;
    make_executable(script)
}

impl Parts {
    fn write(&self, folder: &Path, system: &Path) -> Result<(), String> {
        create(folder)?;
        for library in ["libc", "libdl", "liblog", "libm"] {
            let library = folder.join(library).with_extension("so");
            self.list(&system.join(self.symbols_of), &library)?;
        }
        let compile = |source: &Path, object: &Path| {
            let target = format!("--target={}", self.target);
            let mut clang = Command::new(format!("{LLVM}/clang"));
            clang.args([&target, "-O2", "-fPIC", "-x", "c", "-c"]);
            run(clang.arg(source).arg("-o").arg(object))
        };
        // A library begins and ends with them. The NDK's do nothing that a check needs.
        for object in ["crtbegin_so.o", "crtend_so.o"] {
            compile(Path::new("/dev/null"), &folder.join(object))?;
        }
        let libunwind = folder.join("libunwind.a");
        copy(
            &self.libunwind.folder().join("usr/lib/llvm-19/lib/libunwind.a"),
            &libunwind,
        )?;
        // On arm, the section says that floating-point numbers are passed in another way. No function here has any.
        run(Command::new(format!("{LLVM}/llvm-objcopy"))
            .arg("--remove-section=.ARM.attributes")
            .arg(&libunwind))?;
        let more = folder.join("libunwind-on-bionic.o");
        compile(&workspace().join("bindings/xtask/libunwind-on-bionic.c"), &more)?;
        run(Command::new(format!("{LLVM}/llvm-ar"))
            .args(["rs", utf8(&libunwind)?])
            .arg(more))?;
        // libunwind asks for this library, which is a part of Android's libc.so.
        write(&folder.join("libpthread.a"), b"!<arch>\n")
    }

    /// Makes a library that has the symbols of the one in the folder, and no code.
    fn list(&self, folder: &Path, library: &Path) -> Result<(), String> {
        let list = library.with_extension("ifs");
        let ifs = || Command::new(format!("{LLVM}/llvm-ifs"));
        run(ifs()
            .args([
                "--input-format=ELF",
                "--strip-ifs-arch",
                "--strip-ifs-bitwidth",
                "--strip-ifs-endianness",
            ])
            .arg(format!("--output-ifs={}", utf8(&list)?))
            .arg(folder.join(library.file_name().unwrap_or_default())))?;
        run(ifs()
            .args(["--input-format=IFS", "--endianness=little"])
            .args(["--arch", self.processor, "--bitwidth", self.bits])
            .arg(format!("--output-elf={}", utf8(library)?))
            .arg(&list))
    }
}
