internal import CognitoSignOutCore
import Foundation

/// A token, a password or a client secret. Every way of printing it gives `<redacted>`.
///
/// The library's own copy is wiped from memory when the last owner releases it. ``reveal()`` returns an ordinary `String`, and Swift
/// decides how long that stays in memory.
public struct Secret: Sendable, Hashable {
    let core: CognitoSignOutCore.Secret

    /// Wraps a value.
    public init(_ value: String) {
        var value = value
        core = value.withUTF8 { utf8 in
            guard let address = UnsafeMutableRawPointer(mutating: utf8.baseAddress) else {
                return .fromUtf8(value: Data())
            }
            return .fromUtf8(value: Data(bytesNoCopy: address, count: utf8.count, deallocator: .none))
        }
    }

    init(core: CognitoSignOutCore.Secret) {
        self.core = core
    }

    /// The value itself.
    public func reveal() -> String {
        core.reveal()
    }

    /// Nothing of the value goes into a hash, so a large set of secrets is slow.
    public func hash(into _: inout Hasher) {}
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `<redacted>`.
    public var description: String { "<redacted>" }

    /// `<redacted>`.
    public var debugDescription: String { description }

    /// Has no children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
