//! cargo-fuzz's program for the target `record`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(record);
