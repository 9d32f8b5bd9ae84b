//! cargo-fuzz's program for the target `answer`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(answer);
