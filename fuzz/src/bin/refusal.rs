//! cargo-fuzz's program for the target `refusal`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(refusal);
