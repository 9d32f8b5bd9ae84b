//! Targets for cargo-fuzz: for each thing that reads foreign input, a function of any bytes, which panics if a promise is broken.
//! No input is a panic of the library, what is refused is refused with a typed error, and no error repeats what it was given.
//!
//! Inputs are text where that is possible, so that people can read and write `corpus/`. `cargo test` runs the corpora. A file whose
//! name is a checksum was found by the fuzzer: it reaches code of this library that no file before it reaches.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a target tells what it has found"
)]

mod adopt;
mod amplify_config;
mod answer;
mod app;
#[cfg(feature = "ffi")]
mod c_abi;
mod callback;
mod claims;
mod discovery;
#[cfg(feature = "admin")]
mod journal;
mod loopback;
mod push;
mod record;
mod redirect;
mod refusal;
#[cfg(feature = "ffi")]
mod split;
mod text;

pub use adopt::adopt;
pub use amplify_config::amplify_config;
pub use answer::answer;
#[cfg(feature = "ffi")]
pub use c_abi::c_abi;
pub use callback::callback;
pub use claims::claims;
pub use discovery::discovery;
#[cfg(feature = "admin")]
pub use journal::journal;
pub use loopback::loopback;
pub use push::push;
pub use record::record;
pub use redirect::redirect;
pub use refusal::refusal;
#[cfg(feature = "ffi")]
pub use split::split;

/// The program of one target. Without cargo-fuzz it runs the files that its command line names, for example in a debugger.
#[macro_export]
macro_rules! binary {
    ($target:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$target(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            std::env::args_os()
                .skip(1)
                .try_for_each(|file| std::fs::read(file).map(|data| $crate::$target(&data)))
        }
    };
}

#[cfg(all(test, feature = "admin", feature = "ffi"))]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    /// A test for each target: every file of its corpus is in order.
    macro_rules! corpora {
        ($($target:ident)*) => {
            $(
                #[test]
                fn $target() {
                    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(stringify!($target));
                    let mut files = 0;
                    for file in fs::read_dir(corpus).expect("the target has a corpus") {
                        let path = file.expect("a file").path();
                        // Printed if the test fails.
                        eprintln!("{}", path.display());
                        crate::$target(&fs::read(path).expect("the file"));
                        files += 1;
                    }
                    assert!(files > 1, "a corpus of {files}");
                }
            )*
            const TARGETS: &[&str] = &[$(stringify!($target)),*];
        };
    }

    corpora!(
        adopt amplify_config answer c_abi callback claims discovery journal loopback push record redirect refusal split
    );

    #[test]
    fn every_program_of_cargo_fuzz_has_its_test_here() {
        let programs = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin")).expect("the programs");
        let names: BTreeSet<_> = programs
            .map(|program| program.expect("a file").path().file_stem().expect("a name").to_owned())
            .collect();
        assert_eq!(names, TARGETS.iter().map(Into::into).collect());
    }
}
