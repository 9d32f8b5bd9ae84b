/// Why the app signs out: a word of the app's, for ``SignOutOptions/reason``. The library passes it on and never interprets it. It is
/// never sent to Cognito, but it is in the log and on record: name no user in it.
///
/// The word has 1 to 32 characters, each one of `a` to `z`, `0` to `9`, `_`, `.` and `-`. With any other word the sign-out fails
/// with ``ErrorCode/invalidInput``, and nothing has changed.
///
/// ```swift
/// await auth.signOut(options: SignOutOptions(reason: .timeout))
/// await auth.signOut(options: SignOutOptions(reason: "shift_end"))
/// ```
public struct AppReason: RawRepresentable, ExpressibleByStringLiteral, Hashable, Sendable, CustomStringConvertible {
    /// The word.
    public let rawValue: String

    /// The reason with this word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The reason with this word.
    public init(stringLiteral word: String) {
        rawValue = word
    }

    /// The word.
    public var description: String { rawValue }

    /// The user asked for it.
    public static let user = Self(rawValue: "user")
    /// The user was away for too long.
    public static let timeout = Self(rawValue: "timeout")
    /// The session may be in the wrong hands.
    public static let security = Self(rawValue: "security")
    /// A rule of the organisation, for example about the device.
    public static let policy = Self(rawValue: "policy")
    /// The user's account is gone.
    public static let accountDeleted = Self(rawValue: "account_deleted")
}
