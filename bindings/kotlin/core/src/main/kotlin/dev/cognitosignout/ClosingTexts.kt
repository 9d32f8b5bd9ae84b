package dev.cognitosignout

/**
 * The words of the closing page in one language. Plain text: HTML in it is shown as text.
 *
 * @property language the language as a BCP 47 tag, such as `de`, `pt-BR` or `zh-Hant`.
 * @property signedOut the heading when the user is signed out.
 * @property signedOutNext what the user can do then: close the window and return to the app.
 * @property notSignedOut the heading when the sign-out did not finish. The user may still be signed in.
 * @property notSignedOutNext what the user can do then: return to the app and try again there.
 */
public class ClosingTexts(
    public val language: String,
    public val signedOut: String,
    public val signedOutNext: String,
    public val notSignedOut: String,
    public val notSignedOutNext: String,
)
