//! cargo-fuzz's program for the target `c_abi`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(c_abi);
