//! cargo-fuzz's program for the target `redirect`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(redirect);
