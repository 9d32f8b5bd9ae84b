#!/bin/sh
# rustc for `cargo xtask kotlin --test`, as RUSTC_WORKSPACE_WRAPPER: this workspace's packages, and what they depend on, are
# those with Android's keychain. By RUSTFLAGS, every dependency would be built a second time.
exec "$@" --cfg cognito_signout_android_keychain
