//! The guides: all that the first page leaves out. They are the Markdown files in the repository's folder `docs/`.
//!
//! Only in the documentation, and when its code is tested: an app carries none of it.

/// One guide as a module, with its links to the other guides led to their modules: of two definitions of a link, Markdown
/// takes the first.
macro_rules! guides {
    ($($(#[$when:meta])* $name:ident = $file:literal;)*) => {
        $(
            $(#[$when])*
            #[doc = "[results]: crate::guides::results"]
            #[doc = "[browser]: crate::guides::browser_and_providers"]
            #[doc = "[sessions]: crate::guides::sessions"]
            #[doc = "[app-steps]: crate::guides::app_steps"]
            #[doc = "[ios]: crate::guides::ios"]
            #[doc = "[android]: crate::guides::android"]
            #[doc = "[jvm]: crate::guides::jvm_and_desktop"]
            #[doc = "[dart]: crate::guides::dart"]
            #[doc = "[amplify]: crate::guides::moving_from_amplify"]
            #[doc = "[moving-swift]: crate::guides::moving_swift"]
            #[doc = "[moving-android]: crate::guides::moving_android"]
            #[doc = "[moving-flutter]: crate::guides::moving_flutter"]
            #[doc = "[moving-js]: crate::guides::moving_js"]
            #[doc = "[beside]: crate::guides::beside_your_sign_in"]
            #[doc = "[command-line]: crate::guides::command_line"]
            #[doc = "[administrators]: crate::guides::administrators"]
            #[doc = "[remote]: crate::guides::remote_sign_out"]
            #[doc = "[promises]: crate::guides::promises"]
            #[doc = "[proved]: crate::guides::how_it_is_proved"]
            #[doc = "[performance]: crate::guides::performance"]
            #[doc = "[limits]: crate::guides::limits"]
            #[doc = "[stability]: crate::guides::stability"]
            #[doc = ""]
            #[doc = include_str!(concat!("../docs/", $file, ".md"))]
            pub mod $name {}
        )*
    };
}

guides! {
    results = "results";
    browser_and_providers = "browser-and-providers";
    sessions = "sessions";
    app_steps = "app-steps";
    ios = "ios";
    android = "android";
    jvm_and_desktop = "jvm-and-desktop";
    dart = "dart";
    moving_from_amplify = "moving-from-amplify";
    moving_swift = "moving/swift";
    moving_android = "moving/android";
    moving_flutter = "moving/flutter";
    moving_js = "moving/js-desktop";
    beside_your_sign_in = "beside-your-sign-in";
    command_line = "command-line";
    // Its code needs the feature; its text does not.
    #[cfg(any(not(doctest), feature = "admin"))]
    administrators = "administrators";
    // Its code needs the feature; its text does not.
    #[cfg(any(not(doctest), feature = "admin"))]
    remote_sign_out = "remote-sign-out";
    promises = "promises";
    how_it_is_proved = "how-it-is-proved";
    performance = "performance";
    limits = "limits";
    stability = "stability";
}
