//! cargo-fuzz's program for the target `discovery`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(discovery);
