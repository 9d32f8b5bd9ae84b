#!/bin/sh
# rustc for `cargo xtask kotlin --test`, as RUSTC_WORKSPACE_WRAPPER: it builds the packages of this workspace with Android's
# keychain. With RUSTFLAGS instead, every dependency would be built a second time.
exec "$@" --cfg cognito_signout_android_keychain
