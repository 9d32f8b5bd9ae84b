#if canImport(Combine)
@preconcurrency import Combine

/// Makes Combine publishers of calls, as Amplify's `Amplify.Publisher` does.
public enum AuthPublisher {
    /// Starts `call` at once, and publishes what it gives. Cancelling stops listening, and the call goes on.
    ///
    /// ```swift
    /// AuthPublisher.create { await auth.signOut() }
    ///     .sink { result in print(result.signedOutLocally) }
    /// ```
    public static func create<Output: Sendable>(
        _ call: @escaping @Sendable () async -> Output
    ) -> AnyPublisher<Output, Never> {
        Future { promise in
            // Combine's promises may be kept on any thread; they are not marked so.
            nonisolated(unsafe) let promise = promise
            Task { promise(.success(await call())) }
        }
        .eraseToAnyPublisher()
    }

    /// Publishes what a stream gives, until it ends or nobody listens.
    static func create<Element: Sendable>(_ stream: AsyncStream<Element>) -> AnyPublisher<Element, Never> {
        let subject = PassthroughSubject<Element, Never>()
        let task = Task {
            for await element in stream {
                subject.send(element)
            }
            subject.send(completion: .finished)
        }
        return subject
            .handleEvents(receiveCancel: { task.cancel() })
            .eraseToAnyPublisher()
    }
}

extension Auth {
    /// ``signOut(options:)`` as a publisher. The sign-out begins at once, and goes on whoever listens.
    public func signOutPublisher(options: SignOutOptions = .init()) -> AnyPublisher<SignOutResult, Never> {
        AuthPublisher.create { await self.signOut(options: options) }
    }

    /// ``events`` as a publisher, for one subscriber.
    public var eventsPublisher: AnyPublisher<AuthEvent, Never> {
        AuthPublisher.create(events)
    }
}
#endif
