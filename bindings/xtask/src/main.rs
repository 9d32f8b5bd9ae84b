//! `cargo xtask`: the chores of this repository, each as one command that a fresh clone can run.
// A command-line program talks to its user on standard output.
#![allow(clippy::print_stdout)]

mod aar;
mod android;
mod apple;
mod archive;
mod bindgen;
mod bionic;
mod by_lines;
mod by_name;
mod c;
mod central;
mod checkout;
mod command;
mod compare;
mod cross;
mod dart;
mod face;
mod files;
mod flutter;
mod fuzz;
mod git;
mod golden;
mod gradle_module;
mod kotlin;
mod maven;
mod maven_app;
mod natives;
mod ndk_stand_in;
mod notices;
mod packages;
mod picture;
mod pom;
mod process;
mod publish;
mod release;
mod release_notes;
mod runner;
mod rust_api;
#[cfg(test)]
mod rust_version;
mod rustflags;
mod semver;
mod site;
mod size;
mod steps;
mod swift;
mod swift_api;
mod tools;
mod usage;
mod windows;
mod wine;
#[cfg(test)]
mod workflows;
#[cfg(test)]
mod xcode_project;
mod zigbuild;
mod zip;

use std::env;
use std::process::ExitCode;

pub(crate) use checkout::workspace;
use command::{Command, Extent};
use tools::Finder;
use usage::USAGE;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match Command::parse(&arguments) {
        Ok(Command::Help) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Command::Test { extent, install }) => exit_code(test(extent, install)),
        Ok(Command::Bindgen) => exit_code(bindgen::generate().map(|generated| println!("{generated}"))),
        Ok(Command::Kotlin(goal)) => exit_code(kotlin::build(goal)),
        Ok(Command::Android) => exit_code(android::package()),
        Ok(Command::AndroidStandIn { abis }) => exit_code(android::rehearse(&abis)),
        Ok(Command::Bionic) => exit_code(bionic::check()),
        Ok(Command::Size { libraries }) => exit_code(size::measure(&libraries)),
        Ok(Command::Apple { url }) => exit_code(apple::package(url.as_deref())),
        Ok(Command::AppleCheck) => exit_code(apple::check()),
        Ok(Command::AppleStandIn { slices }) => exit_code(apple::rehearse(&slices)),
        Ok(Command::C) => exit_code(c::package()),
        Ok(Command::CTest) => exit_code(c::test()),
        Ok(Command::DartTest) => exit_code(dart::test()),
        Ok(Command::Flutter { systems }) => exit_code(flutter::package(&systems)),
        Ok(Command::FlutterStandIn { parts }) => exit_code(flutter::rehearse(&parts)),
        Ok(Command::FlutterTest) => exit_code(flutter::test()),
        Ok(Command::WindowsTest) => exit_code(windows::test()),
        Ok(Command::Fuzz { target, minutes }) => exit_code(fuzz::run(target.as_deref(), minutes)),
        Ok(Command::Notices) => exit_code(notices::write_all()),
        Ok(Command::Release { dry_run, parts }) => exit_code(release::release(dry_run, &parts)),
        Ok(Command::SameBytes { parts }) => exit_code(release::same_bytes(&parts)),
        Ok(Command::Consume { parts }) => exit_code(release::consume(&parts)),
        Ok(Command::RustApi) => exit_code(rust_api::compare()),
        Ok(Command::ReleaseNotes { tag }) => exit_code(release_notes::write_for(&tag)),
        Ok(Command::PublishMaven { bundle }) => exit_code(publish::maven::upload(&bundle)),
        Ok(Command::PublishSwift { package, checkout }) => exit_code(publish::swift::push(&package, &checkout)),
        Ok(Command::Compare) => exit_code(compare::measure_all()),
        Ok(Command::CompareDraw) => exit_code(compare::draw()),
        Ok(Command::CompareTry) => exit_code(compare::try_out()),
        Ok(Command::Site) => exit_code(site::build()),
        Ok(Command::Picture) => exit_code(picture::draw()),
        Ok(Command::Swift { arguments }) => exit_code(swift::run_in(&arguments)),
        Err(problem) => {
            let command = arguments.first().map_or("", String::as_str);
            eprintln!("{}\n\n{problem}", usage::about(command, USAGE));
            ExitCode::from(2)
        }
    }
}

fn test(extent: Extent, install: bool) -> Result<(), String> {
    let (steps, not_checked) = match extent {
        Extent::Quick => (steps::quick(), steps::NOT_IN_QUICK),
        Extent::All => (steps::all(), steps::NOT_IN_ALL),
        Extent::Nightly => (steps::nightly(), steps::NOT_IN_NIGHTLY),
        Extent::Advisories => (steps::advisories(), steps::NOT_IN_ADVISORIES),
    };
    let report = runner::run_all(&steps, &mut Finder::new(install));
    println!("\n{not_checked}\n{report}");
    match report.failed() {
        0 => Ok(()),
        failed => Err(format!("{failed} failed")),
    }
}

fn exit_code(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// The version of everything. It has one source: the workspace's `Cargo.toml`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the repository will be. It has one source, too.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
