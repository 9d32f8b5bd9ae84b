internal import CognitoSignOutCore
import Foundation

/// Where the session is kept.
public enum Storage: Sendable {
    /// In the keychain: on iOS, and on macOS with an access group, readable after the first unlock and on this device only; on
    /// macOS without one, in the user's login keychain, as that is set up.
    ///
    /// On iOS the keychain outlives the app: after a new installation the user is signed in as before. If that is not wanted, sign
    /// out at the first run, by `signOut(options: .init(web: .skip))`. That opens no page, and revokes the session or keeps its debt.
    /// Do not call ``Auth/purgeLocal()`` for it: that forgets a refresh token which is still alive, and what earlier sign-outs owe.
    /// It is for ``ErrorCode/recordCorrupt``, on the user's word. Look whether it is the first run only
    /// while protected data is available: before the first unlock, a flag in `UserDefaults` reads as unset.
    ///
    /// The login keychain of a Mac asks the user before an app of another signature reads what the first has stored, and a build
    /// that is signed ad hoc, as debug builds are, has another signature each time. No call waits for that answer longer than for
    /// any keychain, since each has to answer in time: at most 2 s in a sign-out and 5 s elsewhere. It then says
    /// ``ErrorCode/timedOut``, and nothing has changed. The system's question stays open, and the call after the user's answer
    /// succeeds. So give a release build an access group, and an ad-hoc one ``memory``.
    ///
    /// - Parameters:
    ///   - accessGroup: the keychain access group, with the team's prefix (`ABCDE12345.com.example.shared`), for an app that
    ///     shares its session with its extensions.
    ///   - servicePrefix: what the entries' service names begin with; `nil`: `cognito-signout`.
    ///   - lockDirectory: a folder that all processes share which share the session, for their locks.
    case keychain(accessGroup: String? = nil, servicePrefix: String? = nil, lockDirectory: URL? = nil)
    /// In memory, until the process ends.
    case memory
    /// In a place of the app's own. All ``Auth`` objects over one vault object share what belongs to the session.
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

/// A place of the app's own that keeps one record per app client. Called on threads that may block. What is written holds
/// tokens.
///
/// It is a class, since its identity counts: ``Auth`` objects over one vault object take turns at a record. Other processes, and
/// other vault objects over the same store, are held off by ``lock(_:patience:)``.
public protocol SessionVault: AnyObject, Sendable {
    /// Reads the record; `nil`, if there is none.
    ///
    /// - Throws: ``VaultError``; anything else is ``VaultError/other(_:)``, without its text.
    func read(_ key: VaultKey) throws -> Data?

    /// Writes the record in place of what stands there: the whole of it or, failing, none of it.
    func write(_ record: Data, for key: VaultKey) throws

    /// Deletes the record without reading it. Deleting nothing is a success.
    func delete(_ key: VaultKey) throws

    /// Holds others that share the store off the record, until ``unlock(_:)``: an app's extensions, for one. By default nobody
    /// shares it, and this does nothing.
    ///
    /// - Parameters:
    ///   - key: whose record.
    ///   - patience: how long to wait for others at most, in seconds.
    /// - Throws: ``VaultError/locked(_:)`` if another one keeps holding it. Then it is not unlocked.
    func lock(_ key: VaultKey, patience: TimeInterval) throws

    /// Lets others at the record again. Called once after each lock that succeeded. By default it does nothing.
    func unlock(_ key: VaultKey)
}

extension SessionVault {
    /// Does nothing: nobody shares the store.
    public func lock(_: VaultKey, patience _: TimeInterval) throws {}

    /// Does nothing.
    public func unlock(_: VaultKey) {}
}

/// Whose record it is.
public struct VaultKey: Sendable, Hashable {
    /// The user pool's id.
    public let userPoolID: String
    /// The app client's id.
    public let clientID: String
}

/// Why a vault could not do what it was asked. The details are for people, and must hold nothing of the record.
public enum VaultError: Error, Sendable, Hashable {
    /// It is locked: try again after it is unlocked.
    case locked(String)
    /// There is no such store here.
    case unavailable(String)
    /// The app is not allowed to use it.
    case missingEntitlement(String)
    /// Anything else.
    case other(String)
}

/// No other vault's for as long as this one lives, and a vault lives for as long as it is in use.
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
            case let .locked(detail): CognitoSignOutCore.VaultError.Locked(detail: detail)
            case let .unavailable(detail): CognitoSignOutCore.VaultError.Unavailable(detail: detail)
            case let .missingEntitlement(detail): CognitoSignOutCore.VaultError.MissingEntitlement(detail: detail)
            case let .other(detail): CognitoSignOutCore.VaultError.Other(detail: detail)
            }
        }
    }
}
