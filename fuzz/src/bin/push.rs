//! cargo-fuzz's program for the target `push`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(push);
