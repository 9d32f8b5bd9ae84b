// The part of Apple's `notify` that the package uses, within one process: everyone who has registered a name gets it, the sender too.
import Dispatch
import Foundation

public typealias notify_handler_t = (Int32) -> Void

private struct Registration {
    let name: String
    let queue: DispatchQueue
    let handler: notify_handler_t
}

private let lock = NSLock()
nonisolated(unsafe) private var registered: [Int32: Registration] = [:]
nonisolated(unsafe) private var last: Int32 = 0

/// How many have registered, for tests.
public var registrations: Int { lock.withLock { registered.count } }

@discardableResult
public func notify_register_dispatch(
    _ name: UnsafePointer<CChar>, _ token: UnsafeMutablePointer<Int32>, _ queue: DispatchQueue, _ handler: @escaping notify_handler_t
) -> UInt32 {
    lock.withLock {
        last += 1
        token.pointee = last
        registered[last] = Registration(name: String(cString: name), queue: queue, handler: handler)
    }
    return 0
}

@discardableResult
public func notify_post(_ name: UnsafePointer<CChar>) -> UInt32 {
    let name = String(cString: name)
    for (token, registration) in lock.withLock({ registered }) where registration.name == name {
        registration.queue.async { registration.handler(token) }
    }
    return 0
}

@discardableResult
public func notify_cancel(_ token: Int32) -> UInt32 {
    _ = lock.withLock { registered.removeValue(forKey: token) }
    return 0
}
