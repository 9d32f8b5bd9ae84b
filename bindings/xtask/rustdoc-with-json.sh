#!/bin/sh
# rustdoc for `cargo xtask rust-api`, as RUSTDOC: a stable one that may write JSON. With RUSTC_BOOTSTRAP for all of cargo, every
# dependency would be built a second time.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
