//! cargo-fuzz's program for the target `callback`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(callback);
