//! cargo-fuzz's program for the target `claims`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(claims);
