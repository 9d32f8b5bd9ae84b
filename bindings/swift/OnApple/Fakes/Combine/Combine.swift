// The names of Combine that the package and the example use, with Apple's signatures: both compile where there is no Combine. Only a
// future, a sink and its cancellation do something.
import Foundation

public protocol Publisher<Output, Failure> {
    associatedtype Output
    associatedtype Failure: Error
    /// Calls once with what is published; not Apple's requirement.
    func whenPublished(_ call: @escaping (Result<Output, Failure>) -> Void)
}

public enum Subscribers {
    public enum Completion<Failure: Error> { case finished, failure(Failure) }
}

/// Cancels when it is released, at the latest.
public final class AnyCancellable {
    private let onCancel: () -> Void

    init(_ onCancel: @escaping () -> Void) { self.onCancel = onCancel }

    deinit { onCancel() }

    public func cancel() { onCancel() }
}

/// What a sink calls, until it is cancelled.
private final class Receiver<Output, Failure: Error> {
    private let lock = NSLock()
    private var call: ((Result<Output, Failure>) -> Void)?

    init(_ call: @escaping (Result<Output, Failure>) -> Void) { self.call = call }

    func receive(_ result: Result<Output, Failure>) { lock.withLock { call }?(result) }

    func drop() { lock.withLock { call = nil } }
}

public struct AnyPublisher<Output, Failure: Error>: Publisher {
    let subscribe: (@escaping (Result<Output, Failure>) -> Void) -> Void
    public func whenPublished(_ call: @escaping (Result<Output, Failure>) -> Void) { subscribe(call) }
}

/// Begins when it is made, and gives its one result to each who subscribes.
public final class Future<Output, Failure: Error>: Publisher {
    public typealias Promise = (Result<Output, Failure>) -> Void
    private let lock = NSLock()
    private var result: Result<Output, Failure>?
    private var waiting: [(Result<Output, Failure>) -> Void] = []

    public init(_ attemptToFulfill: @escaping (@escaping Promise) -> Void) {
        attemptToFulfill { [self] result in
            let waiting = lock.withLock {
                self.result = result
                return self.waiting
            }
            for call in waiting { call(result) }
        }
    }

    public func whenPublished(_ call: @escaping (Result<Output, Failure>) -> Void) {
        let result = lock.withLock {
            if self.result == nil { waiting.append(call) }
            return self.result
        }
        if let result { call(result) }
    }
}

extension Publisher {
    public func eraseToAnyPublisher() -> AnyPublisher<Output, Failure> { AnyPublisher(subscribe: whenPublished) }

    /// Apple's takes any scheduler.
    public func receive(on queue: DispatchQueue) -> AnyPublisher<Output, Failure> {
        AnyPublisher { receive in
            let receive = Unchecked(receive)
            whenPublished { result in
                let result = Unchecked(result)
                queue.async { receive.value(result.value) }
            }
        }
    }

    public func sink(
        receiveCompletion: @escaping (Subscribers.Completion<Failure>) -> Void, receiveValue: @escaping (Output) -> Void
    ) -> AnyCancellable {
        let receiver = Receiver<Output, Failure> { result in
            switch result {
            case let .success(output):
                receiveValue(output)
                receiveCompletion(.finished)
            case let .failure(failure):
                receiveCompletion(.failure(failure))
            }
        }
        whenPublished(receiver.receive)
        return AnyCancellable(receiver.drop)
    }
}

extension Publisher where Failure == Never {
    public func sink(receiveValue: @escaping (Output) -> Void) -> AnyCancellable {
        sink(receiveCompletion: { _ in }, receiveValue: receiveValue)
    }
}

private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

extension NotificationCenter {
    /// Publishes nothing.
    public func publisher(for _: Notification.Name) -> AnyPublisher<Notification, Never> { AnyPublisher { _ in } }
}
