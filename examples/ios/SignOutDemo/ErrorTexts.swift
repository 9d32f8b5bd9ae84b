import CognitoSignOut

extension SignOutError {
    /// For the app's users. The library's `message` and `recovery` name settings and operations: log them for yourself.
    var forUsers: String {
        switch code {
        case .networkUnavailable, .timedOut, .serviceUnavailable, .throttled:
            "The server cannot be reached now. Try again later."
        case .hostedUICancelled: "The page was closed before it was done."
        case .vaultLocked: "Unlock your device, then try again."
        case .sessionExpired, .signedOut: "Please sign in again."
        default: code.isRetryable ? "That did not work. Try again later." : "That did not work (\(code))."
        }
    }
}
