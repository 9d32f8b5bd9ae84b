//! Has the Android library aligned for pages of 16 KB, which Google Play asks for and older NDKs do not do by themselves;
//! its relocations packed, in the form that Android 6 and later read; and functions that are the same kept once.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "android") {
        println!("cargo::rustc-link-arg=-Wl,-z,max-page-size=16384");
        println!("cargo::rustc-link-arg=-Wl,--pack-dyn-relocs=android");
        println!("cargo::rustc-link-arg=-Wl,--icf=all");
    }
}
