//! Sets three options of the linker for Android. The library is aligned for pages of 16 KB: Google Play requires it, and older
//! NDKs do not do it by default. Its relocations are packed, in the form that Android 6 and later can read. Functions with the
//! same code are stored once.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "android") {
        println!("cargo::rustc-link-arg=-Wl,-z,max-page-size=16384");
        println!("cargo::rustc-link-arg=-Wl,--pack-dyn-relocs=android");
        println!("cargo::rustc-link-arg=-Wl,--icf=all");
    }
}
