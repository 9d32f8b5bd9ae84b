#if canImport(Security)
internal import CognitoSignOutCore
import Foundation
import Security

/// The session that Amplify Swift, Amplify Flutter or AWSMobileClient has stored in this device's keychain.
///
/// ```swift
/// func atLaunch() async throws {
///     if await auth.session() == .signedOut {
///         guard let found = try AmplifySession.find(configuration: configuration) else { return }
///         switch await auth.adopt(found.session) {
///         case let .refused(error): throw error
///         case .alreadySignedOut: return try await found.forgetSource()
///         case .adopted, .alreadySignedIn: break
///         }
///     }
///     // Not before a refresh has shown that the session lives here. Offline, it throws, and the next launch goes on.
///     _ = try await auth.refresh()
///     try await AmplifySession.forgetSource(configuration: configuration)
/// }
/// ```
///
/// Do this before Amplify is configured, or without Amplify in the app: Amplify keeps a session in memory, and writes it again.
public struct AmplifySession: Sendable {
    /// The session, for ``Auth/adopt(_:)``.
    public let session: AdoptedSession

    private let stores: KeychainStores

    /// Finds the session of the app client. `nil`: nobody is signed in. The keychain is not changed.
    ///
    /// It reads what Amplify Swift v2 has stored, then what Amplify Flutter has, then what AWSMobileClient has. Call it after the device
    /// was unlocked once: earlier the keychain cannot be read.
    ///
    /// - Parameters:
    ///   - configuration: the app client.
    ///   - identityPoolID: the identity pool that the app used with Amplify. Without it, AWSMobileClient's and Amplify Flutter's identity
    ///     is not found, and a guest is not told from nobody.
    ///   - accessGroup: the keychain access group that was given to Amplify (`AWSCognitoSecureStoragePreferences`), if one was.
    ///   - bundleIdentifier: the app's bundle identifier, which names AWSMobileClient's items. An extension gives its app's.
    /// - Throws: ``AdoptError``. ``AdoptError/store(_:)``: the keychain cannot be read now.
    public static func find(
        configuration: AuthConfiguration,
        identityPoolID: String? = nil,
        accessGroup: String? = nil,
        bundleIdentifier: String? = Bundle.main.bundleIdentifier
    ) throws(AdoptError) -> Self? {
        let stores = KeychainStores(
            configuration: configuration, identityPoolID: identityPoolID, accessGroup: accessGroup,
            bundleIdentifier: bundleIdentifier
        )
        guard let session = try stores.find() else { return nil }
        return Self(session: session, stores: stores)
    }

    /// Removes the session from the keychain, and nothing else. The same as the static call, with what ``find(configuration:identityPoolID:accessGroup:bundleIdentifier:)``
    /// was given.
    ///
    /// - Throws: ``AdoptError``.
    public func forgetSource() async throws(AdoptError) {
        try stores.forget()
    }

    /// Removes the session of the app client from Amplify's and AWSMobileClient's items in the keychain, and nothing else. Afterwards
    /// ``find(configuration:identityPoolID:accessGroup:bundleIdentifier:)`` finds none. Call it once the session is on record here and a
    /// refresh has shown that it lives.
    ///
    /// It can be called at each launch: if there is no session, it changes nothing, and if an earlier call was cut short, it removes what
    /// that has left. A guest's identity stays.
    ///
    /// - Throws: ``AdoptError/notRemoved(_:left:)`` names what is still there. Other cases of ``AdoptError`` if the keychain or the session
    ///   cannot be read.
    public static func forgetSource(
        configuration: AuthConfiguration,
        identityPoolID: String? = nil,
        accessGroup: String? = nil,
        bundleIdentifier: String? = Bundle.main.bundleIdentifier
    ) async throws(AdoptError) {
        try KeychainStores(
            configuration: configuration, identityPoolID: identityPoolID, accessGroup: accessGroup,
            bundleIdentifier: bundleIdentifier
        ).forget()
    }
}

// The queries are those of amplify-swift 1973345 (`AWSPluginsCore/Keychain/{KeychainStore,KeychainStoreAttributes}.swift`,
// `AWSCognitoAuthCredentialStore.swift`, and for AWSMobileClient `MigrateLegacyCredentialStore.swift`), and of amplify-flutter d8a895d
// (`amplify_secure_storage_cupertino.dart`). They name one item each. These here name all of a service, to see which session is there.

/// The keychain's items of the libraries that store a session there.
private struct KeychainStores: Sendable {
    let configuration: AuthConfiguration
    let identityPoolID: String?
    let amplify: [KeychainService]
    let mobileClient: [KeychainService]

    init(
        configuration: AuthConfiguration, identityPoolID: String?, accessGroup: String?, bundleIdentifier: String?
    ) {
        self.configuration = configuration
        self.identityPoolID = identityPoolID
        // Amplify Flutter has no other name with an access group.
        let plain = KeychainService(name: "com.amplify.awsCognitoAuthPlugin", accessGroup: accessGroup)
        let shared = KeychainService(name: "com.amplify.awsCognitoAuthPluginShared", accessGroup: accessGroup)
        amplify = accessGroup == nil ? [plain] : [shared, plain]
        mobileClient = bundleIdentifier.map { bundle in
            let pool = identityPoolID.map { "\(bundle).AWSCognitoCredentialsProvider.\($0)" }
            // AWSMobileClient makes the last name of an optional.
            let names = ["\(bundle).AWSCognitoIdentityUserPool", pool, "\(String(describing: Optional(bundle))).AWSMobileClient"]
            return names.compactMap { $0 }.map { KeychainService(name: $0, accessGroup: nil) }
        } ?? []
    }

    /// Each layout with the services that have its items.
    private var layouts: [(AdoptedSession.Layout, [KeychainService])] {
        [(.amplifySwift, amplify), (.amplifyFlutter, amplify), (.awsMobileClientIOS, mobileClient)]
    }

    func find() throws(AdoptError) -> AdoptedSession? {
        var first: AdoptError?
        for (layout, services) in layouts {
            let items = try items(of: services).mapValues(\.value)
            do {
                return try AdoptedSession(
                    layout: layout, items: items, configuration: configuration, identityPoolID: identityPoolID
                )
            } catch .nobodySignedIn {
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
        return nil
    }

    func forget() throws(AdoptError) {
        for (layout, services) in layouts {
            let items = try items(of: services)
            let names = try AdoptedSession.namesToForget(
                layout: layout, items: items.mapValues(\.value), configuration: configuration, identityPoolID: identityPoolID
            )
            for (at, name) in names.enumerated() {
                do {
                    // Not on to the next one: what says that there is a session goes last, so that the next call finds the rest.
                    try items[name]?.service.remove(name)
                } catch {
                    throw .notRemoved(error.error, left: Array(names[at...]))
                }
            }
        }
    }

    private func items(of services: [KeychainService]) throws(AdoptError) -> [String: (value: String, service: KeychainService)] {
        var all: [String: (value: String, service: KeychainService)] = [:]
        for service in services {
            for (name, value) in try service.items() where all[name] == nil { all[name] = (value, service) }
        }
        return all
    }
}

/// The generic passwords of one service.
private struct KeychainService: Sendable {
    let name: String
    let accessGroup: String?

    /// The text of each account. What is not text is none of the items that are wanted.
    func items() throws(AdoptError) -> [String: String] {
        var query = self.query
        query[kSecMatchLimit as String] = kSecMatchLimitAll
        query[kSecReturnAttributes as String] = true
        query[kSecReturnData as String] = true
        var result: CFTypeRef?
        let status = SecItemCopyMatching(query as CFDictionary, &result)
        if status == errSecItemNotFound { return [:] }
        guard status == errSecSuccess, let found = result as? [[String: Any]] else { throw failed(status) }
        var items: [String: String] = [:]
        for item in found {
            guard let account = item[kSecAttrAccount as String] as? String,
                  let data = item[kSecValueData as String] as? Data else { continue }
            items[account] = String(data: data, encoding: .utf8)
        }
        return items
    }

    func remove(_ account: String) throws(AdoptError) {
        var query = self.query
        query[kSecAttrAccount as String] = account
        let status = SecItemDelete(query as CFDictionary)
        guard [errSecSuccess, errSecItemNotFound].contains(status) else { throw failed(status) }
    }

    private var query: [String: Any] {
        var query: [String: Any] = [
            kSecClass as String: kSecClassGenericPassword,
            kSecAttrService as String: name,
            // Only macOS has another one.
            kSecUseDataProtectionKeychain as String: true,
        ]
        if let accessGroup { query[kSecAttrAccessGroup as String] = accessGroup }
        return query
    }

    private func failed(_ status: OSStatus) -> AdoptError {
        let why: CognitoSignOutCore.VaultError = switch status {
        case errSecInteractionNotAllowed: .Locked("the device has not been unlocked since it started")
        case errSecNotAvailable: .Unavailable("no keychain is available")
        case errSecMissingEntitlement: .MissingEntitlement("OSStatus \(status)")
        default: .Other("OSStatus \(status)")
        }
        return .store(SignOutError(storeProblem(error: why)))
    }
}
#endif
