//! cargo-fuzz's program for the target `adopt`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(adopt);
