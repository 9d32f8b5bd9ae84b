internal import CognitoSignOutCore

/// A token, a password or a client secret. Prints as `<redacted>`, however it is printed.
///
/// The library's own copy is wiped from memory when the last owner lets go of it. What ``reveal()`` gives is an ordinary
/// `String`, which Swift keeps for as long as it likes.
public struct Secret: Sendable, Equatable {
    let core: CognitoSignOutCore.Secret

    /// Wraps a value.
    public init(_ value: String) {
        core = .init(value: value)
    }

    init(core: CognitoSignOutCore.Secret) {
        self.core = core
    }

    /// The value itself.
    public func reveal() -> String {
        core.reveal()
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `<redacted>`.
    public var description: String { "<redacted>" }

    /// `<redacted>`.
    public var debugDescription: String { description }

    /// Without children: `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
