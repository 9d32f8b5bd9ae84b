//! cargo-fuzz's program for the target `split`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(split);
