// The keychain's generic passwords, as Apple documents `SecItemCopyMatching`, `SecItemAdd` and `SecItemDelete`: a query matches the items
// that have all its attributes, in any of the app's access groups if it names none, and only in the keychain that it names on macOS.
// A test decides what is stored, and when the keychain fails.
import Foundation

public typealias CFString = String
public typealias CFDictionary = [String: Any]
public typealias CFTypeRef = Any
public typealias OSStatus = Int32

public let errSecSuccess: OSStatus = 0
public let errSecParam: OSStatus = -50
public let errSecItemNotFound: OSStatus = -25300
public let errSecDuplicateItem: OSStatus = -25299
public let errSecInteractionNotAllowed: OSStatus = -25308
public let errSecNotAvailable: OSStatus = -25291
public let errSecMissingEntitlement: OSStatus = -34018

public let kSecClass: CFString = "class"
public let kSecClassGenericPassword: CFString = "genp"
public let kSecAttrService: CFString = "svce"
public let kSecAttrAccount: CFString = "acct"
public let kSecAttrAccessGroup: CFString = "agrp"
public let kSecAttrAccessible: CFString = "pdmn"
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly: CFString = "cku"
public let kSecValueData: CFString = "v_Data"
public let kSecReturnData: CFString = "r_Data"
public let kSecReturnAttributes: CFString = "r_Attributes"
public let kSecMatchLimit: CFString = "m_Limit"
public let kSecMatchLimitOne: CFString = "m_LimitOne"
public let kSecMatchLimitAll: CFString = "m_LimitAll"
public let kSecUseDataProtectionKeychain: CFString = "nleg"

/// One item. Access group, service and account name it.
public struct FakeItem: Hashable, Sendable {
    public var accessGroup: String
    public var service: String
    public var account: String
    public var value: Data

    public init(accessGroup: String = FakeKeychain.ownGroup, service: String, account: String, value: Data) {
        (self.accessGroup, self.service, self.account, self.value) = (accessGroup, service, account, value)
    }

    fileprivate func isNamed(by query: CFDictionary) -> Bool {
        func has(_ attribute: CFString, _ value: String) -> Bool { query[attribute].map { $0 as? String == value } ?? true }
        return has(kSecAttrAccessGroup, accessGroup) && has(kSecAttrService, service) && has(kSecAttrAccount, account)
    }
}

/// The device's keychain, for the tests of one process.
public enum FakeKeychain {
    /// The group of an item that is added without one.
    public static let ownGroup = "ABCDE12345.com.example.app"

    nonisolated(unsafe) private static var state = State()
    private static let lock = NSLock()

    fileprivate struct State {
        var items: [FakeItem] = []
        var failure: OSStatus?
        var removals = Int.max
        var groups: Set<String> = [FakeKeychain.ownGroup]
    }

    fileprivate static func with<T>(_ body: (inout State) -> T) -> T { lock.withLock { body(&state) } }

    /// Everything in it.
    public static var items: [FakeItem] { with { $0.items } }

    /// Begins anew with these items, and access to these groups besides the app's own.
    public static func reset(_ items: [FakeItem] = [], groups: Set<String> = []) {
        with {
            $0 = State()
            $0.items = items
            $0.groups.formUnion(groups)
        }
    }

    /// From now on every call returns this status.
    public static func fail(_ status: OSStatus?) { with { $0.failure = status } }

    /// After so many removals no item can be removed.
    public static func allow(removals: Int) { with { $0.removals = removals } }
}

/// The items that a query names, or a status that says why there are none.
private func find(_ query: CFDictionary, _ state: FakeKeychain.State) -> (OSStatus, [FakeItem]) {
    if let failure = state.failure { return (failure, []) }
    guard query[kSecClass] as? String == kSecClassGenericPassword else { return (errSecParam, []) }
    // The other one, macOS's file, has none of these items.
    guard query[kSecUseDataProtectionKeychain] as? Bool == true else { return (errSecItemNotFound, []) }
    if let group = query[kSecAttrAccessGroup] as? String, !state.groups.contains(group) { return (errSecMissingEntitlement, []) }
    let found = state.items.filter { state.groups.contains($0.accessGroup) && $0.isNamed(by: query) }
    return (found.isEmpty ? errSecItemNotFound : errSecSuccess, found)
}

public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    FakeKeychain.with { state in
        let (status, found) = find(query, state)
        guard status == errSecSuccess else { return status }
        let asked = found.map { item in
            var values: [String: Any] = [:]
            if query[kSecReturnAttributes] as? Bool == true {
                values[kSecAttrAccessGroup] = item.accessGroup
                values[kSecAttrService] = item.service
                values[kSecAttrAccount] = item.account
            }
            if query[kSecReturnData] as? Bool == true { values[kSecValueData] = item.value }
            return values
        }
        result?.pointee = query[kSecMatchLimit] as? String == kSecMatchLimitAll ? asked : asked.first
        return errSecSuccess
    }
}

public func SecItemDelete(_ query: CFDictionary) -> OSStatus {
    FakeKeychain.with { state in
        let (status, found) = find(query, state)
        guard status == errSecSuccess else { return status }
        guard state.removals > 0 else { return errSecNotAvailable }
        state.removals -= 1
        state.items.removeAll { found.contains($0) }
        return errSecSuccess
    }
}
