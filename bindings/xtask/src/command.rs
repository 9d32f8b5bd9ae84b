//! What the words after `cargo xtask` ask for.

use std::path::PathBuf;

use crate::kotlin::Goal;

/// How much `test` runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Quick,
    All,
    Nightly,
    Advisories,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Test { extent: Extent, install: bool },
    Bindgen,
    Kotlin(Goal),
    Android,
    AndroidStandIn { abis: Vec<String> },
    Bionic,
    Size { libraries: Vec<String> },
    Swift { arguments: Vec<String> },
    Apple { url: Option<String> },
    AppleCheck,
    AppleStandIn { slices: Vec<String> },
    C,
    CTest,
    DartTest,
    Flutter { systems: Vec<String> },
    FlutterStandIn { parts: Vec<String> },
    FlutterTest,
    WindowsTest,
    Fuzz { target: Option<String>, minutes: u64 },
    Notices,
    Release { dry_run: bool, parts: Vec<String> },
    SameBytes { parts: Vec<String> },
    Consume { parts: Vec<String> },
    RustApi,
    ReleaseNotes { tag: String },
    PublishMaven { bundle: PathBuf },
    PublishSwift { package: PathBuf, checkout: PathBuf },
    Compare,
    CompareDraw,
    CompareTry,
    Site,
    Picture,
}

impl Command {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, String> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let are_names = |words: &[&str]| !words.iter().any(|word| word.starts_with('-'));
        let words: Vec<_> = arguments.iter().map(String::as_str).collect();
        match words[..] {
            // Swift has a help of its own.
            ["swift", ref arguments @ ..] => Ok(Self::Swift {
                arguments: owned(arguments),
            }),
            ["help"] => Ok(Self::Help),
            ref words if words.iter().any(|word| ["--help", "-h"].contains(word)) => Ok(Self::Help),
            ["test", ref options @ ..] => Self::parse_test(options),
            ["bindgen"] => Ok(Self::Bindgen),
            ["kotlin"] => Ok(Self::Kotlin(Goal::Package)),
            ["kotlin", "--test"] => Ok(Self::Kotlin(Goal::Verify)),
            ["kotlin", "example"] => Ok(Self::Kotlin(Goal::Example)),
            ["android"] => Ok(Self::Android),
            ["android", "--stand-in", ref abis @ ..] => Ok(Self::AndroidStandIn { abis: owned(abis) }),
            ["bionic"] => Ok(Self::Bionic),
            ["size", ref libraries @ ..] => Ok(Self::Size {
                libraries: owned(libraries),
            }),
            ["apple"] => Ok(Self::Apple { url: None }),
            ["apple", url] if !url.starts_with('-') => Ok(Self::Apple { url: Some(url.into()) }),
            ["apple", "--check"] => Ok(Self::AppleCheck),
            ["apple", "--stand-in", ref slices @ ..] => Ok(Self::AppleStandIn { slices: owned(slices) }),
            ["c"] => Ok(Self::C),
            ["c", "--test"] => Ok(Self::CTest),
            ["dart", "--test"] => Ok(Self::DartTest),
            ["flutter", "--test"] => Ok(Self::FlutterTest),
            ["flutter", "--stand-in", ref parts @ ..] => Ok(Self::FlutterStandIn { parts: owned(parts) }),
            ["flutter", ref systems @ ..] if are_names(systems) => Ok(Self::Flutter {
                systems: owned(systems),
            }),
            ["windows", "--test"] => Ok(Self::WindowsTest),
            ["fuzz", ref options @ ..] => Self::parse_fuzz(options),
            ["notices"] => Ok(Self::Notices),
            ["release", "--dry-run", ref parts @ ..] if are_names(parts) => Ok(Self::Release {
                dry_run: true,
                parts: owned(parts),
            }),
            ["release", "--same-bytes", ref parts @ ..] if are_names(parts) => {
                Ok(Self::SameBytes { parts: owned(parts) })
            }
            ["release", ref parts @ ..] if are_names(parts) => Ok(Self::Release {
                dry_run: false,
                parts: owned(parts),
            }),
            ["consume", ref parts @ ..] if are_names(parts) => Ok(Self::Consume { parts: owned(parts) }),
            ["rust-api"] => Ok(Self::RustApi),
            ["release-notes", tag] => Ok(Self::ReleaseNotes { tag: tag.into() }),
            ["publish", "maven", bundle] => Ok(Self::PublishMaven { bundle: bundle.into() }),
            ["publish", "swift", package, checkout] => Ok(Self::PublishSwift {
                package: package.into(),
                checkout: checkout.into(),
            }),
            ["compare"] => Ok(Self::Compare),
            ["compare", "--draw"] => Ok(Self::CompareDraw),
            ["compare", "--try"] => Ok(Self::CompareTry),
            ["site"] => Ok(Self::Site),
            ["picture"] => Ok(Self::Picture),
            [] => Err("which command?".into()),
            ref words => Err(format!("not understood: cargo xtask {}", words.join(" "))),
        }
    }

    fn parse_fuzz(options: &[&str]) -> Result<Self, String> {
        let (options, minutes) = match options {
            [options @ .., "--minutes", minutes] => (options, minutes.parse().ok()),
            options => (options, Some(10)),
        };
        let fuzz = |target| minutes.map(|minutes| Self::Fuzz { target, minutes });
        let parsed = match options {
            [] => fuzz(None),
            [target] if !target.starts_with('-') => fuzz(Some((*target).to_owned())),
            _ => None,
        };
        parsed.ok_or_else(|| "not understood: cargo xtask fuzz [TARGET] [--minutes N]".to_owned())
    }

    fn parse_test(options: &[&str]) -> Result<Self, String> {
        let known = ["--all", "--nightly", "--advisories", "--install"];
        if let Some(unknown) = options.iter().find(|option| !known.contains(option)) {
            return Err(format!("not understood: cargo xtask test {unknown}"));
        }
        let install = options.contains(&"--install");
        let extent = match () {
            () if options.contains(&"--advisories") => Extent::Advisories,
            () if options.contains(&"--nightly") => Extent::Nightly,
            // Tools are for checks that the quick run does not have.
            () if install || options.contains(&"--all") => Extent::All,
            () => Extent::Quick,
        };
        Ok(Self::Test { extent, install })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn to_install_is_to_run_everything() {
        let test = |extent, install| Ok(Command::Test { extent, install });
        assert_eq!(parse("test"), test(Extent::Quick, false));
        assert_eq!(parse("test --all"), test(Extent::All, false));
        assert_eq!(parse("test --nightly"), test(Extent::Nightly, false));
        assert_eq!(parse("test --nightly --install"), test(Extent::Nightly, true));
        assert_eq!(parse("test --advisories --install"), test(Extent::Advisories, true));
        for line in ["test --install", "test --install --all", "test --all --install"] {
            assert_eq!(parse(line), test(Extent::All, true));
        }
    }

    #[test]
    fn one_target_or_all_of_them_for_ten_minutes_or_another_time() {
        let fuzz = |target: Option<&str>, minutes| {
            Ok(Command::Fuzz {
                target: target.map(str::to_owned),
                minutes,
            })
        };
        assert_eq!(parse("fuzz"), fuzz(None, 10));
        assert_eq!(parse("fuzz record"), fuzz(Some("record"), 10));
        assert_eq!(parse("fuzz --minutes 1"), fuzz(None, 1));
        assert_eq!(parse("fuzz record --minutes 60"), fuzz(Some("record"), 60));
    }

    #[test]
    fn an_unknown_word_is_an_error() {
        for line in [
            "",
            "tset",
            "test --al",
            "test --all now",
            "bindgen --al",
            "apple --local",
            "apple one two",
            "kotlin --tset",
            "fuzz --minutes",
            "fuzz record claims",
            "fuzz --minutes long",
            "release --dry",
            "release crate --dry-run",
            "consume --all",
            "c --tset",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        assert_eq!(parse("kotlin --help"), Ok(Command::Help));
    }
}
