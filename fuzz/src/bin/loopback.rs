//! cargo-fuzz's program for the target `loopback`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(loopback);
