//! cargo-fuzz's program for the target `journal`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(journal);
