import CognitoSignOut
import Foundation

/// A push message that came from Apple, as docs/remote-sign-out.md shows it, word for word: `tests/readme.rs` compares them. Call it in
/// `application(_:didReceiveRemoteNotification:)`.
@MainActor
func pushReceived(_ userInfo: [AnyHashable: Any], auth: Auth, showSignIn: (EndReason) -> Void) async {
    guard let message = try? JSONSerialization.data(withJSONObject: userInfo) else { return }
    switch await auth.remoteSignOut(String(decoding: message, as: UTF8.self)) {
    case let .verified(.ended(reason)):
        _ = await auth.signOut(options: .init(webPolicy: .skip)) // forgets the session; no page can open now
        showSignIn(reason)
    case .verified(.alive), .verified(.unknown): break // ask again with `verify()` when the app comes to the front
    case .notRecognized, .otherSession: break // another push, or one for the last user
    }
}
