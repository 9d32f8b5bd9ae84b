import Foundation

/// Begins when it is made, and gives what it was given to whoever subscribes, then or later.
public final class Future<Output, Failure: Error>: Publisher {
    public typealias Promise = (Result<Output, Failure>) -> Void
    private let lock = NSLock()
    private var result: Result<Output, Failure>?
    private var waiting: [Conduit<Output, Failure>] = []

    public init(_ attemptToFulfill: @escaping (@escaping Promise) -> Void) {
        attemptToFulfill { [self] result in
            let waiting = lock.withLock { () -> [Conduit<Output, Failure>] in
                guard self.result == nil else { return [] }
                self.result = result
                return self.waiting
            }
            for conduit in waiting { give(result, conduit) }
        }
    }

    public func receive(_ downstream: Downstream<Output, Failure>) {
        let conduit = Conduit(downstream, keeps: 1)
        conduit.begin()
        let result = lock.withLock { () -> Result<Output, Failure>? in
            waiting.append(conduit)
            return self.result
        }
        if let result { give(result, conduit) }
    }

    private func give(_ result: Result<Output, Failure>, _ conduit: Conduit<Output, Failure>) {
        switch result {
        case let .success(output):
            conduit.send(output)
            conduit.send(completion: .finished)
        case let .failure(failure):
            conduit.send(completion: .failure(failure))
        }
    }
}

/// Gives what it is sent to who has subscribed and asked for it.
public final class PassthroughSubject<Output, Failure: Error>: Publisher {
    private let lock = NSLock()
    private var conduits: [Conduit<Output, Failure>] = []
    private var end: Subscribers.Completion<Failure>?

    public init() {}

    public func receive(_ downstream: Downstream<Output, Failure>) {
        let conduit = Conduit(downstream)
        conduit.begin()
        let end = lock.withLock { () -> Subscribers.Completion<Failure>? in
            conduits.append(conduit)
            return self.end
        }
        if let end { conduit.send(completion: end) }
    }

    public func send(_ value: Output) {
        for conduit in lock.withLock({ conduits }) { conduit.send(value) }
    }

    public func send(completion: Subscribers.Completion<Failure>) {
        let conduits = lock.withLock { () -> [Conduit<Output, Failure>] in
            end = end ?? completion
            return self.conduits
        }
        for conduit in conduits { conduit.send(completion: completion) }
    }
}

/// Makes a publisher for each subscriber.
public struct Deferred<Deferred: Publisher>: Publisher {
    public typealias Output = Deferred.Output
    public typealias Failure = Deferred.Failure
    public let createPublisher: () -> Deferred
    public init(createPublisher: @escaping () -> Deferred) { self.createPublisher = createPublisher }
    public func receive(_ downstream: Downstream<Output, Failure>) { createPublisher().receive(downstream) }
}

public enum Publishers {
    public enum PrefetchStrategy { case keepFull }
    public enum BufferingStrategy { case dropOldest }
}

extension Publisher {
    /// Asks for as much as it keeps, and for one more for each that has been taken.
    public func buffer(
        size: Int, prefetch _: Publishers.PrefetchStrategy, whenFull _: Publishers.BufferingStrategy
    ) -> AnyPublisher<Output, Failure> {
        AnyPublisher { downstream in
            var request: (Int) -> Void = { _ in }
            let buffer = Conduit(
                Downstream(
                    subscription: downstream.subscription,
                    value: { value in
                        request(1)
                        return downstream.value(value)
                    },
                    completion: downstream.completion
                ),
                keeps: size
            )
            receive(Downstream(
                subscription: { upstream in
                    request = upstream.request
                    request(size)
                    buffer.begin(onCancel: upstream.cancel)
                },
                value: { value in
                    buffer.send(value)
                    return 0
                },
                completion: buffer.send(completion:)
            ))
        }
    }

    /// Values and the end go by way of the queue; what is asked for does not.
    public func receive(on queue: DispatchQueue) -> AnyPublisher<Output, Failure> {
        AnyPublisher { downstream in
            var request: (Int) -> Void = { _ in }
            receive(Downstream(
                subscription: { upstream in
                    request = upstream.request
                    downstream.subscription(upstream)
                },
                value: { value in
                    let request = request
                    queue.async { request(downstream.value(value)) }
                    return 0
                },
                completion: { end in queue.async { downstream.completion(end) } }
            ))
        }
    }

    public func handleEvents(receiveCancel: (() -> Void)? = nil) -> AnyPublisher<Output, Failure> {
        AnyPublisher { downstream in
            receive(Downstream(
                subscription: { upstream in
                    downstream.subscription(Subscriptions(request: upstream.request) {
                        receiveCancel?()
                        upstream.cancel()
                    })
                },
                value: downstream.value,
                completion: downstream.completion
            ))
        }
    }
}

extension Publisher {
    /// Asks for everything.
    public func sink(
        receiveCompletion: @escaping (Subscribers.Completion<Failure>) -> Void, receiveValue: @escaping (Output) -> Void
    ) -> AnyCancellable {
        let sink = AnyCancellable()
        receive(Downstream(
            subscription: {
                sink.begin($0)
                $0.request(.max)
            },
            value: {
                receiveValue($0)
                return 0
            },
            completion: { [weak sink] in
                sink?.end()
                receiveCompletion($0)
            }
        ))
        return sink
    }
}

extension Publisher where Failure == Never {
    public func sink(receiveValue: @escaping (Output) -> Void) -> AnyCancellable {
        sink(receiveCompletion: { _ in }, receiveValue: receiveValue)
    }

    public var values: AsyncPublisher<Output> { AsyncPublisher(subscribe: receive) }
}

/// Asks for one value at a time: for the next, when it is waited for.
public struct AsyncPublisher<Element>: AsyncSequence {
    let subscribe: (Downstream<Element, Never>) -> Void

    public func makeAsyncIterator() -> Iterator {
        let iterator = Iterator()
        subscribe(Downstream(
            subscription: { [weak iterator] in iterator?.subscription = $0 },
            value: { [weak iterator] in
                iterator?.take($0)
                return 0
            },
            completion: { [weak iterator] _ in iterator?.take(nil) }
        ))
        return iterator
    }

    public final class Iterator: AsyncIteratorProtocol {
        fileprivate var subscription: Subscriptions?
        private let lock = NSLock()
        private var hasEnded = false
        private var waiting: CheckedContinuation<Element?, Never>?

        deinit { subscription?.cancel() }

        public func next() async -> Element? {
            await withCheckedContinuation { continuation in
                let hasEnded = lock.withLock {
                    waiting = self.hasEnded ? nil : continuation
                    return self.hasEnded
                }
                if hasEnded { continuation.resume(returning: nil) } else { subscription?.request(1) }
            }
        }

        fileprivate func take(_ element: Element?) {
            let waiting = lock.withLock { () -> CheckedContinuation<Element?, Never>? in
                hasEnded = element == nil
                defer { self.waiting = nil }
                return self.waiting
            }
            waiting?.resume(returning: element)
        }
    }
}

/// Cancels once, when it is let go of at the latest; and not what has ended.
public final class AnyCancellable {
    private let lock = NSLock()
    private var subscription: Subscriptions?

    deinit { cancel() }

    public func cancel() { end()?.cancel() }

    func begin(_ subscription: Subscriptions) { lock.withLock { self.subscription = subscription } }

    @discardableResult
    func end() -> Subscriptions? {
        lock.withLock {
            defer { subscription = nil }
            return subscription
        }
    }
}

extension NotificationCenter {
    /// For what is compiled only.
    public func publisher(for _: Notification.Name) -> PassthroughSubject<Notification, Never> { PassthroughSubject() }
}
