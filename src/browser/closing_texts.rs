//! The words of the closing page, as the app gives them.

/// The words of the closing page in one language. Plain text: HTML in it is shown as it is written.
///
/// ```
/// use cognito_signout::{ClosingTexts, SystemBrowser};
///
/// let browser = SystemBrowser::builder()
///     .app_name("Ledger")
///     .closing_texts(ClosingTexts {
///         language: "de".into(),
///         signed_out: "Sie sind abgemeldet".into(),
///         signed_out_next: "Sie können dieses Fenster schließen und zu Ledger zurückkehren.".into(),
///         not_signed_out: "Die Abmeldung ist nicht abgeschlossen".into(),
///         not_signed_out_next: "Kehren Sie zu Ledger zurück und melden Sie sich dort noch einmal ab.".into(),
///     })
///     .build()?;
/// # let _ = browser;
/// # Ok::<(), cognito_signout::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct ClosingTexts {
    /// The language as a BCP 47 tag, such as `de`, `pt-BR` or `zh-Hant`.
    pub language: String,
    /// The heading when the user is signed out.
    pub signed_out: String,
    /// What the user can do then: close the window and return to the app.
    pub signed_out_next: String,
    /// The heading when the sign-out did not finish. The user may still be signed in.
    pub not_signed_out: String,
    /// What the user can do then: return to the app and try again there.
    pub not_signed_out_next: String,
}
