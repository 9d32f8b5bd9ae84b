#![cfg_attr(fuzzing, no_main)]

cognito_signout_fuzz::binary!(adopt);
