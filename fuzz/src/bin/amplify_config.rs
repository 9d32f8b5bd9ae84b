//! cargo-fuzz's program for the target `amplify_config`.

#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(amplify_config);
