internal import CognitoSignOutCore
import Foundation

/// Where the session is stored.
public enum Storage: Sendable {
    /// In the keychain. On iOS, and on macOS with an access group, it is readable after the first unlock and on this device only. On
    /// macOS without an access group, it is the user's login keychain with its own settings.
    ///
    /// On iOS the keychain entries stay when the app is deleted: after a new installation the user is still signed in. To prevent that,
    /// sign out at the first run with `signOut(options: .init(webPolicy: .skip))`. It opens no page, and revokes the session or keeps its
    /// debt. Do not use ``Auth/purgeLocal()`` for this: it removes a refresh token that is still valid, and the debts of earlier
    /// sign-outs. It is for ``ErrorCode/recordCorrupt``, after asking the user. Check for the first run only while protected data is
    /// available: before the first unlock, a flag in `UserDefaults` reads as unset.
    ///
    /// A Mac's login keychain asks the user before an app with another signature reads an entry. A build that is signed ad hoc, for
    /// example a debug build, has another signature each time. Calls wait for the user's answer at most 2 s in a sign-out and 5 s
    /// elsewhere, because every call must answer in time. A call then fails with ``ErrorCode/timedOut``, and nothing has changed. The
    /// system's question stays open, and the next call after the user's answer succeeds. So use an access group for a release build,
    /// and ``memory`` for an ad-hoc build.
    ///
    /// - Parameters:
    ///   - accessGroup: the keychain access group, with the team's prefix (`ABCDE12345.com.example.shared`), for an app that
    ///     shares its session with its extensions.
    ///   - servicePrefix: the beginning of the entries' service names. `nil`: `cognito-signout`.
    ///   - lockDirectory: a folder for lock files, which every process that shares the session must use: one of the app group's
    ///     container. iOS ends an app that is suspended while it holds a file lock there (`0xdead10cc`). So every call that writes holds
    ///     background time until it has released the lock.
    case keychain(accessGroup: String? = nil, servicePrefix: String? = nil, lockDirectory: URL? = nil)
    /// In memory, until the process ends.
    case memory
    /// In the app's own storage. All ``Auth`` objects over one vault object share the session.
    case custom(any SessionVault)

    var core: VaultChoice {
        switch self {
        case let .keychain(accessGroup, servicePrefix, lockDirectory):
            .keychain(options: KeychainOptions(
                accessGroup: accessGroup, servicePrefix: servicePrefix, lockDirectory: lockDirectory?.path
            ))
        case .memory: .memory
        case let .custom(vault): .host(vault: VaultPort(vault), identity: identity(of: vault))
        }
    }
}

/// The app's own storage, with one record per app client. Called on threads that may block. A record contains tokens.
///
/// It is a class, because its identity matters: ``Auth`` objects over one vault object take turns at a record.
/// ``lock(_:patience:)`` keeps out other processes, and other vault objects over the same storage.
public protocol SessionVault: AnyObject, Sendable {
    /// Reads the record. `nil` if no record exists.
    ///
    /// - Throws: ``VaultError``. Any other error counts as ``VaultError/other(_:)``, without its text.
    func read(_ key: VaultKey) throws -> Data?

    /// Replaces the record. If it fails, the old record must be unchanged.
    func write(_ record: Data, for key: VaultKey) throws

    /// Deletes the record without reading it. It succeeds if there is no record.
    func delete(_ key: VaultKey) throws

    /// Locks the record against others that share the storage, for example an app's extensions, until ``unlock(_:)``. The default does
    /// nothing, for storage that is not shared.
    ///
    /// - Parameters:
    ///   - key: the record's key.
    ///   - patience: the longest time to wait for the others, in seconds.
    /// - Throws: ``VaultError/locked(_:)`` if another still has the lock. ``unlock(_:)`` is not called then.
    func lock(_ key: VaultKey, patience: TimeInterval) throws

    /// Releases the lock. Called once after each successful lock. The default does nothing.
    func unlock(_ key: VaultKey)
}

extension SessionVault {
    /// Does nothing: the storage is not shared.
    public func lock(_: VaultKey, patience _: TimeInterval) throws {}

    /// Does nothing.
    public func unlock(_: VaultKey) {}
}

/// Names one record.
public struct VaultKey: Sendable, Hashable {
    /// The user pool's ID.
    public let userPoolID: String
    /// The app client's ID.
    public let clientID: String

    /// A key like the library's own, for the tests of a vault.
    public init(userPoolID: String, clientID: String) {
        self.userPoolID = userPoolID
        self.clientID = clientID
    }
}

/// Why a vault operation failed. The details are for people, and must contain nothing from the record.
public enum VaultError: Error, Sendable, Hashable {
    /// The storage is locked. Try again after it is unlocked.
    case locked(String)
    /// There is no such storage on this device.
    case unavailable(String)
    /// The app is not allowed to use the storage.
    case missingEntitlement(String)
    /// Anything else.
    case other(String)
}

/// Unique while the vault lives, and a vault lives while it is in use.
private func identity(of vault: any SessionVault) -> UInt64 {
    UInt64(UInt(bitPattern: ObjectIdentifier(vault)))
}

private final class VaultPort: CognitoSignOutCore.Vault {
    private let vault: any SessionVault

    init(_ vault: any SessionVault) {
        self.vault = vault
    }

    func read(key: CognitoSignOutCore.VaultKey) throws -> Data? {
        try asking { try vault.read(VaultKey(userPoolID: key.userPoolId, clientID: key.clientId)) }
    }

    func write(key: CognitoSignOutCore.VaultKey, record: Data) throws {
        try asking { try vault.write(record, for: VaultKey(userPoolID: key.userPoolId, clientID: key.clientId)) }
    }

    func delete(key: CognitoSignOutCore.VaultKey) throws {
        try asking { try vault.delete(VaultKey(userPoolID: key.userPoolId, clientID: key.clientId)) }
    }

    func lock(key: CognitoSignOutCore.VaultKey, patience: UInt64) throws {
        try asking {
            try vault.lock(VaultKey(userPoolID: key.userPoolId, clientID: key.clientId), patience: seconds(patience))
        }
    }

    func unlock(key: CognitoSignOutCore.VaultKey) throws {
        vault.unlock(VaultKey(userPoolID: key.userPoolId, clientID: key.clientId))
    }

    private func asking<T>(_ call: () throws -> T) throws -> T {
        do {
            return try call()
        } catch let error as VaultError {
            throw switch error {
            case let .locked(detail): CognitoSignOutCore.VaultError.Locked(detail)
            case let .unavailable(detail): CognitoSignOutCore.VaultError.Unavailable(detail)
            case let .missingEntitlement(detail): CognitoSignOutCore.VaultError.MissingEntitlement(detail)
            case let .other(detail): CognitoSignOutCore.VaultError.Other(detail)
            }
        }
    }
}
